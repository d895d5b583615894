// What an SCTP association sends besides data, and when it needs no time at all.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "transport/sctp_link.h"

namespace earshot {
namespace {

using testing::SizeIs;

TEST(SctpAcknowledgementTest, AQuietAssociationAsksForNoTicks) {
  AssociationPair pair;
  ASSERT_TRUE(pair.Connect());
  ASSERT_TRUE(pair.Send(kClient, 0, Numbered(0)));
  pair.RunFor(Duration::Seconds(1));
  EXPECT_TRUE(pair.associations[kClient]->NextDeadline().IsNever());
  EXPECT_TRUE(pair.associations[kServer]->NextDeadline().IsNever());
  const size_t packets = pair.packets_sent();
  pair.RunFor(Duration::Seconds(3600));
  EXPECT_EQ(pair.packets_sent(), packets);
}

// RFC 9260 section 6.2.
TEST(SctpAcknowledgementTest, EverySecondPacketIsAcknowledgedAtOnce) {
  AssociationPair pair({.delay = Duration::Millis(1)});
  ASSERT_TRUE(pair.Connect());
  pair.Send(kClient, 0, Numbered(0));  // the very first is acknowledged at once, too
  pair.RunFor(Duration::Seconds(1));
  size_t acks = 0;
  pair.filter = [&](size_t side, std::vector<uint8_t>&) {
    acks += side == kServer;
    return true;
  };
  for (uint32_t i = 0; i < 100; ++i) {
    pair.Send(kClient, 0, Numbered(i));
    pair.RunFor(Duration::Millis(5));
    EXPECT_EQ(acks, (i + 1) / 2);
  }
}

TEST(SctpAcknowledgementTest, ALonePacketIsAcknowledgedBeforeThePeerRepeatsIt) {
  AssociationPair pair({.delay = Duration::Millis(50)});
  ASSERT_TRUE(pair.Connect());
  for (uint32_t i = 0; i < 10; ++i) {
    pair.RunFor(Duration::Millis(1000 + 7 * i));
    const size_t before = pair.packets_sent();
    pair.Send(kClient, 0, Numbered(i));
    pair.RunFor(Duration::Seconds(1));
    EXPECT_EQ(pair.packets_sent() - before, 2u) << "the packet and its acknowledgement";
  }
}

// RFC 9260 section 8.3.
TEST(SctpAcknowledgementTest, S13_AProbeIsAnsweredOnceAndNobodyWaitsForTheAnswer) {
  AssociationPair pair;
  pair.associations[kServer]->Probe(pair.output(kServer));
  EXPECT_TRUE(pair.output(kServer).packets.empty()) << "there is nobody to ask yet";
  ASSERT_TRUE(pair.Connect());
  pair.RunFor(Duration::Seconds(1));
  for (const size_t side : {kClient, kServer}) {
    const size_t before = pair.packets_sent();
    pair.associations[side]->Probe(pair.output(side));
    EXPECT_TRUE(pair.associations[side]->NextDeadline().IsNever());
    pair.Collect(side);
    pair.RunFor(Duration::Seconds(1));
    EXPECT_EQ(pair.packets_sent() - before, 2u);
    EXPECT_TRUE(pair.associations[side]->NextDeadline().IsNever());
  }
  ASSERT_TRUE(pair.Send(kServer, 0, Numbered(1)));
  pair.RunFor(Duration::Seconds(1));
  EXPECT_THAT(pair.output(kClient).messages, SizeIs(1));
  EXPECT_THAT(pair.drops(kClient), SizeIs(0));
  EXPECT_THAT(pair.drops(kServer), SizeIs(0));
}

TEST(SctpAcknowledgementTest, AcknowledgementsGoWithDataWhereThereIsSome) {
  AssociationPair pair({.delay = Duration::Millis(1)});
  ASSERT_TRUE(pair.Connect());
  size_t before = 0;
  for (uint32_t i = 0; i < 100; ++i) {
    if (i == 10) before = pair.packets_sent();
    const size_t side = i % 2 == 0 ? kClient : kServer;
    pair.Send(side, 0, Numbered(i));
    pair.RunFor(Duration::Millis(20));
  }
  EXPECT_EQ(pair.packets_sent() - before, 90u);
  EXPECT_THAT(pair.output(kServer).messages, SizeIs(50));
  EXPECT_THAT(pair.output(kClient).messages, SizeIs(50));
}

}  // namespace
}  // namespace earshot
