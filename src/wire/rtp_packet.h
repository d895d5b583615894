#pragma once

// RTP packets (RFC 3550 section 5.1) with header extensions (RFC 8285): a read-only view over
// received bytes, and a writer for headers. Stateless; knows no SSRC mapping and no SRTP.

#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/clock_units.h"

namespace earshot {

inline constexpr size_t kRtpFixedHeaderSize = 12;
/// What WriteRtpHeader can produce at most: fixed header, one CSRC, and the extensions of
/// RtpHeader at their longest.
inline constexpr size_t kMaxWrittenRtpHeaderSize = 80;

/// A valid RTP packet; the bytes belong to the caller and must outlive the view.
class RtpView {
 public:
  /// Nothing for anything that RFC 3550 A.1 or RFC 8285 would not accept: version other than 2,
  /// CSRCs or extension beyond the end, padding of zero or beyond the payload.
  static std::optional<RtpView> Parse(ByteView packet);

  bool marker() const { return packet_[1] & 0x80; }
  uint8_t payload_type() const { return packet_[1] & 0x7f; }
  uint16_t sequence_number() const { return LoadBigEndian<uint16_t>(packet_.data() + 2); }
  uint32_t timestamp() const { return LoadBigEndian<uint32_t>(packet_.data() + 4); }
  uint32_t ssrc() const { return LoadBigEndian<uint32_t>(packet_.data() + 8); }
  size_t csrc_count() const { return packet_[0] & 0x0f; }
  /// `index` must be below csrc_count().
  uint32_t csrc(size_t index) const {
    return LoadBigEndian<uint32_t>(packet_.data() + kRtpFixedHeaderSize + index * 4);
  }
  size_t header_size() const { return header_size_; }
  /// Without padding.
  ByteView payload() const { return packet_.subspan(header_size_, payload_size_); }
  size_t padding_size() const { return packet_.size() - header_size_ - payload_size_; }

  /// The data of the first extension element with this id (RFC 8285, one-byte and two-byte form);
  /// nothing when absent. Element 15 of the one-byte form ends the list.
  std::optional<ByteView> Extension(uint8_t id) const;

 private:
  RtpView() = default;
  ByteView packet_;
  size_t header_size_ = 0;
  size_t payload_size_ = 0;
  ByteView extension_;  // the data of the extension header, without its 4 bytes
  uint16_t extension_profile_ = 0;
};

/// The well-known extensions that Earshot reads or writes. Ids are negotiated per connection;
/// zero means not negotiated.
struct ExtensionIds {
  uint8_t mid = 0;                 // urn:ietf:params:rtp-hdrext:sdes:mid
  uint8_t rid = 0;                 // urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id
  uint8_t repaired_rid = 0;        // urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id
  uint8_t audio_level = 0;         // RFC 6464
  uint8_t abs_send_time = 0;       // http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
  uint8_t transport_sequence = 0;  // draft-holmer-rmcat-transport-wide-cc-extensions-01
};

/// RFC 6464.
struct AudioLevel {
  bool voice_activity = false;
  /// -dBov: 0 is the loudest, 127 silence.
  uint8_t level = 127;
};

std::optional<AudioLevel> ParseAudioLevel(ByteView extension);
/// Up to 16 characters of a MID or RID; nothing if empty or longer (RFC 8843, RFC 8851).
std::optional<std::string_view> ParseStreamId(ByteView extension);
std::optional<uint32_t> ParseAbsSendTime(ByteView extension);
std::optional<uint16_t> ParseTransportSequence(ByteView extension);

/// Of a packet that is sent now: 24 bits, 6.18 fixed point seconds.
constexpr uint32_t AbsSendTimeAt(Timestamp now) { return ClockUnits(now, 1 << 18) & 0xffffff; }

/// Everything that an outgoing header carries. Extensions are written in the one-byte form, each
/// only if its id is one that this form can carry (1 to 14) and a value is given.
struct RtpHeader {
  bool marker = false;
  uint8_t payload_type = 0;
  uint16_t sequence_number = 0;
  uint32_t timestamp = 0;
  uint32_t ssrc = 0;
  std::optional<uint32_t> csrc = std::nullopt;
  std::string_view mid = {};
  std::string_view rid = {};
  std::string_view repaired_rid = {};
  std::optional<AudioLevel> audio_level = std::nullopt;
  std::optional<uint32_t> abs_send_time = std::nullopt;  // as AbsSendTimeAt has it
  std::optional<uint16_t> transport_sequence = std::nullopt;
};

/// Returns the size, or zero when `out` is too small or an id is longer than 16 characters.
size_t WriteRtpHeader(const RtpHeader& header, const ExtensionIds& ids, ByteSpan out);

}  // namespace earshot
