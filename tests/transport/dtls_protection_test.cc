#include "transport/dtls_protection.h"

#include <gtest/gtest.h>

#include <set>

#include "transport/dtls_link.h"
#include "transport/dtls_raw_client.h"

namespace earshot {
namespace {

constexpr Timestamp kNow = Timestamp::Seconds(1);
constexpr auto kData = DtlsContentType::kApplicationData;

// A record as OpenSSL leaves one at the end of its flight; only its numbers matter.
PacketList FlightEndingWith(uint64_t sequence, uint64_t nonce) {
  std::vector<uint8_t> record(DtlsRecord::kHeaderSize + DtlsRecord::kMinProtectedSize);
  ByteWriter writer(record);
  writer.U8(22);
  writer.U16(DtlsRecord::kVersion);
  writer.U64(uint64_t{1} << 48 | sequence);
  writer.U16(DtlsRecord::kMinProtectedSize);
  writer.U64(nonce);
  PacketList flight;
  flight.Push(record);
  return flight;
}

DtlsTrafficKey KeyOf(uint8_t byte) {
  DtlsTrafficKey key;
  key.size = 16;
  key.key.fill(byte);
  key.salt.fill(byte);
  return key;
}

class DtlsProtectionTest : public testing::Test {
 protected:
  static DtlsProtection Make(uint8_t local, uint8_t remote) {
    DtlsTrafficKeys keys;
    keys.local = KeyOf(local);
    keys.remote = KeyOf(remote);
    return *DtlsProtection::TakeOver(keys, FlightEndingWith(0, 5));
  }
  std::vector<uint8_t> Seal(std::string_view text) {
    PacketList out;
    EXPECT_TRUE(here_.Seal(kData, BytesOf(text), out));
    return {out[0].begin(), out[0].end()};
  }
  // "-" for what is refused.
  std::string Open(ByteView bytes) {
    const auto record = DtlsRecord::Parse(bytes);
    PacketList out;
    const auto opened = record ? there_.Open(*record, out) : std::nullopt;
    return opened ? std::string(opened->begin(), opened->end()) : "-";
  }

  DtlsProtection here_ = Make(1, 2);
  DtlsProtection there_ = Make(2, 1);
};

TEST_F(DtlsProtectionTest, OpensWhatTheOtherEndSealed) {
  EXPECT_EQ(Open(Seal("one")), "one");
  EXPECT_EQ(Open(Seal("")), "");
  EXPECT_EQ(Open(Seal(std::string(1163, 'x'))), std::string(1163, 'x'));
}

TEST_F(DtlsProtectionTest, NumbersAndNoncesGoOnWhereOpenSslStopped) {
  const std::vector<uint8_t> first = Seal("one"), second = Seal("two");
  EXPECT_EQ(DtlsRecord::Parse(first)->sequence_number, 1u);
  EXPECT_EQ(DtlsRecord::Parse(second)->sequence_number, 2u);
  EXPECT_EQ(LoadBigEndian<uint64_t>(first.data() + DtlsRecord::kHeaderSize), 6u);
  EXPECT_EQ(LoadBigEndian<uint64_t>(second.data() + DtlsRecord::kHeaderSize), 7u);
}

TEST_F(DtlsProtectionTest, DoesNotBeginWithoutKnowingWhereOpenSslStopped) {
  EXPECT_FALSE(DtlsProtection::TakeOver({}, PacketList()));
}

TEST_F(DtlsProtectionTest, StopsBeforeSequenceNumbersRepeat) {
  constexpr uint64_t kLast = (uint64_t{1} << 48) - 1;
  auto protection = DtlsProtection::TakeOver({KeyOf(1), KeyOf(2)}, FlightEndingWith(kLast - 1, 0));
  PacketList out;
  EXPECT_TRUE(protection->Seal(kData, BytesOf("last"), out));
  EXPECT_FALSE(protection->Seal(kData, BytesOf("one too many"), out));
  EXPECT_EQ(out.size(), 1u);
}

TEST_F(DtlsProtectionTest, EveryBitOfARecordCounts) {
  const std::vector<uint8_t> good = Seal("message");
  for (size_t bit = 0; bit < 8 * good.size(); ++bit) {
    std::vector<uint8_t> bad = good;
    bad[bit / 8] ^= static_cast<uint8_t>(1u << (bit % 8));
    EXPECT_EQ(Open(bad), "-") << bit;
  }
  EXPECT_EQ(Open(good), "message");
}

TEST_F(DtlsProtectionTest, ReplaysAndWhatIsBehindTheWindowAreRefused) {
  std::vector<std::vector<uint8_t>> records;
  for (int i = 0; i < 100; ++i) records.push_back(Seal(std::to_string(i)));
  EXPECT_EQ(Open(records[50]), "50");
  EXPECT_EQ(Open(records[50]), "-");
  EXPECT_EQ(Open(records[40]), "40") << "late, but within the window";
  EXPECT_EQ(Open(records[40]), "-");
  EXPECT_EQ(Open(records[99]), "99");
  EXPECT_EQ(Open(records[20]), "-");
  EXPECT_EQ(Open(records[60]), "60");
}

TEST_F(DtlsProtectionTest, AForgedRecordDoesNotMoveTheWindow) {
  std::vector<uint8_t> forged = Seal("far ahead");
  forged[DtlsRecord::kHeaderSize - 4] = 0xff;  // of the sequence number
  EXPECT_EQ(Open(forged), "-");
  EXPECT_EQ(Open(Seal("next")), "next");
}

TEST_F(DtlsProtectionTest, ShortBodiesAreRefused) {
  for (size_t size = 1; size < DtlsRecord::kMinProtectedSize; ++size) {
    std::vector<uint8_t> bytes = Seal("");
    bytes.resize(DtlsRecord::kHeaderSize + size);
    StoreBigEndian(bytes.data() + 11, static_cast<uint16_t>(size));
    EXPECT_EQ(Open(bytes), "-") << size;
  }
}

// The other end is OpenSSL's own record layer.
class DtlsProtectionWithOpenSslTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(client_.HandshakeWith(server_, kNow));
    ASSERT_EQ(client_.cipher_suite(), GetParam());
  }
  std::optional<DropReason> ToServer() {
    std::optional<DropReason> drop;
    for (size_t i = 0; i < to_server_.size(); ++i) {
      drop = server_.HandleDatagram(to_server_[i], kNow, to_client_, application_);
    }
    to_server_.Clear();
    return drop;
  }

