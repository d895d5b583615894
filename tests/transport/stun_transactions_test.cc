#include "transport/stun_transactions.h"

#include <gtest/gtest.h>

namespace earshot {
namespace {

using Sighting = StunTransactions::Sighting;

const SocketAddress kHome = *SocketAddress::FromLiteral("192.0.2.10", 5000);
const SocketAddress kOther = *SocketAddress::FromLiteral("192.0.2.20", 5000);
const SocketAddress kThird = *SocketAddress::FromLiteral("192.0.2.30", 5000);

StunTransactionId Id(uint8_t number) { return {number}; }

TEST(StunTransactionsTest, S11_ATransactionIsFreshOnceWhereItComesFrom) {
  StunTransactions transactions;
  EXPECT_EQ(transactions.See(Id(1), kHome, false), Sighting::kFresh);
  EXPECT_EQ(transactions.See(Id(1), kHome, false), Sighting::kRepeated);
  EXPECT_EQ(transactions.See(Id(1), kHome, true), Sighting::kRepeated);
  EXPECT_EQ(transactions.See(Id(2), kHome, true), Sighting::kFresh);
}

TEST(StunTransactionsTest, S11_FromElsewhereItCountsNowhereButAtAProvenAddress) {
  StunTransactions transactions;
  transactions.See(Id(1), kOther, false);
  EXPECT_EQ(transactions.See(Id(1), kThird, false), Sighting::kFromElsewhere);
  EXPECT_EQ(transactions.See(Id(1), kThird, false), Sighting::kFromElsewhere);
  EXPECT_EQ(transactions.See(Id(1), kHome, true), Sighting::kFresh);
  EXPECT_EQ(transactions.See(Id(1), kHome, true), Sighting::kRepeated) << "once";
  EXPECT_EQ(transactions.See(Id(1), kThird, true), Sighting::kRepeated) << "and at one";
}

TEST(StunTransactionsTest, S11_TheLastSixtyFourAreRemembered) {
  StunTransactions transactions;
  for (uint8_t i = 0; i < 64; ++i) transactions.See(Id(i), kHome, true);
  EXPECT_EQ(transactions.See(Id(0), kHome, true), Sighting::kRepeated);
  EXPECT_EQ(transactions.See(Id(64), kHome, true), Sighting::kFresh);
  EXPECT_EQ(transactions.See(Id(0), kHome, true), Sighting::kFresh);
}

}  // namespace
}  // namespace earshot
