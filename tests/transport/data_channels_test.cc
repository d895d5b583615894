#include "transport/data_channels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "transport/dcep.h"
#include "transport/sctp_link.h"

namespace earshot {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Duration kAWhile = Duration::Millis(300);

std::string TextOf(const ChannelMessage& message) {
  return std::string(message.bytes.begin(), message.bytes.end());
}
std::vector<std::string> TextsOf(const std::vector<ChannelMessage>& messages) {
  std::vector<std::string> texts;
  for (const ChannelMessage& message : messages) texts.push_back(TextOf(message));
  return texts;
}
std::vector<uint16_t> ClosedOf(const ChannelOutput& out) {
  std::vector<uint16_t> channels;
  for (const ChannelClosed& closed : out.closed) channels.push_back(closed.channel);
  return channels;
}

TEST(DataChannelsTest, AnOpenedChannelAppearsOnTheOtherSideWithItsLabel) {
  ChannelPair pair;
  ASSERT_TRUE(pair.Connect());
  const auto channel = pair.Open(kClient, "events");
  ASSERT_TRUE(channel);
  pair.RunFor(kAWhile);
  ASSERT_THAT(pair.output(kServer).opened, SizeIs(1));
  EXPECT_EQ(pair.output(kServer).opened[0].channel, *channel);
  EXPECT_EQ(pair.output(kServer).opened[0].label, "events");
  EXPECT_THAT(pair.output(kClient).opened, IsEmpty());
}

TEST(DataChannelsTest, TheClientOpensEvenAndTheServerOddChannels) {
  ChannelPair pair;
  ASSERT_TRUE(pair.Connect());
  EXPECT_EQ(pair.Open(kClient, "a"), 0);
  EXPECT_EQ(pair.Open(kClient, "b"), 2);
  EXPECT_EQ(pair.Open(kServer, "c"), 1);
  EXPECT_EQ(pair.Open(kServer, "d"), 3);
}

TEST(DataChannelsTest, AChannelMayBeOpenedBeforeTheAssociationIsUp) {
  ChannelPair pair;
  const auto channel = pair.Open(kClient, "early");
  ASSERT_TRUE(channel);
  EXPECT_FALSE(pair.Send(kClient, *channel, true, "too early"));
  ASSERT_TRUE(pair.Connect());
  pair.RunFor(kAWhile);
  EXPECT_THAT(pair.output(kServer).opened, SizeIs(1));
}

TEST(DataChannelsTest, MessagesMayFollowTheOpenAtOnce) {
  ChannelPair pair({.delay = Duration::Millis(10), .jitter = Duration::Millis(40)});
  ASSERT_TRUE(pair.Connect());
  const auto channel = pair.Open(kClient, "now", {.ordered = false, .max_retransmits = {}});
  for (const char* text : {"1", "2", "3"}) ASSERT_TRUE(pair.Send(kClient, *channel, true, text));
  pair.RunFor(Duration::Seconds(2));
  EXPECT_THAT(TextsOf(pair.output(kServer).messages), ElementsAre("1", "2", "3"));
  EXPECT_THAT(pair.drops(kServer), IsEmpty());
}

TEST(DataChannelsTest, TextAndBinaryFlowBothWays) {
  ChannelPair pair;
  ASSERT_TRUE(pair.Connect());
  const auto channel = pair.Open(kServer, "chat");
  pair.RunFor(kAWhile);
  ASSERT_TRUE(pair.Send(kServer, *channel, true, "Hallo"));
  ASSERT_TRUE(pair.Send(kClient, *channel, false, std::string("\0\1", 2)));
  pair.RunFor(kAWhile);
  ASSERT_THAT(pair.output(kClient).messages, SizeIs(1));
  EXPECT_TRUE(pair.output(kClient).messages[0].text);
  EXPECT_EQ(TextOf(pair.output(kClient).messages[0]), "Hallo");
  ASSERT_THAT(pair.output(kServer).messages, SizeIs(1));
  EXPECT_FALSE(pair.output(kServer).messages[0].text);
  EXPECT_EQ(TextOf(pair.output(kServer).messages[0]), std::string("\0\1", 2));
}

TEST(DataChannelsTest, T7_EmptyMessagesArriveEmptyAndKeepTheirKind) {
  ChannelPair pair;
  ASSERT_TRUE(pair.Connect());
  const auto channel = pair.Open(kClient, "empty");
  ASSERT_TRUE(pair.Send(kClient, *channel, true, ""));
  ASSERT_TRUE(pair.Send(kClient, *channel, false, ""));
  pair.RunFor(kAWhile);
  ASSERT_THAT(pair.output(kServer).messages, SizeIs(2));
  EXPECT_TRUE(pair.output(kServer).messages[0].text);
  EXPECT_FALSE(pair.output(kServer).messages[1].text);
  EXPECT_THAT(pair.output(kServer).messages[0].bytes, IsEmpty());
  EXPECT_THAT(pair.output(kServer).messages[1].bytes, IsEmpty());
}

TEST(DataChannelsTest, SendingOnAnUnknownChannelFails) {
  ChannelPair pair;
  ASSERT_TRUE(pair.Connect());
  EXPECT_FALSE(pair.Send(kClient, 8, true, "?"));
}

TEST(DataChannelsTest, T14_ReliableMessagesArriveInOrderExactlyOnceUnderLoss) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    ChannelPair pair({.seed = seed,
                      .loss = 0.3 * static_cast<double>(seed % 4) / 3,
                      .delay = Duration::Millis(25),
                      .jitter = Duration::Millis(20)});
    const auto channel = pair.Open(kClient, "log");
    ASSERT_TRUE(pair.Connect());
    std::vector<std::string> sent;
    for (int i = 0; i < 40; ++i) {
      sent.push_back(std::to_string(i));
      ASSERT_TRUE(pair.Send(kClient, *channel, true, sent.back()));
      pair.RunFor(Duration::Millis(20));
    }
    pair.RunFor(Duration::Seconds(60));
    EXPECT_THAT(pair.output(kServer).opened, SizeIs(1));
    EXPECT_EQ(TextsOf(pair.output(kServer).messages), sent);
  }
}

