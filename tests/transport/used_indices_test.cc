#include "transport/used_indices.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <type_traits>

#include "base/random.h"

namespace earshot {
namespace {

static_assert(!std::is_copy_constructible_v<UnusedIndex>, "good for one packet");

TEST(UsedIndicesTest, EachIndexServesOnce) {
  UsedIndices used;
  const auto taken = used.Take({7, 100});
  ASSERT_TRUE(taken);
  EXPECT_EQ((*taken)->ssrc, 7u);
  EXPECT_EQ((*taken)->value, 100u);
  EXPECT_FALSE(used.Take({7, 100}));
  EXPECT_TRUE(used.Take({8, 100})) << "another stream";
  EXPECT_TRUE(used.Take({7, 100 + 65536})) << "the same sequence number, but another index";
}

TEST(UsedIndicesTest, WhatComesLateFindsItsPlace) {
  UsedIndices used;
  ASSERT_TRUE(used.Take({7, 5000}));
  EXPECT_TRUE(used.Take({7, 5000 - 1023}));
  EXPECT_FALSE(used.Take({7, 5000 - 1023}));
  EXPECT_TRUE(used.Take({7, 4999}));
  EXPECT_FALSE(used.Take({7, 5000 - 1024})) << "too old to know";
}

TEST(UsedIndicesTest, NothingIsTakenTwiceInAnyOrderOfManyStreams) {
  SeededRandom random(1);
  UsedIndices used;
  std::map<uint32_t, std::set<uint64_t>> taken;
  // Many with the same lowest bits.
  std::vector<uint32_t> ssrcs = {0, 0xffffffff};
  for (uint32_t i = 0; i < 190; ++i) ssrcs.push_back(random.U32() << random.Below(16));
  for (int i = 0; i < 200000; ++i) {
    const uint32_t ssrc = ssrcs[random.Below(static_cast<uint32_t>(ssrcs.size()))];
    std::set<uint64_t>& seen = taken[ssrc];
    const uint64_t highest = seen.empty() ? 5000 : *seen.rbegin();
    const uint64_t index = highest + random.Below(50) - random.Below(1100);
    const bool is_behind = !seen.empty() && highest >= index + UsedIndices::kWindow;
    ASSERT_EQ(used.Take({ssrc, index}).has_value(), !is_behind && seen.insert(index).second) << i;
  }
}

}  // namespace
}  // namespace earshot
