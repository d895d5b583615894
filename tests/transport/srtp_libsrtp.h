#pragma once

// SRTP by libsrtp, as the oracle that tests and benchmarks hold our own paths against. Without
// their bounds, and it takes every stream to start in the first round of its sequence numbers. The
// only file that includes srtp2/srtp.h is its .cc. One thread per half; the library is initialised
// once per process.

#include <memory>

#include "transport/srtp.h"

namespace earshot {

/// Null when libsrtp could not be initialised or lacks the profile.
std::unique_ptr<SrtpSealer> CreateLibsrtpSealer(SrtpProfile profile, const SrtpMasterKey& key);
std::unique_ptr<SrtpOpener> CreateLibsrtpOpener(SrtpProfile profile, const SrtpMasterKey& key);

}  // namespace earshot
