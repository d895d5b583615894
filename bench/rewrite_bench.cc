// What a slot adds to each forwarded packet before sealing: RtpRewriter's decision alone, and
// Slot::Write with the header written and, for VP8, the descriptor patched. Predicts the share of
// forwarding that is neither cipher nor fan-out.

#include <benchmark/benchmark.h>

#include <array>
#include <vector>

#include "base/random.h"
#include "forwarding/slot.h"

namespace earshot {
namespace {

constexpr ExtensionIds kIds = {.mid = 4, .audio_level = 1, .abs_send_time = 2};
constexpr SourceId kMic{ParticipantId{7}, SourceKind::kMic};
constexpr SourceId kCamera{ParticipantId{7}, SourceKind::kCamera};

/// An inbound stream that never ends: packets of one codec at its usual pace.
class Stream {
 public:
  explicit Stream(Codec codec) : payload_(codec == Codec::kOpus ? 120 : 1100, 0x5a) {
    packet_.codec = codec;
    packet_.extended_sequence = 1 << 16;
    packet_.payload = payload_;
    packet_.frame.starts_keyframe = true;
    packet_.frame.starts_frame = true;
    if (codec == Codec::kOpus) packet_.audio_level = AudioLevel{true, 30};
    if (codec == Codec::kVp8) {
      packet_.frame.vp8 = Vp8Descriptor{
          .picture_id_bits = 15, .picture_id_offset = 2, .tl0_pic_idx_offset = 4, .size = 5};
    }
  }

  const SourcePacket& Next() {
    ++packet_.extended_sequence;
    packet_.timestamp += ClockRate(packet_.codec) / 50;
    now_ = now_ + Duration::Millis(20);
    if (packet_.frame.vp8) {
      packet_.frame.vp8->picture_id = (packet_.frame.vp8->picture_id + 1) & 0x7fff;
      ++packet_.frame.vp8->tl0_pic_idx;
    }
    return packet_;
  }
  Timestamp now() const { return now_; }

 private:
  std::vector<uint8_t> payload_;
  SourcePacket packet_;
  Timestamp now_ = Timestamp::Seconds(1);
};

void BM_Rewrite(benchmark::State& state, Codec codec) {
  SeededRandom random(1);
  RtpRewriter rewriter(RtpOrigin::Draw(random));
  Stream stream(codec);
  for (auto _ : state) {
    const SourcePacket& packet = stream.Next();
    const auto out = rewriter.Rewrite(
        {packet.extended_sequence, packet.timestamp, packet.codec, packet.frame}, stream.now());
    if (!out) {
      state.SkipWithError("not forwarded");
      break;
    }
    benchmark::DoNotOptimize(out);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(BM_Rewrite, opus, Codec::kOpus);
BENCHMARK_CAPTURE(BM_Rewrite, vp8, Codec::kVp8);
BENCHMARK_CAPTURE(BM_Rewrite, h264, Codec::kH264);

// The same for a source that pads: every fourth packet is taken out of the numbering.
void BM_RewriteWithPadding(benchmark::State& state) {
  SeededRandom random(1);
  RtpRewriter rewriter(RtpOrigin::Draw(random));
  Stream stream(Codec::kVp8);
  int count = 0;
  for (auto _ : state) {
    const SourcePacket& packet = stream.Next();
    if (++count % 4 == 0) {
      benchmark::DoNotOptimize(rewriter.Skip(packet.extended_sequence));
      continue;
    }
    benchmark::DoNotOptimize(rewriter.Rewrite(
        {packet.extended_sequence, packet.timestamp, packet.codec, packet.frame}, stream.now()));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_RewriteWithPadding);

// A slot that is given another source with every packet: the most that routing could ask of it.
void BM_RewriteSwitching(benchmark::State& state) {
  SeededRandom random(1);
  RtpRewriter rewriter(RtpOrigin::Draw(random));
  Stream stream(Codec::kVp8);
  for (auto _ : state) {
    rewriter.BeginSource();
    const SourcePacket& packet = stream.Next();
    benchmark::DoNotOptimize(rewriter.Rewrite(
        {packet.extended_sequence, packet.timestamp, packet.codec, packet.frame}, stream.now()));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_RewriteSwitching);

void BM_SlotWrite(benchmark::State& state, Codec codec) {
  SeededRandom random(1);
  SlotFormat format;
  format.ref.kind = codec == Codec::kOpus ? MediaKind::kAudio : MediaKind::kVideo;
  format.mid = "v3";
  format.ssrc = 0x1234;
  format.payloads = {{codec, 96, std::nullopt}};
  format.extensions = kIds;
  Slot slot(format, random);
  slot.Assign(codec == Codec::kOpus ? kMic : kCamera);
  Stream stream(codec);
  std::array<uint8_t, kMaxWrittenRtpHeaderSize> room;
  for (auto _ : state) {
    const auto out = slot.Write(stream.Next(), stream.now());
    if (!out) {
      state.SkipWithError("not forwarded");
      break;
    }
    RtpHeader header = out->header;
    header.abs_send_time = 0x123456;
    benchmark::DoNotOptimize(WriteRtpHeader(header, kIds, room));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(BM_SlotWrite, opus, Codec::kOpus);
BENCHMARK_CAPTURE(BM_SlotWrite, vp8, Codec::kVp8);
BENCHMARK_CAPTURE(BM_SlotWrite, h264, Codec::kH264);

}  // namespace
}  // namespace earshot
