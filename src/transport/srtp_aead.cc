#include "transport/srtp_aead.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "transport/replay_window.h"
#include "transport/srtp_key_derivation.h"
#include "transport/srtp_packet.h"

namespace earshot {
namespace {

constexpr size_t kTagSize = AeadCipher::kTagSize;
constexpr uint64_t kOneRollover = uint64_t{1} << 16;

// RFC 7714 sections 8.1 and 9.1: two zero bytes, the SSRC and the 48-bit index (SRTCP's 31 bits are
// filled up with zeros), combined with the salt.
AeadCipher::Nonce MakeNonce(const AeadCipher::Nonce& salt, uint32_t ssrc, uint64_t index) {
  AeadCipher::Nonce nonce{};
  StoreBigEndian<uint64_t>(nonce.data() + 4, index);
  StoreBigEndian<uint32_t>(nonce.data() + 2, ssrc);
  for (size_t i = 0; i < nonce.size(); ++i) nonce[i] ^= salt[i];
  return nonce;
}

// RFC 7714 section 9.2: the fixed header and, from the end of the packet, E flag and index.
std::array<uint8_t, kRtcpHeaderSize + kSrtcpIndexSize> RtcpAssociatedData(ByteView packet,
                                                                          uint32_t flag_and_index) {
  std::array<uint8_t, kRtcpHeaderSize + kSrtcpIndexSize> data;
  std::copy_n(packet.begin(), kRtcpHeaderSize, data.begin());
  StoreBigEndian(data.data() + kRtcpHeaderSize, flag_and_index);
  return data;
}

class SaltedCipher {
 public:
  SaltedCipher(std::unique_ptr<AeadCipher> cipher, const AeadCipher::Nonce& salt)
      : cipher_(std::move(cipher)), salt_(salt) {}
  SaltedCipher(SaltedCipher&&) = default;
  ~SaltedCipher() { OPENSSL_cleanse(salt_.data(), salt_.size()); }

  static std::optional<SaltedCipher> Create(AeadBackend backend, const AeadSessionKey& key) {
    auto cipher = AeadCipher::Create(backend, ByteView(key.key).first(key.key_size));
    if (cipher == nullptr) return std::nullopt;
    return SaltedCipher(std::move(cipher), key.salt);
  }

  AeadCipher* operator->() { return cipher_.get(); }
  AeadCipher::Nonce NonceFor(uint32_t ssrc, uint64_t index) const {
    return MakeNonce(salt_, ssrc, index);
  }

 private:
  std::unique_ptr<AeadCipher> cipher_;
  AeadCipher::Nonce salt_;
};

class AeadSealer final : public SrtpSealer {
 public:
  AeadSealer(SaltedCipher rtp, SaltedCipher rtcp) : rtp_(std::move(rtp)), rtcp_(std::move(rtcp)) {}

  size_t SealRtp(ByteSpan out, size_t header_size, ByteView payload,
                 uint64_t packet_index) override {
    if (payload.size() > kMaxSrtpPacketSize) return 0;
    const size_t sealed_size = payload.size() + kTagSize;
    const auto prefix = ParseSealable(out, header_size, sealed_size, packet_index);
    if (!prefix) return 0;
    const bool sealed =
        rtp_->Seal(rtp_.NonceFor(prefix->ssrc, packet_index), out.first(header_size), payload,
                   out.subspan(header_size, sealed_size));
    return sealed ? header_size + sealed_size : 0;
  }

  size_t SealRtcp(ByteSpan out, size_t size) override {
    constexpr size_t kAdded = kTagSize + kSrtcpIndexSize;
    const size_t room = std::min(out.size(), kMaxSrtpPacketSize);
    if (size > room || room - size < kAdded || next_rtcp_index_ > kMaxSrtcpIndex) return 0;
    const auto ssrc = ParseRtcpSender(out.first(size));
    if (!ssrc) return 0;
    // One counter for all SSRCs: it rises for each of them, which is all that a receiver asks.
    const uint32_t index = next_rtcp_index_++;
    const uint32_t flag_and_index = kSrtcpEncrypted | index;
    const auto associated_data = RtcpAssociatedData(out, flag_and_index);
    const ByteSpan sealed = out.subspan(kRtcpHeaderSize, size - kRtcpHeaderSize + kTagSize);
    if (!rtcp_->Seal(rtcp_.NonceFor(*ssrc, index), associated_data,
                     sealed.first(size - kRtcpHeaderSize), sealed)) {
      return 0;
    }
    StoreBigEndian(out.data() + size + kTagSize, flag_and_index);
    return size + kAdded;
  }

 private:
  SaltedCipher rtp_;
  SaltedCipher rtcp_;
  uint32_t next_rtcp_index_ = 0;
};

class AeadOpener final : public SrtpOpener {
 public:
  AeadOpener(SaltedCipher rtp, SaltedCipher rtcp, size_t max_ssrcs)
      : rtp_(std::move(rtp)), rtcp_(std::move(rtcp)), rtp_windows_(max_ssrcs) {}