TEST(DataChannelsTest, T14_At5PercentLossAMessageIsLateByAtMostThreeSeconds) {
  ChannelPair pair({.seed = 11, .loss = 0.05, .delay = Duration::Millis(25)});
  ASSERT_TRUE(pair.Connect());
  const auto channel = pair.Open(kClient, "log");
  constexpr int kMessages = 1000;
  int late = 0;
  for (int i = 0; i < kMessages; ++i) {
    const Timestamp sent = pair.now();
    pair.Send(kClient, *channel, true, std::to_string(i));
    const auto arrived = [&] { return pair.output(kServer).messages.size() > size_t(i); };
    if (!pair.RunUntil(sent + Duration::Seconds(3), arrived)) ++late;
  }
  EXPECT_LE(late, kMessages / 100);
}

TEST(DataChannelsTest, UnreliableChannelsGoOnAfterALoss) {
  ChannelPair pair;
  ASSERT_TRUE(pair.Connect());
  const auto channel = pair.Open(kClient, "pose", {.ordered = false, .max_retransmits = 0});
  pair.RunFor(kAWhile);
  pair.set_loss(1);
  pair.Send(kClient, *channel, false, "old");
  pair.set_loss(0);
  pair.Send(kClient, *channel, false, "new");
  pair.RunFor(Duration::Seconds(5));
  EXPECT_THAT(TextsOf(pair.output(kServer).messages), ElementsAre("new"));
}

TEST(DataChannelsTest, TheOtherSideAnswersWithTheSameReliability) {
  ChannelPair pair;
  ASSERT_TRUE(pair.Connect());
  const auto channel = pair.Open(kClient, "pose", {.ordered = false, .max_retransmits = 0});
  pair.RunFor(kAWhile);
  pair.set_loss(1);
  pair.Send(kServer, *channel, false, "old");
  pair.set_loss(0);
  pair.Send(kServer, *channel, false, "new");
  pair.RunFor(Duration::Seconds(5));
  EXPECT_THAT(TextsOf(pair.output(kClient).messages), ElementsAre("new"));
}

