#include "spatial/neighbours.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "base/random.h"

namespace earshot {
namespace {

TEST(NeighbourGraphTest, BothEndsStayTogetherThroughRandomChanges) {
  SeededRandom random(3);
  NeighbourGraph graph;
  graph.EnsureCapacity(30);
  std::set<std::pair<PersonIndex, PersonIndex>> model;
  for (int step = 0; step < 5000; ++step) {
    const PersonIndex a = random.Below(30);
    const PersonIndex b = random.Below(30);
    if (a == b) continue;
    if (Neighbour* link = graph.Find(a, b)) {
      graph.Disconnect(a, static_cast<uint32_t>(link - graph.LinksOf(a).data()));
      model.erase(std::minmax(a, b));
    } else {
      const uint32_t position = graph.Connect(a, b);
      ASSERT_EQ(graph.LinksOf(a)[position].other, b);
      model.insert(std::minmax(a, b));
    }
    size_t ends = 0;
    for (PersonIndex person = 0; person < 30; ++person) {
      for (const Neighbour& link : graph.LinksOf(person)) {
        ++ends;
        ASSERT_TRUE(model.contains(std::minmax(person, link.other)));
        ASSERT_EQ(&graph.FarEnd(graph.FarEnd(link)), &link);
      }
    }
    ASSERT_EQ(ends, 2 * model.size());
  }
}

TEST(NeighbourGraphTest, RightsAreFoundFromEitherEnd) {
  NeighbourGraph graph;
  graph.EnsureCapacity(4);
  graph.Connect(1, 3);
  const uint32_t position = graph.Connect(1, 2);
  Neighbour& link = graph.LinksOf(1)[position];
  link.rights = graph.FarEnd(link).rights_there = Rights::Only(Right::kHear);
  EXPECT_EQ(graph.RightsBetween(1, 2), (PairRights{Rights::Only(Right::kHear), {}, {}}));
  EXPECT_EQ(graph.RightsBetween(2, 1), (PairRights{{}, Rights::Only(Right::kHear), {}}));
  EXPECT_TRUE(graph.RightsBetween(2, 3).IsEmpty());
}

class ProximityTest : public ::testing::Test {
 protected:
  void Join(PersonIndex person, Point at, std::span<const PersonIndex> far_off = {}) {
    graph_.EnsureCapacity(person + 1);
    Apply(person, proximity_.Insert(Stand(person, at), far_off));
  }
  // Returns how many pairs changed.
  size_t MoveTo(PersonIndex person, Point to, std::span<const PersonIndex> far_off = {}) {
    return Apply(person, proximity_.Move(Stand(person, to), far_off));
  }
  Standing Stand(PersonIndex person, Point at) const {
    return {.position = at, .person = person, .zone = premises_.ZoneAt(at)};
  }
  Rights RightsOf(PersonIndex a, PersonIndex b) const { return graph_.RightsBetween(a, b).here; }
  size_t Apply(PersonIndex person, std::span<const RightsChange> changes) {
    uint32_t last = RightsChange::kNewLink;
    for (const RightsChange& change : changes) {
      const bool is_new = change.position == RightsChange::kNewLink;
      EXPECT_TRUE(is_new || change.position < last) << "links must come first and fall";
      const uint32_t position = is_new ? graph_.Connect(person, change.other) : change.position;
      last = is_new ? 0 : position;
      Neighbour& link = graph_.LinksOf(person)[position];
      EXPECT_EQ(link.other, change.other);
      EXPECT_TRUE(is_new || change.disconnects || change.after != link.Both());
      link.rights = graph_.FarEnd(link).rights_there = change.after.here;
      link.rights_there = graph_.FarEnd(link).rights = change.after.there;
      link.plain = graph_.FarEnd(link).plain = change.after.plain;
      if (change.disconnects) graph_.Disconnect(person, position);
    }
    return changes.size();
  }
  static FloorPlan LargePlan() {
    FloorPlan plan;
    plan.width = plan.height = 200;
    plan.zones = {{"room", {{100, 180}, {110, 180}, {110, 190}, {100, 190}}}};
    return plan;
  }

