#include "transport/srtp_libsrtp.h"

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <srtp2/srtp.h>

#include <algorithm>
#include <mutex>
#include <type_traits>
#include <unordered_map>

#include "transport/srtp_packet.h"

namespace earshot {
namespace {

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
    if (!ParseRtcpSender(out.first(size))) return 0;
    int sealed_size = static_cast<int>(size);
    const srtp_err_status_t status = srtp_protect_rtcp(session_.get(), out.data(), &sealed_size);
    return status == srtp_err_status_ok ? static_cast<size_t>(sealed_size) : 0;
  }

 private:
  // The library counts roll-overs by itself from the sequence numbers. Consecutive packets keep it
  // in line with the caller's index; a stream that starts late or jumps is put in line here.
  bool AlignRollovers(uint32_t ssrc, uint64_t index) {
    uint64_t& highest = highest_[ssrc];
    if (index + kRtpReplayWindow <= highest) return false;
    if (EstimateRtpPacketIndex(highest, static_cast<uint16_t>(index)) != index) {
      const auto rollovers = static_cast<uint32_t>(index >> 16);
      if (!session_.SetRollovers(ssrc, rollovers) && !session_.Add(ssrc, rollovers)) return false;
    }
    highest = std::max(highest, index);
    return true;
  }

  Session session_;
  std::unordered_map<uint32_t, uint64_t> highest_;
};

class LibsrtpOpener final : public SrtpOpener {
 public:
  explicit LibsrtpOpener(Session session) : session_(std::move(session)) {}

  Result OpenRtp(ByteSpan packet) override {
    const auto prefix = ParseRtpPrefix(packet);
    if (!prefix) return DropReason::kRtpMalformed;
    int size = static_cast<int>(packet.size());
    const srtp_err_status_t status = srtp_unprotect(session_.get(), packet.data(), &size);
    if (status != srtp_err_status_ok) return ReasonFor(status);
    uint64_t& highest = highest_[prefix->ssrc];
    const uint64_t index = EstimateRtpPacketIndex(highest, prefix->sequence_number);
    highest = std::max(highest, index);
    return Opened{.size = static_cast<size_t>(size), .packet_index = index};
  }

  Result OpenRtcp(ByteSpan packet) override {
    int size = static_cast<int>(packet.size());
    const srtp_err_status_t status = srtp_unprotect_rtcp(session_.get(), packet.data(), &size);
    if (status != srtp_err_status_ok) return ReasonFor(status);
    return Opened{.size = static_cast<size_t>(size), .packet_index = 0};
  }

  void RemoveSsrc(uint32_t ssrc) override {
    session_.Remove(ssrc);
    highest_.erase(ssrc);
  }

 private:
  Session session_;
  std::unordered_map<uint32_t, uint64_t> highest_;
};

}  // namespace

std::unique_ptr<SrtpSealer> CreateLibsrtpSealer(SrtpProfile profile, const SrtpMasterKey& key) {
  Session session(profile, key, ssrc_any_outbound);
  if (!session.ok()) return nullptr;
  return std::make_unique<LibsrtpSealer>(std::move(session));
}

std::unique_ptr<SrtpOpener> CreateLibsrtpOpener(SrtpProfile profile, const SrtpMasterKey& key) {
  Session session(profile, key, ssrc_any_inbound);
  if (!session.ok()) return nullptr;
  return std::make_unique<LibsrtpOpener>(std::move(session));
}

}  // namespace earshot
