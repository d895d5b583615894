#include "wire/stun_format.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "bytes_from_hex.h"
#include "wire/stun_vectors.h"

namespace earshot::stun {
namespace {

constexpr size_t kSampleIntegrityOffset = 76;

TEST(StunFormatTest, PaddingFillsTheWord) {
  EXPECT_EQ(PaddingOf(0), 0u);
  EXPECT_EQ(PaddingOf(1), 3u);
  EXPECT_EQ(PaddingOf(3), 1u);
  EXPECT_EQ(PaddingOf(4), 0u);
}

TEST(StunFormatTest, IntegrityIsThatOfTheSampleRequest) {
  const auto packet = BytesFromHex(kSampleRequest);
  Integrity integrity{};
  ASSERT_TRUE(ComputeIntegrity(packet, kSampleIntegrityOffset, kSamplePassword, integrity));
  EXPECT_TRUE(std::equal(integrity.begin(), integrity.end(),
                         packet.begin() + kSampleIntegrityOffset + kAttributeHeaderSize));
}

TEST(StunFormatTest, IntegrityDoesNotDependOnTheLengthField) {
  auto packet = BytesFromHex(kSampleRequest);
  Integrity before{}, after{};
  ASSERT_TRUE(ComputeIntegrity(packet, kSampleIntegrityOffset, kSamplePassword, before));
  StoreBigEndian(packet.data() + kLengthPosition, uint16_t{0});
  ASSERT_TRUE(ComputeIntegrity(packet, kSampleIntegrityOffset, kSamplePassword, after));
  EXPECT_EQ(before, after);
}

TEST(StunFormatTest, ThereIsNoIntegrityWithoutPasswordOrMessage) {
  const auto packet = BytesFromHex(kSampleRequest);
  Integrity integrity{};
  EXPECT_FALSE(ComputeIntegrity(packet, kSampleIntegrityOffset, "", integrity));
  EXPECT_FALSE(ComputeIntegrity(packet, kHeaderSize - 1, kSamplePassword, integrity));
  EXPECT_FALSE(ComputeIntegrity(packet, packet.size() + 1, kSamplePassword, integrity));
}

TEST(StunFormatTest, FingerprintIsThatOfTheSampleRequest) {
  const auto packet = BytesFromHex(kSampleRequest);
  EXPECT_EQ(ComputeFingerprint(ByteView(packet).first(packet.size() - 8)), 0xe57a3bcfu);
}

}  // namespace
}  // namespace earshot::stun
