#include "base/timer_wheel.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "base/random.h"

namespace earshot {
namespace {

constexpr Timestamp kStart = Timestamp::Seconds(1000);

/// Everything that is due, in the order in which it comes.
std::vector<int> TakeDue(TimerWheel<int>& wheel, Timestamp now) {
  std::vector<int> due;
  int key = 0;
  while (wheel.PopDue(now, key)) due.push_back(key);
  return due;
}

/// Until then. Only a crowd makes the wheel turn.
void Turn(TimerWheel<int>& wheel, Timestamp now) {
  for (int i = 0; i < 20; ++i) wheel.Set(i, now);
  EXPECT_EQ(TakeDue(wheel, now).size(), 20u);
}

TEST(TimerWheelTest, NamesTheEarliestDeadline) {
  TimerWheel<int> wheel;
  EXPECT_TRUE(wheel.Next().IsNever());
  wheel.Set(1, Timestamp::Millis(30));
  wheel.Set(2, Timestamp::Millis(10));
  wheel.Set(3, Timestamp::Millis(20));
  EXPECT_EQ(wheel.Next(), Timestamp::Millis(10));
}

TEST(TimerWheelTest, RefilingReplacesTheOldDeadline) {
  TimerWheel<int> wheel;
  wheel.Set(1, Timestamp::Millis(10));
  wheel.Set(1, Timestamp::Millis(50));
  int key = 0;
  EXPECT_FALSE(wheel.PopDue(Timestamp::Millis(20), key));
  EXPECT_EQ(wheel.Next(), Timestamp::Millis(50));
  EXPECT_TRUE(wheel.PopDue(Timestamp::Millis(50), key));
  EXPECT_EQ(key, 1);
  EXPECT_TRUE(wheel.Next().IsNever());
}

TEST(TimerWheelTest, NeverRemoves) {
  TimerWheel<int> wheel;
  wheel.Set(1, Timestamp::Millis(10));
  wheel.Set(1, Timestamp::Never());
  EXPECT_TRUE(wheel.Next().IsNever());
  EXPECT_FALSE(wheel.IsDue(1, Timestamp::Millis(10)));
  wheel.Set(2, Timestamp::Never());
  EXPECT_TRUE(TakeDue(wheel, Timestamp::Never()).empty());
}

TEST(TimerWheelTest, WhatIsRemovedDoesNotCome) {
  TimerWheel<int> wheel;
  for (int i = 0; i < 5; ++i) wheel.Set(i, kStart);
  wheel.Remove(2);
  wheel.Remove(2);
  wheel.Remove(77);
  EXPECT_EQ(TakeDue(wheel, kStart), (std::vector<int>{0, 1, 3, 4}));
}

TEST(TimerWheelTest, PopsInOrderAndOncePerKey) {
  TimerWheel<int> wheel;
  for (int i = 0; i < 100; ++i) wheel.Set(i % 10, Timestamp::Millis(1000 - i));
  int key = 0;
  Timestamp last = Timestamp::LongAgo();
  int popped = 0;
  while (!wheel.Next().IsNever()) {
    const Timestamp due = wheel.Next();
    EXPECT_GE(due, last);
    last = due;
    ASSERT_TRUE(wheel.PopDue(due, key));
    ++popped;
  }
  EXPECT_EQ(popped, 10);
}

TEST(TimerWheelTest, TheLongestOverdueComesFirst) {
  SeededRandom random(1);
  TimerWheel<int> wheel;
  std::map<int, Timestamp> deadlines;
  for (int i = 0; i < 3000; ++i) {
    deadlines[i] = kStart + Duration::Micros(1 + random.Below(1u << random.Below(28)));
    wheel.Set(i, deadlines[i]);
  }
  Timestamp last = kStart;
  const std::vector<int> due = TakeDue(wheel, kStart + Duration::Seconds(300));
  for (const int key : due) {
    ASSERT_GE(deadlines[key], last);
    last = deadlines[key];
  }
  EXPECT_EQ(due.size(), deadlines.size());
}

TEST(TimerWheelTest, ADeadlineIsExactToTheMicrosecond) {
  constexpr Duration kMicro = Duration::Micros(1);
  // In each level, at both ends of its slots.
  for (int64_t span = 1; span < int64_t{1} << 50; span *= 8) {
    for (const int64_t delay : {span, span + 1, 2 * span - 1}) {
      TimerWheel<int> wheel;
      Turn(wheel, kStart);
      const Timestamp deadline = kStart + Duration::Micros(delay);
      wheel.Set(1, deadline);
      EXPECT_EQ(wheel.Next(), deadline);
      EXPECT_TRUE(TakeDue(wheel, deadline - kMicro).empty()) << delay;
      EXPECT_EQ(wheel.Next(), deadline);
      EXPECT_FALSE(wheel.IsDue(1, deadline - kMicro));
      EXPECT_TRUE(wheel.IsDue(1, deadline));
      EXPECT_EQ(TakeDue(wheel, deadline).size(), 1u) << delay;
      EXPECT_FALSE(wheel.IsDue(1, deadline));
    }
  }
}

TEST(TimerWheelTest, WhatHasPassedIsDueAtOnce) {
  TimerWheel<int> wheel;
  Turn(wheel, kStart);
  wheel.Set(1, kStart - Duration::Seconds(100));
  wheel.Set(2, Timestamp::LongAgo());
  wheel.Set(3, kStart);
  wheel.Set(4, Timestamp::Seconds(-1));
  EXPECT_EQ(wheel.Next(), Timestamp::LongAgo());
  EXPECT_EQ(TakeDue(wheel, kStart), (std::vector<int>{2, 4, 1, 3}));
}

TEST(TimerWheelTest, AnEarlierNowTakesWhatWasDueByThen) {
  TimerWheel<int> wheel;
  Turn(wheel, kStart);
  // A crowd, whose earliest is not looked for at each removal, and then few.
  for (int i = 0; i < 20; ++i) wheel.Set(i, kStart - Duration::Millis(i));
  EXPECT_EQ(TakeDue(wheel, kStart - Duration::Millis(15)).size(), 5u);
  EXPECT_EQ(wheel.Next(), kStart - Duration::Millis(14));
  EXPECT_EQ(TakeDue(wheel, kStart - Duration::Millis(5)).size(), 10u);
  EXPECT_EQ(wheel.Next(), kStart - Duration::Millis(4));
  EXPECT_EQ(TakeDue(wheel, kStart), (std::vector<int>{4, 3, 2, 1, 0}));
}

TEST(TimerWheelTest, TheFarthestDeadlinesAreKept) {
  const Timestamp last = Timestamp::Micros(Timestamp::Never().micros() - 1);
  TimerWheel<int> wheel;
  wheel.Set(1, last);
  wheel.Set(2, last - Duration::Micros(1));
  EXPECT_TRUE(TakeDue(wheel, kStart).empty());
  EXPECT_EQ(wheel.Next(), last - Duration::Micros(1));
  EXPECT_EQ(TakeDue(wheel, last - Duration::Micros(1)), std::vector<int>{2});
  EXPECT_EQ(TakeDue(wheel, last), std::vector<int>{1});
}

TEST(TimerWheelTest, ManyOfOneDeadlineComeTogether) {
  TimerWheel<int> wheel;
  const Timestamp deadline = kStart + Duration::Seconds(30);
  for (int i = 0; i < 1000; ++i) wheel.Set(i, deadline);
  EXPECT_TRUE(TakeDue(wheel, deadline - Duration::Micros(1)).empty());
  EXPECT_EQ(TakeDue(wheel, deadline).size(), 1000u);
}

TEST(TimerWheelTest, WhatIsRefiledWhileOthersAreDueWaitsForItsTime) {
  TimerWheel<int> wheel;
  Turn(wheel, kStart);
  for (int i = 0; i < 10; ++i) wheel.Set(i, kStart + Duration::Millis(i));
  const Timestamp now = kStart + Duration::Millis(20);
  int key = 0;
  int popped = 0;
  while (wheel.PopDue(now, key)) {
    ++popped;
    // One in two is late at once, and comes a second time.
    wheel.Set(key, popped % 2 == 0 ? now - Duration::Millis(1) : now + Duration::Micros(1));
    ASSERT_LT(popped, 100);
  }
  EXPECT_EQ(wheel.Next(), now + Duration::Micros(1));
  EXPECT_EQ(TakeDue(wheel, now + Duration::Micros(1)).size(), 10u);
}

TEST(TimerWheelTest, AnEmptyWheelIsSmall) {
  // A space has several, and mostly nothing in some.
  EXPECT_LE(sizeof(TimerWheel<int>), 128u);
}

/// Knows how many of it there are.
class CountedKey {
 public:
  explicit CountedKey(int value = 0) : value_(value) { ++count; }
  CountedKey(const CountedKey& other) : value_(other.value_) { ++count; }
  CountedKey& operator=(const CountedKey&) = default;
  ~CountedKey() { --count; }
  bool operator==(const CountedKey&) const = default;
  template <typename H>
  friend H AbslHashValue(H state, const CountedKey& key) {
    return H::combine(std::move(state), key.value_);
  }
  static inline int count = 0;

