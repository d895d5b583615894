#include "transport/sctp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <usrsctp.h>

#include <fstream>
#include <numeric>
#include <string>
#include <thread>

#include "transport/sctp_link.h"
#include "transport/sctp_packet.h"

namespace earshot {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<uint8_t> RandomBytes(size_t size, uint64_t seed) {
  std::vector<uint8_t> bytes(size);
  SeededRandom(seed).Fill(bytes);
  return bytes;
}

std::vector<uint32_t> NumbersOf(const std::vector<SctpMessage>& messages) {
  std::vector<uint32_t> numbers;
  for (const SctpMessage& message : messages) {
    numbers.push_back(LoadBigEndian<uint32_t>(message.bytes.data()));
  }
  return numbers;
}

std::vector<uint32_t> CountingTo(uint32_t count) {
  std::vector<uint32_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

uint8_t FirstChunkType(const std::vector<uint8_t>& packet) { return packet[12]; }

TEST(SctpAssociationTest, BothSidesConnectWhenBothAsk) {
  AssociationPair pair;
  EXPECT_TRUE(pair.Connect(Duration::Seconds(1)));
  EXPECT_THAT(pair.drops(kClient), IsEmpty());
  EXPECT_THAT(pair.drops(kServer), IsEmpty());
}

TEST(SctpAssociationTest, RefusesToSendBeforeItIsConnected) {
  AssociationPair pair;
  EXPECT_FALSE(pair.Send(kClient, 0, Numbered(0)));
}

TEST(SctpAssociationTest, APacketBeforeConnectIsDropped) {
  const auto association = SctpAssociation::Create(Timestamp::Seconds(1));
  SctpOutput out;
  EXPECT_EQ(association->HandlePacket(RandomBytes(32, 1), Timestamp::Seconds(1), out),
            DropReason::kTransportClosed);
}

TEST(SctpAssociationTest, T2_MalformedPacketIsDroppedWithItsReason) {
  AssociationPair pair;
  ASSERT_TRUE(pair.Connect());
  SctpOutput out;
  EXPECT_EQ(pair.associations[kServer]->HandlePacket(RandomBytes(64, 1), pair.now(), out),
            DropReason::kSctpMalformed);
  EXPECT_TRUE(out.packets.empty());
}

TEST(SctpAssociationTest, DeliversStreamProtocolIdentifierAndBytes) {
  AssociationPair pair;
  ASSERT_TRUE(pair.Connect());
  const std::vector<uint8_t> message = RandomBytes(100, 3);
  ASSERT_TRUE(pair.Send(kClient, 7, message, {}, SctpPpid::kString));
  pair.RunFor(Duration::Millis(100));
  ASSERT_THAT(pair.output(kServer).messages, SizeIs(1));
  EXPECT_EQ(pair.output(kServer).messages[0].stream, 7);
  EXPECT_EQ(pair.output(kServer).messages[0].ppid, 51u);
  EXPECT_EQ(pair.output(kServer).messages[0].bytes, message);
}

TEST(SctpAssociationTest, T5_TheLargestMessageArrivesInPacketsThatFitADtlsRecord) {
  AssociationPair pair;
  ASSERT_TRUE(pair.Connect());
  const std::vector<uint8_t> message = RandomBytes(SctpAssociation::kMaxMessageSize, 4);
  ASSERT_TRUE(pair.Send(kServer, 1, message));
  pair.RunFor(Duration::Seconds(5));
  ASSERT_THAT(pair.output(kClient).messages, SizeIs(1));
  EXPECT_EQ(pair.output(kClient).messages[0].bytes, message);
  EXPECT_LE(pair.largest_packet(), SctpAssociation::kMaxPacketSize);
  EXPECT_GT(pair.largest_packet(), SctpAssociation::kMaxPacketSize - 8);
}

TEST(SctpAssociationTest, T5_ALargerMessageIsNotSent) {
  AssociationPair pair;
  ASSERT_TRUE(pair.Connect());
  EXPECT_FALSE(pair.Send(kServer, 1, RandomBytes(SctpAssociation::kMaxMessageSize + 1, 4)));
}

// Turns every data chunk from the client that ends a message into one that goes on, so that the
// messages run together: a message without end, as a hostile peer would send it.
void JoinMessages(AssociationPair& pair) {
  constexpr uint8_t kBeginBit = 2;
  constexpr uint8_t kEndBit = 1;
  pair.filter = [is_first = true](size_t side, std::vector<uint8_t>& packet) mutable {
    if (side != kClient || FirstChunkType(packet) != 0) return true;
    packet[13] &= static_cast<uint8_t>(~kEndBit);
    if (!is_first) packet[13] &= static_cast<uint8_t>(~kBeginBit);
    is_first = false;
    // All fragments of a message carry the same stream sequence number.
    packet[22] = packet[23] = 0;
    WriteSctpChecksum(packet);
    return true;
  };
}

TEST(SctpAssociationTest, T5_ALargerMessageFromThePeerClosesTheAssociation) {
  AssociationPair pair;
  ASSERT_TRUE(pair.Connect());
  JoinMessages(pair);
  const std::vector<uint8_t> piece = RandomBytes(1000, 5);
  for (size_t sent = 0; sent < SctpAssociation::kMaxMessageSize + 20000; sent += piece.size()) {
    pair.Send(kClient, 0, piece);
    pair.RunFor(Duration::Millis(40));
  }
  EXPECT_EQ(pair.associations[kServer]->state(), SctpState::kClosed);
  EXPECT_TRUE(pair.associations[kServer]->NextDeadline().IsNever());
  EXPECT_EQ(pair.associations[kClient]->state(), SctpState::kClosed) << "the abort must be sent";
  EXPECT_THAT(pair.output(kServer).messages, IsEmpty());
}

TEST(SctpAssociationTest, SendFailsWhenTheBufferIsFull) {
  AssociationPair pair;
  ASSERT_TRUE(pair.Connect());
  pair.set_loss(1);
  const std::vector<uint8_t> message = RandomBytes(SctpAssociation::kMaxMessageSize, 6);
  size_t accepted = 0;
  while (accepted < 100 && pair.Send(kClient, 0, message)) ++accepted;
  EXPECT_GE(accepted, 2u);
  EXPECT_LE(accepted, 5u);  // 256 KiB
}

TEST(SctpAssociationTest, T14_ReliableMessagesArriveInOrderExactlyOnceUnderLoss) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    AssociationPair pair({.seed = seed,
                          .loss = 0.3 * static_cast<double>(seed % 7) / 6,
                          .delay = Duration::Millis(20),
                          .jitter = Duration::Millis(seed % 3 * 15)});
    ASSERT_TRUE(pair.Connect());
    constexpr uint32_t kCount = 60;
    for (uint32_t i = 0; i < kCount; ++i) {
      ASSERT_TRUE(pair.Send(i % 2, 3, Numbered(i / 2)));
      pair.RunFor(Duration::Millis(10));
    }
    pair.RunFor(Duration::Seconds(60));
    EXPECT_EQ(NumbersOf(pair.output(kServer).messages), CountingTo(kCount / 2));
    EXPECT_EQ(NumbersOf(pair.output(kClient).messages), CountingTo(kCount / 2));
  }
}

