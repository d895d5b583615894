#include "base/random.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>
#include <vector>

namespace earshot {
namespace {

TEST(RandomTest, TheSameSeedGivesTheSameNumbers) {
  SeededRandom first(42), second(42), other(43);
  for (int i = 0; i < 100; ++i) {
    const uint64_t value = first.U64();
    EXPECT_EQ(value, second.U64());
    EXPECT_NE(value, other.U64());
  }
}

TEST(RandomTest, FillsEveryLength) {
  SeededRandom random(1);
  for (size_t size = 0; size < 64; ++size) {
    std::set<uint8_t> last_bytes;
    for (int round = 0; round < 32; ++round) {
      std::vector<uint8_t> bytes(size + 1, 0xa5);
      random.Fill(std::span(bytes).first(size));
      EXPECT_EQ(bytes.back(), 0xa5);
      if (size > 0) last_bytes.insert(bytes[size - 1]);
    }
    EXPECT_TRUE(size == 0 || last_bytes.size() > 4) << size;
  }
}

TEST(RandomTest, BelowReachesEveryValueBelowTheBound) {
  SeededRandom random(2);
  for (const uint32_t bound : {1u, 2u, 7u}) {
    std::set<uint32_t> seen;
    for (int i = 0; i < 1000; ++i) seen.insert(random.Below(bound));
    EXPECT_EQ(seen.size(), bound);
    EXPECT_LT(*seen.rbegin(), bound);
  }
}

TEST(RandomTest, UnitIsAtLeastZeroAndBelowOne) {
  SeededRandom random(3);
  double sum = 0;
  for (int i = 0; i < 10000; ++i) {
    const double value = random.Unit();
    ASSERT_GE(value, 0.0);
    ASSERT_LT(value, 1.0);
    sum += value;
  }
  EXPECT_NEAR(sum / 10000, 0.5, 0.02);
}

TEST(RandomTest, IceCharsUseTheWholeAlphabetAndNothingElse) {
  SeededRandom random(4);
  std::set<char> seen;
  for (const char c : random.IceChars(5000)) {
    EXPECT_TRUE((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                c == '+' || c == '/')
        << c;
    seen.insert(c);
  }
  EXPECT_EQ(seen.size(), 64u);
  EXPECT_EQ(random.IceChars(0), "");
  EXPECT_EQ(random.IceChars(22).size(), 22u);
}

TEST(RandomTest, SecureBytesDiffer) {
  SecureRandom random;
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) seen.insert(random.IceChars(22));
  EXPECT_EQ(seen.size(), 100u);
}

}  // namespace
}  // namespace earshot
