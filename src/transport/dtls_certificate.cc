#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/srtp.h>
#include <openssl/x509.h>

#include "transport/dtls_fingerprint.h"
#include "transport/dtls_handles.h"

namespace earshot {
namespace {

struct Deleter {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using CertificatePointer = std::unique_ptr<X509, Deleter>;
using KeyPointer = std::unique_ptr<EVP_PKEY, Deleter>;

// Threat row D15. RSA is for peers that present an RSA certificate; ours is ECDSA.
constexpr char kCipherSuites[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384";
constexpr char kGroups[] = "P-256:X25519:P-384";
constexpr char kSignatures[] =
    "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:"
    "RSA+SHA256:RSA+SHA384:RSA+SHA512";
// The 128-bit AEAD first: the cheapest that every browser offers.
constexpr char kSrtpProfiles[] =
    "SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_80";
constexpr long kMaxCertificateList = 16 * 1024;  // threat row D8

bool SetNameAndDates(X509* certificate) {
  uint64_t serial = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) != 1) return false;
  X509_NAME* name = X509_get_subject_name(certificate);
  const auto* text = reinterpret_cast<const unsigned char*>("WebRTC");
  // RFC 5280 section 4.1.2.5: 99991231235959Z is for certificates without a well-defined end.
  // Peers check the fingerprint and never the dates, so no clock has to be read here.
  return X509_set_version(certificate, X509_VERSION_3) == 1 &&
         ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1) == 1 &&
         ASN1_TIME_set_string_X509(X509_getm_notBefore(certificate), "20200101000000Z") == 1 &&
         ASN1_TIME_set_string_X509(X509_getm_notAfter(certificate), "99991231235959Z") == 1 &&
         X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0) == 1 &&
         X509_set_issuer_name(certificate, name) == 1;
}

CertificatePointer MakeSelfSigned(EVP_PKEY* key) {
  CertificatePointer certificate(X509_new());
  if (certificate == nullptr || !SetNameAndDates(certificate.get())) return nullptr;
  if (X509_set_pubkey(certificate.get(), key) != 1) return nullptr;
  if (X509_sign(certificate.get(), key, EVP_sha256()) == 0) return nullptr;
  return certificate;
}

bool AllowOnlyStrong(SSL_CTX* context) {
  // SSL_CTX_set_tlsext_use_srtp alone answers zero for success.
  return SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1 &&
         SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION) == 1 &&
         SSL_CTX_set_cipher_list(context, kCipherSuites) == 1 &&
         SSL_CTX_set1_groups_list(context, kGroups) == 1 &&
         SSL_CTX_set1_sigalgs_list(context, kSignatures) == 1 &&
         SSL_CTX_set_tlsext_use_srtp(context, kSrtpProfiles) == 0;
}

// In place of chain validation: a WebRTC certificate is vouched for by its fingerprint alone
// (RFC 8827 section 6.5).
int VerifyPeerCertificate(X509_STORE_CTX* store, void*) {
  const int index = SSL_get_ex_data_X509_STORE_CTX_idx();
  auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, index));
  auto* check = static_cast<DtlsPeerCheck*>(SSL_get_app_data(ssl));
  const X509* certificate = X509_STORE_CTX_get0_cert(store);
  check->matches = certificate != nullptr && MatchesAny(*certificate, check->expected);
  if (check->matches) return 1;
  check->refused = true;
  X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
  return 0;
}

SslContextPointer MakeContext(X509* certificate, EVP_PKEY* key) {
  SslContextPointer context(SSL_CTX_new(DTLS_method()));
  if (context == nullptr || !AllowOnlyStrong(context.get())) return nullptr;
  if (SSL_CTX_use_certificate(context.get(), certificate) != 1) return nullptr;
  if (SSL_CTX_use_PrivateKey(context.get(), key) != 1) return nullptr;
  SSL_CTX_set_options(context.get(), SSL_OP_NO_QUERY_MTU | SSL_OP_NO_RENEGOTIATION |
                                         SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION |
                                         SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_max_cert_list(context.get(), kMaxCertificateList);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_cert_verify_callback(context.get(), VerifyPeerCertificate, nullptr);
  return context;
}

}  // namespace

DtlsCertificate::DtlsCertificate() : handles_(std::make_unique<Handles>()) {}
DtlsCertificate::~DtlsCertificate() = default;

const Fingerprint& DtlsCertificate::fingerprint() const { return handles_->fingerprint; }

std::shared_ptr<const DtlsCertificate> DtlsCertificate::Make() {
  const KeyPointer key(EVP_EC_gen("P-256"));
  if (key == nullptr) return nullptr;
  const CertificatePointer certificate = MakeSelfSigned(key.get());
  if (certificate == nullptr) return nullptr;
  const std::optional<Fingerprint> fingerprint = FingerprintOf(*certificate);
  SslContextPointer context = MakeContext(certificate.get(), key.get());
  if (!fingerprint || context == nullptr) return nullptr;

  std::shared_ptr<DtlsCertificate> made(new DtlsCertificate);
  made->handles_->context = std::move(context);
  made->handles_->fingerprint = *fingerprint;
  return made;
}

}  // namespace earshot