TEST(SctpAssociationTest, T14_LargeMessagesSurviveLossAndReordering) {
  AssociationPair pair({.seed = 9, .loss = 0.1, .jitter = Duration::Millis(15)});
  ASSERT_TRUE(pair.Connect());
  for (uint64_t i = 0; i < 3; ++i) {
    ASSERT_TRUE(pair.Send(kClient, 0, RandomBytes(60000, i)));
  }
  pair.RunFor(Duration::Seconds(120));
  ASSERT_THAT(pair.output(kServer).messages, SizeIs(3));
  for (uint64_t i = 0; i < 3; ++i) {
    EXPECT_EQ(pair.output(kServer).messages[i].bytes, RandomBytes(60000, i));
  }
}

TEST(SctpAssociationTest, AnUnreliableMessageThatIsLostIsNotRepeated) {
  AssociationPair pair;
  ASSERT_TRUE(pair.Connect());
  const SctpSendOptions unreliable{.ordered = false, .max_retransmits = 0};
  pair.set_loss(1);
  ASSERT_TRUE(pair.Send(kClient, 0, Numbered(0), unreliable));
  pair.set_loss(0);
  ASSERT_TRUE(pair.Send(kClient, 0, Numbered(1), unreliable));
  pair.RunFor(Duration::Seconds(10));
  EXPECT_THAT(NumbersOf(pair.output(kServer).messages), ElementsAre(1));
}

TEST(SctpAssociationTest, AnUnorderedMessageOvertakesALostOne) {
  AssociationPair pair;
  ASSERT_TRUE(pair.Connect());
  pair.set_loss(1);
  ASSERT_TRUE(pair.Send(kClient, 0, Numbered(0), {.ordered = false, .max_retransmits = {}}));
  pair.set_loss(0);
  ASSERT_TRUE(pair.Send(kClient, 0, Numbered(1), {.ordered = false, .max_retransmits = {}}));
  pair.RunFor(Duration::Seconds(10));
  EXPECT_THAT(NumbersOf(pair.output(kServer).messages), ElementsAre(1, 0));
}

