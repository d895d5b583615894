#pragma once

// Our own halves of an SRTP session against those of libsrtp with the same key.

#include <array>
#include <memory>

#include "transport/srtp_libsrtp.h"
#include "transport/srtp_test_packets.h"

namespace earshot {

struct SrtpHalves {
  std::unique_ptr<SrtpSealer> our_sealer, library_sealer;
  std::unique_ptr<SrtpOpener> our_opener, library_opener;
};

/// A million packets over four SSRCs that wrap on the way, each sealed by both and opened by the
/// other.
inline void ExpectSameRtpAsLibsrtp(const SrtpHalves& halves, Random& random) {
  if (!HasLibsrtp()) GTEST_SKIP() << "no libsrtp here";
  std::array<uint64_t, 4> next_index = {0, 65000, 32760, 64000};
  for (int i = 0; i < 1000000; ++i) {
    const uint32_t ssrc = random.Below(4);
    const uint64_t index = next_index[ssrc]++;
    const RtpParts packet = RandomRtp(random, ssrc, index);
    const Bytes ours = Seal(*halves.our_sealer, packet, index);
    ASSERT_FALSE(ours.empty());
    ASSERT_EQ(ours, Seal(*halves.library_sealer, packet, index)) << i;
    ASSERT_EQ(Open(*halves.our_opener, ours), packet.Joined()) << i;
    ASSERT_EQ(Open(*halves.library_opener, ours), packet.Joined()) << i;
  }
}

inline void ExpectSameRtcpAsLibsrtp(const SrtpHalves& halves, Random& random) {
  if (!HasLibsrtp()) GTEST_SKIP() << "no libsrtp here";
  for (int i = 0; i < 10000; ++i) {
    const Bytes packet = RandomRtcp(random, random.Below(4));
    ASSERT_EQ(OpenRtcp(*halves.library_opener, SealRtcp(*halves.our_sealer, packet)), packet) << i;
    ASSERT_EQ(OpenRtcp(*halves.our_opener, SealRtcp(*halves.library_sealer, packet)), packet) << i;
  }
}

}  // namespace earshot
