#include <gtest/gtest.h>

#include "base/random.h"
#include "transport/dtls.h"
#include "transport/dtls_link.h"
#include "transport/dtls_raw_client.h"
#include "transport/dtls_record.h"

namespace earshot {
namespace {

constexpr uint8_t kChangeCipherSpec = 20, kAlert = 21, kHandshake = 22, kApplicationData = 23;

std::vector<uint8_t> Record(uint8_t type, uint16_t epoch, ByteView body) {
  std::vector<uint8_t> bytes(DtlsRecord::kHeaderSize + body.size());
  ByteWriter writer(bytes);
  writer.U8(type);
  writer.U16(0xfefd);
  writer.U16(epoch);
  writer.U16(0);
  writer.U32(1000);
  writer.U16(static_cast<uint16_t>(body.size()));
  writer.Bytes(body);
  return bytes;
}

// A ClientHello that offers nothing but TLS_NULL_WITH_NULL_NULL, as in the attack on handshakes in
// progress (threat row D1).
std::vector<uint8_t> NullClientHello(uint16_t message_number = 0) {
  std::vector<uint8_t> bytes(12 + 42);
  ByteWriter writer(bytes);
  writer.U8(1);
  writer.U24(42);
  writer.U16(message_number);
  writer.U24(0);
  writer.U24(42);
  writer.U16(0xfefd);
  writer.Zeros(32);  // random
  writer.U8(0);      // session id
  writer.U8(0);      // cookie
  writer.U16(2);
  writer.U16(0);  // TLS_NULL_WITH_NULL_NULL
  writer.U8(1);
  writer.U8(0);  // null compression
  EXPECT_TRUE(writer.ok());
  EXPECT_EQ(writer.size(), bytes.size());
  return Record(kHandshake, 0, bytes);
}

TEST(DtlsAssociationTest, D1_HelloWithNullCipherBeforeTheGenuineOneIsSurvived) {
  DtlsLink link;
  for (int i = 0; i < 4; ++i) link.Deliver(true, NullClientHello());
  EXPECT_TRUE(link.sent.empty()) << "an alert would reach the genuine client";
  link.Start();
  link.Run();
  EXPECT_TRUE(link.BothConnected());
}

TEST(DtlsAssociationTest, D1_HelloWithNullCipherAtAnyPointOfTheHandshakeIsSurvived) {
  for (int before_step = 0; before_step < 8; ++before_step) {
    for (uint16_t message_number = 0; message_number < 4; ++message_number) {
      DtlsLink link;
      link.Start();
      for (int step = 0; step < before_step; ++step) link.Step(link.now + Duration::Seconds(1));
      link.Deliver(true, NullClientHello(message_number));
      link.Run();
      EXPECT_TRUE(link.BothConnected()) << before_step << " " << message_number;
    }
  }
}

TEST(DtlsAssociationTest, D2_TheFifthFailedAttemptIsTheLast) {
  DtlsAssociation server = MakeServer();
  PacketList out, application;
  for (int i = 0; i < 4; ++i) {
    server.HandleDatagram(NullClientHello(), Timestamp::Seconds(1), out, application);
  }
  EXPECT_EQ(server.state(), DtlsState::kHandshaking);
  EXPECT_TRUE(out.empty());
  server.HandleDatagram(NullClientHello(), Timestamp::Seconds(1), out, application);
  EXPECT_EQ(server.state(), DtlsState::kFailed);
  EXPECT_EQ(server.failure(), DtlsFailure::kHandshake);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0][0], kAlert);
  EXPECT_TRUE(server.NextDeadline().IsNever());
}

TEST(DtlsAssociationTest, D3_ClientHelloOnAnEstablishedAssociationIsIgnored) {
  DtlsLink link;
  link.Start();
  link.Run();
  const std::vector<uint8_t> genuine_hello = link.sent[0].second;
  const size_t sent = link.sent.size();
  for (const auto& hello : {genuine_hello, NullClientHello(), NullClientHello(1)}) {
    for (int i = 0; i < 100; ++i) {
      EXPECT_EQ(link.Deliver(true, hello), DropReason::kDtlsUnexpected);
    }
  }
  EXPECT_EQ(link.sent.size(), sent) << "no answer to any of them";
  EXPECT_TRUE(link.DataFlows());
}

