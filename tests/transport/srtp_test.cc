#include "transport/srtp.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <string>
#include <tuple>

#include "transport/srtp_test_packets.h"

namespace earshot {
namespace {

class SrtpTest : public testing::TestWithParam<std::tuple<SrtpProfile, SrtpBackend>> {
 protected:
  SrtpTest() : key_(RandomMasterKey(random_)) {
    if (!HasSrtpBackend(backend())) return;
    sealer_ = NewSealer();
    opener_ = NewOpener();
  }

  void SetUp() override {
    if (!HasSrtpBackend(backend())) GTEST_SKIP() << "no libsrtp here";
  }
  SrtpProfile profile() const { return std::get<SrtpProfile>(GetParam()); }
  SrtpBackend backend() const { return std::get<SrtpBackend>(GetParam()); }
  std::unique_ptr<SrtpSealer> NewSealer() const {
    return SrtpSealer::Create(profile(), key_, backend());
  }
  std::unique_ptr<SrtpOpener> NewOpener(size_t max_ssrcs = SrtpOpener::kMaxSsrcs) const {
    return SrtpOpener::Create(profile(), key_, max_ssrcs, backend());
  }
  Bytes Sealed(uint32_t ssrc, uint64_t index) {
    return Seal(*sealer_, SimpleRtp(ssrc, index), index);
  }
  Bytes SealedRtcp(uint32_t ssrc) { return SealRtcp(*sealer_, RandomRtcp(random_, ssrc)); }
  bool IsAead() const { return profile() != SrtpProfile::kAes128CmHmacSha1_80; }

