#pragma once

// Makes one continuous RTP stream out of whatever sources fill a slot: sequence numbers without a
// jump, timestamps that go on by the time that has passed, VP8 picture ids in a row. Decides only:
// takes what an inbound packet says, and returns what the outbound one must say. One thread.

#include <cstdint>
#include <optional>
#include <vector>

#include "base/random.h"
#include "codec/frame_info.h"
#include "earshot/units.h"

namespace earshot {

/// What the rewriter needs to know of a packet of the current source.
struct InboundPosition {
  int64_t extended_sequence = 0;
  uint32_t timestamp = 0;
  Codec codec = Codec::kOpus;
  FrameInfo frame;
  bool is_late = false;  // a newer frame of the source began before
};

struct OutboundPosition {
  /// 48-bit SRTP packet index; the sequence number is its low 16 bits.
  uint64_t packet_index = 0;
  uint32_t timestamp = 0;
  uint16_t picture_id = 0;
  uint8_t tl0_pic_idx = 0;
  /// The first packet of this source in this slot.
  bool starts_source = false;
};

/// Where the numbering of a stream begins; drawn once for its life.
struct RtpOrigin {
  static RtpOrigin Draw(Random& random);

  uint32_t timestamp = 0;
  uint16_t index = 0;
  uint16_t picture_id = 0;
  uint8_t tl0_pic_idx = 0;
};

class RtpRewriter {
 public:
  explicit RtpRewriter(const RtpOrigin& origin);

  /// The slot has a new source: its first usable packet continues the stream.
  void BeginSource();
  /// When a packet was last numbered.
  Timestamp last_sent() const { return last_sent_; }
  /// Nothing for a packet that must not be sent: video before the first keyframe, or packets from
  /// before the point where the source began. Nothing begins with a late packet: the frames
  /// that build on it have gone by already, and time with them.
  std::optional<OutboundPosition> Rewrite(const InboundPosition& in, Timestamp now);
  /// A packet of the source that carries nothing (padding): the outbound numbering closes over it.
  /// False when newer ones have been numbered already: then it must be sent, empty as it is, or
  /// the listener would wait for it.
  bool Skip(int64_t extended_sequence);
  /// Whether the current source still waits for its keyframe.
  bool waiting() const { return !started_; }
  bool has_sent() const { return sent_any_; }
  /// The timestamp that a packet sent at `now` would carry, for sender reports.
  uint32_t TimestampAt(Timestamp now, uint32_t clock_rate) const;

 private:
  /// Packets from `first_sequence` on have their sequence plus `offset` as index.
  struct Range {
    int64_t first_sequence = 0;
    int64_t offset = 0;
  };
  // Padding comes in bursts, each of which ends a range. What is older than so many of them is
  // older than a listener would wait for.
  static constexpr size_t kRanges = 8;

  void Start(const InboundPosition& in, Timestamp now);
  void BeginRange(int64_t first_sequence, uint64_t first_index);
  std::optional<uint64_t> IndexOf(int64_t extended_sequence) const;
  bool Jumped(const InboundPosition& in, Timestamp now) const;

  bool sent_any_ = false;
  bool started_ = false;
  uint64_t highest_index_;  // of what was sent or skipped
  uint64_t sent_index_;     // the highest that was sent
  uint32_t last_timestamp_;
  Timestamp last_sent_ = Timestamp::LongAgo();
  uint16_t last_picture_id_;
  uint8_t last_tl0_pic_idx_;

  // The mapping of the current source: ranges ascend, the last one is open.
  std::vector<Range> ranges_;
  int64_t highest_sequence_ = 0;
  Codec codec_ = Codec::kOpus;
  uint32_t timestamp_offset_ = 0;
  uint16_t picture_id_offset_ = 0;
  uint8_t tl0_offset_ = 0;
};

}  // namespace earshot