 private:
  int value_;
};

TEST(TimerWheelTest, MemoryIsThatOfTheMostKeysThereWereAtOnce) {
  TimerWheel<CountedKey> wheel;
  Timestamp now = kStart;
  CountedKey due;
  for (int i = 0; i < 10'000; ++i) {
    now = now + Duration::Millis(1);
    wheel.Set(CountedKey(i), now + Duration::Millis(100));
    if (i % 2 == 0) wheel.Remove(CountedKey(i - 10));
    while (wheel.PopDue(now, due)) {
    }
    // Filed anew, over and over.
    wheel.Set(CountedKey(i - 1), now + Duration::Seconds(i % 3 == 0 ? 1 : 0));
  }
  EXPECT_LE(CountedKey::count, 2 * 1000);
}

// As checks of consent do: each moves its deadline to the same distance, long before it comes.
TEST(TimerWheelTest, DeadlinesThatKeepMovingHardlyEverWakeAnybody) {
  constexpr int kPeople = 1000;
  constexpr Duration kInterval = Duration::Seconds(5);
  TimerWheel<int> wheel;
  Timestamp now = kStart;
  int wakes = 0;
  for (int turn = 0; turn < 300 * kPeople; ++turn) {
    now = now + kInterval / kPeople;
    if (wheel.Next() <= now) {
      ++wakes;
      ASSERT_TRUE(TakeDue(wheel, now).empty());
    }
    wheel.Set(turn % kPeople, now + Duration::Seconds(30));
  }
  // In 25 minutes. One for each slot of 18 minutes would be enough.
  EXPECT_LE(wakes, 3);
}

/// What a wheel should hold.
class Reference {
 public:
  void Set(int key, Timestamp deadline) {
    Remove(key);
    if (deadline.IsNever()) return;
    deadlines_[key] = deadline;
    in_order_.emplace(deadline, key);
  }
  void Remove(int key) {
    const auto it = deadlines_.find(key);
    if (it == deadlines_.end()) return;
    in_order_.erase({it->second, key});
    deadlines_.erase(it);
  }
  Timestamp Earliest() const {
    return in_order_.empty() ? Timestamp::Never() : in_order_.begin()->first;
  }
  bool IsDue(int key, Timestamp now) const {
    const auto it = deadlines_.find(key);
    return it != deadlines_.end() && it->second <= now;
  }
  size_t size() const { return deadlines_.size(); }

