// Simulcast: which layer of a camera each viewer gets, and which the sender is told to stop. Whole
// clients against the whole server, in virtual time.

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <set>

#include "space/layer_demand.h"
#include "space_link.h"

namespace earshot {
namespace {

constexpr Duration kLong = Duration::Seconds(4);

class LayersTest : public testing::Test {
 protected:
  using Person = SpaceLink::Person;

  Person& JoinSender(bool rests_unwanted = true) {
    ClientOptions options;
    options.offer.camera_layers = 3;
    options.rests_unwanted = rests_unwanted;
    Person& person = link_.Join(SpaceLink::Only(SourceKind::kCamera), options);
    link_.Walk(person, {50, 50});
    return person;
  }
  // Looks along x, away from who stands at a smaller one.
  Person& JoinViewer(Point at) {
    Person& person = link_.Join({});
    link_.Walk(person, at);
    return person;
  }
  // How many packets of each size came of the sender in the last second: the smallest of a layer,
  // which tells it.
  static std::map<size_t, size_t> Sizes(const Person& viewer, const Person& sender) {
    std::map<size_t, size_t> sizes;
    for (const SpaceLink::Received& one : viewer.received) {
      if (one.media.source != SourceId(sender.id, SourceKind::kCamera)) continue;
      ++sizes[RtpView::Parse(one.packet)->payload().size()];
    }
    return sizes;
  }
  // The layer that the viewer gets at present; nothing for none.
  std::optional<int> LayerOf(Person& viewer, const Person& sender) {
    viewer.received.clear();
    link_.Run(Duration::Seconds(1));
    const auto sizes = Sizes(viewer, sender);
    std::optional<int> layer;
    for (int i = 0; i < 3; ++i) {
      if (!sizes.contains(250 + 150 * static_cast<size_t>(i))) continue;
      EXPECT_FALSE(layer) << "two layers at a time";
      layer = i;
    }
    return layer;
  }
  // As browsers do with a layer that their camera is too small for, or their network or processor
  // does not suffice for.
  void KeepBack(const Person& sender, std::set<size_t> layers) {
    std::set<uint32_t> ssrcs;
    for (const size_t layer : layers) {
      ssrcs.insert(sender.client.session().streams()[1 + layer].ssrc);
    }
    link_.keeps_to_server = [&sender, ssrcs](const SocketAddress& from,
                                             std::vector<uint8_t>& bytes) {
      return from == sender.address && bytes.size() > 12 && bytes[0] >> 6 == 2 &&
             ssrcs.contains(LoadBigEndian<uint32_t>(bytes.data() + 8));
    };
  }
  static std::optional<WantedMessage> Wanted(const Person& person) {
    for (auto message = person.messages.rbegin(); message != person.messages.rend(); ++message) {
      if (const auto wanted = ParseWanted(*message)) return wanted;
    }
    return std::nullopt;
  }

