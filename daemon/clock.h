#pragma once

// The daemon's two clocks; the only place of the daemon that reads them. Any thread.

#include "earshot/units.h"
#include "signalling.h"

namespace earshotd {

/// Monotonic.
earshot::Timestamp Now();
Moment CurrentMoment();

}  // namespace earshotd
