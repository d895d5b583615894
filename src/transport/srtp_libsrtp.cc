#include "transport/srtp_libsrtp.h"

#ifdef EARSHOT_HAVE_LIBSRTP

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <srtp2/srtp.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <optional>
#include <type_traits>
#include <unordered_map>
#include <utility>

#include "transport/srtp_halves.h"

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

// One direction of a session of the library.
class Session {
 public:
  static std::optional<Session> Create(SrtpProfile profile, const SrtpMasterKey& key,
                                       srtp_ssrc_type_t direction) {
    if (!InitializeOnce()) return std::nullopt;
    Session session(profile, key);
    srtp_t made = nullptr;
    if (!session.Apply({direction, 0}, [&made](const srtp_policy_t& policy) {
          return srtp_create(&made, &policy);
        })) {
      return std::nullopt;
    }
    session.session_.reset(made);
    return session;
  }

  srtp_t get() const { return session_.get(); }
  bool Add(uint32_t ssrc) {
    return Apply({ssrc_specific, ssrc},
                 [this](const srtp_policy_t& policy) { return srtp_add_stream(get(), &policy); });
  }
  /// Of the next packet.
  bool SetRollovers(uint32_t ssrc, uint32_t rollovers) {
    return srtp_set_stream_roc(get(), ssrc, rollovers) == srtp_err_status_ok;
  }
  void Remove(uint32_t ssrc) { srtp_remove_stream(get(), htonl(ssrc)); }

 private:
  struct Deallocate {
    void operator()(srtp_t session) const { srtp_dealloc(session); }
  };

  Session(SrtpProfile profile, const SrtpMasterKey& key) : profile_(profile), key_(key) {}

  // The library copies what it needs of the key, so the joined form lives only for the call. A
  // repeated index is refused, as by default.
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
    done = done && call(policy) == srtp_err_status_ok;
    OPENSSL_cleanse(joined.data(), joined.size());
    return done;
  }

  SrtpProfile profile_;
  SrtpMasterKey key_;
  std::unique_ptr<std::remove_pointer_t<srtp_t>, Deallocate> session_;
};

template <bool kAead>
class LibsrtpTransform {
 public:
  static constexpr size_t kTagSize = kAead ? 16 : 10;
  static constexpr size_t kBehindRtcpIndex = kAead ? 0 : kTagSize;

  static std::optional<LibsrtpTransform> Create(SrtpProfile profile, const SrtpMasterKey& key,
                                                srtp_ssrc_type_t direction) {
    auto session = Session::Create(profile, key, direction);
    if (!session) return std::nullopt;
    return LibsrtpTransform(*std::move(session));
  }

  bool SealRtp(const RtpPrefix& prefix, uint64_t index, ByteView header, ByteView payload,
               ByteSpan sealed) {
    if (!Align(prefix, index)) return false;
    std::copy(payload.begin(), payload.end(), sealed.begin());
    int size = static_cast<int>(header.size() + payload.size());
    uint8_t* const packet = sealed.data() - header.size();
    if (srtp_protect(session_.get(), packet, &size) != srtp_err_status_ok) return false;
    Note(prefix.ssrc, index);
    return static_cast<size_t>(size) == header.size() + sealed.size();
  }
  bool SealsUnchanged() const { return false; }
  bool OpenRtp(const RtpPrefix& prefix, uint64_t index, ByteSpan packet) {
    const bool is_new = !highest_.contains(prefix.ssrc);
    int size = static_cast<int>(packet.size());
    const bool opened = Align(prefix, index) &&
                        srtp_unprotect(session_.get(), packet.data(), &size) == srtp_err_status_ok;
    if (opened) {
      Note(prefix.ssrc, index);
    } else if (is_new) {
      Forget(prefix.ssrc);  // who has shown no key leaves nothing behind (threat row R4)
    }
    return opened;
  }
  void Forget(uint32_t ssrc) {
    if (highest_.erase(ssrc) > 0) session_.Remove(ssrc);
  }

