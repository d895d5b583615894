#include "transport/srtp_cm.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

#include "transport/srtp_halves.h"
#include "transport/srtp_key_derivation.h"

namespace earshot {
namespace {

// RFC 3711 section 4.1.1: (salt * 2^16) XOR (SSRC * 2^64) XOR (index * 2^16). The last two bytes
// count the blocks of a packet.
CmCipher::Counter MakeCounter(const CmSessionKey::Salt& salt, uint32_t ssrc, uint64_t index) {
  CmCipher::Counter counter{};
  StoreBigEndian<uint32_t>(counter.data() + 4, ssrc);
  StoreBigEndian<uint64_t>(counter.data() + 8, index << 16);
  for (size_t i = 0; i < salt.size(); ++i) counter[i] ^= salt[i];
  return counter;
}

// RFC 3711 section 4.2: the roll-over counter is authenticated behind an RTP packet, but not sent.
std::array<uint8_t, 4> RolloverCounter(uint64_t index) {
  std::array<uint8_t, 4> bytes;
  StoreBigEndian(bytes.data(), static_cast<uint32_t>(index >> 16));
  return bytes;
}

class CmTransform {
 public:
  static constexpr size_t kTagSize = CmCipher::kTagSize;
  static constexpr size_t kBehindRtcpIndex = kTagSize;

  static std::optional<CmTransform> Create(const CmSessionKey& key) {
    auto cipher = CmCipher::Create(key.key, key.authentication);
    if (cipher == nullptr) return std::nullopt;
    return CmTransform(std::move(cipher), key.salt);
  }
  CmTransform(CmTransform&&) = default;
  ~CmTransform() { OPENSSL_cleanse(salt_.data(), salt_.size()); }

  bool SealRtp(const RtpPrefix& prefix, uint64_t index, ByteView header, ByteView payload,
               ByteSpan sealed) {
    if (!cipher_->Crypt(MakeCounter(salt_, prefix.ssrc, index), payload,
                        sealed.first(payload.size()))) {
      return false;
    }
    const ByteView packet(header.data(), header.size() + payload.size());
    std::ranges::copy(cipher_->Authenticate(packet, RolloverCounter(index)),
                      sealed.last(kTagSize).begin());
    return true;
  }
  bool SealsUnchanged() const { return false; }
  bool OpenRtp(const RtpPrefix& prefix, uint64_t index, ByteSpan packet) {
    if (!HasTag(packet, RolloverCounter(index))) return false;
    const ByteSpan payload =
        packet.subspan(prefix.header_size, packet.size() - prefix.header_size - kTagSize);
    return cipher_->Crypt(MakeCounter(salt_, prefix.ssrc, index), payload, payload);
  }
  void Forget(uint32_t) {}

  bool SealRtcp(uint32_t ssrc, uint32_t flag_and_index, ByteSpan packet) {
    const ByteSpan authenticated = packet.first(packet.size() - kTagSize);
    StoreBigEndian(authenticated.last(kSrtcpIndexSize).data(), flag_and_index);
    if (!CryptRtcp(ssrc, flag_and_index, packet)) return false;
    std::ranges::copy(cipher_->Authenticate(authenticated, {}), packet.last(kTagSize).begin());
    return true;
  }
  bool OpenRtcp(uint32_t ssrc, uint32_t flag_and_index, ByteSpan packet) {
    return HasTag(packet, {}) && CryptRtcp(ssrc, flag_and_index, packet);
  }

 private:
  CmTransform(std::unique_ptr<CmCipher> cipher, const CmSessionKey::Salt& salt)
      : cipher_(std::move(cipher)), salt_(salt) {}

  bool HasTag(ByteView packet, ByteView trailer) const {
    const CmCipher::Tag tag =
        cipher_->Authenticate(packet.first(packet.size() - kTagSize), trailer);
    return CRYPTO_memcmp(tag.data(), packet.last(kTagSize).data(), kTagSize) == 0;
  }
  bool CryptRtcp(uint32_t ssrc, uint32_t flag_and_index, ByteSpan packet) {
    const ByteSpan encrypted = packet.subspan(
        kRtcpHeaderSize, packet.size() - kRtcpHeaderSize - kSrtcpIndexSize - kTagSize);
    return cipher_->Crypt(MakeCounter(salt_, ssrc, flag_and_index & kMaxSrtcpIndex), encrypted,
                          encrypted);
  }

  std::unique_ptr<CmCipher> cipher_;
  CmSessionKey::Salt salt_;
};

}  // namespace

CmSessionKey::~CmSessionKey() {
  OPENSSL_cleanse(key.data(), key.size());
  OPENSSL_cleanse(authentication.data(), authentication.size());
  OPENSSL_cleanse(salt.data(), salt.size());
}

std::optional<CmSessionKeys> CmSessionKeys::Derive(const SrtpMasterKey& master) {
  const ByteView key = ByteView(master.key).first(CmCipher::kKeySize);
  const auto derive = [&](SrtpKeyLabel label, ByteSpan out) {
    return DeriveSrtpKey(key, master.salt, label, out);
  };
  CmSessionKeys keys;
  const bool derived = derive(SrtpKeyLabel::kRtpEncryption, keys.rtp.key) &&
                       derive(SrtpKeyLabel::kRtpAuthentication, keys.rtp.authentication) &&
                       derive(SrtpKeyLabel::kRtpSalt, keys.rtp.salt) &&
                       derive(SrtpKeyLabel::kRtcpEncryption, keys.rtcp.key) &&
                       derive(SrtpKeyLabel::kRtcpAuthentication, keys.rtcp.authentication) &&
                       derive(SrtpKeyLabel::kRtcpSalt, keys.rtcp.salt);
  if (!derived) return std::nullopt;
  return keys;
}

std::unique_ptr<SrtpSealer> CreateCmSealer(const std::optional<CmSessionKeys>& keys) {
  if (!keys) return nullptr;
  return MakeHalf<SealingHalf>(CmTransform::Create(keys->rtp), CmTransform::Create(keys->rtcp));
}

std::unique_ptr<SrtpOpener> CreateCmOpener(const std::optional<CmSessionKeys>& keys,
                                           size_t max_ssrcs) {
  if (!keys) return nullptr;
  return MakeHalf<OpeningHalf>(CmTransform::Create(keys->rtp), CmTransform::Create(keys->rtcp),
                               max_ssrcs);
}

}  // namespace earshot
