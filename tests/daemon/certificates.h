#pragma once

// Certificates that sign themselves, made on the spot, so that no key is in the project. Test code
// only.

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <string>
#include <string_view>

namespace earshotd {

struct TestCertificate {
  std::string certificate_pem;
  std::string key_pem;
};

/// `kind` is "RSA" or "EC"; for localhost, for an hour.
inline TestCertificate MakeTestCertificate(std::string_view kind) {
  constexpr size_t kRsaBits = 2048;
  EVP_PKEY* key = kind == "RSA" ? EVP_RSA_gen(kRsaBits) : EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_sign(certificate, key, EVP_sha256());

  const auto take = [](BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string text(data, static_cast<size_t>(size));
    BIO_free(bio);
    return text;
  };
  TestCertificate made;
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, certificate);
  made.certificate_pem = take(bio);
  bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  made.key_pem = take(bio);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return made;
}

}  // namespace earshotd