  // The library counts RTCP by itself, each SSRC apart.
  bool SealRtcp(uint32_t, uint32_t, ByteSpan packet) {
    int size = static_cast<int>(packet.size() - kTagSize - kSrtcpIndexSize);
    if (srtp_protect_rtcp(session_.get(), packet.data(), &size) != srtp_err_status_ok) return false;
    return static_cast<size_t>(size) == packet.size();
  }
  bool OpenRtcp(uint32_t, uint32_t, ByteSpan packet) {
    int size = static_cast<int>(packet.size());
    return srtp_unprotect_rtcp(session_.get(), packet.data(), &size) == srtp_err_status_ok;
  }

 private:
  explicit LibsrtpTransform(Session session) : session_(std::move(session)) {}

  // The library counts roll-overs by itself from the sequence numbers. Consecutive packets keep it
  // in line with the index; a stream that starts late or jumps is put in line here.
  bool Align(const RtpPrefix& prefix, uint64_t index) {
    const auto [stream, is_new] = highest_.try_emplace(prefix.ssrc, 0);
    if (is_new && !session_.Add(prefix.ssrc)) {
      highest_.erase(stream);
      return false;
    }
    return EstimateRtpPacketIndex(stream->second, prefix.sequence_number) == index ||
           session_.SetRollovers(prefix.ssrc, static_cast<uint32_t>(index >> 16));
  }
  void Note(uint32_t ssrc, uint64_t index) {
    uint64_t& highest = highest_.at(ssrc);
    highest = std::max(highest, index);
  }

  Session session_;
  std::unordered_map<uint32_t, uint64_t> highest_;  // as many as the half around it lets through
};

template <template <typename> class Half, typename... More>
std::unique_ptr<Half<LibsrtpTransform<true>>> MakeAead(SrtpProfile profile,
                                                       const SrtpMasterKey& key,
                                                       srtp_ssrc_type_t direction, More... more) {
  return MakeHalf<Half>(LibsrtpTransform<true>::Create(profile, key, direction),
                        LibsrtpTransform<true>::Create(profile, key, direction), more...);
}

template <template <typename> class Half, typename... More>
std::unique_ptr<Half<LibsrtpTransform<false>>> MakeCm(SrtpProfile profile, const SrtpMasterKey& key,
                                                      srtp_ssrc_type_t direction, More... more) {
  return MakeHalf<Half>(LibsrtpTransform<false>::Create(profile, key, direction),
                        LibsrtpTransform<false>::Create(profile, key, direction), more...);
}

}  // namespace

bool HasLibsrtp() { return true; }

std::unique_ptr<SrtpSealer> CreateLibsrtpSealer(SrtpProfile profile, const SrtpMasterKey& key) {
  if (profile == SrtpProfile::kAes128CmHmacSha1_80) {
    return MakeCm<SealingHalf>(profile, key, ssrc_any_outbound);
  }
  return MakeAead<SealingHalf>(profile, key, ssrc_any_outbound);
}

std::unique_ptr<SrtpOpener> CreateLibsrtpOpener(SrtpProfile profile, const SrtpMasterKey& key,
                                                size_t max_ssrcs) {
  if (profile == SrtpProfile::kAes128CmHmacSha1_80) {
    return MakeCm<OpeningHalf>(profile, key, ssrc_any_inbound, max_ssrcs);
  }
  return MakeAead<OpeningHalf>(profile, key, ssrc_any_inbound, max_ssrcs);
}

}  // namespace earshot

#else

namespace earshot {

bool HasLibsrtp() { return false; }
std::unique_ptr<SrtpSealer> CreateLibsrtpSealer(SrtpProfile, const SrtpMasterKey&) {
  return nullptr;
}
std::unique_ptr<SrtpOpener> CreateLibsrtpOpener(SrtpProfile, const SrtpMasterKey&, size_t) {
  return nullptr;
}

}  // namespace earshot

#endif
