// What the library's transform adds to those of our own; srtp_test.cc is about both alike, and
// srtp_aead_test.cc and srtp_cm_test.cc hold them against each other.

#include "transport/srtp_libsrtp.h"

#include <gtest/gtest.h>

#include "transport/srtp_test_packets.h"

namespace earshot {
namespace {

class SrtpLibsrtpTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!HasLibsrtp()) GTEST_SKIP() << "no libsrtp here";
  }
  SeededRandom random_{1};
  const SrtpMasterKey key_ = RandomMasterKey(random_);
};

TEST_F(SrtpLibsrtpTest, IsWhatTheOptionChooses) {
  EXPECT_TRUE(HasSrtpBackend(SrtpBackend::kLibsrtp));
  const auto sealer = SrtpSealer::Create(SrtpProfile::kAeadAes128Gcm, key_, SrtpBackend::kLibsrtp);
  ASSERT_NE(sealer, nullptr);
  EXPECT_FALSE(sealer->MaySealElsewhere()) << "its session counts";
}

// A stream that nothing was opened of leaves nothing in the library, so that a later genuine packet
// of any round is taken for what it is.
TEST_F(SrtpLibsrtpTest, R4_ForgedFirstPacketsLeaveNoStream) {
  const auto sealer = CreateLibsrtpSealer(SrtpProfile::kAeadAes128Gcm, key_);
  const auto opener = CreateLibsrtpOpener(SrtpProfile::kAeadAes128Gcm, key_);
  for (uint64_t index = 0; index < 2000; index += 7) {
    Bytes forged = SimpleRtp(7, 40000 + index).Joined();
    forged.resize(forged.size() + 16);
    ASSERT_EQ(DropOf(*opener, forged), DropReason::kSrtpUnauthenticated);
  }
  EXPECT_EQ(DropOf(*opener, Seal(*sealer, SimpleRtp(7, 65536 + 3), 65536 + 3)), kNotDropped);
  EXPECT_EQ(DropOf(*opener, Seal(*sealer, SimpleRtp(7, 65536 - 3), 65536 - 3)), kNotDropped);
}

}  // namespace
}  // namespace earshot
