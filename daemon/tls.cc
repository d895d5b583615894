#include "tls.h"

#include <boost/asio/buffer.hpp>

#include "file_reader.h"

namespace earshotd {

namespace ssl = boost::asio::ssl;

earshot::Result<std::unique_ptr<ssl::context>> MakeTlsContext(const Config& config) {
  if (config.tls.certificate.empty()) return std::unique_ptr<ssl::context>();
  constexpr size_t kMaxFileSize = 256 * 1024;
  const auto certificate =
      ReadWholeFile(config.tls.certificate, kMaxFileSize, FileSecrecy::kPublic);
  if (!certificate.ok()) return certificate.error();
  const auto key =
      ReadWholeFile(config.tls.key, kMaxFileSize,
                    config.allow_insecure_permissions ? FileSecrecy::kSecretAnyPermissions
                                                      : FileSecrecy::kSecret);
  if (!key.ok()) return key.error();

  auto context = std::make_unique<ssl::context>(ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  boost::system::error_code error;
  context->use_certificate_chain(boost::asio::buffer(*certificate), error);
  if (error) {
    return earshot::Error{"tls-unusable", "listen.tls.certificate_file: " + error.message()};
  }
  context->use_private_key(boost::asio::buffer(*key), ssl::context::pem, error);
  if (error) return earshot::Error{"tls-unusable", "listen.tls.key_file: " + error.message()};
  return context;
}

}  // namespace earshotd
