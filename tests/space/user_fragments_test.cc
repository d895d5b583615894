#include "space/user_fragments.h"

#include <gtest/gtest.h>

#include <vector>

#include "wire/stun.h"

namespace earshot {
namespace {

std::vector<uint8_t> Message(const std::string& username,
                             StunClass message_class = StunClass::kRequest) {
  std::vector<uint8_t> bytes(256);
  StunWriter writer(bytes, message_class, kStunBindingMethod, {});
  if (!username.empty()) writer.Username(username);
  bytes.resize(writer.Finish("password"));
  return bytes;
}

TEST(UserFragmentsTest, S3_ACheckIsForWhoseUserFragmentItNames) {
  SeededRandom random(1);
  UserFragments fragments;
  const std::string ada = fragments.Make(ParticipantId{1}, random).ufrag;
  const std::string bob = fragments.Make(ParticipantId{2}, random).ufrag;
  using Found = std::variant<ParticipantId, DropReason>;
  EXPECT_EQ(fragments.Find(Message(ada + ":x")), Found(ParticipantId{1}));
  EXPECT_EQ(fragments.Find(Message(bob + ":x")), Found(ParticipantId{2}));
  EXPECT_EQ(fragments.Find(Message("nobody:x")), Found(DropReason::kStunUnknownUfrag));
  EXPECT_EQ(fragments.Find(Message("", StunClass::kIndication)),
            Found(DropReason::kStunUnexpected));
  EXPECT_EQ(fragments.Find(std::vector<uint8_t>(20, 1)), Found(DropReason::kStunMalformed));
  fragments.Erase(ada);
  EXPECT_EQ(fragments.Find(Message(ada + ":x")), Found(DropReason::kStunUnknownUfrag));
}

TEST(UserFragmentsTest, S18_TwoThatAreDrawnAlikeDoNotMeet) {
  // Generators of one seed draw the same.
  SeededRandom first(3), second(3);
  UserFragments fragments;
  EXPECT_NE(fragments.Make(ParticipantId{1}, first).ufrag,
            fragments.Make(ParticipantId{2}, second).ufrag);
}

}  // namespace
}  // namespace earshot
