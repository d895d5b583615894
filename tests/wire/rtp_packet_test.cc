#include "wire/rtp_packet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "bytes_from_hex.h"

namespace earshot {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

// A header with the extension bit, an extension of this profile and these words, and a payload of
// one byte.
std::vector<uint8_t> PacketWithExtension(std::string_view profile_and_length,
                                         std::string_view words) {
  return BytesFromHex("906f1234 00000001 00000002" + std::string(profile_and_length) +
                      std::string(words) + "ee");
}

TEST(RtpPacketTest, ReadsEveryFieldOfTheHeader) {
  const auto packet = BytesFromHex("82e01234 89abcdef 01020304 0a0b0c0d 0e0f1011 aabbcc");
  const auto view = RtpView::Parse(packet);
  ASSERT_TRUE(view);
  EXPECT_TRUE(view->marker());
  EXPECT_EQ(view->payload_type(), 0x60);
  EXPECT_EQ(view->sequence_number(), 0x1234);
  EXPECT_EQ(view->timestamp(), 0x89abcdefu);
  EXPECT_EQ(view->ssrc(), 0x01020304u);
  ASSERT_EQ(view->csrc_count(), 2u);
  EXPECT_EQ(view->csrc(0), 0x0a0b0c0du);
  EXPECT_EQ(view->csrc(1), 0x0e0f1011u);
  EXPECT_EQ(view->header_size(), 20u);
  EXPECT_THAT(view->payload(), ElementsAre(0xaa, 0xbb, 0xcc));
  EXPECT_EQ(view->padding_size(), 0u);
}

TEST(RtpPacketTest, PaddingIsNoPayload) {
  const auto packet = BytesFromHex("a0601234 00000000 00000001 aabb 00000003");
  const auto view = RtpView::Parse(packet);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->payload().size(), 3u);
  EXPECT_EQ(view->padding_size(), 3u);
}

TEST(RtpPacketTest, APacketMayBeNothingButPadding) {
  const auto packet = BytesFromHex("a0601234 00000000 00000001 00000004");
  const auto view = RtpView::Parse(packet);
  ASSERT_TRUE(view);
  EXPECT_TRUE(view->payload().empty());
  EXPECT_EQ(view->padding_size(), 4u);
}

TEST(RtpPacketTest, R7_EveryPrefixOfTheHeaderIsMalformed) {
  const auto packet = BytesFromHex("9f601234 00000000 00000001" + std::string(15 * 8, '0') +
                                   "bede0002" + std::string(16, '0'));
  ASSERT_TRUE(RtpView::Parse(packet));
  for (size_t size = 0; size < packet.size(); ++size) {
    EXPECT_FALSE(RtpView::Parse(ByteView(packet).first(size))) << size;
  }
}

TEST(RtpPacketTest, R7_OnlyVersionTwoIsValid) {
  for (const int version : {0, 1, 2, 3}) {
    auto packet = BytesFromHex("00601234 00000000 00000001");
    packet[0] = static_cast<uint8_t>(version << 6);
    EXPECT_EQ(RtpView::Parse(packet).has_value(), version == 2) << version;
  }
}

TEST(RtpPacketTest, R7_CsrcsBeyondTheEndAreMalformed) {
  for (size_t count = 0; count < 16; ++count) {
    auto packet = BytesFromHex("80601234 00000000 00000001" + std::string(7 * 8, '0'));
    packet[0] = static_cast<uint8_t>(0x80 | count);
    EXPECT_EQ(RtpView::Parse(packet).has_value(), count <= 7) << count;
  }
}