  FloorPlan plan_ = LargePlan();
  Premises premises_{plan_};
  AudibilityRules rules_{premises_};
  NeighbourGraph graph_;
  Proximity proximity_{premises_, rules_, graph_};
};

TEST_F(ProximityTest, ReportsOnlyWhatDiffersFromTheGraph) {
  Join(0, {100, 100});
  Join(1, {105, 100});
  Join(2, {180, 100});
  EXPECT_EQ(RightsOf(0, 1), Rights::All());
  EXPECT_EQ(MoveTo(0, {100, 101}), 0u);
  EXPECT_EQ(MoveTo(1, {109.5f, 101}), 1u);
  EXPECT_FALSE(RightsOf(0, 1).Has(Right::kHear));
}

TEST_F(ProximityTest, ALeapLosesAllAndFindsAll) {
  Join(0, {100, 100});
  for (uint32_t i = 1; i <= 10; ++i) Join(i, {100, 101 + static_cast<float>(i) / 10});
  Join(11, {10, 11});
  EXPECT_EQ(graph_.LinksOf(0).size(), 10u);
  EXPECT_EQ(MoveTo(0, {10, 10}), 11u);
  EXPECT_EQ(graph_.LinksOf(0).size(), 1u);
  EXPECT_EQ(RightsOf(0, 11), Rights::All());
}

// Each leap is 269 m, and ways are counted up to 4194 km.
TEST_F(ProximityTest, WhoHasWalkedVeryFarStillMissesNobody) {
  Join(0, {5, 5});
  Join(1, {6, 5});
  Join(2, {195, 194});
  for (int leap = 0; leap < 20000; ++leap) {
    MoveTo(0, leap % 2 == 0 ? Point{195, 195} : Point{5, 5});
    ASSERT_TRUE(RightsOf(0, leap % 2 == 0 ? 2 : 1).Has(Right::kHear)) << leap;
    ASSERT_TRUE(RightsOf(0, leap % 2 == 0 ? 1 : 2).IsEmpty()) << leap;
  }
}

TEST_F(ProximityTest, AStepOverAThresholdTurnsTheRightsToThoseInside) {
  Join(0, {99.9f, 185});
  Join(1, {101, 185});
  Join(2, {98, 185});
  EXPECT_EQ(graph_.LinksOf(0).size(), 2u);
  EXPECT_EQ(RightsOf(0, 1), Rights());
  EXPECT_EQ(MoveTo(0, {100.1f, 185}), 2u);
  EXPECT_EQ(RightsOf(0, 1), Rights::All());
  EXPECT_EQ(RightsOf(0, 2), Rights());
  EXPECT_EQ(MoveTo(0, {99.9f, 185}), 2u);
  EXPECT_EQ(RightsOf(0, 1), Rights());
  EXPECT_EQ(RightsOf(0, 2), Rights::All());
}

TEST_F(ProximityTest, PeopleFarOffAreLinkedOnlyWhileTheirVoicesCarry) {
  Join(0, {10, 10});
  Join(1, {190, 10});
  const PersonIndex far_off[] = {0};
  EXPECT_EQ(Apply(1, proximity_.Review(Stand(1, {190, 10}), far_off)), 0u);
  Standing loud = Stand(0, {10, 10});
  loud.Set(Voice::kMegaphone, true);
  const PersonIndex everybody[] = {1};
  EXPECT_EQ(Apply(0, proximity_.Review(loud, everybody)), 1u);
  EXPECT_TRUE(RightsOf(1, 0).Has(Right::kHear));
  EXPECT_TRUE(RightsOf(0, 1).IsEmpty());
  EXPECT_EQ(Apply(0, proximity_.Review(loud, everybody)), 0u);
  EXPECT_EQ(Apply(0, proximity_.Review(Stand(0, {10, 10}), {})), 1u);
  EXPECT_EQ(graph_.LinksOf(0).size(), 0u);
}

TEST_F(ProximityTest, SmallStepsMissNobodyInTheRing) {
  SeededRandom random(9);
  const auto unit = [&] { return static_cast<float>(random.Unit()); };
  std::vector<Point> points;
  for (PersonIndex person = 0; person < 60; ++person) {
    points.push_back({unit() * 200, unit() * 200});
    Join(person, points.back());
  }
  for (int step = 0; step < 5000; ++step) {
    const PersonIndex person = random.Below(60);
    const float length = random.Below(10) == 0 ? 60.0f : 2.0f;
    points[person].x = std::clamp(points[person].x + (unit() - 0.5f) * length, 0.0f, 200.0f);
    points[person].y = std::clamp(points[person].y + (unit() - 0.5f) * length, 0.0f, 200.0f);
    MoveTo(person, points[person]);
    for (PersonIndex other = 0; other < 60; ++other) {
      if (other == person || Distance(points[person], points[other]) > 29.99f) continue;
      ASSERT_NE(graph_.Find(person, other), nullptr);
    }
  }
}

}  // namespace
}  // namespace earshot
