#include "transport/cm_cipher.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "transport/srtp_test_packets.h"

namespace earshot {
namespace {

template <typename Array>
Array ArrayFromHex(std::string_view text) {
  Array array{};
  std::ranges::copy(FromHex(text), array.begin());
  return array;
}

Bytes Keystream(CmCipher& cipher, std::string_view counter, size_t size) {
  Bytes out(size);
  EXPECT_TRUE(cipher.Crypt(ArrayFromHex<CmCipher::Counter>(counter), Bytes(size), out));
  return out;
}

TEST(CmCipherTest, MatchesRfc3711AppendixB2) {
  const auto cipher =
      CmCipher::Create(ArrayFromHex<CmCipher::Key>("2B7E151628AED2A6ABF7158809CF4F3C"), {});
  EXPECT_EQ(Keystream(*cipher, "F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000", 48),
            FromHex("E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB"
                    "41E95B3BB0A2E8DD477901E4FCA894C0"));
  EXPECT_EQ(Keystream(*cipher, "F0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF", 48),
            FromHex("EC8CDF7398607CB0F2D21675EA9EA1E4 362B7C3C6773516318A077D7FC5073AE"
                    "6A2CC3787889374FBEB4C81B17BA6C44"));
}

// Its first test case has a key of 20 bytes; the tag is cut as RFC 3711 section 4.2.1 says.
TEST(CmCipherTest, MatchesTestCase1OfRfc2202) {
  CmCipher::AuthenticationKey key;
  key.fill(0x0b);
  const auto cipher = CmCipher::Create({}, key);
  const std::string_view text = "Hi There";
  const Bytes message(text.begin(), text.end());
  const auto expected = ArrayFromHex<CmCipher::Tag>("b617318655057264e28b");
  EXPECT_EQ(cipher->Authenticate(message, {}), expected);
  for (size_t split = 0; split <= message.size(); ++split) {
    EXPECT_EQ(
        cipher->Authenticate(ByteView(message).first(split), ByteView(message).subspan(split)),
        expected);
  }
}

TEST(CmCipherTest, DecryptsInPlaceWhatItEncryptedElsewhere) {
  SeededRandom random(2);
  CmCipher::Key key;
  random.Fill(key);
  const auto cipher = CmCipher::Create(key, {});
  for (size_t size = 0; size < 300; ++size) {
    Bytes plaintext(size), encrypted(size);
    random.Fill(plaintext);
    CmCipher::Counter counter;
    random.Fill(counter);
    ASSERT_TRUE(cipher->Crypt(counter, plaintext, encrypted));
    ASSERT_TRUE(cipher->Crypt(counter, encrypted, encrypted));
    ASSERT_EQ(encrypted, plaintext);
  }
}

}  // namespace
}  // namespace earshot
