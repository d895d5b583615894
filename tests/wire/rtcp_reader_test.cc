#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "bytes_from_hex.h"
#include "wire/rtcp.h"

namespace earshot {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view kPli = "81ce0002 00000001 00000002";

struct Walk {
  std::vector<RtcpMessage> messages;
  bool malformed = false;
};

Walk ReadAll(ByteView compound) {
  Walk walk;
  RtcpReader reader(compound);
  while (auto message = reader.Next()) walk.messages.push_back(std::move(*message));
  walk.malformed = reader.malformed();
  return walk;
}
Walk ReadHex(std::string_view hex) { return ReadAll(BytesFromHex(hex)); }

// The only message of a compound that must be well-formed. The bytes live as long as the test.
template <typename Message>
Message ReadOne(const std::vector<uint8_t>& bytes) {
  const Walk walk = ReadAll(bytes);
  EXPECT_FALSE(walk.malformed);
  EXPECT_EQ(walk.messages.size(), 1u);
  if (walk.messages.size() != 1 || !std::holds_alternative<Message>(walk.messages[0])) {
    ADD_FAILURE() << "another message";
    return {};
  }
  return std::get<Message>(walk.messages[0]);
}

// A transport feedback with this many statuses, then chunks and deltas, padded to a word.
std::vector<uint8_t> Feedback(unsigned count, std::string_view chunks_and_deltas) {
  auto bytes =
      BytesFromHex("8fcd0000 00000001 00000002 00640000 00000a05" + std::string(chunks_and_deltas));
  bytes.resize((bytes.size() + 3) / 4 * 4);
  StoreBigEndian(bytes.data() + 14, static_cast<uint16_t>(count));
  StoreBigEndian(bytes.data() + 2, static_cast<uint16_t>(bytes.size() / 4 - 1));
  return bytes;
}

TEST(RtcpReaderTest, ReadsASenderReport) {
  const auto report = ReadOne<SenderReport>(
      BytesFromHex("81c8000c 01020304 e0000001 80000000 00001000 00000064 00003e80"
                   "0a0b0c0d 40fffffe 0001ffff 00000010 00018000 00008000"));
  EXPECT_EQ(report.sender_ssrc, 0x01020304u);
  EXPECT_EQ(report.ntp_time, 0xe000000180000000u);
  EXPECT_EQ(report.rtp_timestamp, 0x1000u);
  EXPECT_EQ(report.packet_count, 100u);
  EXPECT_EQ(report.octet_count, 16000u);
  ASSERT_EQ(report.reports.size(), 1u);
  EXPECT_EQ(report.reports[0].ssrc, 0x0a0b0c0du);
  EXPECT_EQ(report.reports[0].fraction_lost, 0x40);
  EXPECT_EQ(report.reports[0].cumulative_lost, -2);
  EXPECT_EQ(report.reports[0].extended_highest_sequence, 0x1ffffu);
  EXPECT_EQ(report.reports[0].jitter, 16u);
  EXPECT_EQ(report.reports[0].last_sr, 0x18000u);
  EXPECT_EQ(report.reports[0].delay_since_last_sr, 0x8000u);
}

TEST(RtcpReaderTest, AProfileExtensionBehindReportsIsSkipped) {
  const auto report = ReadOne<ReceiverReport>(BytesFromHex("80c90003 01020304 deadbeef deadbeef"));
  EXPECT_EQ(report.sender_ssrc, 0x01020304u);
  EXPECT_THAT(report.reports, IsEmpty());
}

TEST(RtcpReaderTest, CumulativeLossIsSigned24Bits) {
  const auto report = ReadOne<ReceiverReport>(
      BytesFromHex("82c9000d 00000001"
                   "00000002 007fffff 00000000 00000000 00000000 00000000"
                   "00000003 00800000 00000000 00000000 00000000 00000000"));
  EXPECT_EQ(report.reports[0].cumulative_lost, 0x7fffff);
  EXPECT_EQ(report.reports[1].cumulative_lost, -0x800000);
}

TEST(RtcpReaderTest, ReadsTheCnameOfEachChunkAmongOtherItems) {
  const auto bytes = BytesFromHex(
      "83ca0009 00000001 02026869 01036162 63000000"  // NAME "hi", CNAME "abc"
      "00000002 01026465 00000000"                    // CNAME "de", ends on a word of its own
      "00000003 00000000");                           // no item
  const auto sdes = ReadOne<Sdes>(bytes);
  ASSERT_EQ(sdes.chunks.size(), 3u);
  EXPECT_EQ(sdes.chunks[0].ssrc, 1u);
  EXPECT_EQ(sdes.chunks[0].cname, "abc");
  EXPECT_EQ(sdes.chunks[1].ssrc, 2u);
  EXPECT_EQ(sdes.chunks[1].cname, "de");
  EXPECT_EQ(sdes.chunks[2].ssrc, 3u);
  EXPECT_EQ(sdes.chunks[2].cname, "");
}

TEST(RtcpReaderTest, ReadsByeWithAndWithoutReason) {
  EXPECT_THAT(ReadOne<Bye>(BytesFromHex("82cb0002 00000001 00000002")).ssrcs, ElementsAre(1, 2));
  EXPECT_THAT(ReadOne<Bye>(BytesFromHex("81cb0003 00000001 05676f6e 65210000")).ssrcs,
              ElementsAre(1));
  EXPECT_THAT(ReadOne<Bye>(BytesFromHex("80cb0000")).ssrcs, IsEmpty());
}

TEST(RtcpReaderTest, ExpandsNackPairsAndWrapsAround) {
  const auto nack = ReadOne<Nack>(BytesFromHex("81cd0004 00000001 00000002 fffe8003 00640000"));
  EXPECT_EQ(nack.sender_ssrc, 1u);
  EXPECT_EQ(nack.media_ssrc, 2u);
  EXPECT_THAT(nack.sequence_numbers, ElementsAre(0xfffe, 0xffff, 0, 14, 100));
}

TEST(RtcpReaderTest, NackExpansionIsBounded) {
  std::vector<uint8_t> bytes = BytesFromHex("81cd0000 00000001 00000002");
  bytes.resize(12 + 16000 * 4, 0xff);
  StoreBigEndian(bytes.data() + 2, static_cast<uint16_t>(bytes.size() / 4 - 1));
  EXPECT_EQ(ReadOne<Nack>(bytes).sequence_numbers.size(), 17u * 253u);
}

TEST(RtcpReaderTest, ReadsPliAndFir) {
  const auto pli = ReadOne<Pli>(BytesFromHex(kPli));
  EXPECT_EQ(pli.sender_ssrc, 1u);
  EXPECT_EQ(pli.media_ssrc, 2u);
  const auto fir =
      ReadOne<Fir>(BytesFromHex("84ce0006 00000001 00000000 00000002 07000000 00000003 ff000000"));
  ASSERT_EQ(fir.entries.size(), 2u);
  EXPECT_EQ(fir.entries[0].ssrc, 2u);
  EXPECT_EQ(fir.entries[0].command_sequence, 7);
  EXPECT_EQ(fir.entries[1].ssrc, 3u);
  EXPECT_EQ(fir.entries[1].command_sequence, 255);
}

TEST(RtcpReaderTest, FirEntriesAreBounded) {
  std::vector<uint8_t> bytes = BytesFromHex("84ce0000 00000001 00000000");
  bytes.resize(12 + 1000 * 8);
  StoreBigEndian(bytes.data() + 2, static_cast<uint16_t>(bytes.size() / 4 - 1));
  EXPECT_EQ(ReadOne<Fir>(bytes).entries.size(), kMaxFeedbackEntries);
}

TEST(RtcpReaderTest, ReadsRemb) {
  // Exponent 2, mantissa 250 000.
  const auto remb =
      ReadOne<Remb>(BytesFromHex("8fce0006 00000001 00000000 52454d42 020bd090 00000002 00000003"));
  EXPECT_EQ(remb.sender_ssrc, 1u);
  EXPECT_EQ(remb.bits_per_second, 1000000u);
  EXPECT_THAT(remb.ssrcs, ElementsAre(2, 3));
}

TEST(RtcpReaderTest, RembSaturates) {
  constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();
  const auto rate = [](std::string_view exponent_and_mantissa) {
    return ReadOne<Remb>(BytesFromHex("8fce0004 00000001 00000000 52454d42 00" +
                                      std::string(exponent_and_mantissa)))
        .bits_per_second;
  };
  EXPECT_EQ(rate("ffffff"), kMax);
  EXPECT_EQ(rate("fc0002"), kMax);
  EXPECT_EQ(rate("fc0001"), uint64_t{1} << 63);
  EXPECT_EQ(rate("fc0000"), 0u);
  EXPECT_EQ(rate("bbffff"), uint64_t{0x3ffff} << 46);
  EXPECT_EQ(rate("bfffff"), kMax);
}

TEST(RtcpReaderTest, OtherApplicationFeedbackIsSkipped) {
  const auto walk =
      ReadHex("8fce0003 00000001 00000000 41424344 8fce0002 00000001 00000000" + std::string(kPli));
  EXPECT_FALSE(walk.malformed);
  EXPECT_EQ(walk.messages.size(), 1u);
}

TEST(RtcpReaderTest, UnknownTypesAndFormatsAreSkipped) {
  const auto walk = ReadHex(
      "80cf0001 00000001"           // XR
      "80cc0002 00000001 61626364"  // APP
      "9fcd0002 00000001 00000002"  // transport feedback, format 31
      "82ce0002 00000001 00000002"  // SLI
      "80ff0000" +
      std::string(kPli));
  EXPECT_FALSE(walk.malformed);
  EXPECT_EQ(walk.messages.size(), 1u);
}

std::vector<std::optional<int>> DeltasOf(const TransportFeedback& feedback) {
  std::vector<std::optional<int>> deltas;
  for (const auto& packet : feedback.packets) {
    deltas.push_back(packet.received ? std::optional<int>(packet.delta) : std::nullopt);
  }
  return deltas;
}

TEST(RtcpReaderTest, ReadsTransportFeedbackOfEveryChunkForm) {
  // A run of two small deltas; the two-bit symbols 0 1 2 0 0 0 1; the one-bit symbols 0 1 and
  // twelve more that are not counted.
  const auto feedback =
      ReadOne<TransportFeedback>(Feedback(11, "2002 c601 9fff  04 ff 08 ff9c 00 7f"));
  EXPECT_EQ(feedback.sender_ssrc, 1u);
  EXPECT_EQ(feedback.media_ssrc, 2u);
  EXPECT_EQ(feedback.base_sequence, 100);
  EXPECT_EQ(feedback.reference_time, 10u);
  EXPECT_EQ(feedback.feedback_count, 5);
  const auto none = std::nullopt;
  EXPECT_THAT(DeltasOf(feedback),
              ElementsAre(4, 255, none, 8, -100, none, none, none, 0, none, 127));
}

TEST(RtcpReaderTest, C3_ARunLengthBeyondTheCountIsCut) {
  const auto feedback = ReadOne<TransportFeedback>(Feedback(3, "3fff 010203"));
  EXPECT_THAT(DeltasOf(feedback), ElementsAre(1, 2, 3));
}

TEST(RtcpReaderTest, C3_StatusesAreBounded) {
  // Runs of "not received" need 18 bytes for 65 535 statuses.
  const std::string runs = "1fff1fff1fff1fff1fff1fff1fff1fff1fff";
  EXPECT_EQ(ReadOne<TransportFeedback>(Feedback(kMaxFeedbackPackets, runs)).packets.size(),
            kMaxFeedbackPackets);
  for (const unsigned count : {8193u, 20000u, 65535u}) {
    const auto walk = ReadAll(Feedback(count, runs));
    EXPECT_TRUE(walk.malformed);
    EXPECT_THAT(walk.messages, IsEmpty());
  }
}

TEST(RtcpReaderTest, C3_FeedbackThatEndsTooEarlyIsMalformed) {
  EXPECT_TRUE(ReadAll(Feedback(0, "2001 0400")).malformed);         // describes nothing
  EXPECT_TRUE(ReadAll(Feedback(20, "2001 0400")).malformed);        // chunks run out
  EXPECT_TRUE(ReadAll(Feedback(4, "2004 0102")).malformed);         // small deltas run out
  EXPECT_TRUE(ReadAll(Feedback(2, "4002 0102")).malformed);         // large deltas run out
  EXPECT_TRUE(ReadAll(Feedback(100, "0000 0000 0000")).malformed);  // runs of length zero
}

TEST(RtcpReaderTest, C3_TheReservedSymbolIsMalformed) {
  EXPECT_TRUE(ReadAll(Feedback(1, "6001 0000")).malformed);
  EXPECT_TRUE(ReadAll(Feedback(7, "c003 0000 0000")).malformed);
}

TEST(RtcpReaderTest, C1_NothingIsAnEmptyCompound) {
  const auto walk = ReadAll({});
  EXPECT_FALSE(walk.malformed);
  EXPECT_THAT(walk.messages, IsEmpty());
}

TEST(RtcpReaderTest, C1_FourBytesHaveNoRoomForAReport) {
  for (const auto* hex : {"80c80000", "80c90000", "81ca0000", "81cb0000", "81cd0000", "8fcd0000",
                          "81ce0000", "84ce0000", "8fce0000", "9fc90000"}) {
    const auto walk = ReadHex(hex);
    EXPECT_TRUE(walk.malformed) << hex;
    EXPECT_THAT(walk.messages, IsEmpty()) << hex;
  }
}

TEST(RtcpReaderTest, C1_EveryPrefixOfACompoundKeepsItsWholeMessages) {
  const auto compound = BytesFromHex("80c90001 00000001" + std::string(kPli) +
                                     "81cd0003 00000001 00000002 00010000"
                                     "8fce0005 00000001 00000000 52454d42 010bd090 00000002");
  const size_t ends[] = {8, 20, 36, 60};
  ASSERT_EQ(compound.size(), 60u);
  for (size_t size = 0; size <= compound.size(); ++size) {
    const auto walk = ReadAll(ByteView(compound).first(size));
    const auto whole = static_cast<size_t>(std::count_if(
        std::begin(ends), std::end(ends), [size](size_t end) { return end <= size; }));
    EXPECT_EQ(walk.messages.size(), whole) << size;
    EXPECT_EQ(walk.malformed, size != 0 && (whole == 0 || ends[whole - 1] != size)) << size;
  }
}

TEST(RtcpReaderTest, C1_ALengthBeyondTheEndEndsTheWalk) {
  const auto walk = ReadHex(std::string(kPli) + "81ce0003 00000001 00000002");
  EXPECT_TRUE(walk.malformed);
  EXPECT_EQ(walk.messages.size(), 1u);
}

TEST(RtcpReaderTest, C1_AWrongVersionEndsTheWalk) {
  for (const auto* head : {"01ce0002", "41ce0002", "c1ce0002"}) {
    const auto walk = ReadHex(std::string(kPli) + head + "00000001 00000002" + std::string(kPli));
    EXPECT_TRUE(walk.malformed);
    EXPECT_EQ(walk.messages.size(), 1u);
  }
}

TEST(RtcpReaderTest, C1_ACountBeyondTheContentEndsTheWalk) {
  for (const auto* hex : {
           "82c90007 00000001 00000002 00000000 00000000 00000000 00000000 00000000",  // RR
           "81c80006 00000001 00000000 00000000 00000000 00000000 00000000",           // SR
           "82cb0001 00000001",                                                        // BYE
           "82ca0002 00000001 00000000",                                               // SDES
           "81ca0002 00000001 01ff6161",                                               // SDES item
           "81ca0002 00000001 01026161",                             // SDES without end
           "8fce0005 00000001 00000000 52454d42 020bd090 00000002",  // REMB
           "8fce0003 00000001 00000000 52454d42",                    // REMB
           "81cd0002 00000001 00000002",                             // NACK of nothing
           "84ce0002 00000001 00000000",                             // FIR of nothing
       }) {
    const auto walk = ReadHex(std::string(kPli) + hex + std::string(kPli));
    EXPECT_TRUE(walk.malformed) << hex;
    EXPECT_EQ(walk.messages.size(), 1u) << hex;
  }
}

TEST(RtcpReaderTest, PaddingOfTheLastMessageIsNoContent) {
  const auto walk = ReadHex(std::string(kPli) +
                            "a1cd0005 00000001 00000002 00010000"
                            "00000000 00000008");
  EXPECT_FALSE(walk.malformed);
  ASSERT_EQ(walk.messages.size(), 2u);
  EXPECT_THAT(std::get<Nack>(walk.messages[1]).sequence_numbers, ElementsAre(1));
}

TEST(RtcpReaderTest, C1_WhatFollowsPaddingIsDropped) {
  const auto walk = ReadHex(std::string(kPli) + "a1cd0004 00000001 00000002 00010000 00000004" +
                            std::string(kPli));
  EXPECT_TRUE(walk.malformed);
  ASSERT_EQ(walk.messages.size(), 2u);
  EXPECT_THAT(std::get<Nack>(walk.messages[1]).sequence_numbers, ElementsAre(1));
}

TEST(RtcpReaderTest, C1_PaddingMustFitTheMessage) {
  for (int padding = 0; padding < 256; ++padding) {
    auto bytes = BytesFromHex(std::string(kPli) + "a0cb0002 00000000 00000000");
    bytes.back() = static_cast<uint8_t>(padding);
    const auto walk = ReadAll(bytes);
    EXPECT_EQ(walk.malformed, padding != 4 && padding != 8) << padding;
    EXPECT_EQ(walk.messages.size(), walk.malformed ? 1u : 2u) << padding;
  }
  EXPECT_TRUE(ReadHex("a0cb0000").malformed);
}

}  // namespace
}  // namespace earshot
