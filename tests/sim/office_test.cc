#include "office.h"

#include <gtest/gtest.h>

namespace earshot::sim {
namespace {

Scenario Short(uint64_t seed) {
  Scenario scenario = Scenario::FromSeed(seed);
  scenario.length = Duration::Seconds(10);
  return scenario;
}

TEST(ScenarioTest, EverySeedDrawsAValidPlan) {
  size_t with_zones = 0;
  for (uint64_t seed = 0; seed < 500; ++seed) {
    const Scenario scenario = Scenario::FromSeed(seed);
    EXPECT_EQ(ValidateFloorPlan(scenario.space.plan), "") << "seed " << seed;
    EXPECT_GE(scenario.people, 6u);
    EXPECT_LE(scenario.people, 30u);
    with_zones += !scenario.space.plan.zones.empty();
  }
  EXPECT_GT(with_zones, 400u);
}

TEST(OfficeTest, PeopleMeetAndAreJudged) {
  Scenario scenario = Short(3);
  scenario.network = {};
  const Report report = Office(scenario).Run();
  EXPECT_EQ(report.violation_count, 0u) << report.violations[0].what;
  EXPECT_GT(report.packets_judged, 1000u);
  EXPECT_GT(report.demands_judged, 100u);
  EXPECT_EQ(report.datagrams_lost, 0u);
}

TEST(OfficeTest, ARoughNetworkIsRepaired) {
  Scenario scenario = Short(2);
  scenario.network.loss = 0.05;
  scenario.network.reordering = 0.02;
  const Report report = Office(scenario).Run();
  EXPECT_EQ(report.violation_count, 0u) << report.violations[0].what;
  EXPECT_GT(report.datagrams_lost, 100u);
  EXPECT_GT(report.repairs_arrived, 10u);
}

TEST(OfficeTest, DifferentSeedsAreDifferentRuns) {
  EXPECT_NE(Office(Short(3)).Run().digest, Office(Short(4)).Run().digest);
}

}  // namespace
}  // namespace earshot::sim
