#pragma once

// SRTP by libsrtp, for operators who must have the library that was audited, and as what the tests
// hold our own transforms against. It protects packets and keeps its own count of them; sizes,
// replay windows and bounds are those of the halves around it. One thread per half; the library is
// initialised once per process.

#include <memory>

#include "transport/srtp.h"

namespace earshot {

/// Whether this build has it.
bool HasLibsrtp();

/// Null when it is not there or lacks the profile.
std::unique_ptr<SrtpSealer> CreateLibsrtpSealer(SrtpProfile profile, const SrtpMasterKey& key);
std::unique_ptr<SrtpOpener> CreateLibsrtpOpener(SrtpProfile profile, const SrtpMasterKey& key,
                                                size_t max_ssrcs = SrtpOpener::kMaxSsrcs);

}  // namespace earshot
