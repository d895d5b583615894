#include "wire/crc32.h"

#include <gtest/gtest.h>

#include <string_view>

namespace earshot {
namespace {

uint32_t Crc32Of(std::string_view text) {
  return Crc32({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

TEST(Crc32Test, MatchesTheCheckValueOfThePolynomial) {
  EXPECT_EQ(Crc32Of("123456789"), 0xcbf43926u);
}

TEST(Crc32Test, OfNothingIsZero) { EXPECT_EQ(Crc32Of(""), 0u); }

}  // namespace
}  // namespace earshot
