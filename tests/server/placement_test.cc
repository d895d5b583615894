#include "server/placement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace earshot {
namespace {

using testing::AllOf;
using testing::Each;
using testing::Ge;
using testing::Le;

std::string IdOf(size_t space) { return "space-" + std::to_string(space); }

/// A server whose workers are as busy as the test says.
class PlacementTest : public ::testing::Test {
 protected:
  void Start(std::vector<Placement::Load> loads, size_t spaces = 50) {
    loads_ = std::move(loads);
    placement_.emplace(loads_.size());
    for (size_t i = 0; i < spaces; ++i) placement_->Add({IdOf(i), {}});
  }
  /// The first one comes to the space, and stays. Where.
  size_t Open(size_t space) {
    const Placement::Destination destination = placement_->Visit(IdOf(space), loads_);
    EXPECT_TRUE(destination.opens);
    Arrive(space, destination.worker);
    return destination.worker;
  }
  void Arrive(size_t space, size_t worker) {
    placement_->EndVisit(IdOf(space));
    ++loads_[worker].participants;
  }
  std::vector<size_t> OpenAll(size_t spaces) {
    std::vector<size_t> per_worker(loads_.size());
    for (size_t i = 0; i < spaces; ++i) ++per_worker[Open(i)];
    return per_worker;
  }

  std::vector<Placement::Load> loads_;
  std::optional<Placement> placement_;
};

TEST_F(PlacementTest, ASpaceOpensWhereThereIsLeastToDo) {
  Start({{.busy = 700}, {.busy = 100}, {.busy = 400}});
  EXPECT_EQ(Open(0), 1u);
}

TEST_F(PlacementTest, AmongEquallyBusyOnesItOpensWhereFewestPeopleAre) {
  Start({{100, 50}, {100, 20}, {100, 30}});
  EXPECT_EQ(Open(0), 1u);
}

TEST_F(PlacementTest, AmongEqualsTheFirstIsTaken) {
  Start({{100, 5}, {100, 5}});
  EXPECT_EQ(Open(0), 0u);
}

TEST_F(PlacementTest, ManyWhoOnlyListenWeighLessThanFewWhoKeepAWorkerBusy) {
  Start({{.busy = 600, .participants = 60}, {.busy = 30, .participants = 250}});
  EXPECT_EQ(Open(0), 1u);
}

TEST_F(PlacementTest, WhatOpensAtOnceSpreadsOut) {
  for (const size_t workers : {1u, 2u, 4u, 7u}) {
    Start(std::vector<Placement::Load>(workers));
    EXPECT_THAT(OpenAll(50), Each(AllOf(Ge(50 / workers), Le(50 / workers + 1)))) << workers;
  }
}

TEST_F(PlacementTest, WhatOpensAtOnceFillsUpWhoHasLessToDo) {
  Start({{.busy = 200}, {.busy = 0}});
  const std::vector<size_t> opened = OpenAll(50);
  EXPECT_GT(opened[0], 10u) << "those on the other one have not been measured yet, but count";
  EXPECT_GT(opened[1], opened[0] + 10);
}

TEST_F(PlacementTest, WhoIsStillOnTheWayCounts) {
  Start({{}, {}});
  EXPECT_EQ(Open(0), 0u);
  EXPECT_EQ(Open(1), 1u);
  for (int i = 0; i < 10; ++i) placement_->Visit(IdOf(0), loads_);
  EXPECT_EQ(Open(2), 1u);
  EXPECT_EQ(Open(3), 1u);
}

TEST_F(PlacementTest, ASpaceStaysWhereItIsUntilItIsEmpty) {
  Start({{}, {}});
  ASSERT_EQ(Open(0), 0u);
  loads_[0].busy = 1000;
  const Placement::Destination again = placement_->Visit(IdOf(0), loads_);
  EXPECT_EQ(again.worker, 0u);
  EXPECT_FALSE(again.opens) << "it is open";
  EXPECT_FALSE(placement_->MayVacate(IdOf(0))) << "somebody is on the way";
  placement_->EndVisit(IdOf(0));
  ASSERT_TRUE(placement_->MayVacate(IdOf(0)));
  placement_->Vacate({IdOf(0), {}});
  EXPECT_EQ(Open(0), 1u);
}

TEST_F(PlacementTest, AnOnlyWorkerKeepsItsSpaces) {
  Start({{}});
  Open(0);
  EXPECT_FALSE(placement_->MayVacate(IdOf(0)));
  EXPECT_FALSE(placement_->Visit(IdOf(0), loads_).opens) << "it is open still";
}

TEST_F(PlacementTest, AnEmptySpaceWeighsNothing) {
  Start({{}, {}});
  ASSERT_EQ(Open(0), 0u);
  placement_->Vacate({IdOf(0), {}});
  loads_[0].participants = 0;
  EXPECT_EQ(Open(1), 0u);
}

TEST_F(PlacementTest, ASpaceOpensAsItWasLeft) {
  Start({{}});
  Open(0);
  FloorPlan plan;
  plan.width = 77;
  placement_->Vacate({IdOf(0), plan});
  const Placement::Destination again = placement_->Visit(IdOf(0), loads_);
  ASSERT_TRUE(again.opens);
  EXPECT_EQ(again.opens->id, IdOf(0));
  EXPECT_EQ(again.opens->plan.width, 77);
}

TEST_F(PlacementTest, OnlySpacesThatWereAddedAreThere) {
  Start({{}}, 1);
  EXPECT_TRUE(placement_->Has("space-0"));
  EXPECT_FALSE(placement_->Has("space-1"));
  EXPECT_FALSE(placement_->Has(""));
}

}  // namespace
}  // namespace earshot
