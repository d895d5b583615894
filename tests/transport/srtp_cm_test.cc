#include "transport/srtp_cm.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "transport/srtp_differential.h"
#include "transport/srtp_key_derivation.h"

namespace earshot {
namespace {

constexpr SrtpProfile kProfile = SrtpProfile::kAes128CmHmacSha1_80;

std::unique_ptr<SrtpSealer> Sealer(const SrtpMasterKey& key) {
  return CreateCmSealer(CmSessionKeys::Derive(key));
}
std::unique_ptr<SrtpOpener> Opener(const SrtpMasterKey& key) {
  return CreateCmOpener(CmSessionKeys::Derive(key));
}

// Of RFC 3711 appendix B.3; the authentication key is of the 94 bytes there the first 20, which the
// default key length of HMAC-SHA1 asks for.
SrtpMasterKey Rfc3711MasterKey() {
  SrtpMasterKey key;
  std::ranges::copy(FromHex("E1F97A0D3E018BE0D64FA32C06DE4139"), key.key.begin());
  std::ranges::copy(FromHex("0EC675AD498AFEEBB6960B3AABE6"), key.salt.begin());
  return key;
}

TEST(SrtpCmTest, DerivesTheKeysOfRfc3711AppendixB3) {
  const auto keys = CmSessionKeys::Derive(Rfc3711MasterKey());
  ASSERT_TRUE(keys);
  const CmSessionKey& rtp = keys->rtp;
  EXPECT_EQ(Bytes(rtp.key.begin(), rtp.key.end()), FromHex("C61E7A93744F39EE10734AFE3FF7A087"));
  EXPECT_EQ(Bytes(rtp.salt.begin(), rtp.salt.end()), FromHex("30CBBC08863D8C85D49DB34A9AE1"));
  EXPECT_EQ(Bytes(rtp.authentication.begin(), rtp.authentication.end()),
            FromHex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"));
}

// The session key and salt of appendix B.2, whose SSRC and index are zero: zeros come out as its
// keystream.
TEST(SrtpCmTest, MatchesRfc3711AppendixB2) {
  CmSessionKeys keys;
  std::ranges::copy(FromHex("2B7E151628AED2A6ABF7158809CF4F3C"), keys.rtp.key.begin());
  std::ranges::copy(FromHex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD"), keys.rtp.salt.begin());
  RtpParts packet = SimpleRtp(0, 0, 0);
  packet.payload.resize(48);
  const Bytes sealed = Seal(*CreateCmSealer(keys), packet, 0);
  ASSERT_EQ(sealed.size(), 12u + 48 + 10);
  EXPECT_EQ(Bytes(sealed.begin() + 12, sealed.end() - 10),
            FromHex("E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB"
                    "41E95B3BB0A2E8DD477901E4FCA894C0"));
  EXPECT_EQ(Open(*CreateCmOpener(keys), sealed), packet.Joined());
}

TEST(SrtpCmTest, NoHalfIsMadeWithoutKeys) {
  EXPECT_EQ(CreateCmSealer(std::nullopt), nullptr);
  EXPECT_EQ(CreateCmOpener(std::nullopt), nullptr);
}

TEST(SrtpCmTest, AnyIndexOf48BitsCanBeSealed) {
  SeededRandom random(3);
  const auto sealer = Sealer(RandomMasterKey(random));
  const uint64_t last = (uint64_t{1} << 48) - 1;
  EXPECT_FALSE(Seal(*sealer, SimpleRtp(1, last), last).empty());
  EXPECT_TRUE(Seal(*sealer, SimpleRtp(1, last + 1), last + 1).empty());
}

TEST(SrtpCmTest, SealsAtAnyRollOverAsLibsrtp) {
  SeededRandom random(1);
  const SrtpMasterKey key = RandomMasterKey(random);
  const auto ours = Sealer(key);
  if (!HasLibsrtp()) GTEST_SKIP() << "no libsrtp here";
  const auto library = CreateLibsrtpSealer(kProfile, key);
  for (const uint64_t index : {0x50003u, 0x50004u, 0x5fffeu, 0x60001u, 0x70001u, 0x6fff0u}) {
    const RtpParts packet = SimpleRtp(9, index);
    const Bytes sealed = Seal(*ours, packet, index);
    ASSERT_FALSE(sealed.empty()) << index;
    EXPECT_EQ(sealed, Seal(*library, packet, index)) << index;
  }
}

SrtpHalves MakeHalves(Random& random) {
  const SrtpMasterKey key = RandomMasterKey(random);
  return {.our_sealer = Sealer(key),
          .library_sealer = CreateLibsrtpSealer(kProfile, key),
          .our_opener = Opener(key),
          .library_opener = CreateLibsrtpOpener(kProfile, key)};
}

TEST(SrtpCmTest, SealsAndOpensRtpAsLibsrtp) {
  SeededRandom random(10);
  ExpectSameRtpAsLibsrtp(MakeHalves(random), random);
}

TEST(SrtpCmTest, SealsAndOpensRtcpAsLibsrtp) {
  SeededRandom random(20);
  ExpectSameRtcpAsLibsrtp(MakeHalves(random), random);
}

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

TEST(SrtpCmTest, C12_AuthenticRtcpWithoutEncryptionIsDropped) {
  SeededRandom random(7);
  const SrtpMasterKey key = RandomMasterKey(random);
  const Bytes sealed = SealRtcp(*Sealer(key), RandomRtcp(random, 9));
  Bytes up_to_index(sealed.begin(), sealed.end() - 10);
  // The tag of an encrypted packet shows that the forger's tags are good.
  ASSERT_EQ(RtcpTag(key, up_to_index), Bytes(sealed.end() - 10, sealed.end()));
  up_to_index[up_to_index.size() - 4] &= 0x7f;
  const Bytes tag = RtcpTag(key, up_to_index);
  up_to_index.insert(up_to_index.end(), tag.begin(), tag.end());
  const auto opener = Opener(key);
  EXPECT_EQ(RtcpDropOf(*opener, up_to_index), DropReason::kSrtpUnauthenticated);
  EXPECT_EQ(RtcpDropOf(*opener, sealed), kNotDropped);
}

TEST(SrtpCmTest, RtcpBeforeRtpDoesNotHideTheRollOver) {
  SeededRandom random(2);
  const SrtpMasterKey key = RandomMasterKey(random);
  const auto sealer = Sealer(key);
  const auto opener = Opener(key);
  const Bytes report = RandomRtcp(random, 9);
  EXPECT_EQ(OpenRtcp(*opener, SealRtcp(*sealer, report)), report);
  const RtpParts packet = SimpleRtp(9, 0x10003);
  EXPECT_EQ(Open(*opener, Seal(*sealer, packet, 0x10003)), packet.Joined());
  const RtpParts late = SimpleRtp(9, 0xfffe);
  EXPECT_EQ(Open(*opener, Seal(*sealer, late, 0xfffe)), late.Joined());
}

TEST(SrtpCmTest, R11_NoIndexIsSealedTwice) {
  SeededRandom random(4);
  const auto sealer = Sealer(RandomMasterKey(random));
  const RtpParts packet = SimpleRtp(9, 70);
  EXPECT_FALSE(Seal(*sealer, packet, 70).empty());
  EXPECT_TRUE(Seal(*sealer, packet, 70).empty());
}

}  // namespace
}  // namespace earshot
