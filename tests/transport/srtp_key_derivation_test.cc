#include "transport/srtp_key_derivation.h"

#include <gtest/gtest.h>

#include "transport/srtp_test_packets.h"

namespace earshot {
namespace {

Bytes Derive(const Bytes& key, const Bytes& salt, SrtpKeyLabel label, size_t size) {
  Bytes out(size, 0xee);
  EXPECT_TRUE(DeriveSrtpKey(key, salt, label, out));
  return out;
}

TEST(SrtpKeyDerivationTest, MatchesRfc3711AppendixB3) {
  const Bytes key = FromHex("E1F97A0D3E018BE0D64FA32C06DE4139");
  const Bytes salt = FromHex("0EC675AD498AFEEBB6960B3AABE6");
  EXPECT_EQ(Derive(key, salt, SrtpKeyLabel::kRtpEncryption, 16),
            FromHex("C61E7A93744F39EE10734AFE3FF7A087"));
  EXPECT_EQ(Derive(key, salt, SrtpKeyLabel::kRtpSalt, 14), FromHex("30CBBC08863D8C85D49DB34A9AE1"));
  EXPECT_EQ(Derive(key, salt, SrtpKeyLabel::kRtpAuthentication, 20),
            FromHex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"));
}

TEST(SrtpKeyDerivationTest, MatchesRfc6188Section7WithA256BitKey) {
  const Bytes key = FromHex("f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6");
  const Bytes salt = FromHex("3b04803de51ee7c96423ab5b78d2");
  EXPECT_EQ(Derive(key, salt, SrtpKeyLabel::kRtpEncryption, 32),
            FromHex("5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4"));
  EXPECT_EQ(Derive(key, salt, SrtpKeyLabel::kRtpSalt, 14), FromHex("fa31791685ca444a9e07c6c64e93"));
  EXPECT_EQ(Derive(key, salt, SrtpKeyLabel::kRtpAuthentication, 20),
            FromHex("fd9c32d39ed5fbb5a9dc96b30818454d1313dc05"));
}

TEST(SrtpKeyDerivationTest, EachLabelGivesAnotherKey) {
  const Bytes key(16, 1), salt(12, 2);
  std::vector<Bytes> keys;
  for (uint8_t label = 0; label <= 5; ++label) {
    keys.push_back(Derive(key, salt, static_cast<SrtpKeyLabel>(label), 16));
    for (size_t i = 0; i + 1 < keys.size(); ++i) EXPECT_NE(keys[i], keys.back());
  }
}

TEST(SrtpKeyDerivationTest, AShortSaltStandsInFrontOfZeros) {
  const Bytes key(16, 1), short_salt(12, 2);
  Bytes long_salt = short_salt;
  long_salt.resize(14, 0);
  EXPECT_EQ(Derive(key, short_salt, SrtpKeyLabel::kRtcpSalt, 12),
            Derive(key, long_salt, SrtpKeyLabel::kRtcpSalt, 12));
}

TEST(SrtpKeyDerivationTest, RefusesOtherSizesAndLeavesZeros) {
  Bytes out(16, 0xee);
  EXPECT_FALSE(DeriveSrtpKey(Bytes(15), Bytes(14), SrtpKeyLabel::kRtpSalt, out));
  EXPECT_EQ(out, Bytes(16, 0));
  EXPECT_FALSE(DeriveSrtpKey(Bytes(16), Bytes(13), SrtpKeyLabel::kRtpSalt, out));
  EXPECT_FALSE(DeriveSrtpKey(Bytes(16), Bytes(), SrtpKeyLabel::kRtpSalt, out));
  Bytes long_out(33);
  EXPECT_FALSE(DeriveSrtpKey(Bytes(16), Bytes(14), SrtpKeyLabel::kRtpSalt, long_out));
}

}  // namespace
}  // namespace earshot
