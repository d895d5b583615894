#include "client/synthetic_media.h"

#include <gtest/gtest.h>

#include <array>

namespace earshot {
namespace {

constexpr PayloadTag kTag{SourceId(ParticipantId{123456}, SourceKind::kScreen), 77,
                          Timestamp::Micros(0x123456789abcd)};

TEST(SyntheticMediaTest, TheTagCanBeReadBack) {
  for (const Codec codec : {Codec::kOpus, Codec::kVp8}) {
    std::array<uint8_t, 100> room;
    const size_t size = WriteSyntheticPayload({.codec = codec, .tag = kTag, .size = 60}, room);
    ASSERT_EQ(size, 60u);
    EXPECT_EQ(ReadPayloadTag(codec, ByteView(room).first(size)), kTag);
  }
}

TEST(SyntheticMediaTest, Vp8PayloadsAreValid) {
  std::array<uint8_t, 100> room;
  SyntheticPayload payload{.codec = Codec::kVp8, .tag = kTag, .size = 50};
  payload.picture_id = 0x7abc;
  payload.tl0_pic_idx = 9;
  payload.starts_frame = payload.keyframe = true;
  WriteSyntheticPayload(payload, room);
  const auto keyframe = ParseFrameInfo(Codec::kVp8, ByteView(room).first(50));
  ASSERT_TRUE(keyframe && keyframe->vp8);
  EXPECT_TRUE(keyframe->starts_keyframe);
  EXPECT_EQ(keyframe->vp8->picture_id_bits, 15);
  EXPECT_EQ(keyframe->vp8->picture_id, 0x7abc);
  EXPECT_EQ(keyframe->vp8->tl0_pic_idx, 9);

  payload.keyframe = false;
  WriteSyntheticPayload(payload, room);
  EXPECT_FALSE(ParseFrameInfo(Codec::kVp8, ByteView(room).first(50))->starts_keyframe);
  EXPECT_TRUE(ParseFrameInfo(Codec::kVp8, ByteView(room).first(50))->starts_frame);
  payload.starts_frame = false;
  WriteSyntheticPayload(payload, room);
  EXPECT_FALSE(ParseFrameInfo(Codec::kVp8, ByteView(room).first(50))->starts_frame);
}

TEST(SyntheticMediaTest, NothingIsWrittenWhereItDoesNotFit) {
  std::array<uint8_t, 30> room;
  EXPECT_EQ(WriteSyntheticPayload({.tag = kTag, .size = 31}, room), 0u);
  EXPECT_EQ(WriteSyntheticPayload({.tag = kTag, .size = kMinSyntheticPayload - 1}, room), 0u);
  EXPECT_EQ(ReadPayloadTag(Codec::kVp8, ByteView(room).first(10)), std::nullopt);
}

}  // namespace
}  // namespace earshot
