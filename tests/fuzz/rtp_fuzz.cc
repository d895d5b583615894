// Every valid RTP packet consists of header, payload and padding, its extension elements lie within
// it, and what Earshot understands of its header survives being written and parsed again.

#include <array>
#include <vector>

#include "fuzz_check.h"
#include "wire/demux.h"
#include "wire/rtp_packet.h"

namespace earshot {
namespace {

constexpr ExtensionIds kIds = {.mid = 1,
                               .rid = 2,
                               .repaired_rid = 3,
                               .audio_level = 4,
                               .abs_send_time = 5,
                               .transport_sequence = 6};

ByteView ElementOf(const RtpView& view, uint8_t id) {
  return view.Extension(id).value_or(ByteView());
}

void CheckLayout(const RtpView& view, ByteView packet) {
  FUZZ_CHECK(view.header_size() + view.payload().size() + view.padding_size() == packet.size());
  FUZZ_CHECK(view.header_size() >= kRtpFixedHeaderSize + view.csrc_count() * 4);
  for (unsigned id = 0; id < 256; ++id) {
    const auto element = view.Extension(static_cast<uint8_t>(id));
    if (!element || element->empty()) continue;
    FUZZ_CHECK(element->data() >= packet.data() + kRtpFixedHeaderSize);
    FUZZ_CHECK(element->data() + element->size() <= packet.data() + view.header_size());
  }
}

RtpHeader HeaderOf(const RtpView& view) {
  RtpHeader header;
  header.marker = view.marker();
  header.payload_type = view.payload_type();
  header.sequence_number = view.sequence_number();
  header.timestamp = view.timestamp();
  header.ssrc = view.ssrc();
  if (view.csrc_count() > 0) header.csrc = view.csrc(view.csrc_count() - 1);
  header.mid = ParseStreamId(ElementOf(view, kIds.mid)).value_or("");
  header.audio_level = ParseAudioLevel(ElementOf(view, kIds.audio_level));
  header.abs_send_time = ParseAbsSendTime(ElementOf(view, kIds.abs_send_time));
  header.transport_sequence = ParseTransportSequence(ElementOf(view, kIds.transport_sequence));
  return header;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteView packet(data, size);
  const PacketKind kind = ClassifyPacket(packet);
  const auto view = RtpView::Parse(packet);
  if (!view) return 0;
  FUZZ_CHECK(kind == PacketKind::kRtp || kind == PacketKind::kRtcp);
  CheckLayout(*view, packet);
  const RtpHeader header = HeaderOf(*view);
  std::array<uint8_t, kMaxWrittenRtpHeaderSize> room;
  const size_t written = WriteRtpHeader(header, kIds, room);
  FUZZ_CHECK(written > 0);
  const auto again = RtpView::Parse(ByteView(room).first(written));
  FUZZ_CHECK(again.has_value() && again->header_size() == written);
  const RtpHeader reread = HeaderOf(*again);
  FUZZ_CHECK(reread.marker == header.marker && reread.payload_type == header.payload_type);
  FUZZ_CHECK(reread.sequence_number == header.sequence_number);
  FUZZ_CHECK(reread.timestamp == header.timestamp && reread.ssrc == header.ssrc);
  FUZZ_CHECK(reread.csrc == header.csrc && reread.mid == header.mid);
  FUZZ_CHECK(reread.audio_level.has_value() == header.audio_level.has_value());
  FUZZ_CHECK(reread.abs_send_time == header.abs_send_time);
  FUZZ_CHECK(reread.transport_sequence == header.transport_sequence);
  std::vector<uint8_t> exact(written - 1);
  FUZZ_CHECK(WriteRtpHeader(header, kIds, exact) == 0);
  return 0;
}

}  // namespace earshot
