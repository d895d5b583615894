#include "stream_oracle.h"

#include <algorithm>
#include <cstdlib>

#include "wire/rtp_packet.h"

namespace earshot::sim {
namespace {

// Sequence numbers before the first one, in case packets overtake each other.
constexpr int64_t kRoomBefore = 64;
// A jump farther than any loss explains.
constexpr int64_t kMaxGap = 3000;
// Jitter on the way in moves packets against the clock by this much at most.
constexpr Duration kMaxDrift = Duration::Millis(400);
constexpr Duration kMaxStampError = Duration::Millis(1);

constexpr uint16_t kPictureIdMask = 0x7fff;

SourceId ToSource(uint32_t csrc) {
  return SourceId(ParticipantId{csrc >> 2}, static_cast<SourceKind>(csrc & 3u));
}

}  // namespace

StreamOracle::StreamOracle(const ClientNumbers& numbers, const std::vector<SlotStream>& slots,
                           const StreamOptions& options, Violations& violations)
    : numbers_(numbers), options_(options), violations_(violations) {
  for (const SlotStream& slot : slots) {
    streams_[slot.ssrc].slot = slot;
    if (slot.rtx_ssrc == 0) continue;
    streams_[slot.rtx_ssrc].slot = slot;
    streams_[slot.rtx_ssrc].is_repair = true;
  }
}

void StreamOracle::Report(const Stream& stream, Timestamp now, const std::string& what) {
  violations_.Add(
      now, "stream of slot " + stream.slot.mid + (stream.is_repair ? " (RTX)" : "") + ": " + what);
}

SourceId StreamOracle::HandleEgress(ByteView packet, Timestamp now) {
  const std::optional<RtpView> view = RtpView::Parse(packet);
  const auto found = view ? streams_.find(view->ssrc()) : streams_.end();
  if (found == streams_.end()) {
    violations_.Add(now, "stream: a packet that belongs to no slot");
    return {};
  }
  Stream& stream = found->second;
  CheckHeader(stream, *view, now);
  CheckExtensions(stream, *view, now);
  const int64_t index = stream.sequence.Unwrap(view->sequence_number());
  CheckIndex(stream, index, now);
  const SourceId source = view->csrc_count() == 1 ? ToSource(view->csrc(0)) : SourceId();
  if (!stream.is_repair) {
    CheckTimestamp(stream, *view, index, now);
    if (stream.originals.empty()) stream.originals.resize(kRing);
    OriginalAt(stream, index) = {index, source, false, 0, {}, {}};
    stream.last_source = source;
  }
  return source;
}

// SRTCP tells its index in the clear, behind all else of the packet (RFC 7714 section 9.2).
void StreamOracle::HandleRtcpEgress(ByteView packet, Timestamp now) {
  const auto sender = LoadBigEndian<uint32_t>(packet.data() + 4);
  const auto index = LoadBigEndian<uint32_t>(packet.data() + packet.size() - 4);
  if (!rtcp_indices_[sender].insert(index).second) {
    violations_.Add(now, "RTCP of " + std::to_string(sender) + ": an SRTCP index serves twice");
  }
}

void StreamOracle::CheckHeader(const Stream& stream, const RtpView& view, Timestamp now) {
  const bool video = stream.slot.ref.kind == MediaKind::kVideo;
  const uint8_t original = video ? numbers_.vp8_payload_type : numbers_.opus_payload_type;
  const uint8_t expected = stream.is_repair ? numbers_.vp8_rtx_payload_type : original;
  if (view.payload_type() != expected) Report(stream, now, "another payload type than negotiated");
  if (view.csrc_count() != 1) Report(stream, now, "not exactly one CSRC");
}

// Threat row R8.
void StreamOracle::CheckExtensions(const Stream& stream, const RtpView& view, Timestamp now) {
  const ExtensionIds& ids = numbers_.extensions;
  const auto mid = view.Extension(ids.mid);
  if (!mid || ParseStreamId(*mid) != std::string_view(stream.slot.mid)) {
    Report(stream, now, "MID is missing or another's");
  }
  const auto stamp = view.Extension(ids.abs_send_time);
  const auto sent = stamp ? ParseAbsSendTime(*stamp) : std::nullopt;
  // By seconds and the rest, which overflow in no lifetime of a server.
  const int64_t second = now.micros() / 1000000 % 64;
  const auto expected =
      static_cast<uint32_t>((second << 18) + (now.micros() % 1000000 << 18) / 1000000);
  const auto tolerance = static_cast<uint32_t>((kMaxStampError.micros() << 18) / 1000000);
  if (!sent || ((expected - *sent) & 0xffffff) > tolerance) {
    Report(stream, now, "abs-send-time is missing or not the time of sending");
  }
  for (uint8_t id = 1; id < 15; ++id) {
    const bool level = id == ids.audio_level && stream.slot.ref.kind == MediaKind::kAudio;
    if (id == ids.mid || id == ids.abs_send_time || level) continue;
    if (view.Extension(id)) Report(stream, now, "an extension that was not negotiated");
  }
}

void StreamOracle::CheckIndex(Stream& stream, int64_t index, Timestamp now) {
  if (stream.first < 0) {
    stream.first = index - kRoomBefore;
    stream.highest = index - 1;
  }
  if (index < stream.first || index - stream.highest > kMaxGap) {
    Report(stream, now, "sequence number jumps by " + std::to_string(index - stream.highest));
    return;
  }
  const auto place = static_cast<size_t>(index - stream.first);
  if (stream.used.size() <= place) stream.used.resize(place + 1);
  if (stream.used[place]) Report(stream, now, "an SRTP index serves twice");
  stream.used[place] = true;
  if (options_.keeps_order && index != stream.highest + 1) {
    Report(stream, now,
           "sequence number goes from " + std::to_string(stream.highest) + " to " +
               std::to_string(index) + " though nothing was lost or overtaken");
  }
  stream.highest = std::max(stream.highest, index);
}

void StreamOracle::CheckTimestamp(Stream& stream, const RtpView& view, int64_t index,
                                  Timestamp now) {
  const bool is_first = stream.last_source == SourceId();
  const int64_t rate = stream.slot.ref.kind == MediaKind::kVideo ? 90000 : 48000;
  const int64_t step = TimestampDistance(stream.last_timestamp, view.timestamp());
  const int64_t elapsed = (now - stream.last_sent).micros() * rate / 1000000;
  // A late packet keeps its old timestamp.
  if (index < stream.highest) return;
  if (!is_first && std::abs(step - elapsed) > kMaxDrift.micros() * rate / 1000000) {
    Report(stream, now,
           "timestamp steps by " + std::to_string(step) + " while " + std::to_string(elapsed) +
               " pass");
  }
  if (!is_first && step < 0) Report(stream, now, "timestamp goes back");
  stream.last_timestamp = view.timestamp();
  stream.last_sent = now;
}

void StreamOracle::HandleArrival(const ReceivedMedia& media, Timestamp now) {
  const auto found = std::find_if(streams_.begin(), streams_.end(), [&](const auto& entry) {
    return entry.second.slot.ref == media.slot && !entry.second.is_repair;
  });
  Stream& stream = found->second;
  if (stream.originals.empty()) return Report(stream, now, "arrival of what was never sent");
  Original& original = OriginalAt(stream, media.extended_sequence);
  if (original.sequence != media.extended_sequence) {
    if (!media.is_repair) return;  // older than what is remembered
    const bool is_recent = media.extended_sequence < stream.highest &&
                           media.extended_sequence > stream.highest - kRing;
    if (!is_recent || !options_.changes_addresses) {
      return Report(stream, now, "a repair of what was never sent");
    }
    original = {media.extended_sequence, media.source, false, 0, {}, {}};
  }
  if (!media.tag || media.tag->source != media.source) {
    return Report(stream, now, "payload and CSRC name different sources");
  }
  if (media.source != original.source) {
    return Report(stream, now, "a repair from another source than the original's");
  }
  if (original.arrived && (original.tag != *media.tag || original.timestamp != media.timestamp)) {
    return Report(stream, now, "a repair that differs from its original");
  }
  original.arrived = true;
  original.timestamp = media.timestamp;
  original.tag = *media.tag;
  original.frame = media.frame;
  const Original& before = OriginalAt(stream, media.extended_sequence - 1);
  const Original& after = OriginalAt(stream, media.extended_sequence + 1);
  if (before.arrived && before.sequence + 1 == original.sequence) {
    CheckNeighbours(stream, before, original, now);
  }
  if (after.arrived && after.sequence == original.sequence + 1) {
    CheckNeighbours(stream, original, after, now);
  }
}

void StreamOracle::CheckNeighbours(const Stream& stream, const Original& before,
                                   const Original& after, Timestamp now) {
  const bool goes_on =
      before.source == after.source && before.tag.sequence + 1 == after.tag.sequence;
  if (!goes_on && before.source == after.source && after.tag.sequence <= before.tag.sequence) {
    Report(stream, now, "the source's packets change places or repeat");
  }
  if (stream.slot.ref.kind == MediaKind::kAudio) return;
  if (!goes_on && !after.frame.starts_keyframe) {
    Report(stream, now, "video begins without a keyframe");
  }
  const bool same_picture = goes_on && !after.frame.starts_frame;
  const int step = same_picture ? 0 : 1;
  const int seen = (after.frame.vp8->picture_id - before.frame.vp8->picture_id) & kPictureIdMask;
  if (seen != step) Report(stream, now, "picture id steps by " + std::to_string(seen));
  const int tl0_seen = (after.frame.vp8->tl0_pic_idx - before.frame.vp8->tl0_pic_idx) & 0xff;
  if (tl0_seen != step) Report(stream, now, "TL0PICIDX steps by " + std::to_string(tl0_seen));
  if (same_picture != (before.timestamp == after.timestamp)) {
    Report(stream, now, "a picture's packets differ in timestamp, or two pictures' do not");
  }
}

}  // namespace earshot::sim
