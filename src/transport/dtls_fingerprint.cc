#include "transport/dtls_fingerprint.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <string_view>

namespace earshot {
namespace {

constexpr size_t kMaxFingerprints = 8;

const EVP_MD* HashNamed(std::string_view name) {
  if (name == "sha-256") return EVP_sha256();
  if (name == "sha-384") return EVP_sha384();
  if (name == "sha-512") return EVP_sha512();
  return nullptr;
}

// RFC 8122 section 5: "each byte in upper-case hex".
std::optional<uint8_t> UpperHexDigit(char digit) {
  if (digit >= '0' && digit <= '9') return static_cast<uint8_t>(digit - '0');
  if (digit >= 'A' && digit <= 'F') return static_cast<uint8_t>(digit - 'A' + 10);
  return std::nullopt;
}

}  // namespace

std::optional<FingerprintDigest> FingerprintDigest::Parse(const Fingerprint& fingerprint) {
  FingerprintDigest digest;
  digest.hash = HashNamed(fingerprint.algorithm);
  if (digest.hash == nullptr) return std::nullopt;
  digest.size = static_cast<size_t>(EVP_MD_get_size(digest.hash));
  const std::string_view text = fingerprint.value;
  if (text.size() != digest.size * 3 - 1) return std::nullopt;
  for (size_t i = 0; i < digest.size; ++i) {
    const std::optional<uint8_t> high = UpperHexDigit(text[3 * i]);
    const std::optional<uint8_t> low = UpperHexDigit(text[3 * i + 1]);
    if (!high || !low) return std::nullopt;
    if (i + 1 < digest.size && text[3 * i + 2] != ':') return std::nullopt;
    digest.bytes[i] = static_cast<uint8_t>(*high << 4 | *low);
  }
  return digest;
}

std::vector<FingerprintDigest> ParseFingerprints(std::span<const Fingerprint> fingerprints) {
  std::vector<FingerprintDigest> digests;
  for (const Fingerprint& fingerprint : fingerprints) {
    if (digests.size() == kMaxFingerprints) break;
    if (auto digest = FingerprintDigest::Parse(fingerprint)) digests.push_back(*digest);
  }
  return digests;
}

std::optional<Fingerprint> FingerprintOf(const X509& certificate) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::array<uint8_t, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  if (X509_digest(&certificate, EVP_sha256(), digest.data(), &size) != 1) return std::nullopt;
  Fingerprint fingerprint{.algorithm = "sha-256", .value = {}};
  for (size_t i = 0; i < size; ++i) {
    if (i > 0) fingerprint.value += ':';
    fingerprint.value += kDigits[digest[i] >> 4];
    fingerprint.value += kDigits[digest[i] & 0xf];
  }
  return fingerprint;
}

bool MatchesAny(const X509& certificate, std::span<const FingerprintDigest> expected) {
  bool matches = false;
  for (const FingerprintDigest& candidate : expected) {
    std::array<uint8_t, EVP_MAX_MD_SIZE> digest;
    unsigned int size = 0;
    if (X509_digest(&certificate, candidate.hash, digest.data(), &size) != 1) return false;
    matches |= size == candidate.size &&
               CRYPTO_memcmp(digest.data(), candidate.bytes.data(), candidate.size) == 0;
  }
  return matches;
}

}  // namespace earshot
