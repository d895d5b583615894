#include "codec/h264.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "bytes_from_hex.h"

namespace earshot {
namespace {

struct Expected {
  bool starts_keyframe;
  bool starts_frame;
};

void ExpectInfo(std::string_view hex, Expected expected) {
  const auto info = ParseFrameInfo(Codec::kH264, BytesFromHex(hex));
  ASSERT_TRUE(info) << hex;
  EXPECT_EQ(info->starts_keyframe, expected.starts_keyframe) << hex;
  EXPECT_EQ(info->starts_frame, expected.starts_frame) << hex;
  EXPECT_FALSE(info->vp8);
}

constexpr Expected kKeyframe = {true, true};
constexpr Expected kFrame = {false, true};
constexpr Expected kContinuation = {false, false};

TEST(H264Test, SingleNalUnitsTellByTheirType) {
  ExpectInfo("65 88", kKeyframe);      // IDR, first slice
  ExpectInfo("65 40", kContinuation);  // IDR, another slice
  ExpectInfo("67 42", kKeyframe);      // SPS
  ExpectInfo("41 9a", kFrame);         // first slice of an inter frame
  ExpectInfo("41 5a", kContinuation);
  ExpectInfo("68 ce", kFrame);         // PPS
  ExpectInfo("06 05", kFrame);         // SEI
  ExpectInfo("09 10", kFrame);         // access unit delimiter
  ExpectInfo("0c ff", kContinuation);  // filler
  ExpectInfo("0b", kContinuation);     // end of stream, which has no body
}

TEST(H264Test, AnAggregateIsWhatItsUnitsAre) {
  ExpectInfo("78 0002 6742 0002 68ce 0003 658884", kKeyframe);
  ExpectInfo("78 0002 0605 0002 6588", kKeyframe);
  ExpectInfo("78 0002 0605 0002 419a", kFrame);
  ExpectInfo("78 0002 415a", kContinuation);
}

TEST(H264Test, OnlyTheFirstFragmentStartsAnything) {
  ExpectInfo("7c 85 88", kKeyframe);
  ExpectInfo("7c 05 88", kContinuation);
  ExpectInfo("7c 45 88", kContinuation);
  ExpectInfo("7c 85 48", kContinuation);  // first fragment of a later slice
  ExpectInfo("5c 81 9a", kFrame);
  ExpectInfo("5c 01 9a", kContinuation);
  ExpectInfo("7c 87 42", kKeyframe);
}

TEST(H264Test, R10_TruncatedUnitsAreMalformed) {
  for (const auto* hex :
       {"65", "67", "41", "78", "78 00", "78 0000", "78 0002 67", "78 0001 67", "78 0002 6742 00",
        "78 0002 6742 0000", "78 0002 6742 0003 68ce", "7c", "7c 85", "7c 05"}) {
    EXPECT_FALSE(ParseFrameInfo(Codec::kH264, BytesFromHex(hex))) << hex;
  }
}

TEST(H264Test, R10_TypesOutsideTheModesAreMalformed) {
  for (const int type : {0, 25, 26, 27, 29, 30, 31}) {
    const uint8_t single[] = {static_cast<uint8_t>(0x60 | type), 0xff, 0xff, 0xff};
    EXPECT_FALSE(ParseFrameInfo(Codec::kH264, single)) << type;
    const uint8_t aggregate[] = {0x78, 0, 2, static_cast<uint8_t>(0x60 | type), 0xff};
    EXPECT_FALSE(ParseFrameInfo(Codec::kH264, aggregate)) << type;
    for (const int start : {0x00, 0x80}) {
      const uint8_t fragment[] = {0x7c, static_cast<uint8_t>(start | type), 0xff};
      EXPECT_FALSE(ParseFrameInfo(Codec::kH264, fragment)) << type;
    }
  }
}

TEST(H264Test, R10_AggregatesAndFragmentsDoNotNest) {
  EXPECT_FALSE(ParseFrameInfo(Codec::kH264, BytesFromHex("78 0005 78 0002 6742")));
  EXPECT_FALSE(ParseFrameInfo(Codec::kH264, BytesFromHex("78 0003 7c 85 88")));
  EXPECT_FALSE(ParseFrameInfo(Codec::kH264, BytesFromHex("7c 98 0002 6742")));
}

TEST(H264Test, R10_TheForbiddenBitIsMalformed) {
  EXPECT_FALSE(ParseFrameInfo(Codec::kH264, BytesFromHex("e5 88")));
  EXPECT_FALSE(ParseFrameInfo(Codec::kH264, BytesFromHex("78 0002 e742")));
}

}  // namespace
}  // namespace earshot
