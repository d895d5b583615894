#include "spatial/floor.h"

#include <gtest/gtest.h>

namespace earshot {
namespace {

TEST(FloorTest, PeopleWhoseStandingsChangeTogetherAreJudgedTogether) {
  FloorPlan plan;
  plan.bubble_transmission = 0;
  Floor floor(plan, {});
  RoutingOutput out;
  Turn turn{Timestamp::Seconds(1), out};
  const PersonIndex a = floor.Add(turn, ParticipantId{1}, {{5, 5}}, {}, {});
  const PersonIndex b = floor.Add(turn, ParticipantId{2}, {{12, 5}}, {}, {});
  turn.now = Timestamp::Seconds(2);
  floor.Walk(turn, b, {{13.5f, 5}, 0});
  ASSERT_TRUE(floor.MayReceive(a, b, Right::kHear)) << "between the radii";
  floor.roster()[a].standing.bubble = floor.roster()[b].standing.bubble = 1;
  const PersonIndex both[] = {a, b};
  floor.ReviewAll(turn, both);
  EXPECT_TRUE(floor.MayReceive(a, b, Right::kHear));
  floor.roster()[a].standing.bubble = kNoBubble;
  floor.Review(turn, a);
  EXPECT_FALSE(floor.MayReceive(a, b, Right::kHear));
}

}  // namespace
}  // namespace earshot
