#include "transport/srtp_libsrtp.h"

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <srtp2/srtp.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <type_traits>

#include "absl/container/flat_hash_map.h"
#include "transport/replay_window.h"
#include "transport/srtp_packet.h"

namespace earshot {
namespace {

constexpr uint16_t kHalfOfSequenceNumbers = 0x8000;

bool InitializeOnce() {
  static std::once_flag once;
  static bool initialized = false;
  std::call_once(once, [] { initialized = srtp_init() == srtp_err_status_ok; });
  return initialized;
}

srtp_profile_t LibraryProfile(SrtpProfile profile) {
  switch (profile) {
    case SrtpProfile::kAes128CmHmacSha1_80:
      return srtp_profile_aes128_cm_sha1_80;
    case SrtpProfile::kAeadAes128Gcm:
      return srtp_profile_aead_aes_128_gcm;
    case SrtpProfile::kAeadAes256Gcm:
      return srtp_profile_aead_aes_256_gcm;
  }
  return srtp_profile_reserved;
}

size_t TagSize(SrtpProfile profile) {
  return profile == SrtpProfile::kAes128CmHmacSha1_80 ? 10 : 16;
}

DropReason ReasonFor(srtp_err_status_t status) {
  const bool replayed =
      status == srtp_err_status_replay_fail || status == srtp_err_status_replay_old;
  return replayed ? DropReason::kSrtpReplayed : DropReason::kSrtpUnauthenticated;
}

// One direction of a libsrtp session. Its streams come to be as the library sees their SSRCs; Add
// makes one beforehand.
class Session {
 public:
  Session(SrtpProfile profile, const SrtpMasterKey& key, srtp_ssrc_type_t direction)
      : profile_(profile), key_(key) {
    if (!InitializeOnce()) return;
    srtp_t session = nullptr;
    if (Apply({direction, 0},
              [&](const srtp_policy_t& policy) { return srtp_create(&session, &policy); })) {
      session_.reset(session);
    }
  }

  bool ok() const { return session_ != nullptr; }
  srtp_t get() const { return session_.get(); }
  SrtpProfile profile() const { return profile_; }

  /// A stream that continues at this roll-over count.
  bool Add(uint32_t ssrc, uint32_t rollovers) {
    return Apply({ssrc_specific, ssrc},
                 [&](const srtp_policy_t& policy) { return srtp_add_stream(get(), &policy); }) &&
           SetRollovers(ssrc, rollovers);
  }
  bool SetRollovers(uint32_t ssrc, uint32_t rollovers) {
    return srtp_set_stream_roc(get(), ssrc, rollovers) == srtp_err_status_ok;
  }
  void Remove(uint32_t ssrc) { srtp_remove_stream(get(), htonl(ssrc)); }

 private:
  struct Deallocate {
    void operator()(srtp_t session) const { srtp_dealloc(session); }
  };

  // The library copies what it needs of the key, so the joined form lives only for the call.
  template <typename Call>
  bool Apply(srtp_ssrc_t streams, Call call) {
    std::array<uint8_t, 32 + 14> joined;
    const size_t key_size = MasterKeySize(profile_);
    std::copy_n(key_.key.begin(), key_size, joined.begin());
    std::copy_n(key_.salt.begin(), MasterSaltSize(profile_), joined.begin() + key_size);
    srtp_policy_t policy{};
    const srtp_profile_t profile = LibraryProfile(profile_);
    bool done =
        srtp_crypto_policy_set_from_profile_for_rtp(&policy.rtp, profile) == srtp_err_status_ok &&
        srtp_crypto_policy_set_from_profile_for_rtcp(&policy.rtcp, profile) == srtp_err_status_ok;
    policy.ssrc = streams;
    policy.key = joined.data();
    policy.window_size = kRtpReplayWindow;
    policy.allow_repeat_tx = 1;
    done = done && call(policy) == srtp_err_status_ok;
    OPENSSL_cleanse(joined.data(), joined.size());
    return done;
  }

  SrtpProfile profile_;
  SrtpMasterKey key_;
  std::unique_ptr<std::remove_pointer_t<srtp_t>, Deallocate> session_;
};

class LibsrtpSealer final : public SrtpSealer {
 public:
  explicit LibsrtpSealer(Session session) : session_(std::move(session)) {}