 private:
  std::map<int, Timestamp> deadlines_;
  std::set<std::pair<Timestamp, int>> in_order_;
};

/// Does at random, to a wheel and to the reference, what may be done, and compares.
class Rehearsal {
 public:
  Rehearsal(uint64_t seed, uint32_t keys) : random_(seed), keys_(keys) {}

  void Step() {
    if (random_.Below(100) == 0) Rush();
    if (random_.Below(100) == 0) LeaveFew();
    switch (random_.Below(10)) {
      case 0:
        Remove(AnyKey());
        break;
      case 1:
        now_ = now_ + AnyDelay();
        Drain(now_, false);
        break;
      case 2:
        now_ = now_ + AnyDelay();
        Drain(now_, true);
        break;
      case 3:
        // As loops do that sleep until the next deadline.
        if (wheel_.Next().IsNever() || wheel_.Next() > kStart + kLongest * 1000) break;
        now_ = std::max(now_, wheel_.Next());
        Drain(now_, false);
        break;
      case 4:
        PopOnce(now_);
        break;
      case 5:
        if (random_.Below(4) == 0) Drain(now_ - AnyDelay(), false);
        break;
      default:
        Set(AnyKey(), AnyDeadline());
    }
    Compare();
  }
  void Finish() {
    Drain(Timestamp::Micros(Timestamp::Never().micros() - 1), false);
    EXPECT_EQ(reference_.size(), 0u);
    EXPECT_TRUE(wheel_.Next().IsNever());
  }

 private:
  static constexpr Duration kLongest = Duration::Seconds(4 * 24 * 3600);