TEST(RtpPacketTest, R7_AnExtensionBeyondTheEndIsMalformed) {
  EXPECT_FALSE(RtpView::Parse(BytesFromHex("90601234 00000000 00000001 bede")));
  EXPECT_FALSE(RtpView::Parse(BytesFromHex("90601234 00000000 00000001 bede0001")));
  EXPECT_FALSE(RtpView::Parse(BytesFromHex("90601234 00000000 00000001 bede0001 000000")));
  EXPECT_TRUE(RtpView::Parse(BytesFromHex("90601234 00000000 00000001 bede0001 00000000")));
  EXPECT_FALSE(RtpView::Parse(BytesFromHex("90601234 00000000 00000001 bedeffff 00000000")));
}

TEST(RtpPacketTest, R7_AnExtensionOf65535WordsIsReadWhenItIsThere) {
  auto packet = BytesFromHex("90601234 00000000 00000001 bedeffff");
  packet.resize(packet.size() + 65535 * 4);
  packet[packet.size() - 4] = 0x30;  // an element of one byte behind 262 136 bytes of padding
  packet[packet.size() - 3] = 0x77;
  const auto view = RtpView::Parse(packet);
  ASSERT_TRUE(view);
  EXPECT_TRUE(view->payload().empty());
  ASSERT_TRUE(view->Extension(3));
  EXPECT_THAT(*view->Extension(3), ElementsAre(0x77));
  packet.pop_back();
  EXPECT_FALSE(RtpView::Parse(packet));
}

TEST(RtpPacketTest, R7_PaddingOfZeroOrBeyondThePayloadIsMalformed) {
  for (int padding = 0; padding < 256; ++padding) {
    auto packet = BytesFromHex("b1601234 00000000 00000001 0000000a bede0001 10aa0000 00000000");
    packet.back() = static_cast<uint8_t>(padding);
    EXPECT_EQ(RtpView::Parse(packet).has_value(), padding >= 1 && padding <= 4) << padding;
  }
}

TEST(RtpPacketTest, R7_PaddingWithoutAnyPayloadIsMalformed) {
  EXPECT_FALSE(RtpView::Parse(BytesFromHex("a0601234 00000000 000000ff")));
}

// The three examples of RFC 8285 section 4.2, with data filled in.
TEST(RtpPacketTest, ReadsOneByteElementsWithPaddingBetween) {
  const auto packet = PacketWithExtension("bede0003", "10 01  21 0203 00 00  33 04050607");
  const auto view = RtpView::Parse(packet);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->header_size(), 12u + 4u + 12u);
  EXPECT_THAT(*view->Extension(1), ElementsAre(1));
  EXPECT_THAT(*view->Extension(2), ElementsAre(2, 3));
  EXPECT_THAT(*view->Extension(3), ElementsAre(4, 5, 6, 7));
  EXPECT_FALSE(view->Extension(4));
  EXPECT_FALSE(view->Extension(0));
  EXPECT_THAT(view->payload(), ElementsAre(0xee));
}

// As in RFC 8285 section 4.3: an element without data, one of a byte, padding, one of four bytes.
TEST(RtpPacketTest, ReadsTwoByteElementsWithPaddingBetween) {
  for (const auto* head : {"10000003", "100f0003"}) {
    const auto packet = PacketWithExtension(head, "0100  0201aa  00  ff0401020304");
    const auto view = RtpView::Parse(packet);
    ASSERT_TRUE(view);
    ASSERT_TRUE(view->Extension(1));
    EXPECT_TRUE(view->Extension(1)->empty());
    EXPECT_THAT(*view->Extension(2), ElementsAre(0xaa));
    EXPECT_THAT(*view->Extension(255), ElementsAre(1, 2, 3, 4));
  }
}

TEST(RtpPacketTest, R7_Id15EndsTheOneByteList) {
  const auto packet = PacketWithExtension("bede0002", "1001 f0ff 2002 0000");
  const auto view = RtpView::Parse(packet);
  ASSERT_TRUE(view);
  EXPECT_TRUE(view->Extension(1));
  EXPECT_FALSE(view->Extension(2));
  EXPECT_FALSE(view->Extension(15));
}

