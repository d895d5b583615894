#include "spatial/requests.h"

#include <gtest/gtest.h>

namespace earshot {
namespace {

constexpr ParticipantId kAnn{1};
constexpr Timestamp kNow = Timestamp::Seconds(100);

TEST(RequestsTest, TheSameRequestWaitsOnce) {
  Person asked;
  EXPECT_EQ(FileRequest(asked, RequestKind::kCall, kAnn, kNow), Outcome::kDone);
  EXPECT_EQ(FileRequest(asked, RequestKind::kCall, kAnn, kNow), Outcome::kNothingToDo);
  EXPECT_EQ(FileRequest(asked, RequestKind::kBubble, kAnn, kNow), Outcome::kDone);
  DropRequest(asked, RequestKind::kCall, kAnn);
  EXPECT_FALSE(HasRequest(asked, RequestKind::kCall, kAnn, kNow));
  EXPECT_TRUE(HasRequest(asked, RequestKind::kBubble, kAnn, kNow));
}

TEST(RequestsTest, ARequestIsForgottenAfterItsLifetime) {
  Person asked;
  FileRequest(asked, RequestKind::kCall, kAnn, kNow);
  const Timestamp end = kNow + kRequestLifetime;
  EXPECT_TRUE(HasRequest(asked, RequestKind::kCall, kAnn, end - Duration::Micros(1)));
  EXPECT_FALSE(HasRequest(asked, RequestKind::kCall, kAnn, end));
  EXPECT_EQ(FileRequest(asked, RequestKind::kCall, kAnn, end), Outcome::kDone);
}

TEST(RequestsTest, E7_NobodyIsBuriedUnderRequests) {
  Person asked;
  for (uint32_t from = 1; from <= kMaxRequests; ++from) {
    ASSERT_EQ(FileRequest(asked, RequestKind::kCall, ParticipantId{from}, kNow), Outcome::kDone);
  }
  EXPECT_EQ(FileRequest(asked, RequestKind::kCall, ParticipantId{99}, kNow), Outcome::kFull);
  EXPECT_EQ(FileRequest(asked, RequestKind::kCall, ParticipantId{99}, kNow + kRequestLifetime),
            Outcome::kDone);
}

}  // namespace
}  // namespace earshot