  int AnyKey() { return static_cast<int>(random_.Below(keys_)); }
  // From nothing to days; each magnitude as often.
  Duration AnyDelay() {
    const uint64_t limit = uint64_t{1} << random_.Below(39);
    return std::min(Duration::Micros(static_cast<int64_t>(random_.U64() % limit)), kLongest);
  }
  Timestamp AnyDeadline() {
    switch (random_.Below(16)) {
      case 0:
        return now_ - AnyDelay();
      case 1:
        return now_;
      case 2:
        return Timestamp::Micros(Timestamp::Never().micros() - random_.Below(100));
      case 3:
        return random_.Below(2) == 0 ? Timestamp::LongAgo() : Timestamp();
      case 4: {
        // Next to where slots begin and end.
        const int64_t width = int64_t{1} << 6 * random_.Below(7);
        const int64_t near = (now_.micros() / width + 1 + random_.Below(64)) * width;
        return Timestamp::Micros(near - 1 + random_.Below(3));
      }
      case 5:
        // The same for many.
        return kStart + Duration::Seconds((now_ - kStart).millis() / 1000 + 30);
      case 6:
        return Timestamp::Micros(static_cast<int64_t>(random_.U64() >> 1));
      default:
        return now_ + AnyDelay();
    }
  }

  void Set(int key, Timestamp deadline) {
    wheel_.Set(key, deadline);
    reference_.Set(key, deadline);
  }
  void Remove(int key) {
    wheel_.Remove(key);
    reference_.Remove(key);
  }
  bool PopOnce(Timestamp now, int* popped = nullptr) {
    int key = -1;
    if (!wheel_.PopDue(now, key)) {
      EXPECT_GT(reference_.Earliest(), now) << "due, and not given";
      EXPECT_GT(wheel_.Next(), now) << "a loop would not get on";
      return false;
    }
    EXPECT_TRUE(reference_.IsDue(key, now)) << key << " is not due";
    reference_.Remove(key);
    if (popped != nullptr) *popped = key;
    return true;
  }
  // Many that have passed, or are to come within the same little while.
  void Rush() {
    const Duration spread = AnyDelay() + Duration::Micros(1);
    const Timestamp end = random_.Below(2) == 0 ? now_ : now_ + AnyDelay() + spread;
    for (int i = 0; i < 40; ++i) {
      Set(AnyKey(), end - Duration::Micros(static_cast<int64_t>(
                              random_.U64() % static_cast<uint64_t>(spread.micros()))));
    }
    if (random_.Below(2) == 0) Drain(end - spread / 2, false);
  }
  void LeaveFew() {
    const auto first = static_cast<int>(random_.Below(keys_));
    const auto keys = static_cast<int>(keys_);
    for (int i = 0; i < keys && reference_.size() > 5; ++i) {
      Remove((first + i) % keys);
      Compare();
    }
  }
  void Drain(Timestamp now, bool refile) {
    int key = -1;
    while (PopOnce(now, &key) && !testing::Test::HasFailure()) {
      Compare();
      // Not for ever.
      if (refile && random_.Below(3) != 0) Set(key, AnyDeadline());
    }
  }
  void Compare() {
    const Timestamp earliest = reference_.Earliest();
    EXPECT_LE(wheel_.Next(), earliest);
    EXPECT_EQ(wheel_.Next().IsNever(), earliest.IsNever());
    if (reference_.size() <= 8) {
      EXPECT_EQ(wheel_.Next(), earliest) << "exact for few";
    }
    const int key = AnyKey();
    EXPECT_EQ(wheel_.IsDue(key, now_), reference_.IsDue(key, now_));
  }

  SeededRandom random_;
  const uint32_t keys_;
  Timestamp now_ = kStart;
  TimerWheel<int> wheel_;
  Reference reference_;
};

TEST(TimerWheelTest, DoesWhatAnOrderedListWould) {
  for (const uint32_t keys : {1u, 3u, 8u, 40u, 1000u}) {
    for (uint64_t seed = 1; seed <= 12; ++seed) {
      Rehearsal rehearsal(seed, keys);
      for (int step = 0; step < 4000; ++step) {
        rehearsal.Step();
        ASSERT_FALSE(HasFailure()) << "seed " << seed << ", keys " << keys << ", step " << step;
      }
      rehearsal.Finish();
    }
  }
}

}  // namespace
}  // namespace earshot
