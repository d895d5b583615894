#include "base/bytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <vector>

#include "bytes_from_hex.h"

namespace earshot {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

TEST(BytesTest, BigEndianIntegersSurvive) {
  std::array<uint8_t, 8> bytes{};
  StoreBigEndian(bytes.data(), uint64_t{0x0123456789abcdef});
  EXPECT_THAT(bytes, ElementsAre(0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef));
  EXPECT_EQ(LoadBigEndian<uint64_t>(bytes.data()), 0x0123456789abcdefu);
  EXPECT_EQ(LoadBigEndian<uint32_t>(bytes.data() + 1), 0x23456789u);
  EXPECT_EQ(LoadBigEndian<uint16_t>(bytes.data() + 3), 0x6789);
  EXPECT_EQ(LoadBigEndian<uint8_t>(bytes.data() + 7), 0xef);
}

TEST(ByteReaderTest, ReadsEverySizeInOrder) {
  const auto bytes = BytesFromHex("01 0203 040506 0708090a 0b0c0d0e0f101112 13");
  ByteReader reader(bytes);
  EXPECT_EQ(reader.U8(), 0x01);
  EXPECT_EQ(reader.U16(), 0x0203);
  EXPECT_EQ(reader.U24(), 0x040506u);
  EXPECT_EQ(reader.U32(), 0x0708090au);
  EXPECT_EQ(reader.U64(), 0x0b0c0d0e0f101112u);
  EXPECT_EQ(reader.position(), 18u);
  EXPECT_EQ(reader.remaining(), 1u);
  EXPECT_THAT(reader.TakeRest(), ElementsAre(0x13));
  EXPECT_EQ(reader.remaining(), 0u);
  EXPECT_TRUE(reader.ok());
}

TEST(ByteReaderTest, ReadsLittleEndian) {
  const auto bytes = BytesFromHex("0201 04030201 0000c0bf");
  ByteReader reader(bytes);
  EXPECT_EQ(reader.U16Le(), 0x0102);
  EXPECT_EQ(reader.U32Le(), 0x01020304u);
  EXPECT_EQ(reader.F32Le(), -1.5f);
  EXPECT_TRUE(reader.ok());
}

TEST(ByteReaderTest, StaysFailedOnceItRanOut) {
  const auto bytes = BytesFromHex("010203");
  ByteReader reader(bytes);
  EXPECT_EQ(reader.U32(), 0u);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.remaining(), 0u);
  EXPECT_EQ(reader.U8(), 0);
  EXPECT_TRUE(reader.Take(1).empty());
  EXPECT_TRUE(reader.TakeRest().empty());
  EXPECT_FALSE(reader.ok());
}

TEST(ByteReaderTest, EverySizeNeedsAllItsBytes) {
  const auto fails = [](size_t available, auto read) {
    const std::vector<uint8_t> bytes(available, 0xff);
    ByteReader reader(bytes);
    EXPECT_EQ(read(reader), 0u);
    return !reader.ok();
  };
  EXPECT_TRUE(fails(0, [](ByteReader& r) { return r.U8(); }));
  EXPECT_TRUE(fails(1, [](ByteReader& r) { return r.U16(); }));
  EXPECT_TRUE(fails(2, [](ByteReader& r) { return r.U24(); }));
  EXPECT_TRUE(fails(3, [](ByteReader& r) { return r.U32(); }));
  EXPECT_TRUE(fails(7, [](ByteReader& r) { return r.U64(); }));
  EXPECT_TRUE(fails(1, [](ByteReader& r) { return r.U16Le(); }));
  EXPECT_TRUE(fails(3, [](ByteReader& r) { return r.U32Le(); }));
}

TEST(ByteReaderTest, AHugeCountDoesNotWrapAround) {
  const auto bytes = BytesFromHex("0102");
  ByteReader reader(bytes);
  reader.U8();
  EXPECT_TRUE(reader.Take(std::numeric_limits<size_t>::max()).empty());
  EXPECT_FALSE(reader.ok());
}

TEST(ByteReaderTest, NothingCanBeTakenFromNothing) {
  ByteReader reader({});
  EXPECT_TRUE(reader.Take(0).empty());
  EXPECT_TRUE(reader.ok());
  EXPECT_TRUE(reader.Take(1).empty());
  EXPECT_FALSE(reader.ok());
}

TEST(ByteWriterTest, WritesEverySizeInOrder) {
  std::array<uint8_t, 32> room;
  room.fill(0xa5);
  ByteWriter writer(room);
  writer.U8(0x01);
  writer.U16(0x0203);
  writer.U24(0x040506);
  writer.U32(0x0708090a);
  writer.U64(0x0b0c0d0e0f101112);
  writer.Bytes(BytesFromHex("1314"));
  writer.Bytes({});
  writer.Zeros(2);
  EXPECT_TRUE(writer.ok());
  EXPECT_EQ(std::vector<uint8_t>(writer.written().begin(), writer.written().end()),
            BytesFromHex("0102030405060708090a0b0c0d0e0f101112 1314 0000"));
  EXPECT_EQ(room[writer.size()], 0xa5);
}

TEST(ByteWriterTest, WritesLittleEndianThatReadsBack) {
  std::array<uint8_t, 10> room;
  ByteWriter writer(room);
  writer.U16Le(0x0102);
  writer.U32Le(0x01020304);
  writer.F32Le(-1.5f);
  EXPECT_THAT(room, ElementsAre(2, 1, 4, 3, 2, 1, 0, 0, 0xc0, 0xbf));
  EXPECT_TRUE(writer.ok());
}

TEST(ByteWriterTest, StaysFailedOnceItRanOutAndWritesNothingMore) {
  std::array<uint8_t, 4> room;
  room.fill(0xa5);
  ByteWriter writer(ByteSpan(room).first(3));
  writer.U32(1);
  EXPECT_FALSE(writer.ok());
  writer.U8(1);
  writer.Zeros(1);
  writer.Bytes(BytesFromHex("01"));
  EXPECT_EQ(writer.size(), 0u);
  EXPECT_FALSE(writer.ok());
  EXPECT_THAT(room, Each(0xa5));
}

TEST(ByteWriterTest, AHugeCountDoesNotWrapAround) {
  std::array<uint8_t, 4> room;
  ByteWriter writer(room);
  writer.U16(1);
  writer.Zeros(std::numeric_limits<size_t>::max());
  EXPECT_FALSE(writer.ok());
}

TEST(ByteWriterTest, FailCountsAsNotHavingFitted) {
  std::array<uint8_t, 4> room;
  ByteWriter writer(room);
  writer.U8(1);
  writer.Fail();
  writer.U8(2);
  EXPECT_FALSE(writer.ok());
  EXPECT_EQ(writer.size(), 1u);
}

TEST(ByteWriterTest, PatchesOnlyWhatWasWritten) {
  std::array<uint8_t, 8> room;
  room.fill(0xa5);
  ByteWriter writer(room);
  writer.U32(0);
  writer.PatchU16(2, 0x1234);
  writer.PatchU16(3, 0xffff);
  writer.PatchU16(4, 0xffff);
  EXPECT_THAT(room, ElementsAre(0, 0, 0x12, 0x34, 0xa5, 0xa5, 0xa5, 0xa5));
}

}  // namespace
}  // namespace earshot
