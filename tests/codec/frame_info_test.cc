#include "codec/frame_info.h"

#include <gtest/gtest.h>

#include "bytes_from_hex.h"

namespace earshot {
namespace {

TEST(FrameInfoTest, CodecsAreNamedAsInSdp) {
  EXPECT_EQ(CodecName(Codec::kOpus), "opus");
  EXPECT_EQ(CodecName(Codec::kVp8), "VP8");
  EXPECT_EQ(CodecName(Codec::kH264), "H264");
}

TEST(FrameInfoTest, ClockRatesAreThoseOfThePayloadFormats) {
  EXPECT_EQ(ClockRate(Codec::kOpus), 48000u);
  EXPECT_EQ(ClockRate(Codec::kVp8), 90000u);
  EXPECT_EQ(ClockRate(Codec::kH264), 90000u);
}

TEST(FrameInfoTest, EveryOpusPacketStandsAlone) {
  for (const auto* payload : {"", "78", "ffffffffff"}) {
    const auto info = ParseFrameInfo(Codec::kOpus, BytesFromHex(payload));
    ASSERT_TRUE(info);
    EXPECT_TRUE(info->starts_keyframe);
    EXPECT_TRUE(info->starts_frame);
    EXPECT_FALSE(info->vp8);
  }
}

TEST(FrameInfoTest, R10_AnEmptyVideoPayloadIsMalformed) {
  EXPECT_FALSE(ParseFrameInfo(Codec::kVp8, {}));
  EXPECT_FALSE(ParseFrameInfo(Codec::kH264, {}));
}

}  // namespace
}  // namespace earshot
