#pragma once

// The load generator's one clock: monotonic, the same for sending and receiving. Any thread.

#include <uv.h>

#include "earshot/units.h"

namespace earshot::load {

inline Timestamp Now() { return Timestamp::Micros(static_cast<int64_t>(uv_hrtime() / 1000)); }

}  // namespace earshot::load