TEST(DtlsAssociationTest, D4_RecordsInTheClearAfterTheHandshakeAreIgnored) {
  DtlsLink link;
  link.Start();
  link.Run();
  const size_t sent = link.sent.size();
  const std::vector<uint8_t> bodies[] = {{1}, {2, 40}, {1, 0}, std::vector<uint8_t>(40)};
  for (uint8_t type : {kChangeCipherSpec, kAlert, kHandshake, kApplicationData}) {
    for (const auto& body : bodies) {
      for (bool to_server : {false, true}) {
        EXPECT_EQ(link.Deliver(to_server, Record(type, 0, body)), DropReason::kDtlsUnexpected);
      }
    }
  }
  EXPECT_EQ(link.sent.size(), sent);
  EXPECT_TRUE(link.DataFlows());
}

TEST(DtlsAssociationTest, D4_AlertsInTheClearDoNotEndAHandshake) {
  DtlsLink link;
  link.Start();
  while (!link.BothConnected()) {
    link.Deliver(true, Record(kAlert, 0, std::vector<uint8_t>{2, 40}));
    link.Deliver(false, Record(kAlert, 0, std::vector<uint8_t>{2, 40}));
    ASSERT_TRUE(link.Step(link.now + Duration::Seconds(1)));
  }
  EXPECT_TRUE(link.DataFlows());
}

TEST(DtlsAssociationTest, D5_ProtectedRecordsOfAnyLengthLeaveTheAssociationAlive) {
  DtlsLink link;
  link.Start();
  link.Run();
  for (uint8_t type : {kChangeCipherSpec, kAlert, kHandshake, kApplicationData}) {
    for (size_t size = 0; size <= 64; ++size) {
      for (bool to_server : {false, true}) {
        link.Deliver(to_server, Record(type, 1, std::vector<uint8_t>(size, 0x5a)));
      }
    }
  }
  EXPECT_TRUE(link.DataFlows());
}

TEST(DtlsAssociationTest, D5_ProtectedRecordsOfAnyLengthLeaveTheHandshakeAlive) {
  DtlsLink link;
  link.Start();
  while (!link.BothConnected()) {
    for (size_t size = 0; size <= 64; ++size) {
      for (uint8_t type : {kAlert, kApplicationData}) {
        link.Deliver(true, Record(type, 1, std::vector<uint8_t>(size)));
        link.Deliver(false, Record(type, 1, std::vector<uint8_t>(size)));
      }
    }
    ASSERT_TRUE(link.Step(link.now + Duration::Seconds(1)));
  }
  EXPECT_TRUE(link.DataFlows());
}

TEST(DtlsAssociationTest, D6_RecordsOfFutureEpochsAreNotKept) {
  DtlsLink link;
  link.Start();
  link.Step(link.now + Duration::Seconds(1));
  const std::vector<uint8_t> body(64);
  for (uint16_t epoch = 2; epoch < 10; ++epoch) {
    EXPECT_EQ(link.Deliver(true, Record(kHandshake, epoch, body)), DropReason::kDtlsUnexpected);
  }
  int accepted = 0;
  for (int i = 0; i < 1000; ++i) {
    if (!link.Deliver(true, Record(kHandshake, 1, body))) ++accepted;
  }
  EXPECT_EQ(accepted, 3);
  link.Run();
  EXPECT_TRUE(link.BothConnected());
}

TEST(DtlsAssociationTest, D10_LossOfAnySingleDatagramIsRecovered) {
  for (int lost = 0; lost < 8; ++lost) {
    DtlsLink link([lost](int ordinal) { return ordinal == lost; });
    const Timestamp start = link.now;
    link.Start();
    link.Run(Duration::Seconds(2));
    ASSERT_TRUE(link.BothConnected()) << "datagram " << lost;
    EXPECT_LT(link.now - start, Duration::Seconds(1)) << "datagram " << lost;
    link.now = link.now + Duration::Seconds(1);
    EXPECT_TRUE(link.DataFlows() || lost >= static_cast<int>(link.sent.size()) - 2);
  }
}

