// Messages that the server sends. Those of clients meet whole servers in tests/space and
// tests/fuzz.

#include "wire/messages.h"

#include <gtest/gtest.h>

#include <array>

namespace earshot {
namespace {

class MessagesTest : public testing::Test {
 protected:
  template <typename Message>
  ByteView Written(const Message& message) {
    return Write([&](ByteWriter& out) { earshot::Write(message, out); });
  }
  ByteView WrittenHints(std::span<const SlotHint> hints) {
    return Write([&](ByteWriter& out) { WriteSlotHints(hints, out); });
  }
  ByteView WrittenPoses(std::span<const PersonPose> poses) {
    return Write([&](ByteWriter& out) { WritePoses(poses, out); });
  }

 private:
  template <typename Writing>
  ByteView Write(Writing&& writing) {
    ByteWriter out(room_);
    writing(out);
    EXPECT_TRUE(out.ok());
    return out.written();
  }
  std::array<uint8_t, kMaxMessageBytes> room_;
};

PersonPose At(uint32_t id, float x, float y, float heading = 0) {
  return {ParticipantId{id}, {{x, y}, heading}};
}

TEST_F(MessagesTest, PosesArriveToTheCentimetre) {
  const std::vector<PersonPose> poses = {At(3, 12.34f, 5.67f, 1), At(4, 0, 655.36f, -1),
                                         At(900, 9999.99f, 0, 3), At(901, 0.01f, 10000),
                                         At(kMaxParticipantId, 1, 1)};
  const auto parsed = ParsePoses(WrittenPoses(poses));
  ASSERT_TRUE(parsed);
  ASSERT_EQ(parsed->size(), poses.size());
  for (size_t i = 0; i < poses.size(); ++i) {
    EXPECT_EQ((*parsed)[i].participant, poses[i].participant);
    EXPECT_NEAR((*parsed)[i].pose.position.x, poses[i].pose.position.x, 0.0051);
    EXPECT_NEAR((*parsed)[i].pose.position.y, poses[i].pose.position.y, 0.0051);
  }
}

TEST_F(MessagesTest, PeopleInOneSightTakeSixBytesEach) {
  std::vector<PersonPose> poses;
  for (uint32_t i = 0; i < 50; ++i) {
    poses.push_back(
        At(1000 + 3 * i, 30 + static_cast<float>(i % 7) * 8, static_cast<float>(25 + i % 5 * 9)));
  }
  EXPECT_LE(WrittenPoses(poses).size(), 2 + 1 + 50 * 6u);
}

TEST_F(MessagesTest, AMessageHoldsAtLeastNinetyPosesWhateverTheyAre) {
  std::vector<PersonPose> poses;
  for (uint32_t i = 0; i < 300; ++i) {
    const bool odd = i % 2 == 1;
    poses.push_back(At(odd ? 1 : kMaxParticipantId, odd ? 0 : 10000, odd ? 10000 : 0));
  }
  const ByteView written = WrittenPoses(poses);
  EXPECT_LE(written.size(), kMaxMessageBytes);
  const auto parsed = ParsePoses(written);
  ASSERT_TRUE(parsed);
  ASSERT_GE(parsed->size(), 90u);
  EXPECT_EQ(parsed->back().participant, poses[parsed->size() - 1].participant);
}

TEST_F(MessagesTest, AMessageHoldsTheMoreTheCloserTheyAre) {
  std::vector<PersonPose> poses;
  for (uint32_t i = 0; i < 300; ++i) poses.push_back(At(1 + i, 10, 10));
  const auto parsed = ParsePoses(WrittenPoses(poses));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->size(), 255u);
}

TEST_F(MessagesTest, AHalfMessageOfPosesIsNone) {
  const std::vector<PersonPose> poses = {At(3, 12, 5), At(4, 300, 200)};
  const ByteView whole = WrittenPoses(poses);
  for (size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(ParsePoses(whole.first(size)));
  constexpr std::array<uint8_t, 9> kEndless = {0x11, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0};
  EXPECT_FALSE(ParsePoses(kEndless));
}

TEST_F(MessagesTest, SlotsSayHowMuchOfACameraComes) {
  for (const Detail detail :
       {Detail::kPaused, Detail::kThumbnail, Detail::kMedium, Detail::kFull}) {
    SlotAssigned message;
    message.source = SourceId(ParticipantId{17}, SourceKind::kCamera);
    message.hint.slot = {MediaKind::kVideo, 3};
    message.hint.detail = detail;
    const auto parsed = ParseSlotAssigned(Written(message));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->hint.detail, detail);
    EXPECT_EQ(parsed->hint.slot, message.hint.slot);
    EXPECT_EQ(parsed->source, message.source);
  }
}

TEST_F(MessagesTest, HintsOfAllSlotsFitInOneMessage) {
  std::vector<SlotHint> hints;
  for (const MediaKind kind : {MediaKind::kAudio, MediaKind::kVideo}) {
    for (uint8_t i = 0; i < kMaxSlotsPerKind; ++i) {
      hints.push_back({{kind, i}, 0.2f, -1.5f, static_cast<float>(i), Detail::kMedium});
    }
  }
  const auto parsed = ParseSlotHints(WrittenHints(hints));
  ASSERT_TRUE(parsed);
  ASSERT_EQ(parsed->size(), hints.size());
  for (size_t i = 0; i < hints.size(); ++i) {
    EXPECT_EQ((*parsed)[i].slot, hints[i].slot);
    EXPECT_FLOAT_EQ((*parsed)[i].gain, hints[i].gain);
    EXPECT_NEAR((*parsed)[i].azimuth, hints[i].azimuth, 1e-4);
    EXPECT_FLOAT_EQ((*parsed)[i].distance, hints[i].distance);
    EXPECT_EQ((*parsed)[i].detail, hints[i].detail);
  }
}

TEST_F(MessagesTest, AHalfMessageOfHintsIsNone) {
  const std::vector<SlotHint> hints(3);
  const ByteView whole = WrittenHints(hints);
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(ParseSlotHints(whole.first(size)));
  }
}

TEST_F(MessagesTest, RecordsAreBehindTheirLengths) {
  const std::vector<uint8_t> message = {2, 0, 7, 8, 0, 0, 1, 0, 9};
  for (size_t size = 0; size <= message.size(); ++size) {
    std::vector<std::vector<uint8_t>> records;
    ForEachRecord(ByteView(message).first(size),
                  [&](ByteView record) { records.emplace_back(record.begin(), record.end()); });
    std::vector<std::vector<uint8_t>> whole;
    if (size >= 4) whole.push_back({7, 8});
    if (size >= 6) whole.push_back({});
    if (size >= 9) whole.push_back({9});
    EXPECT_EQ(records, whole) << size;
  }
}

TEST_F(MessagesTest, WantedNamesSourcesAndLayers) {
  const auto parsed = ParseWanted(Written(WantedMessage{SourceSet(0b0011), LayerSet(0b101)}));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->sources, SourceSet(0b0011));
  EXPECT_EQ(parsed->layers, LayerSet(0b101));
}

}  // namespace
}  // namespace earshot
