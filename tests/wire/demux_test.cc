#include "wire/demux.h"

#include <gtest/gtest.h>

#include <vector>

namespace earshot {
namespace {

PacketKind ExpectedKind(int first, int second) {
  if (first <= 3) return PacketKind::kStun;
  if (first >= 20 && first <= 63) return PacketKind::kDtls;
  if (first < 128 || first > 191) return PacketKind::kUnknown;
  return second >= 192 && second <= 223 ? PacketKind::kRtcp : PacketKind::kRtp;
}

TEST(DemuxTest, P1_EveryFirstByteAtEveryLengthHasOneKind) {
  for (int first = 0; first < 256; ++first) {
    for (size_t length = 2; length <= 64; ++length) {
      for (const int second : {0, 111, 191, 192, 200, 223, 224, 255}) {
        std::vector<uint8_t> packet(length, 0);
        packet[0] = static_cast<uint8_t>(first);
        packet[1] = static_cast<uint8_t>(second);
        ASSERT_EQ(ClassifyPacket(packet), ExpectedKind(first, second))
            << "first byte " << first << ", second " << second << ", length " << length;
      }
    }
  }
}

TEST(DemuxTest, P1_AnEmptyPacketIsUnknown) { EXPECT_EQ(ClassifyPacket({}), PacketKind::kUnknown); }

TEST(DemuxTest, P1_OneByteDoesNotTellRtpFromRtcp) {
  for (int first = 0; first < 256; ++first) {
    const auto byte = static_cast<uint8_t>(first);
    const PacketKind expected =
        first >= 128 && first <= 191 ? PacketKind::kUnknown : ExpectedKind(first, 0);
    EXPECT_EQ(ClassifyPacket({&byte, 1}), expected) << first;
  }
}

TEST(DemuxTest, PayloadTypesWithMarkerOutsideTheReservedRangeAreRtp) {
  for (int second = 0; second < 256; ++second) {
    const uint8_t packet[] = {0x80, static_cast<uint8_t>(second)};
    EXPECT_EQ(ClassifyPacket(packet), ExpectedKind(0x80, second)) << second;
  }
}

}  // namespace
}  // namespace earshot
