#pragma once

// The two halves of SRTP around any transform: sizes, roll-over counters, replay windows, and what
// is refused before or after the cipher. A transform protects packets of one session key:
//
//   static constexpr size_t kTagSize;
//   // What follows the index of an SRTCP packet.
//   static constexpr size_t kBehindRtcpIndex;
//   // `sealed` lies right behind `header` and has room for payload and tag.
//   bool SealRtp(const RtpPrefix&, uint64_t index, ByteView header, ByteView payload,
//                ByteSpan sealed);
//   // Whether SealRtp changes nothing in it.
//   bool SealsUnchanged() const;
//   bool OpenRtp(const RtpPrefix&, uint64_t index, ByteSpan packet);
//   // What it knows of a stream that it opened.
//   void Forget(uint32_t ssrc);
//   // `packet` has its final size, with room for tag and index.
//   bool SealRtcp(uint32_t ssrc, uint32_t flag_and_index, ByteSpan packet);
//   bool OpenRtcp(uint32_t ssrc, uint32_t flag_and_index, ByteSpan packet);
//
// Known at compile time, so that nothing is called through a pointer per packet but the half
// itself. One thread.

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "transport/srtp.h"
#include "transport/srtp_packet.h"
#include "transport/ssrc_replay_windows.h"

namespace earshot {

template <typename Transform>
class SealingHalf final : public SrtpSealer {
 public:
  SealingHalf(Transform rtp, Transform rtcp) : rtp_(std::move(rtp)), rtcp_(std::move(rtcp)) {}

  bool MaySealElsewhere() const override { return rtp_.SealsUnchanged(); }

  size_t SealRtp(ByteSpan out, size_t header_size, ByteView payload, UnusedIndex index) override {
    if (payload.size() > kMaxSrtpPacketSize) return 0;
    const size_t sealed_size = payload.size() + Transform::kTagSize;
    const auto prefix = ParseSealable(out, header_size, sealed_size, *index);
    if (!prefix) return 0;
    const bool sealed = rtp_.SealRtp(*prefix, index->value, out.first(header_size), payload,
                                     out.subspan(header_size, sealed_size));
    return sealed ? header_size + sealed_size : 0;
  }

  size_t SealRtcp(ByteSpan out, size_t size) override {
    constexpr size_t kAdded = Transform::kTagSize + kSrtcpIndexSize;
    const size_t room = std::min(out.size(), kMaxSrtpPacketSize);
    if (size > room || room - size < kAdded || keys_are_spent()) return 0;
    const auto ssrc = ParseRtcpSender(out.first(size));
    if (!ssrc) return 0;
    // One counter for all SSRCs: it rises for each of them, which is all that a receiver asks.
    const uint32_t flag_and_index = kSrtcpEncrypted | this->next_rtcp_index_++;
    return rtcp_.SealRtcp(*ssrc, flag_and_index, out.first(size + kAdded)) ? size + kAdded : 0;
  }

 private:
  Transform rtp_;
  Transform rtcp_;
};

template <typename Transform>
class OpeningHalf final : public SrtpOpener {
 public:
  OpeningHalf(Transform rtp, Transform rtcp, size_t max_ssrcs)
      : rtp_(std::move(rtp)), rtcp_(std::move(rtcp)), rtp_windows_(max_ssrcs) {}

  Result OpenRtp(ByteSpan packet) override {
    if (packet.size() > kMaxSrtpPacketSize) return DropReason::kOversize;
    const auto prefix = ParseRtpPrefix(packet);
    if (!prefix || packet.size() < prefix->header_size + Transform::kTagSize) {
      return DropReason::kRtpMalformed;
    }
    const auto* window = rtp_windows_.Find(prefix->ssrc);
    if (window == nullptr) return OpenFirstRtp(packet, *prefix);
    const uint64_t index = EstimateRtpPacketIndex(window->highest(), prefix->sequence_number);
    if (index > kMaxRtpPacketIndex || !window->IsFresh(index)) return DropReason::kSrtpReplayed;
    return DecryptRtp(packet, *prefix, index);
  }