TEST(SctpAssociationTest, AResetReachesThePeerAfterTheDataBeforeIt) {
  AssociationPair pair;
  ASSERT_TRUE(pair.Connect());
  pair.set_loss(1);
  ASSERT_TRUE(pair.Send(kClient, 4, Numbered(0)));
  pair.set_loss(0);
  pair.associations[kClient]->ResetStream(4, pair.now(), pair.output(kClient));
  pair.Collect(kClient);
  pair.RunFor(Duration::Millis(50));
  EXPECT_THAT(pair.output(kServer).reset_streams, IsEmpty());
  pair.RunFor(Duration::Seconds(5));
  EXPECT_THAT(pair.output(kServer).messages, SizeIs(1));
  EXPECT_THAT(pair.output(kServer).reset_streams, ElementsAre(4));
}

TEST(SctpAssociationTest, ResetsSurviveLoss) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    AssociationPair pair({.seed = seed, .loss = 0.3});
    ASSERT_TRUE(pair.Connect());
    for (uint16_t stream = 0; stream < 8; ++stream) {
      pair.associations[kClient]->ResetStream(stream, pair.now(), pair.output(kClient));
      pair.Collect(kClient);
    }
    pair.RunFor(Duration::Seconds(60));
    EXPECT_THAT(pair.output(kServer).reset_streams,
                testing::UnorderedElementsAre(0, 1, 2, 3, 4, 5, 6, 7))
        << "seed " << seed;
  }
}

TEST(SctpAssociationTest, T8_ResetStormBecomesAtMostTwentyRequestsPerSecond) {
  AssociationPair pair({.delay = Duration::Millis(1)});
  ASSERT_TRUE(pair.Connect());
  size_t requests = 0;
  pair.filter = [&](size_t side, std::vector<uint8_t>& packet) {
    if (side == kClient && FirstChunkType(packet) == 130) ++requests;
    return true;
  };
  for (int i = 0; i < 1000; ++i) {
    pair.associations[kClient]->ResetStream(static_cast<uint16_t>(i % SctpAssociation::kMaxStreams),
                                            pair.now(), pair.output(kClient));
    pair.Collect(kClient);
    pair.RunFor(Duration::Millis(1));
  }
  EXPECT_GT(requests, 5u);
  EXPECT_LE(requests, 45u);  // requests, and our answers to none
}

TEST(SctpAssociationTest, ALongSilenceOfThePeerIsSurvived) {
  AssociationPair pair;
  ASSERT_TRUE(pair.Connect());
  pair.set_loss(1);
  ASSERT_TRUE(pair.Send(kClient, 0, Numbered(0)));
  pair.RunFor(Duration::Seconds(45));
  pair.set_loss(0);
  pair.RunFor(Duration::Seconds(5));
  EXPECT_THAT(pair.output(kServer).messages, SizeIs(1));
}

TEST(SctpAssociationTest, T12_APeerThatNeverAnswersAgainClosesTheAssociation) {
  AssociationPair pair;
  ASSERT_TRUE(pair.Connect());
  pair.set_loss(1);
  ASSERT_TRUE(pair.Send(kClient, 0, Numbered(0)));
  pair.RunFor(Duration::Seconds(300));
  EXPECT_EQ(pair.associations[kClient]->state(), SctpState::kClosed);
  EXPECT_TRUE(pair.associations[kClient]->NextDeadline().IsNever());
}

TEST(SctpAssociationTest, AHandshakeWithoutAnswerEndsClosed) {
  AssociationPair pair({.loss = 1});
  EXPECT_FALSE(pair.Connect(Duration::Seconds(300)));
  EXPECT_EQ(pair.associations[kClient]->state(), SctpState::kClosed);
}

TEST(SctpAssociationTest, TimeBeforeTheLastSimulationIsNoHindrance) {
  AssociationPair later({.seed = 2, .loss = 0.3});
  later.RunFor(Duration::Seconds(1000));
  AssociationPair earlier({.seed = 3, .loss = 0.3});
  EXPECT_TRUE(earlier.Connect());
}

