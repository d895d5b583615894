#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "bytes_from_hex.h"
#include "wire/rtcp.h"

namespace earshot {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

template <typename Message>
std::vector<uint8_t> Written(const Message& message) {
  std::vector<uint8_t> room(128 * 1024);
  ByteWriter writer(room);
  Write(message, writer);
  EXPECT_TRUE(writer.ok());
  room.resize(writer.size());
  return room;
}

template <typename Message>
bool Fits(const Message& message, size_t size) {
  std::vector<uint8_t> room(size);
  ByteWriter writer(room);
  Write(message, writer);
  return writer.ok();
}

template <typename Message>
Message RoundTrip(const Message& message, std::vector<uint8_t>& bytes) {
  bytes = Written(message);
  RtcpReader reader(bytes);
  const auto read = reader.Next();
  if (!read || !std::holds_alternative<Message>(*read) || reader.Next() || reader.malformed()) {
    ADD_FAILURE() << "not one message of the same type";
    return {};
  }
  return std::get<Message>(*read);
}

const ReportBlock kReport = {.ssrc = 0x0a0b0c0d,
                             .fraction_lost = 0x40,
                             .cumulative_lost = -2,
                             .extended_highest_sequence = 0x1ffff,
                             .jitter = 16,
                             .last_sr = 0x18000,
                             .delay_since_last_sr = 0x8000};
constexpr std::string_view kReportHex = "0a0b0c0d 40fffffe 0001ffff 00000010 00018000 00008000";

TEST(RtcpWriterTest, WritesTheBytesOfASenderReport) {
  const SenderReport report = {.sender_ssrc = 0x01020304,
                               .ntp_time = 0xe000000180000000,
                               .rtp_timestamp = 0x1000,
                               .packet_count = 100,
                               .octet_count = 16000,
                               .reports = {kReport}};
  EXPECT_EQ(Written(report),
            BytesFromHex("81c8000c 01020304 e0000001 80000000 00001000 00000064 00003e80" +
                         std::string(kReportHex)));
}

TEST(RtcpWriterTest, WritesTheBytesOfAReceiverReport) {
  const ReceiverReport report = {.sender_ssrc = 1, .reports = {kReport, kReport}};
  EXPECT_EQ(Written(report),
            BytesFromHex("82c9000d 00000001" + std::string(kReportHex) + std::string(kReportHex)));
}

TEST(RtcpWriterTest, CumulativeLossIsClampedTo24Bits) {
  for (const auto& [lost, read] : {std::pair{0x1000000, 0x7fffff}, std::pair{-0x1000000, -0x800000},
                                   std::pair{0x7fffff, 0x7fffff}, std::pair{-1, -1}}) {
    std::vector<uint8_t> bytes;
    const ReceiverReport report = {.reports = {{.cumulative_lost = lost}}};
    EXPECT_EQ(RoundTrip(report, bytes).reports[0].cumulative_lost, read);
  }
}

TEST(RtcpWriterTest, WritesTheBytesOfSdes) {
  const Sdes sdes = {.chunks = {{1, "abc"}, {2, "de"}}};
  EXPECT_EQ(Written(sdes), BytesFromHex("82ca0006 00000001 01036162 63000000"
                                        "00000002 01026465 00000000"));
}

TEST(RtcpWriterTest, CnamesOfEveryLengthSurvive) {
  for (size_t size = 0; size <= 255; ++size) {
    const std::string cname(size, 'c');
    std::vector<uint8_t> bytes;
    const Sdes sdes = RoundTrip(Sdes{.chunks = {{7, cname}, {8, "x"}}}, bytes);
    ASSERT_EQ(sdes.chunks.size(), 2u);
    EXPECT_EQ(sdes.chunks[0].cname, cname);
    EXPECT_EQ(sdes.chunks[1].cname, "x");
  }
  const std::string too_long(256, 'c');
  EXPECT_FALSE(Fits(Sdes{.chunks = {{7, too_long}}}, 1000));
}

TEST(RtcpWriterTest, WritesTheBytesOfByePliAndFir) {
  EXPECT_EQ(Written(Bye{.ssrcs = {1, 2}}), BytesFromHex("82cb0002 00000001 00000002"));
  EXPECT_EQ(Written(Pli{1, 2}), BytesFromHex("81ce0002 00000001 00000002"));
  EXPECT_EQ(Written(Fir{1, {{2, 7}, {3, 255}}}),
            BytesFromHex("84ce0006 00000001 00000000 00000002 07000000 00000003 ff000000"));
}

TEST(RtcpWriterTest, NacksArePackedIntoPairs) {
  const Nack nack = {1, 2, {0xfffe, 0xffff, 0, 14, 14, 100}};
  EXPECT_EQ(Written(nack), BytesFromHex("81cd0004 00000001 00000002 fffe8003 00640000"));
}

TEST(RtcpWriterTest, AscendingNacksSurvive) {
  SeededRandom random(3);
  for (int round = 0; round < 500; ++round) {
    Nack nack = {random.U32(), random.U32(), {}};
    auto number = static_cast<uint16_t>(random.U32());
    for (uint32_t i = 0; i <= random.Below(100); ++i) {
      nack.sequence_numbers.push_back(number);
      number = static_cast<uint16_t>(number + 1 + random.Below(30));
    }
    std::vector<uint8_t> bytes;
    const Nack read = RoundTrip(nack, bytes);
    EXPECT_EQ(read.sender_ssrc, nack.sender_ssrc);
    EXPECT_EQ(read.media_ssrc, nack.media_ssrc);
    EXPECT_THAT(read.sequence_numbers, ElementsAreArray(nack.sequence_numbers));
  }
}

TEST(RtcpWriterTest, WritesTheBytesOfRemb) {
  EXPECT_EQ(Written(Remb{1, 1000000, {2, 3}}),
            BytesFromHex("8fce0006 00000001 00000000 52454d42 020bd090 00000002 00000003"));
}

TEST(RtcpWriterTest, RembKeeps18SignificantBits) {
  for (unsigned bits = 0; bits < 64; ++bits) {
    const uint64_t rate = (uint64_t{1} << bits) | (uint64_t{1} << bits >> 17);
    std::vector<uint8_t> bytes;
    EXPECT_EQ(RoundTrip(Remb{1, rate, {}}, bytes).bits_per_second, rate) << bits;
  }
  std::vector<uint8_t> bytes;
  EXPECT_EQ(RoundTrip(Remb{1, UINT64_MAX, {}}, bytes).bits_per_second, uint64_t{0x3ffff} << 46);
}

TEST(RtcpWriterTest, WritesTheBytesOfTransportFeedback) {
  TransportFeedback feedback = {.sender_ssrc = 1,
                                .media_ssrc = 2,
                                .base_sequence = 100,
                                .reference_time = 10,
                                .feedback_count = 5,
                                .packets = {}};
  for (const int delta : {4, 255, -100, 256}) feedback.packets.push_back({true, delta});
  feedback.packets.push_back({false, 0});
  // One vector of two-bit symbols: 1 1 2 2 0.
  EXPECT_EQ(Written(feedback), BytesFromHex("8fcd0006 00000001 00000002 00640005 00000a05"
                                            "d680 04 ff ff9c 0100"));
}

TEST(RtcpWriterTest, LongRunsOfTransportFeedbackAreShort) {
  TransportFeedback feedback;
  feedback.packets.assign(kMaxFeedbackPackets, {false, 0});
  feedback.packets.front() = {true, 0};
  feedback.packets.back() = {true, 1};
  EXPECT_LE(Written(feedback).size(), 20u + 4 * 2 + 4);
}

TEST(RtcpWriterTest, RandomTransportFeedbackSurvives) {
  SeededRandom random(5);
  for (int round = 0; round < 2000; ++round) {
    TransportFeedback feedback;
    feedback.base_sequence = static_cast<uint16_t>(random.U32());
    feedback.reference_time = random.Below(1 << 24);
    feedback.feedback_count = static_cast<uint8_t>(random.U32());
    // Each round has its own taste for loss and for large deltas, so that all chunk forms occur.
    const uint32_t loss = random.Below(20), large = random.Below(20);
    for (uint32_t i = 0; i <= random.Below(300); ++i) {
      if (random.Below(20) < loss) {
        feedback.packets.push_back({false, 0});
      } else if (random.Below(20) < large) {
        feedback.packets.push_back({true, static_cast<int16_t>(random.U32())});
      } else {
        feedback.packets.push_back({true, static_cast<int32_t>(random.Below(256))});
      }
    }
    std::vector<uint8_t> bytes;
    const TransportFeedback read = RoundTrip(feedback, bytes);
    EXPECT_EQ(read.base_sequence, feedback.base_sequence);
    EXPECT_EQ(read.reference_time, feedback.reference_time);
    EXPECT_EQ(read.feedback_count, feedback.feedback_count);
    ASSERT_EQ(read.packets.size(), feedback.packets.size());
    for (size_t i = 0; i < read.packets.size(); ++i) {
      ASSERT_EQ(read.packets[i].received, feedback.packets[i].received) << round << " " << i;
      ASSERT_EQ(read.packets[i].delta, feedback.packets[i].delta) << round << " " << i;
    }
  }
}

TEST(RtcpWriterTest, WhatTheFormatCannotCarryFails) {
  EXPECT_FALSE(Fits(ReceiverReport{1, ReportBlocks(32)}, 10000));
  EXPECT_FALSE(Fits(Bye{.ssrcs = absl::InlinedVector<uint32_t, 4>(32)}, 10000));
  EXPECT_FALSE(Fits(Remb{1, 1, absl::InlinedVector<uint32_t, 4>(256)}, 10000));
  TransportFeedback feedback;
  feedback.packets = {{true, 40000}};
  EXPECT_FALSE(Fits(feedback, 10000));
  feedback.packets.assign(kMaxFeedbackPackets + 1, {false, 0});
  EXPECT_FALSE(Fits(feedback, 100000));
}

TEST(RtcpWriterTest, MessagesAboutNothingAreLeftOut) {
  EXPECT_TRUE(Written(Nack{}).empty());
  EXPECT_TRUE(Written(Fir{}).empty());
  EXPECT_TRUE(Written(TransportFeedback{}).empty());
}

template <typename Message>
void ExpectNothingBehindTheRoom(const Message& message) {
  const size_t size = Written(message).size();
  for (size_t room = 0; room < size; ++room) {
    std::vector<uint8_t> out(size + 16, 0xa5);
    ByteWriter writer(ByteSpan(out).first(room));
    Write(message, writer);
    EXPECT_FALSE(writer.ok()) << room;
    EXPECT_THAT(ByteView(out).subspan(room), Each(0xa5)) << room;
  }
  EXPECT_TRUE(Fits(message, size));
}

TEST(RtcpWriterTest, TooLittleRoomFailsTheWriter) {
  ExpectNothingBehindTheRoom(SenderReport{.reports = {kReport}});
  ExpectNothingBehindTheRoom(ReceiverReport{.reports = {kReport}});
  ExpectNothingBehindTheRoom(Sdes{.chunks = {{1, "abcd"}}});
  ExpectNothingBehindTheRoom(Bye{.ssrcs = {1}});
  ExpectNothingBehindTheRoom(Nack{1, 2, {1, 50, 100}});
  ExpectNothingBehindTheRoom(Pli{1, 2});
  ExpectNothingBehindTheRoom(Fir{1, {{2, 3}}});
  ExpectNothingBehindTheRoom(Remb{1, 2, {3}});
  ExpectNothingBehindTheRoom(TransportFeedback{.packets = {{true, 1}, {true, 2}, {true, 300}}});
}

TEST(RtcpWriterTest, MessagesFollowEachOtherInACompound) {
  std::vector<uint8_t> room(512);
  ByteWriter writer(room);
  Write(ReceiverReport{.sender_ssrc = 1}, writer);
  Write(Sdes{.chunks = {{1, "name"}}}, writer);
  Write(TransportFeedback{.packets = {{true, 1}}}, writer);
  Write(Pli{1, 2}, writer);
  RtcpReader reader(writer.written());
  std::vector<size_t> types;
  while (const auto message = reader.Next()) types.push_back(message->index());
  EXPECT_FALSE(reader.malformed());
  EXPECT_THAT(types, ElementsAre(1, 2, 8, 5));
}

}  // namespace
}  // namespace earshot