TEST(DtlsAssociationTest, D10_RandomLossOfThirtyPercentIsRecovered) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SeededRandom random(seed);
    DtlsLink link([&random](int) { return random.Unit() < 0.3; });
    const Timestamp start = link.now;
    link.Start();
    while (!link.BothConnected() && link.Step(start + Duration::Seconds(15))) {
    }
    EXPECT_TRUE(link.BothConnected()) << "seed " << seed;
  }
}

TEST(DtlsAssociationTest, D10_ReplayedFlightsDoNotDisturb) {
  DtlsLink link;
  link.Start();
  while (!link.BothConnected()) {
    const auto all = link.sent;
    for (const auto& [to_server, bytes] : all) link.Deliver(to_server, bytes);
    if (link.BothConnected()) break;
    ASSERT_TRUE(link.Step(link.now + Duration::Seconds(1)));
  }
  link.Run(Duration::Seconds(1));
  EXPECT_TRUE(link.DataFlows());
}

TEST(DtlsAssociationTest, GivesUpAfterThirtySecondsOfSilence) {
  DtlsLink link([](int) { return true; });
  link.Start();
  const Timestamp start = link.now;
  link.Run();
  EXPECT_EQ(link.client.failure(), DtlsFailure::kTimeout);
  EXPECT_EQ(link.server.failure(), DtlsFailure::kTimeout);
  EXPECT_EQ(link.now - start, Duration::Seconds(30));
  // 100 ms doubling to 3 s.
  EXPECT_EQ(link.sent.size(), 14u);
}

TEST(DtlsAssociationTest, NoDeadlineStaysDue) {
  DtlsLink link([](int) { return true; });
  link.Start();
  PacketList out;
  while (!link.client.NextDeadline().IsNever()) {
    const Timestamp due = link.client.NextDeadline();
    link.client.HandleDeadline(due, out);
    ASSERT_GT(link.client.NextDeadline(), due);
  }
}

TEST(DtlsAssociationTest, TheLastFlightIsRepeatedAtABoundedRate) {
  DtlsLink link;
  link.Start();
  link.Run();
  const size_t sent = link.sent.size();
  for (int i = 0; i < 1000; ++i) {
    link.Deliver(true, Record(kHandshake, 1, std::vector<uint8_t>(40)));
  }
  EXPECT_EQ(link.sent.size(), sent + 1);
  ASSERT_TRUE(link.DataFlows());
  link.now = link.now + Duration::Seconds(1);
  EXPECT_EQ(link.Deliver(true, Record(kHandshake, 1, std::vector<uint8_t>(40))),
            DropReason::kDtlsUnexpected)
      << "data has shown that the flight arrived";
}

TEST(DtlsAssociationTest, MutatedFlightsNeverBreakInvariants) {
  SeededRandom random(7);
  for (int run = 0; run < 300; ++run) {
    DtlsLink link;
    link.Start();
    for (int step = 0; step < 12; ++step) {
      std::vector<uint8_t> bytes =
          link.sent[random.Below(static_cast<uint32_t>(link.sent.size()))].second;
      const uint32_t changes = 1 + random.Below(4);
      for (uint32_t i = 0; i < changes; ++i) {
        bytes[random.Below(static_cast<uint32_t>(bytes.size()))] =
            static_cast<uint8_t>(random.U32());
      }
      bytes.resize(random.Below(static_cast<uint32_t>(bytes.size())) + 1);
      link.Deliver(random.Below(2) == 0, bytes);
      link.Step(link.now + Duration::Seconds(1));
    }
    link.Run();
    EXPECT_EQ(link.server.TakeKeys().has_value(), link.server.state() == DtlsState::kConnected);
    EXPECT_NE(link.server.state(), DtlsState::kHandshaking);
  }
}

}  // namespace
}  // namespace earshot
