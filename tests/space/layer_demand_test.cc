#include "space/layer_demand.h"

#include <gtest/gtest.h>

#include <functional>

namespace earshot {
namespace {

constexpr LayerSet kQuarter(0b001);
constexpr LayerSet kHalf(0b010);
constexpr LayerSet kFull(0b100);

/// A sender that sends what it chooses of what is wanted, a packet of each layer every 100 ms.
class LayerDemandTest : public testing::Test {
 protected:
  using Sender = std::function<LayerSet(LayerSet wanted)>;

  static LayerSet Obedient(LayerSet wanted) { return wanted; }
  // Only so many layers at a time, the lower ones first: browsers do so with a small camera.
  static Sender AtMost(int count) {
    return [count](LayerSet wanted) {
      LayerSet sent;
      for (size_t i = 0, sending = 0; i < kMaxLayers; ++i) {
        if (!wanted.Has(i) || sending == static_cast<size_t>(count)) continue;
        sent.Set(i, true);
        ++sending;
      }
      return sent;
    };
  }
  static Sender Never(LayerSet layers) {
    return [layers](LayerSet wanted) {
      return LayerSet(static_cast<uint8_t>(wanted.bits() & ~layers.bits()));
    };
  }
  void Run(const Sender& sender, LayerSet ideal, Duration length) {
    if (ideal != ideal_) demand_.Review(ideal_ = ideal, now_);
    for (const Timestamp end = now_ + length; now_ < end; now_ = now_ + Duration::Millis(100)) {
      if (demand_.next_review() <= now_) demand_.Review(ideal_, now_);
      sent_ = sender(demand_.wanted());
      for (size_t i = 0; i < kMaxLayers; ++i) {
        if (sent_.Has(i) && demand_.NoteArrival(i, now_)) demand_.Review(ideal_, now_);
      }
      longest_gap_ = std::max(longest_gap_, sent_ == LayerSet() ? ++gap_ : (gap_ = 0));
    }
  }
  static constexpr Duration kSettled = Duration::Seconds(6);

  LayerDemand demand_{kMaxLayers};
  LayerSet ideal_;
  LayerSet sent_;
  int gap_ = 0;
  int longest_gap_ = 0;
  Timestamp now_ = Timestamp::Seconds(100);
};

TEST_F(LayerDemandTest, WhatViewersOughtToGetIsAllThatIsSent) {
  Run(Obedient, kQuarter, kSettled);
  EXPECT_EQ(sent_, kQuarter);
  Run(Obedient, LayerSet(0b101), kSettled);
  EXPECT_EQ(sent_, LayerSet(0b101));
  Run(Obedient, kFull, kSettled);
  EXPECT_EQ(sent_, kFull);
  EXPECT_EQ(longest_gap_, 0);
}

TEST_F(LayerDemandTest, ALayerThatComesOnlyOnceAnotherEndsIsGivenTheTime) {
  Run(AtMost(1), kQuarter, kSettled);
  Run(AtMost(1), kFull, kSettled);
  EXPECT_EQ(sent_, kFull);
  EXPECT_EQ(longest_gap_, 0);
}

TEST_F(LayerDemandTest, OneThatNeverComesHasTheNextLowerOneStandIn) {
  Run(Never(kFull), kFull, kSettled);
  EXPECT_EQ(sent_, kHalf);
  EXPECT_EQ(demand_.Best(2), 1u);
  EXPECT_LE(longest_gap_, 25) << "patience, and the packet after it";
  longest_gap_ = 0;
  Run(Never(kFull), kFull, Duration::Seconds(1000));
  EXPECT_EQ(longest_gap_, 0) << "to try again takes nothing away";
}

TEST_F(LayerDemandTest, TwoThatNeverComeHaveTheThirdStandIn) {
  Run(Never(LayerSet(0b110)), kFull, kSettled * 2);
  EXPECT_EQ(sent_, kQuarter);
}

TEST_F(LayerDemandTest, WhereNoLowerOneComesAHigherOneStandsIn) {
  Run(Never(kQuarter), kQuarter, kSettled);
  EXPECT_EQ(sent_, kHalf);
  EXPECT_EQ(demand_.Best(0), 1u);
}

TEST_F(LayerDemandTest, WhatOneViewerSeesKeepsNothingFromAnother) {
  Run(AtMost(2), LayerSet(0b101), kSettled);
  EXPECT_EQ(sent_, LayerSet(0b101));
  // Only the two lowest, whatever is wanted.
  Run([](LayerSet wanted) { return wanted & LayerSet(0b011); }, LayerSet(0b101), kSettled);
  EXPECT_EQ(sent_, LayerSet(0b011));
  EXPECT_EQ(demand_.Best(2), 1u);
}

TEST_F(LayerDemandTest, WhatASenderSendsInsteadIsLeftToIt) {
  const Sender shifts = [](LayerSet wanted) {
    return wanted == LayerSet(0b101) ? LayerSet(0b011) : wanted;
  };
  Run(shifts, LayerSet(0b101), Duration::Seconds(100));
  EXPECT_EQ(demand_.wanted(), LayerSet(0b101));
  EXPECT_EQ(demand_.Best(2), 1u);
}

TEST_F(LayerDemandTest, OneThatComesAgainIsNoticedLaterAndLater) {
  Run(Never(kFull), kFull, kSettled);
  Run(Obedient, kFull, LayerDemand::kRetryAfter + kSettled);
  EXPECT_EQ(sent_, kFull);
  // Its failures are forgotten: once it has stayed away anew, the first time is as soon again.
  Run(Never(kFull), kFull, kSettled);
  EXPECT_EQ(sent_, kHalf);
  Run(Obedient, kFull, LayerDemand::kRetryAfter + kSettled);
  EXPECT_EQ(sent_, kFull);
}

TEST_F(LayerDemandTest, WhereNothingComesEverythingIsWanted) {
  Run(Never(LayerSet::All()), kHalf, Duration::Seconds(20));
  EXPECT_EQ(demand_.wanted(), LayerSet::All());
  Run(Obedient, kHalf, LayerDemand::kRetryAtMost);
  EXPECT_EQ(sent_, kHalf);
}

TEST_F(LayerDemandTest, OneThatRestsOwesNothing) {
  Run(Obedient, kFull, kSettled);
  demand_.Rest();
  EXPECT_TRUE(demand_.next_review().IsNever());
  now_ = now_ + Duration::Seconds(3600);
  demand_.Review(kFull, now_);
  EXPECT_EQ(demand_.wanted(), kFull) << "an hour of rest is no failure";
}

TEST_F(LayerDemandTest, AnOnlyLayerIsAlwaysWanted) {
  LayerDemand demand(1);
  demand.Review({}, now_);
  EXPECT_TRUE(demand.wanted().Has(0));
  EXPECT_TRUE(demand.next_review().IsNever());
}

}  // namespace
}  // namespace earshot
