#pragma once

// The one monotonic clock of the loops. Any thread.

#include <uv.h>

#include "earshot/units.h"

namespace earshot {

inline Timestamp Now() { return Timestamp::Micros(static_cast<int64_t>(uv_hrtime() / 1000)); }

}  // namespace earshot
