#include "codec/vp8.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "bytes_from_hex.h"

namespace earshot {
namespace {

FrameInfo Parse(std::string_view hex) {
  const auto info = ParseFrameInfo(Codec::kVp8, BytesFromHex(hex));
  EXPECT_TRUE(info && info->vp8) << hex;
  return info.value_or(FrameInfo{.vp8 = Vp8Descriptor{}});
}

TEST(Vp8Test, ADescriptorOfOneByteHasNoIds) {
  const auto info = Parse("10 00");
  EXPECT_TRUE(info.starts_frame);
  EXPECT_TRUE(info.starts_keyframe);
  EXPECT_EQ(info.vp8->size, 1);
  EXPECT_EQ(info.vp8->picture_id_bits, Vp8Descriptor::kAbsent);
  EXPECT_EQ(info.vp8->tl0_pic_idx_offset, Vp8Descriptor::kAbsent);
}

TEST(Vp8Test, ReadsAPictureIdOf7Bits) {
  const auto info = Parse("90 80 11 00");
  EXPECT_EQ(info.vp8->picture_id_bits, 7);
  EXPECT_EQ(info.vp8->picture_id, 0x11);
  EXPECT_EQ(info.vp8->picture_id_offset, 2);
  EXPECT_EQ(info.vp8->size, 3);
}

TEST(Vp8Test, ReadsAPictureIdOf15Bits) {
  const auto info = Parse("90 80 92 34 00");
  EXPECT_EQ(info.vp8->picture_id_bits, 15);
  EXPECT_EQ(info.vp8->picture_id, 0x1234);
  EXPECT_EQ(info.vp8->size, 4);
}

TEST(Vp8Test, ReadsAllFieldsAtOnce) {
  const auto info = Parse("90 f0 ffff c8 b7 00");
  EXPECT_EQ(info.vp8->picture_id, 0x7fff);
  EXPECT_EQ(info.vp8->tl0_pic_idx, 0xc8);
  EXPECT_EQ(info.vp8->tl0_pic_idx_offset, 4);
  EXPECT_EQ(info.vp8->temporal_layer, 2);
  EXPECT_EQ(info.vp8->size, 6);
}

TEST(Vp8Test, ReadsEachFieldAlone) {
  EXPECT_EQ(Parse("90 00 00").vp8->size, 2);
  const auto index = Parse("90 40 c8 00");
  EXPECT_EQ(index.vp8->tl0_pic_idx, 0xc8);
  EXPECT_EQ(index.vp8->tl0_pic_idx_offset, 2);
  EXPECT_EQ(index.vp8->size, 3);
  EXPECT_EQ(Parse("90 20 c0 00").vp8->temporal_layer, 3);
  // Without T the layer bits mean nothing (RFC 7741 section 4.2).
  EXPECT_EQ(Parse("90 10 df 00").vp8->temporal_layer, 0);
  EXPECT_EQ(Parse("90 10 df 00").vp8->size, 3);
}

TEST(Vp8Test, OnlyTheStartOfTheFirstPartitionStartsAFrame) {
  EXPECT_FALSE(Parse("00 00").starts_frame);  // S = 0
  EXPECT_FALSE(Parse("11 00").starts_frame);  // partition 1
  EXPECT_FALSE(Parse("17 00").starts_frame);
  EXPECT_TRUE(Parse("30 00").starts_frame);  // N, not a reference
}

TEST(Vp8Test, OnlyTheStartOfAKeyFrameStartsAKeyframe) {
  EXPECT_TRUE(Parse("10 9e").starts_keyframe);
  EXPECT_FALSE(Parse("10 9f").starts_keyframe);
  EXPECT_TRUE(Parse("10 9f").starts_frame);
  EXPECT_FALSE(Parse("00 00").starts_keyframe);
  EXPECT_FALSE(Parse("11 00").starts_keyframe);
  EXPECT_TRUE(Parse("90 f0 ffff c8 b7 00").starts_keyframe);
  EXPECT_FALSE(Parse("90 f0 ffff c8 b7 01").starts_keyframe);
}

TEST(Vp8Test, R10_EveryTruncatedDescriptorIsMalformed) {
  for (const auto* hex : {"10 00", "90 80 11 00", "90 80 92 34 00", "90 f0 ffff c8 b7 00",
                          "90 40 c8 00", "90 10 df 00", "90 00 00"}) {
    const auto payload = BytesFromHex(hex);
    ASSERT_TRUE(ParseFrameInfo(Codec::kVp8, payload)) << hex;
    for (size_t size = 0; size < payload.size(); ++size) {
      EXPECT_FALSE(ParseFrameInfo(Codec::kVp8, ByteView(payload).first(size))) << hex << size;
    }
  }
}

void ExpectPatched(std::string_view before, uint16_t picture_id, uint8_t index,
                   std::string_view after) {
  auto payload = BytesFromHex(before);
  const auto info = ParseFrameInfo(Codec::kVp8, payload);
  ASSERT_TRUE(info);
  PatchVp8(*info->vp8, picture_id, index, payload);
  EXPECT_EQ(payload, BytesFromHex(after));
}

TEST(Vp8Test, PatchingKeepsTheWidthOfTheIds) {
  ExpectPatched("90 f0 ffff c8 b7 00", 0x1234, 0x56, "90 f0 9234 56 b7 00");
  ExpectPatched("90 f0 8000 c8 b7 00", 0x0007, 0x56, "90 f0 8007 56 b7 00");
  ExpectPatched("90 c0 11 c8 01", 0x1234, 0x56, "90 c0 34 56 01");
  ExpectPatched("90 c0 11 c8 01", 0x12ff, 0x56, "90 c0 7f 56 01");
  ExpectPatched("90 80 9234 01", 0xffff, 0x56, "90 80 ffff 01");
  ExpectPatched("90 40 c8 01", 0xffff, 0x56, "90 40 56 01");
}

TEST(Vp8Test, PatchingAbsentIdsChangesNothing) {
  ExpectPatched("10 9e", 0x1234, 0x56, "10 9e");
  ExpectPatched("90 20 c0 00", 0x1234, 0x56, "90 20 c0 00");
}

TEST(Vp8Test, PatchingAPayloadWithoutTheDescriptorChangesNothing) {
  const auto info = Parse("90 f0 ffff c8 b7 00");
  std::vector<uint8_t> shorter(5, 0xa5);
  PatchVp8(*info.vp8, 0, 0, shorter);
  EXPECT_EQ(shorter, std::vector<uint8_t>(5, 0xa5));
}

}  // namespace
}  // namespace earshot