TEST(SctpAssociationTest, T1_OptionalProtocolsAreSwitchedOff) {
  const auto association = SctpAssociation::Create(Timestamp::Seconds(1));
  EXPECT_EQ(usrsctp_sysctl_get_sctp_ecn_enable(), 0u);
  EXPECT_EQ(usrsctp_sysctl_get_sctp_auth_enable(), 0u);
  EXPECT_EQ(usrsctp_sysctl_get_sctp_asconf_enable(), 0u);
  EXPECT_EQ(usrsctp_sysctl_get_sctp_auto_asconf(), 0u);
  EXPECT_EQ(usrsctp_sysctl_get_sctp_nrsack_enable(), 0u);
  EXPECT_EQ(usrsctp_sysctl_get_sctp_pktdrop_enable(), 0u);
  EXPECT_EQ(usrsctp_sysctl_get_sctp_nat_friendly(), 0u);
}

// Types of the parameters in the INIT that opens an association.
std::vector<uint16_t> InitParameters(ByteView init) {
  std::vector<uint16_t> types;
  ByteReader reader(init.subspan(12 + 4 + 16));
  while (reader.remaining() >= 4) {
    types.push_back(reader.U16());
    const size_t length = reader.U16();
    reader.Take(std::min(reader.remaining(), ((length + 3) & ~size_t{3}) - 4));
  }
  return types;
}

TEST(SctpAssociationTest, T1_InitOffersOnlyForwardTsnAndReconfig) {
  const auto association = SctpAssociation::Create(Timestamp::Seconds(1));
  SctpOutput out;
  association->Connect(Timestamp::Seconds(1), out);
  ASSERT_EQ(out.packets.size(), 1u);
  EXPECT_THAT(InitParameters(out.packets[0]), Each(testing::AnyOf(0x8008, 0xc000)));
  EXPECT_THAT(InitParameters(out.packets[0]), testing::Contains(0xc000));
}

TEST(SctpAssociationTest, T3_StreamsAreLimitedWhateverThePeerAsksFor) {
  AssociationPair pair;
  std::vector<uint8_t> init_ack;
  pair.filter = [&](size_t, std::vector<uint8_t>& packet) {
    constexpr size_t kStreamCounts = 12 + 4 + 8;
    if (FirstChunkType(packet) == 2) init_ack = packet;
    if (FirstChunkType(packet) != 1) return true;
    for (size_t i = 0; i < 4; ++i) packet[kStreamCounts + i] = 0xff;
    WriteSctpChecksum(packet);
    return true;
  };
  pair.Connect(Duration::Seconds(1));
  ASSERT_FALSE(init_ack.empty());
  EXPECT_EQ(LoadBigEndian<uint16_t>(init_ack.data() + 24), SctpAssociation::kMaxStreams);
  EXPECT_EQ(LoadBigEndian<uint16_t>(init_ack.data() + 26), SctpAssociation::kMaxStreams);
}