TEST(RtpPacketTest, R7_Id15IsAnOrdinaryTwoByteId) {
  const auto packet = PacketWithExtension("10000001", "0f02 abcd");
  EXPECT_THAT(*RtpView::Parse(packet)->Extension(15), ElementsAre(0xab, 0xcd));
}

TEST(RtpPacketTest, R7_APaddingIdWithALengthEndsTheOneByteList) {
  const auto packet = PacketWithExtension("bede0002", "1001 01aabb 2002 00");
  const auto view = RtpView::Parse(packet);
  EXPECT_TRUE(view->Extension(1));
  EXPECT_FALSE(view->Extension(2));
}

TEST(RtpPacketTest, R7_AnElementBeyondTheExtensionIsAbsent) {
  for (const auto& packet :
       {PacketWithExtension("bede0001", "13aabbcc"), PacketWithExtension("bede0001", "0000001f"),
        PacketWithExtension("10000001", "0103aabb"), PacketWithExtension("10000001", "00000001")}) {
    const auto view = RtpView::Parse(packet);
    ASSERT_TRUE(view);
    EXPECT_FALSE(view->Extension(1));
  }
}

TEST(RtpPacketTest, R7_OfDuplicateElementsTheFirstCounts) {
  EXPECT_THAT(*RtpView::Parse(PacketWithExtension("bede0001", "10aa10bb"))->Extension(1),
              ElementsAre(0xaa));
}

TEST(RtpPacketTest, AnUnknownExtensionProfileHasNoElements) {
  const auto packet = PacketWithExtension("abac0001", "10aa0000");
  const auto view = RtpView::Parse(packet);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->header_size(), 20u);
  EXPECT_FALSE(view->Extension(1));
}

TEST(RtpPacketTest, ReadsTheAudioLevelOfRfc6464) {
  EXPECT_EQ(ParseAudioLevel(BytesFromHex("9e"))->voice_activity, true);
  EXPECT_EQ(ParseAudioLevel(BytesFromHex("9e"))->level, 30);
  EXPECT_EQ(ParseAudioLevel(BytesFromHex("7f"))->voice_activity, false);
  EXPECT_EQ(ParseAudioLevel(BytesFromHex("7f"))->level, 127);
  EXPECT_FALSE(ParseAudioLevel({}));
  EXPECT_FALSE(ParseAudioLevel(BytesFromHex("9e00")));
}

TEST(RtpPacketTest, StreamIdsHaveOneTo16Characters) {
  EXPECT_FALSE(ParseStreamId({}));
  EXPECT_EQ(ParseStreamId(BytesFromHex("6869")), "hi");
  EXPECT_EQ(ParseStreamId(std::vector<uint8_t>(16, 'a')), std::string(16, 'a'));
  EXPECT_FALSE(ParseStreamId(std::vector<uint8_t>(17, 'a')));
}

TEST(RtpPacketTest, TimesAndSequenceNumbersHaveTheirExactSize) {
  EXPECT_EQ(ParseAbsSendTime(BytesFromHex("fedcba")), 0xfedcbau);
  EXPECT_EQ(AbsSendTimeAt(Timestamp::Millis(1500)), 3u << 17);
  EXPECT_EQ(AbsSendTimeAt(Timestamp::Seconds(64) + Duration::Millis(250)), 1u << 16);
  // Threat row L3: 2^45 microseconds, after 407 days.
  constexpr Timestamp kLong = Timestamp::Seconds(64 * 1000000);
  EXPECT_EQ(AbsSendTimeAt(kLong + Duration::Seconds(3)), 3u << 18);
  EXPECT_FALSE(ParseAbsSendTime(BytesFromHex("fedc")));
  EXPECT_FALSE(ParseAbsSendTime(BytesFromHex("fedcba98")));
  EXPECT_EQ(ParseTransportSequence(BytesFromHex("fedc")), 0xfedc);
  EXPECT_FALSE(ParseTransportSequence(BytesFromHex("fe")));
  EXPECT_FALSE(ParseTransportSequence(BytesFromHex("fedcba")));
}

