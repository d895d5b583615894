#pragma once

// The daemon's two clocks; the only place of the daemon that reads them. Any thread.

#include "earshot/units.h"
#include "signalling.h"

namespace earshotd {

/// Monotonic. While a PauseWatch looks at it, it stands still whenever the process does: what
/// clients have to do by a time, they may do that much later (threat row L2).
earshot::Timestamp Now();
Moment CurrentMoment();

/// From now on, whoever does not look at the clock for two seconds did not run.
void BeginPauseWatch();
void EndPauseWatch();

}  // namespace earshotd