TEST(DataChannelsTest, ClosingReachesTheOtherSideAfterTheLastMessage) {
  ChannelPair pair;
  ASSERT_TRUE(pair.Connect());
  const auto channel = pair.Open(kClient, "brief");
  pair.Send(kClient, *channel, true, "last words");
  pair.channels[kClient]->Close(*channel, pair.now(), pair.output(kClient));
  pair.Collect(kClient);
  pair.RunFor(Duration::Seconds(1));
  EXPECT_THAT(TextsOf(pair.output(kServer).messages), ElementsAre("last words"));
  EXPECT_THAT(ClosedOf(pair.output(kServer)), ElementsAre(*channel));
  EXPECT_FALSE(pair.Send(kServer, *channel, true, "?"));
  EXPECT_FALSE(pair.Send(kClient, *channel, true, "?"));
}

TEST(DataChannelsTest, T6_SixteenChannelsAreTheLimitForOurselves) {
  ChannelPair pair;
  ASSERT_TRUE(pair.Connect());
  for (size_t i = 0; i < DataChannels::kMaxChannels; ++i) ASSERT_TRUE(pair.Open(kClient, "x"));
  EXPECT_FALSE(pair.Open(kClient, "one too many"));
}

TEST(DataChannelsTest, T6_LabelsOfOurOwnAreChecked) {
  ChannelPair pair;
  ASSERT_TRUE(pair.Connect());
  EXPECT_TRUE(pair.Open(kClient, std::string(256, 'x')));
  EXPECT_FALSE(pair.Open(kClient, std::string(257, 'x')));
  EXPECT_FALSE(pair.Open(kClient, "\xff"));
}

// A bare association against data channels: a peer that may say anything.
class RawPeer {
 public:
  RawPeer() : channels_(false, now()), association_(SctpAssociation::Create(now())) {
    channels_.Start(now(), out);
    association_->Connect(now(), raw_out_);
    Run(Duration::Millis(200));
    EXPECT_TRUE(channels_.connected());
  }

  void Send(uint16_t stream, ByteView message, uint32_t ppid = 50) {
    EXPECT_TRUE(
        association_->Send(stream, static_cast<SctpPpid>(ppid), message, {}, now_, raw_out_));
    Run(Duration::Millis(1));
  }
  void Send(uint16_t stream, std::string_view text, uint32_t ppid) {
    Send(stream, ByteView(reinterpret_cast<const uint8_t*>(text.data()), text.size()), ppid);
  }
  void Open(uint16_t stream) { Send(stream, WriteDcepOpen({.label = "raw", .protocol = ""})); }
  void Reset(uint16_t stream) {
    association_->ResetStream(stream, now_, raw_out_);
    Run(Duration::Millis(200));
  }

  void Run(Duration duration) {
    for (const Timestamp end = now_ + duration; now_ <= end; now_ = now_ + Duration::Millis(1)) {
      Exchange();
    }
  }
  Timestamp now() const { return now_; }
  DataChannels& channels() { return channels_; }
  SctpAssociation& association() { return *association_; }
  const std::vector<uint16_t>& resets() const { return raw_out_.reset_streams; }
  const std::vector<SctpMessage>& received() const { return raw_out_.messages; }

  ChannelOutput out;
  std::vector<DropReason> drops;

 private:
  void Exchange() {
    const PacketList to_channels = std::exchange(raw_out_.packets, {});
    const PacketList to_raw = std::exchange(out.packets, {});
    for (size_t i = 0; i < to_channels.size(); ++i) {
      const auto drop = channels_.HandlePacket(to_channels[i], now_, out);
      if (drop) drops.push_back(*drop);
    }
    for (size_t i = 0; i < to_raw.size(); ++i) {
      association_->HandlePacket(to_raw[i], now_, raw_out_);
    }
    channels_.HandleDeadline(now_, out);
    association_->HandleDeadline(now_, raw_out_);
  }

  Timestamp now_ = Timestamp::Seconds(1);
  DataChannels channels_;
  std::unique_ptr<SctpAssociation> association_;
  SctpOutput raw_out_;
};

