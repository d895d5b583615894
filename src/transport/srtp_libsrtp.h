#pragma once

// SRTP by libsrtp: the AES-CM profile for peers that offer nothing better, and the AEAD profiles as
// the oracle that tests and benchmarks hold our own path against. The only file that includes
// srtp2/srtp.h is its .cc. One thread per half; the library is initialised once per process.

#include <memory>

#include "transport/srtp.h"

namespace earshot {

/// Null when libsrtp could not be initialised or lacks the profile.
std::unique_ptr<SrtpSealer> CreateLibsrtpSealer(SrtpProfile profile, const SrtpMasterKey& key);
std::unique_ptr<SrtpOpener> CreateLibsrtpOpener(SrtpProfile profile, const SrtpMasterKey& key,
                                                size_t max_ssrcs = SrtpOpener::kMaxSsrcs);

}  // namespace earshot
