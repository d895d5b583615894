#include "transport/sealing_batch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "wire/rtp_packet.h"

namespace earshot {
namespace {

const SocketAddress kPeer = *SocketAddress::FromLiteral("192.0.2.1", 4000);
const SocketAddress kOther = *SocketAddress::FromLiteral("192.0.2.2", 4000);

SharedSealer MakeSealer(uint8_t seed) {
  SrtpMasterKey key;
  key.key.fill(seed);
  key.salt.fill(static_cast<uint8_t>(seed + 1));
  return {SrtpSealer::Create(SrtpProfile::kAeadAes128Gcm, key)};
}

size_t WriteHeader(ByteSpan room, uint32_t ssrc, uint16_t sequence_number) {
  RtpHeader header;
  header.payload_type = 111;
  header.sequence_number = sequence_number;
  header.ssrc = ssrc;
  return WriteRtpHeader(header, ExtensionIds(), room);
}

class SealingBatchTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!sealer_.sealer->MaySealElsewhere()) GTEST_SKIP() << "no cipher here that may be shared";
  }
  size_t Add(SharedSealer& sealer, const SocketAddress& to, ByteView payload, uint16_t sequence) {
    return batch_.Add(
        sealer, to, Precedence::kAudio,
        [&](ByteSpan room) { return WriteHeader(room, 7, sequence); }, payload,
        *sealer.sealer->TakeIndex({7, sequence}));
  }
  // By a sealer with the same key.
  static std::vector<uint8_t> Expected(uint8_t seed, ByteView payload, uint16_t sequence) {
    const SharedSealer sealer = MakeSealer(seed);
    std::vector<uint8_t> room(1500);
    const size_t header = WriteHeader(room, 7, sequence);
    room.resize(
        sealer.sealer->SealRtp(room, header, payload, *sealer.sealer->TakeIndex({7, sequence})));
    return room;
  }
  static std::vector<uint8_t> BytesOf(const Datagram& datagram) {
    return {datagram.bytes.begin(), datagram.bytes.end()};
  }

  SealingBatch batch_;
  static constexpr uint8_t kSeed = 1;
  static constexpr uint8_t kOtherSeed = 9;
  SharedSealer sealer_ = MakeSealer(kSeed);
  SharedSealer other_ = MakeSealer(kOtherSeed);
  DatagramList out_;
};

TEST_F(SealingBatchTest, SealsWhatSealingAtOnceWouldHaveMade) {
  const std::vector<uint8_t> payload(300, 0x5a);
  batch_.BeginPayload();
  const size_t size = Add(sealer_, kPeer, payload, 1);
  Add(other_, kOther, payload, 2);
  batch_.SealAll(out_);
  ASSERT_EQ(out_.size(), 2u);
  EXPECT_EQ(out_[0].peer, kPeer);
  EXPECT_EQ(out_[0].precedence, Precedence::kAudio);
  EXPECT_EQ(BytesOf(out_[0]), Expected(kSeed, payload, 1));
  EXPECT_EQ(out_[0].bytes.size(), size);
  EXPECT_EQ(out_[1].peer, kOther);
  EXPECT_EQ(BytesOf(out_[1]), Expected(kOtherSeed, payload, 2));
}

TEST_F(SealingBatchTest, APayloadInTheSamePlaceIsAnotherOne) {
  std::vector<uint8_t> payload(20, 1);
  batch_.BeginPayload();
  Add(sealer_, kPeer, payload, 1);
  std::fill(payload.begin(), payload.end(), uint8_t{2});
  batch_.BeginPayload();
  Add(sealer_, kPeer, payload, 2);
  batch_.SealAll(out_);
  EXPECT_EQ(BytesOf(out_[0]), Expected(kSeed, std::vector<uint8_t>(20, 1), 1));
  EXPECT_EQ(BytesOf(out_[1]), Expected(kSeed, payload, 2));
}

TEST_F(SealingBatchTest, EachListenerHasAVp8DescriptorOfItsOwn) {
  std::vector<uint8_t> payload(20, 1);
  batch_.BeginPayload();
  for (uint16_t listener = 1; listener <= 3; ++listener) {
    payload[5] = static_cast<uint8_t>(listener);
    Add(sealer_, kPeer, payload, listener);
  }
  batch_.SealAll(out_);
  for (uint16_t listener = 1; listener <= 3; ++listener) {
    payload[5] = static_cast<uint8_t>(listener);
    EXPECT_EQ(BytesOf(out_[listener - 1u]), Expected(kSeed, payload, listener));
  }
}

TEST_F(SealingBatchTest, ASealerLivesUntilItsPacketsAreSealed) {
  const std::vector<uint8_t> payload(20, 1);
  const std::vector<uint8_t> expected = Expected(kSeed, payload, 1);
  const std::weak_ptr<SrtpSealer> alive = sealer_.sealer;
  Add(sealer_, kPeer, payload, 1);
  sealer_ = {};
  batch_.SealAll(out_);
  EXPECT_EQ(BytesOf(out_[0]), expected);
  batch_.Clear();
  EXPECT_TRUE(alive.expired());
  EXPECT_TRUE(batch_.empty());
}

TEST_F(SealingBatchTest, WithoutAHeaderThereIsNoPacket) {
  const size_t size = batch_.Add(
      sealer_, kPeer, Precedence::kVideo, [](ByteSpan) { return size_t{0}; }, ByteView(),
      *sealer_.sealer->TakeIndex({7, 1}));
  EXPECT_EQ(size, 0u);
  EXPECT_TRUE(batch_.empty());
}

TEST_F(SealingBatchTest, ABatchUsedAgainKeepsItsSealersAgain) {
  const std::vector<uint8_t> payload(20, 1);
  for (uint16_t round = 1; round <= 3; ++round) {
    batch_.BeginPayload();
    Add(sealer_, kPeer, payload, round);
    Add(sealer_, kPeer, payload, static_cast<uint16_t>(round + 100));
    EXPECT_EQ(sealer_.sealer.use_count(), 2) << "once in the batch";
    out_.Clear();
    batch_.SealAll(out_);
    EXPECT_EQ(BytesOf(out_[1]), Expected(kSeed, payload, static_cast<uint16_t>(round + 100)));
    batch_.Clear();
  }
}

}  // namespace
}  // namespace earshot
