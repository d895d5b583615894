#include "tls.h"

#include <boost/asio/buffer.hpp>

#include "file_reader.h"

namespace earshotd {
namespace {

namespace ssl = boost::asio::ssl;
using earshot::Error;

/// OpenSSL's defaults still take RSA key exchange and CBC. What is left is the same as for media.
void Harden(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM");
  SSL_CTX_set_ciphersuites(context, "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256");
  SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384");
  SSL_CTX_set_options(context,
                      SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Keys of tickets and sessions that are kept would open what was recorded before; and what
  // thousands of clients leave behind is memory.
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

}  // namespace

earshot::Result<std::unique_ptr<ssl::context>> MakeTlsContext(const TlsFiles& files,
                                                              const std::string& name,
                                                              bool allow_insecure_permissions) {
  if (files.certificate.empty()) return std::unique_ptr<ssl::context>();
  const auto unusable = [&name](const char* key, const std::string& reason) {
    return Error{"tls-unusable", name + "." + key + ": " + reason};
  };
  constexpr size_t kMaxFileSize = 256 * 1024;
  const auto certificate = ReadWholeFile(files.certificate, kMaxFileSize, FileSecrecy::kPublic);
  if (!certificate.ok()) return unusable("certificate_file", certificate.error().message);
  const auto key = ReadWholeFile(
      files.key, kMaxFileSize,
      allow_insecure_permissions ? FileSecrecy::kSecretAnyPermissions : FileSecrecy::kSecret);
  if (!key.ok()) return unusable("key_file", key.error().message);

  auto context = std::make_unique<ssl::context>(ssl::context::tls_server);
  Harden(context->native_handle());
  boost::system::error_code error;
  context->use_certificate_chain(boost::asio::buffer(*certificate), error);
  if (error) return unusable("certificate_file", error.message());
  // Compares it with the certificate as well.
  context->use_private_key(boost::asio::buffer(*key), ssl::context::pem, error);
  if (error) return unusable("key_file", error.message());
  return context;
}

}  // namespace earshotd