constexpr ExtensionIds kIds = {
    .mid = 4, .audio_level = 1, .abs_send_time = 2, .transport_sequence = 3};

TEST(RtpHeaderWriterTest, WritesTheBytesOfAFullHeader) {
  const RtpHeader header = {.marker = true,
                            .payload_type = 96,
                            .sequence_number = 0x1234,
                            .timestamp = 0x89abcdef,
                            .ssrc = 0x01020304,
                            .csrc = 0x0a0b0c0d,
                            .mid = "17",
                            .audio_level = AudioLevel{true, 30},
                            .abs_send_time = 0xfedcba,
                            .transport_sequence = 0xbeef};
  std::vector<uint8_t> out(kMaxWrittenRtpHeaderSize);
  out.resize(WriteRtpHeader(header, kIds, out));
  EXPECT_EQ(out, BytesFromHex("91e01234 89abcdef 01020304 0a0b0c0d bede0003"
                              "41 3137 10 9e 22 fedcba 31 beef"));
}

TEST(RtpHeaderWriterTest, WithoutExtensionsTheHeaderIsFixed) {
  std::vector<uint8_t> out(kMaxWrittenRtpHeaderSize);
  EXPECT_EQ(WriteRtpHeader({.mid = "x", .transport_sequence = 1}, {}, out), kRtpFixedHeaderSize);
  EXPECT_EQ(WriteRtpHeader({}, kIds, out), kRtpFixedHeaderSize);
  EXPECT_EQ(out[0], 0x80);
}

TEST(RtpHeaderWriterTest, IdsThatOneByteCannotCarryAreLeftOut) {
  std::vector<uint8_t> out(kMaxWrittenRtpHeaderSize);
  for (int id = 0; id < 256; ++id) {
    const ExtensionIds ids = {.transport_sequence = static_cast<uint8_t>(id)};
    const size_t expected = id >= 1 && id <= 14 ? kRtpFixedHeaderSize + 8 : kRtpFixedHeaderSize;
    EXPECT_EQ(WriteRtpHeader({.transport_sequence = 1}, ids, out), expected) << id;
  }
}

TEST(RtpHeaderWriterTest, AMidOfMoreThan16CharactersIsRefused) {
  std::vector<uint8_t> out(200);
  const std::string mid(17, 'm');
  EXPECT_EQ(WriteRtpHeader({.mid = mid}, kIds, out), 0u);
}

TEST(RtpHeaderWriterTest, TheLongestHeaderFitsTheStatedMaximum) {
  std::vector<uint8_t> out(kMaxWrittenRtpHeaderSize);
  const std::string mid(16, 'm');
  const RtpHeader header = {.csrc = 1,
                            .mid = mid,
                            .audio_level = AudioLevel{},
                            .abs_send_time = 1,
                            .transport_sequence = 1};
  EXPECT_EQ(WriteRtpHeader(header, kIds, out), 48u);
}

struct RandomHeader {
  RtpHeader header;
  ExtensionIds ids;
  std::string mid;
};

RandomHeader MakeRandomHeader(Random& random) {
  RandomHeader made;
  RtpHeader& header = made.header;
  header.marker = random.Below(2);
  header.payload_type = static_cast<uint8_t>(random.Below(128));
  header.sequence_number = static_cast<uint16_t>(random.U32());
  header.timestamp = random.U32();
  header.ssrc = random.U32();
  made.mid = random.IceChars(random.Below(17));
  if (random.Below(2)) header.csrc = random.U32();
  if (random.Below(2)) {
    header.audio_level = AudioLevel{random.Below(2) == 1, static_cast<uint8_t>(random.Below(128))};
  }
  if (random.Below(2)) header.abs_send_time = random.Below(1 << 24);
  if (random.Below(2)) header.transport_sequence = static_cast<uint16_t>(random.U32());
  // Four different ids, of which some are not negotiated.
  uint8_t next = 1;
  for (uint8_t* id : {&made.ids.mid, &made.ids.audio_level, &made.ids.abs_send_time,
                      &made.ids.transport_sequence}) {
    next = static_cast<uint8_t>(next + 1 + random.Below(3));
    if (random.Below(4) != 0) *id = next;
  }
  return made;
}

