#include "forwarding/keyframe_requester.h"

#include <gtest/gtest.h>

#include <vector>

namespace earshot {
namespace {

constexpr Timestamp kStart = Timestamp::Seconds(100);

// When requests go out of one that is asked at each of its deadlines until `end`.
std::vector<Duration> RequestsUntil(KeyframeRequester& requester, Timestamp end) {
  std::vector<Duration> requests;
  while (requester.NextDeadline() < end) {
    const Timestamp now = requester.NextDeadline();
    if (requester.TakeDue(now)) requests.push_back(now - kStart);
    EXPECT_GT(requester.NextDeadline(), now);
  }
  return requests;
}

TEST(KeyframeRequesterTest, NobodyWantsOneAtFirst) {
  KeyframeRequester requester;
  EXPECT_TRUE(requester.NextDeadline().IsNever());
  EXPECT_FALSE(requester.TakeDue(kStart));
}

TEST(KeyframeRequesterTest, TheFirstWishIsPassedOnAtOnce) {
  KeyframeRequester requester;
  requester.Want(kStart);
  EXPECT_EQ(requester.NextDeadline(), kStart);
  EXPECT_TRUE(requester.TakeDue(kStart));
  EXPECT_FALSE(requester.TakeDue(kStart));
}

TEST(KeyframeRequesterTest, R16_TwoHundredListenersShareOneRequest) {
  KeyframeRequester requester;
  size_t requests = 0;
  for (int listener = 0; listener < 200; ++listener) {
    const Timestamp now = kStart + Duration::Millis(listener);
    requester.Want(now);
    requests += requester.TakeDue(now);
  }
  EXPECT_EQ(requests, 1u);
}

TEST(KeyframeRequesterTest, ARequestIsRepeatedUntilAKeyframeCame) {
  KeyframeRequester requester;
  requester.Want(kStart);
  EXPECT_EQ(RequestsUntil(requester, kStart + Duration::Millis(1100)),
            (std::vector{Duration::Zero(), Duration::Millis(500), Duration::Millis(1000)}));
  requester.HandleKeyframe();
  EXPECT_TRUE(requester.NextDeadline().IsNever());
  EXPECT_FALSE(requester.TakeDue(kStart + Duration::Seconds(10)));
}

// Whatever is wanted and whenever keyframes come: the interval counts from request to request.
TEST(KeyframeRequesterTest, R16_C9_AtMostOneRequestGoesOutIn500Milliseconds) {
  KeyframeRequester requester;
  std::vector<Timestamp> requests;
  for (int ms = 0; ms < 5000; ++ms) {
    const Timestamp now = kStart + Duration::Millis(ms);
    requester.Want(now);
    if (requester.TakeDue(now)) requests.push_back(now);
    if (ms % 7 == 0) requester.HandleKeyframe();
  }
  ASSERT_EQ(requests.size(), 10u);
  for (size_t i = 1; i < requests.size(); ++i) {
    EXPECT_GE(requests[i] - requests[i - 1], KeyframeRequester::kMinInterval);
  }
}

TEST(KeyframeRequesterTest, ASourceThatNeverAnswersIsLeftInPeaceUntilTheNextWish) {
  KeyframeRequester requester;
  requester.Want(kStart);
  EXPECT_EQ(RequestsUntil(requester, kStart + Duration::Seconds(3600)).size(),
            static_cast<size_t>(KeyframeRequester::kMaxRequests));
  EXPECT_TRUE(requester.NextDeadline().IsNever());

  const Timestamp later = kStart + Duration::Seconds(3600);
  requester.Want(later);
  EXPECT_TRUE(requester.TakeDue(later));
}

}  // namespace
}  // namespace earshot
