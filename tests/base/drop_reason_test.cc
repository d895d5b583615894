#include "base/drop_reason.h"

#include <gtest/gtest.h>

#include <set>
#include <string_view>

namespace earshot {
namespace {

TEST(DropReasonTest, EveryReasonHasItsOwnMetricLabel) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < kDropReasonCount; ++i) {
    const std::string_view name = DropReasonName(static_cast<DropReason>(i));
    EXPECT_FALSE(name.empty());
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), name.npos) << name;
    EXPECT_TRUE(names.insert(name).second) << name;
  }
}

TEST(DropReasonTest, LabelsStandInTheOrderOfTheReasons) {
  EXPECT_EQ(DropReasonName(DropReason::kDemux), "demux");
  EXPECT_EQ(DropReasonName(DropReason::kStunRoleConflict), "stun_role_conflict");
  EXPECT_EQ(DropReasonName(DropReason::kRtpMalformed), "rtp_malformed");
  EXPECT_EQ(DropReasonName(DropReason::kSctpMalformed), "sctp_malformed");
  EXPECT_EQ(DropReasonName(DropReason::kTransportClosed), "transport_closed");
}

}  // namespace
}  // namespace earshot