  DtlsAssociation server_ = MakeServer();
  RawDtlsClient client_{{.srtp_profiles = kAllProfiles, .cipher_suites = GetParam()}};
  PacketList to_server_, to_client_, application_;
};

TEST_P(DtlsProtectionWithOpenSslTest, MessagesCrossBothWays) {
  for (size_t size = 1; size <= 1100; size += 37) {
    const std::vector<uint8_t> message(size, static_cast<uint8_t>(size));
    client_.Write(message, to_server_);
    EXPECT_FALSE(ToServer());
    ASSERT_EQ(application_.size(), 1u);
    EXPECT_TRUE(std::ranges::equal(application_[0], message));
    application_.Clear();

    ASSERT_TRUE(server_.Send(message, to_client_));
    EXPECT_EQ(client_.Read(to_client_[0]), message);
    EXPECT_TRUE(client_.Read(to_client_[0]).empty()) << "a replay";
    to_client_.Clear();
  }
}

TEST_P(DtlsProtectionWithOpenSslTest, NoNonceOfTheFinishedMessageComesAgain) {
  std::set<uint64_t> nonces;
  size_t records = 0;
  const auto note = [&](ByteView datagram) {
    while (const auto record = DtlsRecord::Parse(datagram)) {
      datagram = datagram.subspan(record->bytes.size());
      if (record->epoch != 1) continue;
      nonces.insert(LoadBigEndian<uint64_t>(record->body.data()));
      ++records;
    }
  };
  for (const auto& datagram : client_.received) note(datagram);
  ASSERT_EQ(records, 1u);
  for (int i = 0; i < 100; ++i) server_.Send(BytesOf("message"), to_client_);
  for (size_t i = 0; i < to_client_.size(); ++i) note(to_client_[i]);
  EXPECT_EQ(records, 101u);
  EXPECT_EQ(nonces.size(), records);
}

TEST_P(DtlsProtectionWithOpenSslTest, EitherSideCloses) {
  client_.Shutdown(to_server_);
  EXPECT_FALSE(ToServer());
  EXPECT_EQ(server_.state(), DtlsState::kClosed);
  ASSERT_EQ(to_client_.size(), 1u) << "the answer";
  EXPECT_TRUE(client_.Read(to_client_[0]).empty());
  EXPECT_TRUE(client_.WasClosed());
}

TEST_P(DtlsProtectionWithOpenSslTest, TheServersCloseNotifyIsUnderstood) {
  server_.Close(to_client_);
  client_.Read(to_client_[0]);
  EXPECT_TRUE(client_.WasClosed());
}

INSTANTIATE_TEST_SUITE_P(Suites, DtlsProtectionWithOpenSslTest,
                         testing::Values("ECDHE-ECDSA-AES128-GCM-SHA256",
                                         "ECDHE-ECDSA-AES256-GCM-SHA384"),
                         [](const auto& info) {
                           return std::string(info.index == 0 ? "Aes128" : "Aes256");
                         });

}  // namespace
}  // namespace earshot