  size_t SealRtp(ByteSpan out, size_t header_size, ByteView payload,
                 uint64_t packet_index) override {
    if (payload.size() > kMaxSrtpPacketSize) return 0;
    const auto prefix =
        ParseSealable(out, header_size, payload.size() + TagSize(session_.profile()), packet_index);
    if (!prefix || !AlignRollovers(prefix->ssrc, packet_index)) return 0;
    std::copy(payload.begin(), payload.end(), out.begin() + static_cast<ptrdiff_t>(header_size));
    int size = static_cast<int>(header_size + payload.size());
    const srtp_err_status_t status = srtp_protect(session_.get(), out.data(), &size);
    return status == srtp_err_status_ok ? static_cast<size_t>(size) : 0;
  }

  size_t SealRtcp(ByteSpan out, size_t size) override {
    const size_t added = TagSize(session_.profile()) + kSrtcpIndexSize;
    const size_t room = std::min(out.size(), kMaxSrtpPacketSize);
    if (size > room || room - size < added) return 0;
    const auto ssrc = ParseRtcpSender(out.first(size));
    if (!ssrc || !FindOrAdd(*ssrc)) return 0;
    int sealed_size = static_cast<int>(size);
    const srtp_err_status_t status = srtp_protect_rtcp(session_.get(), out.data(), &sealed_size);
    return status == srtp_err_status_ok ? static_cast<size_t>(sealed_size) : 0;
  }

 private:
  // Two pools of 64 slots, their retransmissions, and as many again to spare.
  static constexpr size_t kMaxOutboundSsrcs = 512;
  struct Stream {
    std::optional<uint64_t> highest;
  };

  Stream* FindOrAdd(uint32_t ssrc) {
    if (const auto found = streams_.find(ssrc); found != streams_.end()) return &found->second;
    if (streams_.size() >= kMaxOutboundSsrcs) return nullptr;
    return &streams_[ssrc];
  }

  // The library counts roll-overs by itself from the sequence numbers. Consecutive packets keep it
  // in line with the caller's index; a stream that starts late or jumps is put in line here.
  bool AlignRollovers(uint32_t ssrc, uint64_t index) {
    Stream* stream = FindOrAdd(ssrc);
    if (stream == nullptr) return false;
    const uint64_t highest = stream->highest.value_or(0);
    if (index + kRtpReplayWindow <= highest) return false;
    if (EstimateRtpPacketIndex(highest, static_cast<uint16_t>(index)) != index) {
      const auto rollovers = static_cast<uint32_t>(index >> 16);
      if (!session_.SetRollovers(ssrc, rollovers) && !session_.Add(ssrc, rollovers)) return false;
    }
    stream->highest = std::max(highest, index);
    return true;
  }

  Session session_;
  absl::flat_hash_map<uint32_t, Stream> streams_;
};

class LibsrtpOpener final : public SrtpOpener {
 public:
  LibsrtpOpener(Session session, size_t max_ssrcs)
      : session_(std::move(session)), rtp_windows_(max_ssrcs) {}

  Result OpenRtp(ByteSpan packet) override {
    if (packet.size() > kMaxSrtpPacketSize) return DropReason::kOversize;
    const auto prefix = ParseRtpPrefix(packet);
    if (!prefix || packet.size() < prefix->header_size + TagSize(session_.profile())) {
      return DropReason::kRtpMalformed;
    }
    const auto* window = rtp_windows_.Find(prefix->ssrc);
    if (window == nullptr) return OpenFirstRtp(packet, *prefix);
    const uint64_t index = EstimateRtpPacketIndex(window->highest(), prefix->sequence_number);
    if (index > kMaxRtpPacketIndex || !window->IsFresh(index)) return DropReason::kSrtpReplayed;
    return DecryptRtp(packet, prefix->ssrc, index);
  }

  Result OpenRtcp(ByteSpan packet) override {
    if (packet.size() > kMaxSrtpPacketSize) return DropReason::kOversize;
    const size_t tag_size = TagSize(session_.profile());
    const auto ssrc = ParseRtcpSender(packet);
    if (!ssrc || packet.size() < kRtcpHeaderSize + tag_size + kSrtcpIndexSize) {
      return DropReason::kRtcpMalformed;
    }
    const uint32_t flag_and_index = FlagAndIndex(packet);
    // RFC 8827 section 6.5 has everything encrypted: without the flag it is not from our peer.
    if ((flag_and_index & kSrtcpEncrypted) == 0) return DropReason::kSrtpUnauthenticated;
    const uint32_t index = flag_and_index & kMaxSrtcpIndex;
    if (const auto reason = rtcp_windows_.Check(*ssrc, index)) return *reason;
    int size = static_cast<int>(packet.size());
    const srtp_err_status_t status = srtp_unprotect_rtcp(session_.get(), packet.data(), &size);
    if (status != srtp_err_status_ok) return ReasonFor(status);
    rtcp_windows_.Accept(*ssrc, index);
    return Opened{.size = static_cast<size_t>(size), .packet_index = 0};
  }