  Result OpenRtp(ByteSpan packet) override {
    if (packet.size() > kMaxSrtpPacketSize) return DropReason::kOversize;
    const auto prefix = ParseRtpPrefix(packet);
    if (!prefix || packet.size() < prefix->header_size + kTagSize) return DropReason::kRtpMalformed;
    const auto* window = rtp_windows_.Find(prefix->ssrc);
    if (window == nullptr) return OpenFirstRtp(packet, *prefix);
    const uint64_t index = EstimateRtpPacketIndex(window->highest(), prefix->sequence_number);
    if (index > kMaxRtpPacketIndex || !window->IsFresh(index)) return DropReason::kSrtpReplayed;
    return DecryptRtp(packet, *prefix, index);
  }

  Result OpenRtcp(ByteSpan packet) override {
    if (packet.size() > kMaxSrtpPacketSize) return DropReason::kOversize;
    const auto ssrc = ParseRtcpSender(packet);
    if (!ssrc || packet.size() < kRtcpHeaderSize + kTagSize + kSrtcpIndexSize) {
      return DropReason::kRtcpMalformed;
    }
    const ByteSpan sealed =
        packet.subspan(kRtcpHeaderSize, packet.size() - kRtcpHeaderSize - kSrtcpIndexSize);
    const auto flag_and_index =
        LoadBigEndian<uint32_t>(packet.data() + packet.size() - kSrtcpIndexSize);
    // RFC 8827 section 6.5 has everything encrypted: without the flag it is not from our peer.
    if ((flag_and_index & kSrtcpEncrypted) == 0) return DropReason::kSrtpUnauthenticated;
    const uint32_t index = flag_and_index & kMaxSrtcpIndex;
    if (const auto reason = rtcp_windows_.Check(*ssrc, index)) return *reason;
    if (!rtcp_->Open(rtcp_.NonceFor(*ssrc, index), RtcpAssociatedData(packet, flag_and_index),
                     sealed)) {
      return DropReason::kSrtpUnauthenticated;
    }
    rtcp_windows_.Accept(*ssrc, index);
    return Opened{.size = packet.size() - kTagSize - kSrtcpIndexSize, .packet_index = 0};
  }

  void RemoveSsrc(uint32_t ssrc) override {
    rtp_windows_.Remove(ssrc);
    rtcp_windows_.Remove(ssrc);
  }

 private:
  // The sender may have wrapped before the first packet that arrives here (threat row R3), so a
  // small sequence number is tried in the first round and then in the second.
  Result OpenFirstRtp(ByteSpan packet, const RtpPrefix& prefix) {
    if (!rtp_windows_.HasRoom()) return DropReason::kSrtpTooManySsrcs;
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
    if (!rtp_->Open(rtp_.NonceFor(prefix.ssrc, index), packet.first(prefix.header_size),
                    packet.subspan(prefix.header_size))) {
      return DropReason::kSrtpUnauthenticated;
    }
    rtp_windows_.Accept(prefix.ssrc, index);
    return Opened{.size = packet.size() - kTagSize, .packet_index = index};
  }

  SaltedCipher rtp_;
  SaltedCipher rtcp_;
  SsrcReplayWindows<kRtpReplayWindow> rtp_windows_;
  SsrcReplayWindows<kRtcpReplayWindow> rtcp_windows_{kMaxRtcpSsrcs};
};

bool DeriveSessionKey(ByteView master_key, ByteView master_salt, SrtpKeyLabel key_label,
                      SrtpKeyLabel salt_label, AeadSessionKey& out) {
  if (!DeriveSrtpKey(master_key, master_salt, key_label,
                     ByteSpan(out.key).first(master_key.size())) ||
      !DeriveSrtpKey(master_key, master_salt, salt_label, out.salt)) {
    return false;
  }
  out.key_size = master_key.size();
  return true;
}

template <typename Interface, typename Implementation, typename... More>
std::unique_ptr<Interface> CreateHalf(AeadBackend backend, const AeadSessionKeys& keys,
                                      More... more) {
  auto rtp = SaltedCipher::Create(backend, keys.rtp);
  auto rtcp = SaltedCipher::Create(backend, keys.rtcp);
  if (!rtp || !rtcp) return nullptr;
  return std::make_unique<Implementation>(*std::move(rtp), *std::move(rtcp), more...);
}

}  // namespace

AeadSessionKey::~AeadSessionKey() {
  OPENSSL_cleanse(key.data(), key.size());
  OPENSSL_cleanse(salt.data(), salt.size());
}

AeadSessionKeys AeadSessionKeys::Derive(SrtpProfile profile, const SrtpMasterKey& master) {
  const ByteView key = ByteView(master.key).first(MasterKeySize(profile));
  const ByteView salt = ByteView(master.salt).first(MasterSaltSize(profile));
  AeadSessionKeys keys;
  const bool derived =
      DeriveSessionKey(key, salt, SrtpKeyLabel::kRtpEncryption, SrtpKeyLabel::kRtpSalt, keys.rtp) &&
      DeriveSessionKey(key, salt, SrtpKeyLabel::kRtcpEncryption, SrtpKeyLabel::kRtcpSalt,
                       keys.rtcp);
  return derived ? keys : AeadSessionKeys{};
}

std::unique_ptr<SrtpSealer> CreateAeadSealer(AeadBackend backend, const AeadSessionKeys& keys) {
  return CreateHalf<SrtpSealer, AeadSealer>(backend, keys);
}

std::unique_ptr<SrtpOpener> CreateAeadOpener(AeadBackend backend, const AeadSessionKeys& keys,
                                             size_t max_ssrcs) {
  return CreateHalf<SrtpOpener, AeadOpener>(backend, keys, max_ssrcs);
}

}  // namespace earshot