size_t ResidentBytes() {
  size_t total = 0;
  size_t resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * 4096;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMemoryIsMeasurable = false;
#else
constexpr bool kMemoryIsMeasurable = true;
#endif

TEST(SctpAssociationTest, T3_AnAssociationCostsLittleMemory) {
  if (!kMemoryIsMeasurable) GTEST_SKIP() << "sanitizers change what memory costs";
  constexpr size_t kPairs = 50;
  std::vector<std::unique_ptr<AssociationPair>> pairs;
  const size_t before = ResidentBytes();
  for (size_t i = 0; i < kPairs; ++i) {
    pairs.push_back(std::make_unique<AssociationPair>());
    ASSERT_TRUE(pairs.back()->Connect());
  }
  const size_t cost = (ResidentBytes() - before) / (2 * kPairs);
  RecordProperty("bytes_per_association", static_cast<int>(cost));
  EXPECT_LT(cost, 300u * 1024);
}

TEST(SctpAssociationTest, T4_FragmentsThatNeverCompleteStayBounded) {
  if (!kMemoryIsMeasurable) GTEST_SKIP() << "sanitizers change what memory costs";
  AssociationPair pair;
  ASSERT_TRUE(pair.Connect());
  // Every message loses its first fragment for ever: nothing can be acknowledged in order.
  constexpr uint8_t kBeginBit = 2;
  pair.filter = [&](size_t side, std::vector<uint8_t>& packet) {
    if (side != kClient || FirstChunkType(packet) != 0) return true;
    return (packet[13] & kBeginBit) == 0;
  };
  const size_t before = ResidentBytes();
  for (int i = 0; i < 200; ++i) {
    pair.Send(kClient, static_cast<uint16_t>(i), RandomBytes(3000, 8));
    pair.RunFor(Duration::Millis(100));
  }
  EXPECT_LT(ResidentBytes() - before, 2u * 1024 * 1024);  // both ends, and what was in flight
}

TEST(SctpAssociationTest, T11_MayBeDestroyedAtAnyPoint) {
  for (uint64_t seed = 1; seed <= 150; ++seed) {
    SeededRandom random(seed);
    AssociationPair pair({.seed = seed, .loss = 0.1, .jitter = Duration::Millis(10)});
    const auto until = Duration::Micros(random.Below(400'000));
    const Timestamp end = pair.now() + until;
    for (uint32_t i = 0; pair.now() < end; ++i) {
      pair.Send(i % 2, 0, RandomBytes(1 + random.Below(5000), seed));
      pair.RunFor(Duration::Millis(10));
    }
    pair.Destroy(seed % 2);
    pair.RunFor(Duration::Millis(random.Below(2000)));  // the other one goes on, with its timers
  }
}

TEST(SctpAssociationTest, E10_ManyAssociationsComeAndGoWithoutGrowth) {
  const auto round = [](int count) {
    for (int i = 0; i < count; ++i) {
      AssociationPair pair;
      ASSERT_TRUE(pair.Connect());
      pair.Send(kClient, 0, Numbered(0));
      pair.RunFor(Duration::Millis(100));
    }
  };
  round(200);
  const size_t before = ResidentBytes();
  round(1000);
  if (!kMemoryIsMeasurable) return;
  EXPECT_LT(ResidentBytes(), before + 4u * 1024 * 1024);
}

TEST(SctpAssociationTest, T12_AnAbortFromThePeerClosesOnce) {
  AssociationPair pair;
  ASSERT_TRUE(pair.Connect());
  uint32_t tag = 0;
  pair.filter = [&](size_t side, std::vector<uint8_t>& packet) {
    if (side == kClient) tag = LoadBigEndian<uint32_t>(packet.data() + 4);
    return true;
  };
  pair.Send(kClient, 0, Numbered(0));
  pair.RunFor(Duration::Millis(100));
  std::vector<uint8_t> abort(16);
  ByteWriter writer(abort);
  writer.U16(SctpAssociation::kPort);
  writer.U16(SctpAssociation::kPort);
  writer.U32(tag);
  writer.U32(0);
  writer.U32(0x06000004);
  WriteSctpChecksum(abort);
  SctpOutput out;
  EXPECT_EQ(pair.associations[kServer]->HandlePacket(abort, pair.now(), out), std::nullopt);
  EXPECT_EQ(pair.associations[kServer]->state(), SctpState::kClosed);
  EXPECT_EQ(pair.associations[kServer]->HandlePacket(abort, pair.now(), out),
            DropReason::kTransportClosed);
}

// Each packet that passes is altered somewhere, with its checksum made right again, so that it gets
// as deep as possible. Whatever happens to the association, nothing else may.
TEST(SctpAssociationTest, T2_MutatedPacketsDoNoHarm) {
  for (uint64_t seed = 1; seed <= 120; ++seed) {
    AssociationPair pair({.seed = seed, .jitter = Duration::Millis(5)});
    SeededRandom random(seed);
    pair.filter = [&](size_t, std::vector<uint8_t>& packet) {
      if (random.Below(4) != 0) return true;
      for (uint32_t i = random.Below(3); i < 3; ++i) {
        packet[12 + random.Below(static_cast<uint32_t>(packet.size() - 12))] =
            static_cast<uint8_t>(random.U32());
      }
      WriteSctpChecksum(packet);
      return true;
    };
    pair.Connect(Duration::Seconds(5));
    for (uint32_t i = 0; i < 60; ++i) {
      pair.Send(i % 2, static_cast<uint16_t>(i), RandomBytes(1 + random.Below(4000), i));
      pair.associations[i % 2]->ResetStream(static_cast<uint16_t>(i), pair.now(),
                                            pair.output(i % 2));
      pair.Collect(i % 2);
      pair.RunFor(Duration::Millis(20));
    }
  }
}

// The threads' clocks differ here, which real workers' do not, so timers may fire early; but
// nothing is lost on the way that they would have to repair.
TEST(SctpAssociationTest, WorksOnSeveralThreadsAtOnce) {
  std::vector<std::thread> threads;
  std::array<size_t, 3> received{};
  for (size_t i = 0; i < received.size(); ++i) {
    threads.emplace_back([&received, i] {
      for (uint64_t round = 0; round < 20; ++round) {
        AssociationPair pair({.seed = round});
        if (!pair.Connect()) return;
        for (uint32_t n = 0; n < 20; ++n) {
          pair.Send(kClient, 0, Numbered(n));
          pair.RunFor(Duration::Millis(5));
        }
        pair.RunFor(Duration::Seconds(60));
        received[i] += pair.output(kServer).messages.size();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(received, Each(400u));
}

}  // namespace
}  // namespace earshot
