#include "transport/srtp_libsrtp.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "transport/srtp_key_derivation.h"
#include "transport/srtp_test_packets.h"

namespace earshot {
namespace {

constexpr SrtpProfile kProfile = SrtpProfile::kAes128CmHmacSha1_80;

// The tag of RFC 3711 section 4.2 over an SRTCP packet up to and with its index.
Bytes RtcpTag(const SrtpMasterKey& key, const Bytes& packet) {
  Bytes session_key(20), tag(20);
  EXPECT_TRUE(DeriveSrtpKey(ByteView(key.key).first(16), key.salt,
                            SrtpKeyLabel::kRtcpAuthentication, session_key));
  HMAC(EVP_sha1(), session_key.data(), static_cast<int>(session_key.size()), packet.data(),
       packet.size(), tag.data(), nullptr);
  tag.resize(10);
  return tag;
}

TEST(SrtpLibsrtpTest, C12_AuthenticRtcpWithoutEncryptionIsDropped) {
  SeededRandom random(7);
  const SrtpMasterKey key = RandomMasterKey(random);
  const Bytes sealed = SealRtcp(*CreateLibsrtpSealer(kProfile, key), RandomRtcp(random, 9));
  Bytes up_to_index(sealed.begin(), sealed.end() - 10);
  // The tag of an encrypted packet shows that the forger's tags are good.
  ASSERT_EQ(RtcpTag(key, up_to_index), Bytes(sealed.end() - 10, sealed.end()));
  up_to_index[up_to_index.size() - 4] &= 0x7f;
  const Bytes tag = RtcpTag(key, up_to_index);
  up_to_index.insert(up_to_index.end(), tag.begin(), tag.end());
  const auto opener = CreateLibsrtpOpener(kProfile, key);
  EXPECT_EQ(RtcpDropOf(*opener, up_to_index), DropReason::kSrtpUnauthenticated);
  EXPECT_EQ(RtcpDropOf(*opener, sealed), kNotDropped);
}

TEST(SrtpLibsrtpTest, AStreamMayStartAtAnyRollOver) {
  SeededRandom random(1);
  const SrtpMasterKey key = RandomMasterKey(random);
  // No opener can guess a roll-over count of five, so the bytes are compared with those of the AEAD
  // path, which is told the index.
  const auto sealer = CreateLibsrtpSealer(SrtpProfile::kAeadAes128Gcm, key);
  const auto reference = SrtpSealer::Create(SrtpProfile::kAeadAes128Gcm, key);
  for (const uint64_t index : {0x50003u, 0x50004u, 0x5fffeu, 0x60001u, 0x70001u, 0x6fff0u}) {
    const RtpParts packet = SimpleRtp(9, index);
    const Bytes sealed = Seal(*sealer, packet, index);
    ASSERT_FALSE(sealed.empty()) << index;
    EXPECT_EQ(sealed, Seal(*reference, packet, index)) << index;
  }
}

TEST(SrtpLibsrtpTest, RtcpBeforeRtpDoesNotHideTheRollOver) {
  SeededRandom random(2);
  const SrtpMasterKey key = RandomMasterKey(random);
  const auto sealer = CreateLibsrtpSealer(kProfile, key);
  const auto opener = CreateLibsrtpOpener(kProfile, key);
  const Bytes report = RandomRtcp(random, 9);
  EXPECT_EQ(OpenRtcp(*opener, SealRtcp(*sealer, report)), report);
  const RtpParts packet = SimpleRtp(9, 0x10003);
  EXPECT_EQ(Open(*opener, Seal(*sealer, packet, 0x10003)), packet.Joined());
  const RtpParts late = SimpleRtp(9, 0xfffe);
  EXPECT_EQ(Open(*opener, Seal(*sealer, late, 0xfffe)), late.Joined());
}

TEST(SrtpLibsrtpTest, AnIndexBehindTheWindowIsNotSealed) {
  SeededRandom random(3);
  const auto sealer = CreateLibsrtpSealer(kProfile, RandomMasterKey(random));
  EXPECT_FALSE(Seal(*sealer, SimpleRtp(9, 5000), 5000).empty());
  EXPECT_FALSE(Seal(*sealer, SimpleRtp(9, 3977), 3977).empty());
  EXPECT_TRUE(Seal(*sealer, SimpleRtp(9, 3976), 3976).empty());
}

TEST(SrtpLibsrtpTest, SealingTheSamePacketAgainGivesTheSameBytes) {
  SeededRandom random(4);
  const auto sealer = CreateLibsrtpSealer(kProfile, RandomMasterKey(random));
  const RtpParts packet = SimpleRtp(9, 70);
  const Bytes first = Seal(*sealer, packet, 70);
  EXPECT_FALSE(first.empty());
  EXPECT_EQ(Seal(*sealer, packet, 70), first);
}

TEST(SrtpLibsrtpTest, R4_OutboundSsrcsAreBoundedToo) {
  SeededRandom random(5);
  const auto sealer = CreateLibsrtpSealer(kProfile, RandomMasterKey(random));
  size_t sealed = 0;
  for (uint32_t ssrc = 0; ssrc < 2000; ++ssrc) {
    sealed += Seal(*sealer, SimpleRtp(ssrc, 1), 1).empty() ? 0 : 1;
  }
  EXPECT_EQ(sealed, 512u);
}

// Past the limit of probes, only streams whose first packet comes after a wrap suffer.
TEST(SrtpLibsrtpTest, R1_AFloodOfUnknownSsrcsStopsProbingButNotMedia) {
  SeededRandom random(6);
  const SrtpMasterKey key = RandomMasterKey(random);
  const auto sealer = CreateLibsrtpSealer(kProfile, key);
  const auto opener = CreateLibsrtpOpener(kProfile, key);
  for (uint32_t i = 0; i < 1000; ++i) {
    EXPECT_EQ(DropOf(*opener, SimpleRtp(1000 + i, 5).Joined()), DropReason::kSrtpUnauthenticated);
  }
  EXPECT_EQ(DropOf(*opener, Seal(*sealer, SimpleRtp(8, 0x10005), 0x10005)),
            DropReason::kSrtpUnauthenticated);
  const RtpParts packet = SimpleRtp(9, 5);
  EXPECT_EQ(Open(*opener, Seal(*sealer, packet, 5)), packet.Joined());
}

}  // namespace
}  // namespace earshot