  Result OpenRtcp(ByteSpan packet) override {
    constexpr size_t kAdded = Transform::kTagSize + kSrtcpIndexSize;
    if (packet.size() > kMaxSrtpPacketSize) return DropReason::kOversize;
    const auto ssrc = ParseRtcpSender(packet);
    if (!ssrc || packet.size() < kRtcpHeaderSize + kAdded) return DropReason::kRtcpMalformed;
    const auto flag_and_index = LoadBigEndian<uint32_t>(
        packet.data() + packet.size() - Transform::kBehindRtcpIndex - kSrtcpIndexSize);
    // RFC 8827 section 6.5 has everything encrypted: without the flag it is not from our peer.
    if ((flag_and_index & kSrtcpEncrypted) == 0) return DropReason::kSrtpUnauthenticated;
    const uint32_t index = flag_and_index & kMaxSrtcpIndex;
    if (const auto reason = rtcp_windows_.Check(*ssrc, index)) return *reason;
    if (!rtcp_.OpenRtcp(*ssrc, flag_and_index, packet)) return DropReason::kSrtpUnauthenticated;
    rtcp_windows_.Accept(*ssrc, index);
    return Opened{.size = packet.size() - kAdded, .packet_index = 0};
  }

  void RemoveSsrc(uint32_t ssrc) override {
    rtp_windows_.Remove(ssrc);
    rtp_.Forget(ssrc);
  }
  void RetireSsrc(uint32_t ssrc) override {
    rtp_windows_.Retire(ssrc);
    rtp_.Forget(ssrc);
  }

 private:
  static constexpr uint64_t kOneRollover = uint64_t{1} << 16;

  // The sender may have wrapped before the first packet that arrives here (threat row R3), so a
  // small sequence number is tried in the first round and then in the second.
  Result OpenFirstRtp(ByteSpan packet, const RtpPrefix& prefix) {
    if (!rtp_windows_.HasRoom(prefix.ssrc)) return DropReason::kSrtpTooManySsrcs;
    if (const auto last = rtp_windows_.LastOfRetired(prefix.ssrc)) {
      const uint64_t next = EstimateRtpPacketIndex(*last, prefix.sequence_number);
      return next > *last ? DecryptRtp(packet, prefix, next) : DropReason::kSrtpReplayed;
    }
    const uint64_t index = prefix.sequence_number;
    if (index >= kOneRollover / 2) return DecryptRtp(packet, prefix, index);
    std::array<uint8_t, kMaxSrtpPacketSize> untouched;
    std::copy(packet.begin(), packet.end(), untouched.begin());
    const Result result = DecryptRtp(packet, prefix, index);
    if (std::holds_alternative<Opened>(result)) return result;
    std::copy_n(untouched.begin(), packet.size(), packet.begin());
    return DecryptRtp(packet, prefix, index + kOneRollover);
  }

  Result DecryptRtp(ByteSpan packet, const RtpPrefix& prefix, uint64_t index) {
    if (!rtp_.OpenRtp(prefix, index, packet)) return DropReason::kSrtpUnauthenticated;
    rtp_windows_.Accept(prefix.ssrc, index);
    return Opened{.size = packet.size() - Transform::kTagSize, .packet_index = index};
  }

  Transform rtp_;
  Transform rtcp_;
  SsrcReplayWindows<kRtpReplayWindow> rtp_windows_;
  SsrcReplayWindows<kRtcpReplayWindow> rtcp_windows_{kMaxRtcpSsrcs};
};

/// Null when a transform is missing.
template <template <typename> class Half, typename Transform, typename... More>
std::unique_ptr<Half<Transform>> MakeHalf(std::optional<Transform> rtp,
                                          std::optional<Transform> rtcp, More... more) {
  if (!rtp || !rtcp) return nullptr;
  return std::make_unique<Half<Transform>>(*std::move(rtp), *std::move(rtcp), more...);
}

}  // namespace earshot