  SeededRandom random_{99};
  SrtpMasterKey key_;
  std::unique_ptr<SrtpSealer> sealer_;
  std::unique_ptr<SrtpOpener> opener_;
};

std::string NameOf(const testing::TestParamInfo<SrtpTest::ParamType>& info) {
  constexpr std::array<const char*, 3> kNames = {"Aes128CmHmacSha1_80", "AeadAes128Gcm",
                                                 "AeadAes256Gcm"};
  const bool is_library = std::get<SrtpBackend>(info.param) == SrtpBackend::kLibsrtp;
  return std::string(kNames[static_cast<size_t>(std::get<SrtpProfile>(info.param))]) +
         (is_library ? "_Libsrtp" : "");
}

INSTANTIATE_TEST_SUITE_P(
    Profiles, SrtpTest,
    testing::Combine(testing::Values(SrtpProfile::kAes128CmHmacSha1_80, SrtpProfile::kAeadAes128Gcm,
                                     SrtpProfile::kAeadAes256Gcm),
                     testing::Values(SrtpBackend::kBuiltIn, SrtpBackend::kLibsrtp)),
    NameOf);

TEST_P(SrtpTest, OpensWhatWasSealedAndTellsTheIndex) {
  for (uint64_t index = 30000; index < 200000; index += 997) {
    const RtpParts packet = RandomRtp(random_, 7, index);
    Bytes sealed = Seal(*sealer_, packet, index);
    const SrtpOpener::Result result = opener_->OpenRtp(sealed);
    const auto* opened = std::get_if<SrtpOpener::Opened>(&result);
    ASSERT_NE(opened, nullptr) << index;
    EXPECT_EQ(opened->packet_index, index);
    sealed.resize(opened->size);
    EXPECT_EQ(sealed, packet.Joined());
  }
}

TEST_P(SrtpTest, OpensRtcpOfSeveralSenders) {
  for (uint32_t i = 0; i < 100; ++i) {
    const Bytes packet = RandomRtcp(random_, i % 5);
    const Bytes sealed = SealRtcp(*sealer_, packet);
    EXPECT_EQ(sealed.size(), packet.size() + (IsAead() ? 20u : 14u));
    EXPECT_EQ(OpenRtcp(*opener_, sealed), packet);
  }
}

TEST_P(SrtpTest, TheSealerLeavesThePayloadAlone) {
  const RtpParts packet = SimpleRtp(7, 1);
  const RtpParts before = packet;
  EXPECT_FALSE(Seal(*sealer_, packet, 1).empty());
  EXPECT_EQ(packet.payload, before.payload);
}

TEST_P(SrtpTest, AnEmptyPayloadSurvives) {
  const RtpParts packet = SimpleRtp(7, 1, 0);
  EXPECT_EQ(Open(*opener_, Seal(*sealer_, packet, 1)), packet.header);
}

TEST_P(SrtpTest, NothingIsSealedIntoTooSmallARoom) {
  const RtpParts packet = SimpleRtp(7, 1);
  const size_t needed = packet.header.size() + packet.payload.size() + (IsAead() ? 16 : 10);
  for (size_t room = 0; room <= needed; ++room) {
    Bytes out = packet.header;
    out.resize(room);
    auto unused = NewSealer()->TakeIndex({7, 1});
    EXPECT_EQ(sealer_->SealRtp(out, 12, packet.payload, *std::move(unused)),
              room < needed ? 0 : needed)
        << room;
  }
}

TEST_P(SrtpTest, NoRtcpIsSealedIntoTooSmallARoom) {
  const Bytes packet = RandomRtcp(random_, 7);
  const size_t needed = packet.size() + (IsAead() ? 20 : 14);
  for (size_t room = packet.size(); room <= needed; ++room) {
    Bytes out = packet;
    out.resize(room);
    EXPECT_EQ(sealer_->SealRtcp(out, packet.size()), room < needed ? 0 : needed) << room;
  }
  Bytes out = packet;
  EXPECT_EQ(sealer_->SealRtcp(out, packet.size() + 1), 0u);
  EXPECT_EQ(sealer_->SealRtcp(out, SIZE_MAX), 0u);
  EXPECT_EQ(sealer_->SealRtcp(out, 7), 0u);
  EXPECT_EQ(sealer_->SealRtcp({}, 0), 0u);
}

TEST_P(SrtpTest, AChangedByteAnywhereFails) {
  const Bytes sealed = Sealed(7, 1);
  for (size_t i = 0; i < sealed.size(); ++i) {
    Bytes changed = sealed;
    changed[i] ^= 0x40;
    EXPECT_TRUE(Open(*opener_, changed).empty()) << i;
  }
  EXPECT_FALSE(Open(*opener_, sealed).empty());
}

TEST_P(SrtpTest, AChangedByteAnywhereInRtcpFails) {
  const Bytes sealed = SealedRtcp(7);
  for (size_t i = 0; i < sealed.size(); ++i) {
    Bytes changed = sealed;
    changed[i] ^= 0x40;
    EXPECT_TRUE(OpenRtcp(*opener_, changed).empty()) << i;
  }
  EXPECT_FALSE(OpenRtcp(*opener_, sealed).empty());
}

TEST_P(SrtpTest, R1_ShortPacketsAreMalformedAndHarmless) {
  const Bytes sealed = Sealed(7, 1);
  const Bytes sealed_rtcp = SealedRtcp(7);
  for (size_t size = 0; size < 12 + (IsAead() ? 16u : 10u); ++size) {
    EXPECT_EQ(DropOf(*opener_, Bytes(sealed.begin(), sealed.begin() + static_cast<int>(size))),
              DropReason::kRtpMalformed);
  }
  for (size_t size = 0; size < (IsAead() ? 28u : 22u); ++size) {
    Bytes cut = sealed_rtcp;
    cut.resize(size);
    EXPECT_EQ(RtcpDropOf(*opener_, cut), DropReason::kRtcpMalformed);
  }
  EXPECT_EQ(DropOf(*opener_, sealed), kNotDropped);
  EXPECT_EQ(RtcpDropOf(*opener_, sealed_rtcp), kNotDropped);
}

// A forged packet far ahead must not move the estimate of the roll-over counter, and forged packets
// with the numbers of genuine ones must not use them up.
TEST_P(SrtpTest, R1_BadTagsChangeNoState) {
  EXPECT_EQ(DropOf(*opener_, Sealed(7, 100)), kNotDropped);
  for (uint64_t index = 101; index < 70000; index += 13) {
    Bytes forged = SimpleRtp(7, index).Joined();
    forged.resize(forged.size() + 16);
    ASSERT_EQ(DropOf(*opener_, forged), DropReason::kSrtpUnauthenticated);
  }
  for (uint64_t index = 101; index < 1101; ++index) {
    ASSERT_EQ(DropOf(*opener_, Sealed(7, index)), kNotDropped) << index;
  }
}

TEST_P(SrtpTest, R2_EachPacketIsOpenedOnce) {
  for (uint64_t index = 0; index < 3000; ++index) {
    const Bytes sealed = Sealed(7, index);
    ASSERT_EQ(DropOf(*opener_, sealed), kNotDropped);
    ASSERT_EQ(DropOf(*opener_, sealed), DropReason::kSrtpReplayed);
  }
}

TEST_P(SrtpTest, R2_LatePacketsAreOpenedWithinTheWindow) {
  ASSERT_EQ(DropOf(*opener_, Sealed(7, 5000)), kNotDropped);
  const auto late_sealer = NewSealer();
  const Bytes inside = Seal(*late_sealer, SimpleRtp(7, 5000 - 1023), 5000 - 1023);
  const Bytes outside = Seal(*late_sealer, SimpleRtp(7, 5000 - 1024), 5000 - 1024);
  EXPECT_EQ(DropOf(*opener_, inside), kNotDropped);
  EXPECT_EQ(DropOf(*opener_, inside), DropReason::kSrtpReplayed);
  EXPECT_EQ(DropOf(*opener_, outside), DropReason::kSrtpReplayed);
}

TEST_P(SrtpTest, R2_ReplayedRtcpIsDropped) {
  std::vector<Bytes> packets;
  for (int i = 0; i < 50; ++i) packets.push_back(SealedRtcp(7));
  std::reverse(packets.begin(), packets.end());
  for (const Bytes& packet : packets) EXPECT_EQ(RtcpDropOf(*opener_, packet), kNotDropped);
  for (const Bytes& packet : packets) {
    EXPECT_EQ(RtcpDropOf(*opener_, packet), DropReason::kSrtpReplayed);
  }
}

// All orders of 65532 ... 65535, 0 ... 3: also those whose first packet comes after the wrap.
TEST_P(SrtpTest, R3_AllOrdersOfEightFirstPacketsAroundTheWrap) {
  std::vector<Bytes> sealed;
  for (uint64_t index = 65532; index < 65540; ++index) sealed.push_back(Sealed(7, index));
  std::vector<size_t> order(sealed.size());
  std::iota(order.begin(), order.end(), size_t{0});
  auto opener = NewOpener();
  do {
    for (const size_t i : order) ASSERT_EQ(DropOf(*opener, sealed[i]), kNotDropped) << i;
    opener->RemoveSsrc(7);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_P(SrtpTest, R3_LaterWrapsSurviveReordering) {
  uint64_t next = 10;
  while (next < 5 * 65536) {
    std::vector<Bytes> batch;
    for (int i = 0; i < 8; ++i) batch.push_back(Sealed(7, next++));
    std::swap(batch[0], batch[random_.Below(8)]);
    for (const Bytes& packet : batch) ASSERT_EQ(DropOf(*opener_, packet), kNotDropped) << next;
    next += 1009;
  }
}

TEST_P(SrtpTest, R4_NoMoreThan32SsrcsGetState) {
  const auto sealer_per_ssrc = [&](uint32_t ssrc) {
    return Seal(*NewSealer(), SimpleRtp(ssrc, 1), 1);
  };
  for (uint32_t ssrc = 0; ssrc < 32; ++ssrc) {
    ASSERT_EQ(DropOf(*opener_, sealer_per_ssrc(ssrc)), kNotDropped);
  }
  // Genuine and forged ones are dropped before they reach the cipher.
  EXPECT_EQ(DropOf(*opener_, sealer_per_ssrc(1000)), DropReason::kSrtpTooManySsrcs);
  Bytes forged = SimpleRtp(0, 1).Joined();
  const size_t memory_before = mallinfo2().uordblks;
  for (uint32_t ssrc = 32; ssrc < 100000; ++ssrc) {
    StoreBigEndian(forged.data() + 8, ssrc);
    ASSERT_EQ(DropOf(*opener_, forged), DropReason::kSrtpTooManySsrcs);
  }
  EXPECT_LT(mallinfo2().uordblks, memory_before + 64 * 1024);
  EXPECT_EQ(DropOf(*opener_, Sealed(31, 2)), kNotDropped);
  opener_->RemoveSsrc(31);
  EXPECT_EQ(DropOf(*opener_, sealer_per_ssrc(1000)), kNotDropped);
  EXPECT_EQ(DropOf(*opener_, sealer_per_ssrc(1001)), DropReason::kSrtpTooManySsrcs);
}

TEST_P(SrtpTest, R2_NothingOfARetiredStreamOpensAgain) {
  std::vector<Bytes> packets;
  for (uint64_t index = 65000; index < 66000; index += 10) packets.push_back(Sealed(7, index));
  for (const Bytes& packet : packets) ASSERT_EQ(DropOf(*opener_, packet), kNotDropped);
  opener_->RetireSsrc(7);
  for (const Bytes& packet : packets) {
    ASSERT_EQ(DropOf(*opener_, packet), DropReason::kSrtpReplayed);
  }
  // It goes on in the round in which it ended.
  EXPECT_EQ(DropOf(*opener_, Sealed(7, 66000)), kNotDropped);
  for (const Bytes& packet : packets) {
    ASSERT_EQ(DropOf(*opener_, packet), DropReason::kSrtpReplayed);
  }
  opener_->RemoveSsrc(7);
  EXPECT_EQ(DropOf(*opener_, packets.back()), DropReason::kSrtpReplayed);
}

TEST_P(SrtpTest, NoIndexIsSealedTwice) {
  const RtpParts packet = SimpleRtp(7, 5000);
  EXPECT_FALSE(Seal(*sealer_, packet, 5000).empty());
  EXPECT_FALSE(sealer_->TakeIndex({7, 5000}));
  EXPECT_FALSE(sealer_->TakeIndex({7, 5000 - UsedIndices::kWindow}));
  EXPECT_FALSE(Seal(*sealer_, SimpleRtp(7, 4990), 4990).empty()) << "late, but new";
  EXPECT_FALSE(sealer_->TakeIndex({7, 4990}));
  EXPECT_TRUE(sealer_->TakeIndex({8, 5000}));
}

TEST_P(SrtpTest, WhatIsSealedIsWhatTheIndexWasTakenFor) {
  const RtpParts packet = SimpleRtp(7, 1);
  Bytes out = packet.header;
  out.resize(200);
  for (const RtpIndex& other : {RtpIndex{8, 1}, RtpIndex{7, 2}}) {
    EXPECT_EQ(sealer_->SealRtp(out, 12, packet.payload, *sealer_->TakeIndex(other)), 0u);
  }
  EXPECT_NE(sealer_->SealRtp(out, 12, packet.payload, *sealer_->TakeIndex({7, 1})), 0u);
}

TEST_P(SrtpTest, AClientOpensAllItsSlotsAndTheirRepairs) {
  const auto opener = NewOpener(SrtpOpener::kMaxSlotSsrcs);
  for (uint32_t ssrc = 0; ssrc < 64 + 64 + 64; ++ssrc) {
    ASSERT_EQ(DropOf(*opener, Sealed(ssrc, 1)), kNotDropped);
  }
  EXPECT_EQ(DropOf(*opener, Sealed(1000, 1)), DropReason::kSrtpTooManySsrcs);
}

TEST_P(SrtpTest, R4_RtcpSendersAreBoundedToo) {
  size_t opened = 0;
  for (uint32_t ssrc = 0; ssrc < 300; ++ssrc) {
    const DropReason reason = RtcpDropOf(*opener_, SealedRtcp(ssrc));
    ASSERT_EQ(reason,
              ssrc < SrtpOpener::kMaxRtcpSsrcs ? kNotDropped : DropReason::kSrtpTooManySsrcs);
    opened += reason == kNotDropped ? 1 : 0;
  }
  EXPECT_EQ(opened, SrtpOpener::kMaxRtcpSsrcs);
}

TEST_P(SrtpTest, R6_TheSameSsrcOnTwoTransportsDoesNotMeet) {
  const auto other_key = RandomMasterKey(random_);
  const auto other_sealer = SrtpSealer::Create(profile(), other_key, backend());
  const auto other_opener =
      SrtpOpener::Create(profile(), other_key, SrtpOpener::kMaxSsrcs, backend());
  const Bytes ours = Sealed(7, 1);
  const Bytes theirs = Seal(*other_sealer, SimpleRtp(7, 1), 1);
  EXPECT_EQ(DropOf(*opener_, theirs), DropReason::kSrtpUnauthenticated);
  EXPECT_EQ(DropOf(*opener_, ours), kNotDropped);
  EXPECT_EQ(DropOf(*other_opener, theirs), kNotDropped);
}

TEST_P(SrtpTest, P2_OversizeForgeriesDoNoHarm) {
  for (size_t size = 1501; size <= 9000; ++size) {
    Bytes forged = SimpleRtp(7, size).Joined();
    forged.resize(size, 0x5a);
    ASSERT_EQ(DropOf(*opener_, forged), DropReason::kOversize);
    forged[1] = 200;
    ASSERT_EQ(RtcpDropOf(*opener_, forged), DropReason::kOversize);
  }
  for (uint64_t index = 1; index <= 1000; ++index) {
    ASSERT_EQ(DropOf(*opener_, Sealed(7, index)), kNotDropped);
    ASSERT_EQ(RtcpDropOf(*opener_, SealedRtcp(7)), kNotDropped);
  }
}

TEST_P(SrtpTest, C12_UnencryptedRtcpIsDropped) {
  for (int i = 0; i < 1000; ++i) {
    Bytes forged = SealedRtcp(7);
    const size_t flag = forged.size() - (IsAead() ? 4 : 14);
    ASSERT_EQ(forged[flag] & 0x80, 0x80);
    forged[flag] &= 0x7f;
    ASSERT_EQ(RtcpDropOf(*opener_, forged), DropReason::kSrtpUnauthenticated);
  }
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(RtcpDropOf(*opener_, SealedRtcp(7)), kNotDropped);
}

TEST_P(SrtpTest, NoRandomBytesAreEverAccepted) {
  for (int i = 0; i < 20000; ++i) {
    Bytes packet(random_.Below(200));
    random_.Fill(packet);
    if (!packet.empty()) packet[0] = static_cast<uint8_t>(0x80 | (packet[0] & 0x3f));
    ASSERT_NE(DropOf(*opener_, packet), kNotDropped);
    ASSERT_NE(RtcpDropOf(*opener_, packet), kNotDropped);
  }
}

TEST(SrtpMasterKeyTest, IsWipedWhenDestroyed) {
  alignas(SrtpMasterKey) std::array<uint8_t, sizeof(SrtpMasterKey)> memory{};
  auto* key = new (memory.data()) SrtpMasterKey();
  key->key.fill(0xaa);
  key->salt.fill(0xbb);
  key->~SrtpMasterKey();
  EXPECT_EQ(std::count(memory.begin(), memory.end(), 0), static_cast<int>(memory.size()));
}

TEST(SrtpMasterKeyTest, SizesAreThoseOfTheProfiles) {
  EXPECT_EQ(MasterKeySize(SrtpProfile::kAes128CmHmacSha1_80), 16u);
  EXPECT_EQ(MasterSaltSize(SrtpProfile::kAes128CmHmacSha1_80), 14u);
  EXPECT_EQ(MasterKeySize(SrtpProfile::kAeadAes128Gcm), 16u);
  EXPECT_EQ(MasterSaltSize(SrtpProfile::kAeadAes128Gcm), 12u);
  EXPECT_EQ(MasterKeySize(SrtpProfile::kAeadAes256Gcm), 32u);
  EXPECT_EQ(MasterSaltSize(SrtpProfile::kAeadAes256Gcm), 12u);
}

}  // namespace
}  // namespace earshot
