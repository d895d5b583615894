#include "transport/dtls_record.h"

#include <gtest/gtest.h>

#include <vector>

namespace earshot {
namespace {

std::vector<uint8_t> Header(uint8_t type, uint16_t version, uint16_t size) {
  std::vector<uint8_t> bytes(DtlsRecord::kHeaderSize);
  ByteWriter writer(bytes);
  writer.U8(type);
  writer.U16(version);
  writer.U16(1);
  writer.Zeros(6);
  writer.U16(size);
  return bytes;
}

std::vector<uint8_t> Fragment(uint32_t size, uint16_t number, uint32_t offset,
                              uint32_t fragment_size, size_t present) {
  std::vector<uint8_t> bytes(12 + present);
  ByteWriter writer(bytes);
  writer.U8(11);
  writer.U24(size);
  writer.U16(number);
  writer.U24(offset);
  writer.U24(fragment_size);
  return bytes;
}

TEST(DtlsRecordTest, TakesOneRecordOfSeveral) {
  std::vector<uint8_t> bytes = Header(23, 0xfefd, 2);
  bytes.insert(bytes.end(), {7, 8, 9});
  const auto record = DtlsRecord::Parse(bytes);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->type, DtlsContentType::kApplicationData);
  EXPECT_EQ(record->epoch, 1);
  EXPECT_EQ(record->bytes.size(), 15u);
  EXPECT_EQ(record->body[1], 8);
}

TEST(DtlsRecordTest, RefusesWhatIsNotDtls12) {
  for (int type = 0; type < 256; ++type) {
    std::vector<uint8_t> bytes = Header(static_cast<uint8_t>(type), 0xfefd, 1);
    bytes.push_back(0);
    EXPECT_EQ(DtlsRecord::Parse(bytes).has_value(), type >= 20 && type <= 23) << type;
  }
  for (const uint16_t version : std::initializer_list<uint16_t>{0x0303, 0xfefc, 0x0100, 0xff00}) {
    std::vector<uint8_t> bytes = Header(22, version, 1);
    bytes.push_back(0);
    EXPECT_FALSE(DtlsRecord::Parse(bytes)) << version;
  }
}

TEST(DtlsRecordTest, RefusesLengthsThatDoNotAgree) {
  EXPECT_FALSE(DtlsRecord::Parse(Header(22, 0xfefd, 0)));
  EXPECT_FALSE(DtlsRecord::Parse(Header(22, 0xfefd, 1)));
  std::vector<uint8_t> cut = Header(22, 0xfefd, 1);
  cut.pop_back();
  EXPECT_FALSE(DtlsRecord::Parse(cut));
  std::vector<uint8_t> huge = Header(22, 0xfefd, 0xffff);
  huge.resize(huge.size() + 0xffff);
  EXPECT_FALSE(DtlsRecord::Parse(huge));
}

TEST(DtlsRecordTest, NamesTheMessagesOfARecord) {
  std::vector<uint8_t> bytes = Fragment(4, 3, 0, 4, 4);
  EXPECT_TRUE(DtlsHandshakeContent::Parse(bytes)->has_other);
  EXPECT_FALSE(DtlsHandshakeContent::Parse(bytes)->has_client_hello);
  std::vector<uint8_t> hello = Fragment(4, 5, 0, 4, 4);
  hello[0] = 1;
  bytes.insert(bytes.end(), hello.begin(), hello.end());
  EXPECT_TRUE(DtlsHandshakeContent::Parse(bytes)->has_client_hello);
  EXPECT_EQ(DtlsHandshakeContent::Parse(bytes)->last_message_number, 5);
}

TEST(DtlsRecordTest, D8_HandshakeFramingIsChecked) {
  EXPECT_TRUE(DtlsHandshakeContent::Parse(Fragment(0, 4, 0, 0, 0)));
  EXPECT_TRUE(DtlsHandshakeContent::Parse(Fragment(16384, 1, 100, 20, 20)));
  std::vector<uint8_t> two = Fragment(8, 1, 0, 8, 8);
  const std::vector<uint8_t> second = Fragment(8, 2, 0, 4, 4);
  two.insert(two.end(), second.begin(), second.end());
  EXPECT_TRUE(DtlsHandshakeContent::Parse(two));
  two.pop_back();
  EXPECT_FALSE(DtlsHandshakeContent::Parse(two)) << "the second is cut";
  EXPECT_FALSE(DtlsHandshakeContent::Parse(Fragment(16385, 1, 0, 20, 20))) << "too large";
  EXPECT_FALSE(DtlsHandshakeContent::Parse(Fragment(100, 8, 0, 20, 20))) << "too far ahead";
  EXPECT_FALSE(DtlsHandshakeContent::Parse(Fragment(100, 1, 90, 20, 20))) << "beyond its message";
  EXPECT_FALSE(DtlsHandshakeContent::Parse(Fragment(100, 1, 0, 0, 0))) << "a fragment of nothing";
}

}  // namespace
}  // namespace earshot
