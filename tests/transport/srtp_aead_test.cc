#include "transport/srtp_aead.h"

#include <gtest/gtest.h>

#include "transport/srtp_differential.h"

namespace earshot {
namespace {

std::vector<AeadBackend> Backends() {
  std::vector<AeadBackend> backends = {AeadBackend::kOpenSsl};
  if (AeadCipher::BestBackend() != AeadBackend::kOpenSsl) {
    backends.push_back(AeadCipher::BestBackend());
  }
  return backends;
}

class SrtpAeadTest : public testing::TestWithParam<AeadBackend> {};

INSTANTIATE_TEST_SUITE_P(Backends, SrtpAeadTest, testing::ValuesIn(Backends()),
                         [](const auto& param_info) {
                           return param_info.param == AeadBackend::kOpenSsl ? "OpenSsl" : "IpsecMb";
                         });

// The session keys of RFC 7714 sections 16 and 17: bytes counting up, salt "Quid pro quo".
AeadSessionKeys Rfc7714Keys(size_t key_size) {
  AeadSessionKeys keys;
  for (AeadSessionKey* key : {&keys.rtp, &keys.rtcp}) {
    for (size_t i = 0; i < key_size; ++i) key->key[i] = static_cast<uint8_t>(i);
    key->key_size = key_size;
    std::memcpy(key->salt.data(), "Quid pro quo", 12);
  }
  return keys;
}

RtpParts Rfc7714RtpPacket() {
  const std::string_view text = "Gallia est omnis divisa in partes tres";
  return {.header = FromHex("8040f17b 8041f8d3 5501a0b2"),
          .payload = Bytes(text.begin(), text.end())};
}

Bytes Rfc7714RtcpPacket() {
  return FromHex(
      "81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61"
      "deadbeef deadbeef deadbeef deadbeef deadbeef");
}

void ExpectRtpVector(AeadBackend backend, size_t key_size, const Bytes& sealed) {
  const auto sealer = CreateAeadSealer(backend, Rfc7714Keys(key_size));
  const auto opener = CreateAeadOpener(backend, Rfc7714Keys(key_size));
  EXPECT_EQ(Seal(*sealer, Rfc7714RtpPacket(), 0xf17b), sealed);
  EXPECT_EQ(Open(*opener, sealed), Rfc7714RtpPacket().Joined());
}

void ExpectRtcpVector(AeadBackend backend, size_t key_size, const Bytes& sealed) {
  const auto sealer = CreateAeadSealer(backend, Rfc7714Keys(key_size));
  const auto opener = CreateAeadOpener(backend, Rfc7714Keys(key_size));
  // The vectors have index 0x5d4.
  for (uint32_t index = 0; index < 0x5d4; ++index) SealRtcp(*sealer, Rfc7714RtcpPacket());
  EXPECT_EQ(SealRtcp(*sealer, Rfc7714RtcpPacket()), sealed);
  EXPECT_EQ(OpenRtcp(*opener, sealed), Rfc7714RtcpPacket());
}

TEST_P(SrtpAeadTest, MatchesRfc7714Section16_1) {
  ExpectRtpVector(GetParam(), 16,
                  FromHex("8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5"
                          "0d294e6f 42a5f47a 51c7d19b 36de3adf 8833899d 7f27beb1 6a9152cf 765ee439"
                          "0cce"));
}

TEST_P(SrtpAeadTest, MatchesRfc7714Section16_2) {
  ExpectRtpVector(GetParam(), 32,
                  FromHex("8040f17b 8041f8d3 5501a0b2 32b1de78 a822fe12 ef9f78fa 332e33aa b1801238"
                          "9a58e2f3 b50b2a02 76ffae0f 1ba63799 b87b7aa3 db36dfff d6b0f9bb 7878d7a7"
                          "6c13"));
}

TEST_P(SrtpAeadTest, MatchesRfc7714Section17_1) {
  ExpectRtcpVector(GetParam(), 16,
                   FromHex("81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d"
                           "c676a5f1 730d6fda 4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872"
                           "45d9eade 800005d4"));
}

TEST_P(SrtpAeadTest, MatchesRfc7714Section17_2) {
  ExpectRtcpVector(GetParam(), 32,
                   FromHex("81c8000d 4d617273 d50ae4d1 f5ce5d30 4ba297e4 7d470c28 2c3ece5d bffe0a50"
                           "a2eaa5c1 110555be 8415f658 c61de047 6f1b6fad 1d1eb30c 4446839f 57ff6f6c"
                           "b26ac3be 800005d4"));
}

// Section 17.3 is authentic but not encrypted, which WebRTC does not have.
TEST_P(SrtpAeadTest, C12_Rfc7714Section17_3IsAuthenticButDropped) {
  const auto opener = CreateAeadOpener(GetParam(), Rfc7714Keys(16));
  Bytes packet = Rfc7714RtcpPacket();
  const Bytes trailer = FromHex("841dd968 3dd78ec9 2ae58790 125f62b3 000005d4");
  packet.insert(packet.end(), trailer.begin(), trailer.end());
  EXPECT_EQ(RtcpDropOf(*opener, packet), DropReason::kSrtpUnauthenticated);
}

SrtpHalves MakeHalves(AeadBackend backend, SrtpProfile profile, Random& random) {
  const SrtpMasterKey key = RandomMasterKey(random);
  const AeadSessionKeys keys = AeadSessionKeys::Derive(profile, key);
  return {.our_sealer = CreateAeadSealer(backend, keys),
          .library_sealer = CreateLibsrtpSealer(profile, key),
          .our_opener = CreateAeadOpener(backend, keys),
          .library_opener = CreateLibsrtpOpener(profile, key)};
}

TEST_P(SrtpAeadTest, SealsAndOpensRtpAsLibsrtpWith128BitKeys) {
  SeededRandom random(10);
  ExpectSameRtpAsLibsrtp(MakeHalves(GetParam(), SrtpProfile::kAeadAes128Gcm, random), random);
}
TEST_P(SrtpAeadTest, SealsAndOpensRtpAsLibsrtpWith256BitKeys) {
  SeededRandom random(10);
  ExpectSameRtpAsLibsrtp(MakeHalves(GetParam(), SrtpProfile::kAeadAes256Gcm, random), random);
}
TEST_P(SrtpAeadTest, SealsAndOpensRtcpAsLibsrtpWith128BitKeys) {
  SeededRandom random(20);
  ExpectSameRtcpAsLibsrtp(MakeHalves(GetParam(), SrtpProfile::kAeadAes128Gcm, random), random);
}
TEST_P(SrtpAeadTest, SealsAndOpensRtcpAsLibsrtpWith256BitKeys) {
  SeededRandom random(20);
  ExpectSameRtcpAsLibsrtp(MakeHalves(GetParam(), SrtpProfile::kAeadAes256Gcm, random), random);
}

TEST_P(SrtpAeadTest, KeysWithoutSizeMakeNoHalf) {
  EXPECT_EQ(CreateAeadSealer(GetParam(), {}), nullptr);
  EXPECT_EQ(CreateAeadOpener(GetParam(), {}), nullptr);
}

TEST_P(SrtpAeadTest, AnyIndexOf48BitsCanBeSealed) {
  const auto sealer = CreateAeadSealer(GetParam(), Rfc7714Keys(16));
  const uint64_t last = (uint64_t{1} << 48) - 1;
  EXPECT_FALSE(Seal(*sealer, SimpleRtp(1, last), last).empty());
  EXPECT_TRUE(Seal(*sealer, SimpleRtp(1, last + 1), last + 1).empty());
}

}  // namespace
}  // namespace earshot
