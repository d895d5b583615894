#include "spatial/roster.h"

#include <gtest/gtest.h>

namespace earshot {
namespace {

TEST(RosterTest, IndicesAreStableAndReused) {
  Roster roster;
  const PersonIndex a = roster.Add(ParticipantId{10});
  const PersonIndex b = roster.Add(ParticipantId{20});
  roster[a].sources = SourceSet::All();
  roster.Remove(a);
  EXPECT_EQ(roster.Find(ParticipantId{10}), kNobody);
  EXPECT_EQ(roster.Find(ParticipantId{20}), b);
  const PersonIndex c = roster.Add(ParticipantId{30});
  EXPECT_EQ(c, a);
  EXPECT_EQ(roster[c].sources, SourceSet());
  EXPECT_EQ(roster[c].id, ParticipantId{30});
  EXPECT_EQ(roster.size(), 2u);
  EXPECT_EQ(roster.capacity(), 2u);
}

TEST(RosterTest, StepsAreNumberedAndForgottenWithTheirMaker) {
  Roster roster;
  const PersonIndex a = roster.Add(ParticipantId{10});
  const PersonIndex b = roster.Add(ParticipantId{20});
  roster.NoteStep(a, Timestamp::Seconds(1));
  roster.NoteStep(b, Timestamp::Seconds(1));
  EXPECT_LT(roster.LastStepOf(a).number, roster.LastStepOf(b).number);
  EXPECT_EQ(roster.LastStepOf(b).number, roster.steps());
  roster.Remove(a);
  ASSERT_EQ(roster.Add(ParticipantId{30}), a);
  EXPECT_EQ(roster.LastStepOf(a).time, Timestamp::LongAgo());
}

TEST(RosterTest, AnIdIsTakenOnce) {
  Roster roster;
  const PersonIndex a = roster.Add(ParticipantId{10});
  EXPECT_EQ(roster.Add(ParticipantId{10}), kNobody);
  EXPECT_EQ(roster.Find(ParticipantId{10}), a);
  EXPECT_EQ(roster.size(), 1u);
}

}  // namespace
}  // namespace earshot
