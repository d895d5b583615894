#include "forwarding/rtp_rewriter.h"

#include <algorithm>
#include <cstdlib>

#include "base/clock_units.h"
#include "base/sequence.h"

namespace earshot {
namespace {

constexpr uint16_t kPictureIdMask = 0x7fff;
// Opus packets of browsers hold 20 ms; receivers conceal nothing when steps stay on this grid.
constexpr uint32_t kAudioGrid = 960;
// One frame at 30 frames a second: the least step between pictures of two sources.
constexpr uint32_t kVideoStep = 3000;

// A source that jumps farther than loss and pauses explain has restarted (threat row R11).
constexpr int64_t kMaxSequenceJump = 3000;
constexpr Duration kMaxTimestampJump = Duration::Seconds(5);

uint32_t ElapsedUnits(Duration elapsed, uint32_t clock_rate) {
  return ClockUnits(std::max(elapsed, Duration::Zero()), clock_rate);
}

}  // namespace

RtpOrigin RtpOrigin::Draw(Random& random) {
  RtpOrigin origin;
  // The lower half of the sequence space, so that loss of the first packets cannot be taken for a
  // roll-over by the peer's SRTP (threat row R3).
  origin.index = static_cast<uint16_t>(random.Below(0x7fff));
  origin.timestamp = random.U32();
  origin.picture_id = static_cast<uint16_t>(random.U32() & kPictureIdMask);
  origin.tl0_pic_idx = static_cast<uint8_t>(random.U32());
  return origin;
}

RtpRewriter::RtpRewriter(const RtpOrigin& origin)
    : highest_index_(origin.index),
      sent_index_(origin.index),
      last_timestamp_(origin.timestamp),
      last_picture_id_(origin.picture_id),
      last_tl0_pic_idx_(origin.tl0_pic_idx) {}

void RtpRewriter::BeginSource() { started_ = false; }

void RtpRewriter::Start(const InboundPosition& in, Timestamp now) {
  started_ = true;
  codec_ = in.codec;
  highest_sequence_ = in.extended_sequence;
  ranges_.clear();
  ranges_.reserve(kRanges);
  BeginRange(in.extended_sequence, highest_index_ + 1);

  uint32_t step = 1;
  if (sent_any_) {
    const uint32_t elapsed = ElapsedUnits(now - last_sent_, ClockRate(in.codec));
    step = in.codec == Codec::kOpus
               ? std::max<uint32_t>(1, (elapsed + kAudioGrid / 2) / kAudioGrid) * kAudioGrid
               : std::max(elapsed, kVideoStep);
  }
  timestamp_offset_ = last_timestamp_ + step - in.timestamp;
  if (in.frame.vp8) {
    picture_id_offset_ =
        static_cast<uint16_t>((last_picture_id_ + 1 - in.frame.vp8->picture_id) & kPictureIdMask);
    tl0_offset_ = static_cast<uint8_t>(last_tl0_pic_idx_ + 1 - in.frame.vp8->tl0_pic_idx);
  }
}

void RtpRewriter::BeginRange(int64_t first_sequence, uint64_t first_index) {
  if (ranges_.size() == kRanges) ranges_.erase(ranges_.begin());
  ranges_.push_back({first_sequence, static_cast<int64_t>(first_index) - first_sequence});
}

std::optional<uint64_t> RtpRewriter::IndexOf(int64_t extended_sequence) const {
  std::optional<int64_t> end;  // the first index of the range above
  for (auto range = ranges_.rbegin(); range != ranges_.rend(); ++range) {
    if (extended_sequence >= range->first_sequence) {
      const int64_t index = extended_sequence + range->offset;
      // A number that was skipped has no index: an SRTP index must never serve twice.
      if (end && index >= *end) return std::nullopt;
      return static_cast<uint64_t>(index);
    }
    end = range->first_sequence + range->offset;
  }
  return std::nullopt;
}

bool RtpRewriter::Jumped(const InboundPosition& in, Timestamp now) const {
  if (in.extended_sequence <= highest_sequence_) return false;
  if (in.extended_sequence - highest_sequence_ > kMaxSequenceJump) return true;
  const uint32_t clock_rate = ClockRate(in.codec);
  const int64_t ahead =
      TimestampDistance(TimestampAt(now, clock_rate), in.timestamp + timestamp_offset_);
  return std::abs(ahead) > kMaxTimestampJump.micros() * clock_rate / 1000000;
}

std::optional<OutboundPosition> RtpRewriter::Rewrite(const InboundPosition& in, Timestamp now) {
  OutboundPosition out;
  // Another codec is another decoder: it starts as another source would.
  if (in.codec != codec_ && in.extended_sequence > highest_sequence_) BeginSource();
  if (!started_) {
    if (in.is_late || (in.codec != Codec::kOpus && !in.frame.starts_keyframe)) return std::nullopt;
    Start(in, now);
    out.starts_source = true;
  } else if (Jumped(in, now)) {
    Start(in, now);
  }
  const std::optional<uint64_t> index = IndexOf(in.extended_sequence);
  if (!index) return std::nullopt;

  out.packet_index = *index;
  out.timestamp = in.timestamp + timestamp_offset_;
  if (in.frame.vp8) {
    out.picture_id =
        static_cast<uint16_t>((in.frame.vp8->picture_id + picture_id_offset_) & kPictureIdMask);
    out.tl0_pic_idx = static_cast<uint8_t>(in.frame.vp8->tl0_pic_idx + tl0_offset_);
  }
  if (!sent_any_ || out.packet_index > sent_index_) {
    sent_index_ = out.packet_index;
    last_timestamp_ = out.timestamp;
    last_sent_ = now;
    if (in.frame.vp8) {
      last_picture_id_ = out.picture_id;
      last_tl0_pic_idx_ = out.tl0_pic_idx;
    }
  }
  highest_index_ = std::max(highest_index_, out.packet_index);
  highest_sequence_ = std::max(highest_sequence_, in.extended_sequence);
  sent_any_ = true;
  return out;
}

bool RtpRewriter::Skip(int64_t extended_sequence) {
  if (!started_) return true;
  if (extended_sequence <= highest_sequence_) return false;
  // Those between, still on their way, keep their numbers. But padding alone must not carry the
  // index so far that the peer's SRTP mistakes the roll-over (threat row R11): then they lose them.
  uint64_t next = highest_index_ + static_cast<uint64_t>(extended_sequence - highest_sequence_);
  if (next - sent_index_ > static_cast<uint64_t>(kMaxSequenceJump)) {
    next = sent_index_ + 1;
    ranges_.clear();
  }
  if (!ranges_.empty() && ranges_.back().first_sequence == extended_sequence) ranges_.pop_back();
  BeginRange(extended_sequence + 1, next);
  highest_sequence_ = extended_sequence;
  highest_index_ = next - 1;
  return true;
}

uint32_t RtpRewriter::TimestampAt(Timestamp now, uint32_t clock_rate) const {
  return last_timestamp_ + ElapsedUnits(now - last_sent_, clock_rate);
}

}  // namespace earshot
