#include "transport/srtp_aead.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "transport/srtp_halves.h"
#include "transport/srtp_key_derivation.h"

namespace earshot {
namespace {

// RFC 7714 sections 8.1 and 9.1: two zero bytes, the SSRC and the 48-bit index (SRTCP's 31 bits are
// filled up with zeros), combined with the salt.
AeadCipher::Nonce MakeNonce(const AeadCipher::Nonce& salt, uint32_t ssrc, uint64_t index) {
  AeadCipher::Nonce nonce = salt;
  uint8_t* const low = nonce.data() + 4;
  StoreBigEndian(low, LoadBigEndian<uint64_t>(low) ^ index);
  uint8_t* const middle = nonce.data() + 2;
  StoreBigEndian(middle, LoadBigEndian<uint32_t>(middle) ^ ssrc);
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

class AeadTransform {
 public:
  static constexpr size_t kTagSize = AeadCipher::kTagSize;
  static constexpr size_t kBehindRtcpIndex = 0;

  static std::optional<AeadTransform> Create(AeadBackend backend, const AeadSessionKey& key) {
    auto cipher = AeadCipher::Create(backend, ByteView(key.key).first(key.key_size));
    if (cipher == nullptr) return std::nullopt;
    return AeadTransform(std::move(cipher), key.salt);
  }
  AeadTransform(AeadTransform&&) = default;
  ~AeadTransform() { OPENSSL_cleanse(salt_.data(), salt_.size()); }

  bool SealRtp(const RtpPrefix& prefix, uint64_t index, ByteView header, ByteView payload,
               ByteSpan sealed) {
    return cipher_->Seal(MakeNonce(salt_, prefix.ssrc, index), header, payload, sealed);
  }
  bool SealsUnchanged() const { return cipher_->SealsUnchanged(); }
  bool OpenRtp(const RtpPrefix& prefix, uint64_t index, ByteSpan packet) {
    return cipher_->Open(MakeNonce(salt_, prefix.ssrc, index), packet.first(prefix.header_size),
                         packet.subspan(prefix.header_size));
  }
  void Forget(uint32_t) {}

  bool SealRtcp(uint32_t ssrc, uint32_t flag_and_index, ByteSpan packet) {
    StoreBigEndian(packet.data() + packet.size() - kSrtcpIndexSize, flag_and_index);
    const ByteSpan sealed = Sealed(packet);
    return cipher_->Seal(MakeNonce(salt_, ssrc, flag_and_index & kMaxSrtcpIndex),
                         RtcpAssociatedData(packet, flag_and_index),
                         sealed.first(sealed.size() - kTagSize), sealed);
  }
  bool OpenRtcp(uint32_t ssrc, uint32_t flag_and_index, ByteSpan packet) {
    return cipher_->Open(MakeNonce(salt_, ssrc, flag_and_index & kMaxSrtcpIndex),
                         RtcpAssociatedData(packet, flag_and_index), Sealed(packet));
  }

 private:
  AeadTransform(std::unique_ptr<AeadCipher> cipher, const AeadCipher::Nonce& salt)
      : cipher_(std::move(cipher)), salt_(salt) {}

  static ByteSpan Sealed(ByteSpan packet) {
    return packet.subspan(kRtcpHeaderSize, packet.size() - kRtcpHeaderSize - kSrtcpIndexSize);
  }

  std::unique_ptr<AeadCipher> cipher_;
  AeadCipher::Nonce salt_;
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
  return MakeHalf<SealingHalf>(AeadTransform::Create(backend, keys.rtp),
                               AeadTransform::Create(backend, keys.rtcp));
}

std::unique_ptr<SrtpOpener> CreateAeadOpener(AeadBackend backend, const AeadSessionKeys& keys,
                                             size_t max_ssrcs) {
  return MakeHalf<OpeningHalf>(AeadTransform::Create(backend, keys.rtp),
                               AeadTransform::Create(backend, keys.rtcp), max_ssrcs);
}

}  // namespace earshot