TEST(DataChannelsTest, AnOpenIsAcknowledged) {
  RawPeer peer;
  peer.Open(0);
  peer.Run(kAWhile);
  ASSERT_THAT(peer.received(), SizeIs(1));
  EXPECT_EQ(peer.received()[0].stream, 0);
  EXPECT_EQ(peer.received()[0].ppid, 50u);
  EXPECT_EQ(peer.received()[0].bytes, WriteDcepAck());
}

// RFC 8832 section 6 gives odd ids to us; who numbers by the ICE role takes them nevertheless.
TEST(DataChannelsTest, AnOpenWithAnIdOfEitherParityIsTaken) {
  RawPeer peer;
  peer.Open(1);
  peer.Open(2);
  peer.Run(kAWhile);
  EXPECT_THAT(peer.out.opened, SizeIs(2));
  EXPECT_THAT(peer.resets(), IsEmpty());
  peer.Send(1, "odd", 51);
  EXPECT_THAT(TextsOf(peer.out.messages), ElementsAre("odd"));
}

TEST(DataChannelsTest, T6_AnOpenOnAnOpenChannelClosesIt) {
  RawPeer peer;
  peer.Open(0);
  peer.Open(2);
  peer.Open(0);
  peer.Run(kAWhile);
  EXPECT_THAT(ClosedOf(peer.out), ElementsAre(0));
  EXPECT_THAT(peer.resets(), ElementsAre(0));
  EXPECT_TRUE(peer.channels().connected()) << "the other channel stays";
  peer.Send(2, "still here", 51);
  EXPECT_THAT(TextsOf(peer.out.messages), ElementsAre("still here"));
}

TEST(DataChannelsTest, T6_MalformedEstablishmentMessagesCloseTheirChannel) {
  std::vector<uint8_t> beyond = WriteDcepOpen({.label = "raw", .protocol = ""});
  beyond[9] = 200;
  const std::vector<std::vector<uint8_t>> messages = {{0x03}, {0x03, 0, 0, 0, 0, 0}, beyond,
                                                      {0x07}, {0x02, 0x02},          {0x02}};
  for (const auto& message : messages) {
    RawPeer peer;
    peer.Open(0);
    peer.Send(0, message);
    peer.Run(kAWhile);
    EXPECT_THAT(ClosedOf(peer.out), ElementsAre(0)) << testing::PrintToString(message);
    EXPECT_THAT(peer.resets(), ElementsAre(0));
  }
}

TEST(DataChannelsTest, T6_ChannelsBeyondTheSixteenthAreReset) {
  RawPeer peer;
  for (uint16_t i = 0; i < 20; ++i) peer.Open(static_cast<uint16_t>(2 * i));
  peer.Run(Duration::Seconds(1));
  EXPECT_THAT(peer.out.opened, SizeIs(DataChannels::kMaxChannels));
  EXPECT_THAT(peer.resets(), testing::UnorderedElementsAre(32, 34, 36, 38));
}

