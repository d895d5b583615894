#include "base/hmac_sha1.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "bytes_from_hex.h"

namespace earshot {
namespace {

ByteView Bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// RFC 2202 section 3.
TEST(HmacSha1Test, TheVectorsOfRfc2202) {
  struct Vector {
    std::string key;
    std::string data;
    std::string_view digest;
  };
  std::string counting;
  for (char i = 1; i <= 25; ++i) counting.push_back(i);
  const std::string long_key(80, '\xaa');
  const Vector vectors[] = {
      {std::string(20, '\x0b'), "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"},
      {"Jefe", "what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
      {std::string(20, '\xaa'), std::string(50, '\xdd'),
       "125d7342b9ac11cd91a39af48aa17b4f63f175d3"},
      {counting, std::string(50, '\xcd'), "4c9007f4026250c6bc8414f9bf50c86c2d7235da"},
      {std::string(20, '\x0c'), "Test With Truncation", "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04"},
      {long_key, "Test Using Larger Than Block-Size Key - Hash Key First",
       "aa4ae5e15272d00e95705637ce8a3b55ed402112"},
      {long_key, "Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data",
       "e8e99d0f45237d786d6bbaa7965c7808bbff1a91"},
  };
  for (const Vector& vector : vectors) {
    const HmacSha1 hmac(Bytes(vector.key));
    const auto whole = hmac.Compute({Bytes(vector.data)});
    EXPECT_THAT(whole, testing::ElementsAreArray(BytesFromHex(vector.digest))) << vector.data;
    // Once more, and in parts: nothing of the first time is left.
    const ByteView data = Bytes(vector.data);
    EXPECT_EQ(hmac.Compute({data.first(3), ByteView(), data.subspan(3)}), whole);
  }
}

TEST(HmacSha1Test, AKeyOfOneBlockIsTakenAsItIsAndALongerOneIsHashed) {
  const std::string block(64, 'k');
  const std::string longer(65, 'k');
  EXPECT_NE(HmacSha1(Bytes(block)).Compute({}), HmacSha1(Bytes(longer)).Compute({}));
  // Zeros behind a shorter key are what it is filled up with.
  const std::string shorter(63, 'k');
  EXPECT_EQ(HmacSha1(Bytes(shorter)).Compute({}),
            HmacSha1(Bytes(shorter + std::string(1, '\0'))).Compute({}));
}

}  // namespace
}  // namespace earshot