  SpaceLink link_;
};

TEST_F(LayersTest, TheNearerTheViewerTheHigherTheLayer) {
  Person& sender = JoinSender();
  Person& near = JoinViewer({48, 50});
  Person& middle = JoinViewer({50, 56});
  Person& far = JoinViewer({59, 50});
  link_.Move(far, {{59, 50}, 3.1f});
  link_.Run(kLong);
  EXPECT_EQ(LayerOf(near, sender), 2);
  EXPECT_EQ(LayerOf(middle, sender), 1);
  EXPECT_EQ(LayerOf(far, sender), 0);
  EXPECT_EQ(link_.counters.invariant_violations.value(), 0u);
}

TEST_F(LayersTest, EveryStreamGoesOnWithoutAGapWhileLayersChange) {
  Person& sender = JoinSender();
  JoinViewer({48, 50});
  Person& walker = JoinViewer({50, 59});
  link_.Run(kLong);
  ASSERT_EQ(LayerOf(walker, sender), 0);
  walker.received.clear();
  for (const float y : {56.0f, 52.0f, 56.0f, 59.0f, 51.0f}) {
    link_.Walk(walker, {50, y});
    link_.Run(Duration::Seconds(2));
  }
  EXPECT_GT(Sizes(walker, sender).size(), 3u);
  int64_t expected = -1;
  uint32_t last_timestamp = 0;
  for (const SpaceLink::Received& one : walker.received) {
    EXPECT_FALSE(one.media.is_duplicate);
    if (expected >= 0) {
      EXPECT_EQ(one.media.extended_sequence, expected);
      EXPECT_GE(static_cast<int32_t>(one.media.timestamp - last_timestamp), 0);
    }
    expected = one.media.extended_sequence + 1;
    last_timestamp = one.media.timestamp;
  }
}

TEST_F(LayersTest, WhoTurnsAwayGetsLess) {
  Person& sender = JoinSender();
  Person& viewer = JoinViewer({48, 50});
  link_.Run(kLong);
  ASSERT_EQ(LayerOf(viewer, sender), 2);
  link_.Move(viewer, {{48, 50}, 3.1f});
  link_.Run(kLong);
  EXPECT_EQ(LayerOf(viewer, sender), 1);
}

TEST_F(LayersTest, ALayerThatNobodyNeedsIsStoppedAndStartsWhenNeeded) {
  Person& sender = JoinSender();
  Person& viewer = JoinViewer({50, 59});
  link_.Run(kLong);
  ASSERT_TRUE(Wanted(sender));
  EXPECT_EQ(Wanted(sender)->layers, LayerSet(0b001));
  EXPECT_EQ(LayerOf(viewer, sender), 0);
  link_.Walk(viewer, {50, 52});
  link_.Run(Duration::Millis(700));
  EXPECT_EQ(LayerOf(viewer, sender), 2);
  link_.Run(kLong);
  EXPECT_EQ(Wanted(sender)->layers, LayerSet(0b100));
  EXPECT_EQ(LayerOf(viewer, sender), 2);
}

TEST_F(LayersTest, ASenderThatGivesUpALayerLeavesTheNextBestOne) {
  Person& sender = JoinSender(false);
  Person& viewer = JoinViewer({50, 52});
  link_.Run(kLong);
  ASSERT_EQ(LayerOf(viewer, sender), 2);
  KeepBack(sender, {2});
  link_.Run(kLong);
  EXPECT_EQ(LayerOf(viewer, sender), 1);
  link_.keeps_to_server = nullptr;
  link_.Run(kLong);
  EXPECT_EQ(LayerOf(viewer, sender), 2);
}

TEST_F(LayersTest, WhatStandsInForALayerThatNeverComesIsNotStopped) {
  Person& sender = JoinSender();
  KeepBack(sender, {2});
  Person& viewer = JoinViewer({50, 52});
  link_.Run(kLong + Duration::Seconds(1));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(LayerOf(viewer, sender), 1);
    EXPECT_EQ(Wanted(sender)->layers, LayerSet(0b010));
    link_.Run(kLong);
  }
  link_.keeps_to_server = nullptr;
  link_.Run(LayerDemand::kRetryAfter);
  EXPECT_EQ(LayerOf(viewer, sender), 2);
  link_.Run(kLong);
  EXPECT_EQ(Wanted(sender)->layers, LayerSet(0b100));
}

TEST_F(LayersTest, NearAndFarViewersBothHavePicturesWhileTheIdealLayerNeverComes) {
  Person& sender = JoinSender();
  KeepBack(sender, {2});
  Person& near = JoinViewer({50, 52});
  Person& far = JoinViewer({59, 50});
  link_.Move(far, {{59, 50}, 3.1f});
  link_.Run(kLong + Duration::Seconds(1));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(LayerOf(near, sender), 1);
    EXPECT_EQ(LayerOf(far, sender), 0);
    link_.Run(kLong);
  }
}

TEST_F(LayersTest, WhenWhatIsWatchedEndsAnotherLayerIsAskedFor) {
  Person& sender = JoinSender();
  Person& viewer = JoinViewer({50, 52});
  link_.Run(kLong);
  ASSERT_EQ(LayerOf(viewer, sender), 2);
  ASSERT_EQ(Wanted(sender)->layers, LayerSet(0b100));
  KeepBack(sender, {2});
  link_.Run(kLong);
  EXPECT_EQ(LayerOf(viewer, sender), 1);
  KeepBack(sender, {1, 2});
  link_.Run(kLong);
  EXPECT_EQ(LayerOf(viewer, sender), 0);
}

TEST_F(LayersTest, BeyondTheRadiusAPolicyMayPause) {
  FloorPlan plan = TestPlan();
  plan.camera.pauses_beyond = true;
  link_.ReplacePlan(plan);
  Person& sender = JoinSender();
  Person& viewer = JoinViewer({50, 59});
  link_.Run(kLong);
  EXPECT_EQ(LayerOf(viewer, sender), std::nullopt);
  link_.Walk(viewer, {50, 52});
  link_.Run(Duration::Seconds(1));
  EXPECT_EQ(LayerOf(viewer, sender), 2);
}

TEST_F(LayersTest, LossesOfALayerAreRepaired) {
  Person& sender = JoinSender();
  Person& viewer = JoinViewer({48, 50});
  link_.Run(kLong);
  int dropped = 0;
  link_.keeps_from_server = [&](const SocketAddress& to, std::vector<uint8_t>& bytes) {
    return to == viewer.address && bytes.size() > 300 && ++dropped % 10 == 0;
  };
  viewer.received.clear();
  link_.Run(kLong);
  const auto repairs =
      std::count_if(viewer.received.begin(), viewer.received.end(),
                    [](const SpaceLink::Received& one) { return one.media.is_repair; });
  ASSERT_GT(dropped, 50);
  EXPECT_GE(repairs, dropped / 10 - 1);
  EXPECT_EQ(Sizes(viewer, sender).count(250), 0u) << "no other layer on the way";
}

}  // namespace
}  // namespace earshot
