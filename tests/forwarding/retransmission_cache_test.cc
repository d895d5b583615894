#include "forwarding/retransmission_cache.h"

#include <gtest/gtest.h>

namespace earshot {
namespace {

constexpr Timestamp kStart = Timestamp::Seconds(100);
constexpr int64_t kFirst = 70000;

std::vector<uint8_t> Payload(int64_t sequence, size_t size = 100) {
  return std::vector<uint8_t>(size, static_cast<uint8_t>(sequence));
}

TEST(RetransmissionCacheTest, StoresAgainAfterItWasCleared) {
  RetransmissionCache cache;
  cache.Store(kFirst, Payload(kFirst), std::nullopt, kStart);
  cache.Clear();
  EXPECT_EQ(cache.Find(kFirst, kStart), nullptr);
  cache.Store(kFirst + 1, Payload(kFirst + 1), std::nullopt, kStart);
  EXPECT_NE(cache.Find(kFirst + 1, kStart), nullptr);
}

TEST(RetransmissionCacheTest, FindsWhatWasStored) {
  RetransmissionCache cache;
  EXPECT_EQ(cache.Find(kFirst, kStart), nullptr) << "before anything was stored";
  cache.Store(kFirst, Payload(kFirst), Vp8Descriptor{.picture_id = 7}, kStart);
  cache.Store(kFirst + 1, Payload(kFirst + 1, 50), std::nullopt, kStart);

  const RetransmissionCache::Entry* entry = cache.Find(kFirst, kStart);
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->payload, Payload(kFirst));
  ASSERT_TRUE(entry->vp8);
  EXPECT_EQ(entry->vp8->picture_id, 7);
  ASSERT_NE(cache.Find(kFirst + 1, kStart), nullptr);
  EXPECT_EQ(cache.Find(kFirst + 1, kStart)->payload, Payload(kFirst + 1, 50));
  EXPECT_FALSE(cache.Find(kFirst + 1, kStart)->vp8);
  EXPECT_EQ(cache.Find(kFirst + 2, kStart), nullptr);
  EXPECT_EQ(cache.Find(-1, kStart), nullptr);
}

TEST(RetransmissionCacheTest, R12_ForgetsByCount) {
  constexpr auto kCapacity = static_cast<int64_t>(RetransmissionCache::kCapacity);
  RetransmissionCache cache;
  for (int64_t i = 0; i < 3 * kCapacity; ++i) {
    cache.Store(kFirst + i, Payload(i), std::nullopt, kStart);
  }
  for (int64_t i = 0; i < 3 * kCapacity; ++i) {
    const RetransmissionCache::Entry* entry = cache.Find(kFirst + i, kStart);
    ASSERT_EQ(entry != nullptr, i >= 2 * kCapacity) << i;
    if (entry != nullptr) {
      ASSERT_EQ(entry->payload, Payload(i));
    }
  }
}

TEST(RetransmissionCacheTest, R12_ForgetsByAge) {
  RetransmissionCache cache;
  cache.Store(kFirst, Payload(0), std::nullopt, kStart);
  EXPECT_NE(cache.Find(kFirst, kStart + RetransmissionCache::kMaxAge), nullptr);
  EXPECT_EQ(cache.Find(kFirst, kStart + RetransmissionCache::kMaxAge + Duration::Micros(1)),
            nullptr);
}

// Thirty days of a packet every ten minutes, at numbers that leave most entries alone for long.
TEST(RetransmissionCacheTest, R12_ASparseStreamOfThirtyDaysFindsOnlyItsLast) {
  RetransmissionCache cache;
  int64_t sequence = kFirst;
  Timestamp now = kStart;
  for (int i = 0; i < 30 * 24 * 6; ++i) {
    ASSERT_EQ(cache.Find(sequence, now), nullptr) << "ten minutes old";
    sequence += 1 + i % 1000;
    cache.Store(sequence, Payload(i), std::nullopt, now);
    ASSERT_NE(cache.Find(sequence, now), nullptr);
    ASSERT_EQ(cache.Find(sequence - static_cast<int64_t>(RetransmissionCache::kCapacity), now),
              nullptr);
    now = now + Duration::Seconds(600);
  }
}

TEST(RetransmissionCacheTest, MemoryOfAnEntryIsReused) {
  RetransmissionCache cache;
  cache.Store(kFirst, Payload(0, 1200), std::nullopt, kStart);
  const uint8_t* memory = cache.Find(kFirst, kStart)->payload.data();
  const int64_t again = kFirst + static_cast<int64_t>(RetransmissionCache::kCapacity);
  cache.Store(again, Payload(1, 1100), std::nullopt, kStart);
  EXPECT_EQ(cache.Find(again, kStart)->payload.data(), memory);
}

}  // namespace
}  // namespace earshot