void ExpectExtensions(const RtpView& view, const RandomHeader& made) {
  const auto extension = [&view](uint8_t id) { return view.Extension(id).value_or(ByteView()); };
  const RtpHeader& header = made.header;
  if (made.ids.mid != 0 && !made.mid.empty()) {
    EXPECT_EQ(ParseStreamId(extension(made.ids.mid)), made.mid);
  }
  if (made.ids.audio_level != 0 && header.audio_level) {
    const auto level = ParseAudioLevel(extension(made.ids.audio_level));
    ASSERT_TRUE(level);
    EXPECT_EQ(level->level, header.audio_level->level);
    EXPECT_EQ(level->voice_activity, header.audio_level->voice_activity);
  }
  if (made.ids.abs_send_time != 0) {
    EXPECT_EQ(ParseAbsSendTime(extension(made.ids.abs_send_time)), header.abs_send_time);
  }
  if (made.ids.transport_sequence != 0) {
    EXPECT_EQ(ParseTransportSequence(extension(made.ids.transport_sequence)),
              header.transport_sequence);
  }
}

TEST(RtpHeaderWriterTest, RandomHeadersParseToTheSame) {
  SeededRandom random(7);
  for (int round = 0; round < 20000; ++round) {
    RandomHeader made = MakeRandomHeader(random);
    made.header.mid = made.mid;
    std::vector<uint8_t> out(kMaxWrittenRtpHeaderSize);
    const size_t size = WriteRtpHeader(made.header, made.ids, out);
    ASSERT_GE(size, kRtpFixedHeaderSize);
    const auto view = RtpView::Parse(ByteView(out).first(size));
    ASSERT_TRUE(view);
    ASSERT_EQ(view->header_size(), size);
    EXPECT_EQ(view->marker(), made.header.marker);
    EXPECT_EQ(view->payload_type(), made.header.payload_type);
    EXPECT_EQ(view->sequence_number(), made.header.sequence_number);
    EXPECT_EQ(view->timestamp(), made.header.timestamp);
    EXPECT_EQ(view->ssrc(), made.header.ssrc);
    EXPECT_EQ(view->csrc_count(), made.header.csrc ? 1u : 0u);
    if (made.header.csrc) {
      EXPECT_EQ(view->csrc(0), *made.header.csrc);
    }
    ExpectExtensions(*view, made);
    if (HasFailure()) FAIL() << "round " << round;
  }
}

TEST(RtpHeaderWriterTest, R7_NothingIsWrittenToASpanThatIsTooSmall) {
  SeededRandom random(8);
  for (int round = 0; round < 200; ++round) {
    RandomHeader made = MakeRandomHeader(random);
    made.header.mid = made.mid;
    std::vector<uint8_t> whole(kMaxWrittenRtpHeaderSize);
    const size_t size = WriteRtpHeader(made.header, made.ids, whole);
    for (size_t room = 0; room < size; ++room) {
      std::vector<uint8_t> out(kMaxWrittenRtpHeaderSize, 0xa5);
      ASSERT_EQ(WriteRtpHeader(made.header, made.ids, ByteSpan(out).first(room)), 0u);
      ASSERT_THAT(out, Each(0xa5));
    }
    std::vector<uint8_t> exact(size);
    ASSERT_EQ(WriteRtpHeader(made.header, made.ids, exact), size);
    whole.resize(size);
    ASSERT_THAT(exact, ElementsAreArray(whole));
  }
}

}  // namespace
}  // namespace earshot