TEST(DataChannelsTest, T6_TenThousandOpensLeaveTheChannelsThatWereOpenAlone) {
  RawPeer peer;
  for (uint16_t i = 0; i < 16; ++i) peer.Open(static_cast<uint16_t>(2 * i));
  peer.Run(kAWhile);
  for (int i = 0; i < 10'000; ++i) peer.Open(static_cast<uint16_t>(32 + 2 * (i % 16)));
  peer.Run(Duration::Seconds(1));
  EXPECT_THAT(peer.out.opened, SizeIs(16));
  EXPECT_THAT(peer.out.closed, IsEmpty());
  EXPECT_THAT(peer.drops, SizeIs(10'000));
}

TEST(DataChannelsTest, T7_UnknownProtocolIdentifiersAreDropped) {
  RawPeer peer;
  peer.Open(0);
  for (const uint32_t ppid : {0u, 49u, 52u, 54u, 55u, 58u, 0xffffffffu}) peer.Send(0, "x", ppid);
  peer.Send(0, "known", 53);
  EXPECT_THAT(TextsOf(peer.out.messages), ElementsAre("known"));
  EXPECT_THAT(peer.drops, SizeIs(7));
  EXPECT_THAT(peer.out.closed, IsEmpty());
}

TEST(DataChannelsTest, T6_MessagesWithoutAChannelAreDropped) {
  RawPeer peer;
  peer.Send(6, "x", 51);
  EXPECT_THAT(peer.out.messages, IsEmpty());
  EXPECT_THAT(peer.drops, ElementsAre(DropReason::kDataChannelViolation));
}

TEST(DataChannelsTest, AResetFromThePeerClosesAndIsAnsweredAndTheIdMayReturn) {
  RawPeer peer;
  for (size_t round = 1; round <= 5; ++round) {
    peer.Open(4);
    peer.Reset(4);
    EXPECT_THAT(peer.out.opened, SizeIs(round));
    EXPECT_THAT(peer.out.closed, SizeIs(round));
    EXPECT_THAT(peer.resets(), SizeIs(round));
  }
  EXPECT_THAT(peer.drops, IsEmpty());
}

TEST(DataChannelsTest, T5_OnlyMessagesUpToTheLimitAreSent) {
  ChannelPair pair;
  ASSERT_TRUE(pair.Connect());
  const auto channel = pair.Open(kClient, "big");
  EXPECT_FALSE(pair.Send(kClient, *channel, false, std::string(64 * 1024 + 1, 'x')));
  EXPECT_TRUE(pair.Send(kClient, *channel, false, std::string(64 * 1024, 'x')));
  pair.RunFor(Duration::Seconds(5));
  ASSERT_THAT(pair.output(kServer).messages, SizeIs(1));
  EXPECT_THAT(pair.output(kServer).messages[0].bytes, SizeIs(64 * 1024));
}

TEST(DataChannelsTest, T12_AnAssociationThatIsGoneClosesItsChannelsOnce) {
  RawPeer peer;
  peer.Open(0);
  peer.Open(2);
  peer.Run(kAWhile);
  // The peer vanishes while something is to be delivered.
  const std::vector<uint8_t> message = {1, 2, 3};
  ASSERT_TRUE(peer.channels().Send(0, false, message, peer.now(), peer.out));
  Timestamp now = peer.now();
  for (int i = 0; i < 5000; ++i) {
    now = now + Duration::Millis(50);
    peer.channels().HandleDeadline(now, peer.out);
  }
  EXPECT_TRUE(peer.channels().closed());
  EXPECT_THAT(ClosedOf(peer.out), ElementsAre(0, 2));
  EXPECT_TRUE(peer.channels().NextDeadline().IsNever());
  EXPECT_FALSE(peer.channels().Open("again", {}, now, peer.out));
}

TEST(DataChannelsTest, T11_MayBeDestroyedAtAnyPoint) {
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    SeededRandom random(seed);
    ChannelPair pair({.seed = seed, .loss = 0.1});
    pair.Open(kClient, "a");
    pair.Open(kServer, "b");
    pair.RunFor(Duration::Micros(random.Below(200'000)));
    pair.Send(kClient, 0, true, std::string(random.Below(20'000), 'x'));
    pair.RunFor(Duration::Micros(random.Below(200'000)));
    pair.Attach(seed % 2, nullptr);
    pair.channels[seed % 2].reset();
    pair.RunFor(Duration::Seconds(2));
  }
}

TEST(DataChannelsTest, RunsAreRepeatable) {
  const auto run = [](uint64_t seed) {
    ChannelPair pair({.seed = seed, .loss = 0.2, .jitter = Duration::Millis(30)});
    const auto channel = pair.Open(kClient, "log");
    pair.Connect();
    for (int i = 0; i < 50; ++i) {
      pair.Send(kClient, *channel, true, std::string(500, 'x'));
      pair.RunFor(Duration::Millis(30));
    }
    pair.RunFor(Duration::Seconds(10));
    return std::pair(pair.packets_sent(), pair.deadlines_handled());
  };
  for (uint64_t seed = 1; seed <= 10; ++seed) EXPECT_EQ(run(seed), run(seed)) << seed;
  EXPECT_NE(run(1), run(2));
}

}  // namespace
}  // namespace earshot
