#include "spatial/demand.h"

#include <gtest/gtest.h>

#include "spatial/router_driver.h"

namespace earshot {
namespace {

constexpr SourceSet kMicAndCamera(0b0011);

TEST(DemandTest, WhoIsAloneNeedNotSendAfterAWhile) {
  RouterDriver office;
  office.JoinWith(1, {5, 5}, kMicAndCamera);
  EXPECT_EQ(office.router().WantedOf(Id(1)), SourceSet::All());
  office.Pass(Duration::Seconds(3));
  EXPECT_FALSE(office.router().WantedOf(Id(1)).Has(SourceKind::kMic));
  EXPECT_FALSE(office.router().WantedOf(Id(1)).Has(SourceKind::kCamera));
  EXPECT_TRUE(office.router().NextDeadline().IsNever()) << "and nobody looks again";
}

TEST(DemandTest, WhoIsHeardGoesOn) {
  RouterDriver office;
  office.JoinWith(1, {5, 5}, kMicAndCamera);
  office.JoinWith(2, {8, 5}, SourceSet());
  office.Pass(Duration::Seconds(10));
  EXPECT_EQ(office.router().WantedOf(Id(1)), SourceSet::All());
}

TEST(DemandTest, WhoComesNearIsAwaited) {
  RouterDriver office;
  office.JoinWith(1, {2, 5}, kMicAndCamera);
  office.Join(2, {30, 5});
  office.Pass(Duration::Seconds(3));
  ASSERT_FALSE(office.router().WantedOf(Id(1)).Has(SourceKind::kMic));
  // Not yet in earshot, but within the margin.
  for (float x = 29; x > 13; --x) office.WalkTo(2, {x, 5});
  ASSERT_FALSE(office.Hears(2, MicOf(1)));
  office.Pass(Demand::kInterval);
  EXPECT_EQ(office.router().WantedOf(Id(1)), SourceSet::All());
}

TEST(DemandTest, ASlotIsFilledByWhoIsWantedAtOnce) {
  RouterDriver office;
  office.JoinWith(1, {2, 5}, kMicAndCamera);
  office.Join(2, {30, 5}, {24, 16}, 0, {.beam = true});
  office.Pass(Duration::Seconds(3));
  ASSERT_FALSE(office.router().WantedOf(Id(1)).Has(SourceKind::kMic));
  ASSERT_EQ(office.Beam(2, 1), Outcome::kDone);
  EXPECT_TRUE(office.Hears(2, MicOf(1)));
  EXPECT_EQ(office.router().WantedOf(Id(1)), SourceSet::All());
}

TEST(DemandTest, AClosedRoomWantsNothingFromOutside) {
  FloorPlan plan;
  plan.zones.push_back({"Booth", {{10, 3}, {14, 3}, {14, 7}, {10, 7}}});
  RouterDriver office(plan);
  office.JoinWith(1, {9, 5}, kMicAndCamera);
  office.JoinWith(2, {11, 5}, kMicAndCamera);
  office.Pass(Duration::Seconds(3));
  EXPECT_FALSE(office.router().WantedOf(Id(1)).Has(SourceKind::kMic));
  EXPECT_FALSE(office.router().WantedOf(Id(2)).Has(SourceKind::kMic));
}

TEST(DemandTest, WhatIsSwitchedOnIsWantedUntilItIsKnownBetter) {
  RouterDriver office;
  office.JoinWith(1, {5, 5}, kMicAndCamera);
  office.Pass(Duration::Seconds(3));
  office.SetSources(1, SourceSet());
  office.SetSources(1, kMicAndCamera);
  EXPECT_EQ(office.router().WantedOf(Id(1)), SourceSet::All());
  office.Pass(Duration::Seconds(3));
  EXPECT_FALSE(office.router().WantedOf(Id(1)).Has(SourceKind::kMic));
}

TEST(DemandTest, AStepToAndFroDoesNotStopAnything) {
  RouterDriver office;
  office.JoinWith(1, {2, 5}, kMicAndCamera);
  office.Join(2, {9, 5});
  office.Pass(Duration::Seconds(3));
  for (int i = 0; i < 10; ++i) {
    office.WalkTo(2, {i % 2 == 0 ? 20.0f : 9.0f, 5});
    office.Pass(Duration::Millis(300));
    ASSERT_EQ(office.router().WantedOf(Id(1)), SourceSet::All());
  }
}

TEST(DemandTest, AThousandPeopleAreLookedAtInParts) {
  FloorPlan plan;
  plan.width = plan.height = 1000;
  RouterDriver office(plan);
  for (uint32_t id = 1; id <= 1000; ++id) {
    office.JoinWith(id, {static_cast<float>(id % 32) * 30 + 1, static_cast<float>(id) / 32 * 30},
                    kMicAndCamera);
  }
  office.Pass(Duration::Seconds(4));
  size_t wanted = 0;
  for (uint32_t id = 1; id <= 1000; ++id) {
    wanted += office.router().WantedOf(Id(id)).Has(SourceKind::kMic);
  }
  EXPECT_LT(wanted, 40u);
}

}  // namespace
}  // namespace earshot
