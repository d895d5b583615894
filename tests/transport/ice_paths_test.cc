// Two addresses of ours that one peer checks: two paths, each answered by itself.

#include <gtest/gtest.h>

#include "transport/ice_lite_fixture.h"

namespace earshot {
namespace {

using IcePathsTest = IceLiteTest;

TEST_F(IcePathsTest, EachCheckIsAnsweredByItsPath) {
  for (const uint8_t local : std::initializer_list<uint8_t>{1, 2, 1}) {
    EXPECT_FALSE(CheckWithoutNomination(home_.By(local)));
    ASSERT_EQ(out_.size(), 1u);
    EXPECT_EQ(out_[0].peer, home_.By(local));
    const auto answer = StunMessage::Parse(out_[0].bytes);
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->IntegrityMatches(server_.password));
  }
  EXPECT_EQ(ice_.Tuples().size(), 2u);
}

TEST_F(IcePathsTest, MediaTakesThePathThatWasNominated) {
  EXPECT_FALSE(CheckWithoutNomination(home_.By(1)));
  EXPECT_FALSE(Check(home_.By(2)));
  EXPECT_EQ(ice_.selected(), home_.By(2));
}

}  // namespace
}  // namespace earshot