  void RemoveSsrc(uint32_t ssrc) override {
    session_.Remove(ssrc);
    rtp_windows_.Remove(ssrc);
    rtcp_windows_.Remove(ssrc);
  }

 private:
  // A forged packet with an unknown SSRC makes the library build and drop a stream. A genuine one
  // needs it once per SSRC at most, so this many are enough and a flood soon costs nothing more.
  static constexpr size_t kMaxFailedProbes = 64;

  // The AEAD profiles have the index at the end, the others in front of the tag (RFC 7714 section
  // 9.2, RFC 3711 section 3.4).
  uint32_t FlagAndIndex(ByteView packet) const {
    const bool is_aead = session_.profile() != SrtpProfile::kAes128CmHmacSha1_80;
    const size_t behind = is_aead ? 0 : TagSize(session_.profile());
    return LoadBigEndian<uint32_t>(packet.data() + packet.size() - behind - kSrtcpIndexSize);
  }

  // The library takes every first packet to be in the first round; the sender may have wrapped
  // before it (threat row R3), so a small sequence number is then tried in the second.
  Result OpenFirstRtp(ByteSpan packet, const RtpPrefix& prefix) {
    if (!rtp_windows_.HasRoom()) return DropReason::kSrtpTooManySsrcs;
    std::array<uint8_t, kMaxSrtpPacketSize> untouched;
    std::copy(packet.begin(), packet.end(), untouched.begin());
    const Result result = DecryptRtp(packet, prefix.ssrc, prefix.sequence_number);
    if (std::holds_alternative<Opened>(result)) return result;
    if (prefix.sequence_number >= kHalfOfSequenceNumbers) return result;
    // With RTCP from it before, the SSRC has a stream already.
    if (failed_probes_ >= kMaxFailedProbes) return result;
    const bool has_stream = rtcp_windows_.Find(prefix.ssrc) != nullptr;
    if (has_stream ? !session_.SetRollovers(prefix.ssrc, 1) : !session_.Add(prefix.ssrc, 1)) {
      return result;
    }
    std::copy_n(untouched.begin(), packet.size(), packet.begin());
    const Result probed =
        DecryptRtp(packet, prefix.ssrc, uint64_t{1} << 16 | prefix.sequence_number);
    if (std::holds_alternative<Opened>(probed)) return probed;
    ++failed_probes_;
    if (has_stream) {
      session_.SetRollovers(prefix.ssrc, 0);
    } else {
      session_.Remove(prefix.ssrc);
    }
    return probed;
  }

  Result DecryptRtp(ByteSpan packet, uint32_t ssrc, uint64_t index) {
    int size = static_cast<int>(packet.size());
    const srtp_err_status_t status = srtp_unprotect(session_.get(), packet.data(), &size);
    if (status != srtp_err_status_ok) return ReasonFor(status);
    rtp_windows_.Accept(ssrc, index);
    return Opened{.size = static_cast<size_t>(size), .packet_index = index};
  }

  Session session_;
  SsrcReplayWindows<kRtpReplayWindow> rtp_windows_;
  SsrcReplayWindows<kRtcpReplayWindow> rtcp_windows_{kMaxRtcpSsrcs};
  size_t failed_probes_ = 0;
};

}  // namespace

std::unique_ptr<SrtpSealer> CreateLibsrtpSealer(SrtpProfile profile, const SrtpMasterKey& key) {
  Session session(profile, key, ssrc_any_outbound);
  if (!session.ok()) return nullptr;
  return std::make_unique<LibsrtpSealer>(std::move(session));
}

std::unique_ptr<SrtpOpener> CreateLibsrtpOpener(SrtpProfile profile, const SrtpMasterKey& key,
                                                size_t max_ssrcs) {
  Session session(profile, key, ssrc_any_inbound);
  if (!session.ok()) return nullptr;
  return std::make_unique<LibsrtpOpener>(std::move(session), max_ssrcs);
}

}  // namespace earshot
