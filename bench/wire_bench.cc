// Predicts what parsing and header writing cost per datagram on a worker's thread, apart from the
// kernel and the cipher. STUN parse with integrity bounds how many checks per second anybody can
// make a server compute (threat row S10).

#include <benchmark/benchmark.h>

#include <array>
#include <vector>

#include "wire/demux.h"
#include "wire/rtcp.h"
#include "wire/rtp_packet.h"
#include "wire/stun.h"

namespace earshot {
namespace {

constexpr std::string_view kPassword = "0123456789abcdefABCDEF";
constexpr ExtensionIds kIds = {.mid = 4,
                               .rid = 10,
                               .repaired_rid = 11,
                               .audio_level = 1,
                               .abs_send_time = 2,
                               .transport_sequence = 3};

std::vector<uint8_t> BindingRequest() {
  std::vector<uint8_t> packet(256);
  StunWriter writer(packet, StunClass::kRequest, kStunBindingMethod, {1, 2, 3});
  writer.Username("serverfr:clnt");
  writer.IceControlling(0x0123456789abcdef);
  writer.UseCandidate();
  writer.Priority(0x6e7f1eff);
  packet.resize(writer.Finish(kPassword));
  return packet;
}

RtpHeader MediaHeader() {
  return {.payload_type = 96,
          .sequence_number = 4711,
          .timestamp = 90000,
          .ssrc = 0x12345678,
          .csrc = 77,
          .mid = "17",
          .audio_level = AudioLevel{true, 30},
          .abs_send_time = 0x123456,
          .transport_sequence = 99};
}

void BM_StunParse(benchmark::State& state) {
  const auto packet = BindingRequest();
  for (auto _ : state) benchmark::DoNotOptimize(StunMessage::Parse(packet));
}
BENCHMARK(BM_StunParse);

void BM_StunParseAndIntegrity(benchmark::State& state) {
  const auto packet = BindingRequest();
  for (auto _ : state) {
    const auto message = StunMessage::Parse(packet);
    if (!message || !message->IntegrityMatches(kPassword)) state.SkipWithError("no match");
  }
}
BENCHMARK(BM_StunParseAndIntegrity);

void BM_StunWriteResponse(benchmark::State& state) {
  const auto address = *SocketAddress::FromLiteral("192.0.2.1", 40000);
  std::array<uint8_t, 256> room;
  for (auto _ : state) {
    StunWriter writer(room, StunClass::kSuccess, kStunBindingMethod, {1, 2, 3});
    writer.XorMappedAddress(address);
    benchmark::DoNotOptimize(writer.Finish(kPassword));
  }
}
BENCHMARK(BM_StunWriteResponse);

// What a worker reads of each inbound media packet: its kind, the fixed fields, four extensions.
void BM_RtpParse(benchmark::State& state) {
  std::vector<uint8_t> packet(1200, 0x55);
  WriteRtpHeader(MediaHeader(), kIds, packet);
  for (auto _ : state) {
    benchmark::DoNotOptimize(ClassifyPacket(packet));
    const auto view = RtpView::Parse(packet);
    benchmark::DoNotOptimize(view->ssrc());
    benchmark::DoNotOptimize(view->sequence_number());
    benchmark::DoNotOptimize(view->timestamp());
    benchmark::DoNotOptimize(view->payload());
  }
}
BENCHMARK(BM_RtpParse);

void BM_RtpParseWithExtensions(benchmark::State& state) {
  std::vector<uint8_t> packet(1200, 0x55);
  WriteRtpHeader(MediaHeader(), kIds, packet);
  for (auto _ : state) {
    const auto view = RtpView::Parse(packet);
    for (const uint8_t id : {kIds.mid, kIds.rid, kIds.audio_level, kIds.transport_sequence}) {
      benchmark::DoNotOptimize(view->Extension(id));
    }
  }
}
BENCHMARK(BM_RtpParseWithExtensions);

void BM_RtpHeaderWrite(benchmark::State& state) {
  RtpHeader header = MediaHeader();
  std::array<uint8_t, kMaxWrittenRtpHeaderSize> room;
  for (auto _ : state) {
    ++header.sequence_number;
    benchmark::DoNotOptimize(WriteRtpHeader(header, kIds, room));
  }
}
BENCHMARK(BM_RtpHeaderWrite);

std::vector<uint8_t> Compound(size_t feedback_packets) {
  std::vector<uint8_t> room(1500);
  ByteWriter writer(room);
  Write(ReceiverReport{.sender_ssrc = 1, .reports = {{.ssrc = 2}, {.ssrc = 3}}}, writer);
  Write(Sdes{.chunks = {{1, "participant"}}}, writer);
  Write(Nack{1, 2, {10, 12, 40}}, writer);
  Write(Remb{1, 1000000, {2}}, writer);
  TransportFeedback feedback;
  for (size_t i = 0; i < feedback_packets; ++i) {
    feedback.packets.push_back({i % 17 != 0, i % 17 != 0 ? static_cast<int32_t>(i % 300) : 0});
  }
  Write(feedback, writer);
  room.resize(writer.ok() ? writer.size() : 0);
  return room;
}

void BM_RtcpCompoundParse(benchmark::State& state) {
  const auto compound = Compound(static_cast<size_t>(state.range(0)));
  for (auto _ : state) {
    RtcpReader reader(compound);
    while (const auto message = reader.Next()) benchmark::DoNotOptimize(message);
  }
}
BENCHMARK(BM_RtcpCompoundParse)->Arg(0)->Arg(100);

}  // namespace
}  // namespace earshot
