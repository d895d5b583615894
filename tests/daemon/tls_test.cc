#include "tls.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <string>

#include "certificates.h"
#include "http_test_server.h"
#include "temporary_files.h"

namespace earshotd {
namespace {

/// What a client of OpenSSL insists on.
struct TlsWish {
  int version = TLS1_2_VERSION;
  const char* ciphers = nullptr;
  const char* suites = nullptr;
  const char* groups = nullptr;
};

/// The cipher that client and server agree on, or "" if they do not.
std::string Handshake(uint16_t port, const TlsWish& wish) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  // Whatever a client may want, weak or not.
  SSL_CTX_set_security_level(context, 0);
  SSL_CTX_set_min_proto_version(context, wish.version);
  SSL_CTX_set_max_proto_version(context, wish.version);
  if (wish.ciphers != nullptr) {
    EXPECT_EQ(SSL_CTX_set_cipher_list(context, wish.ciphers), 1);
  }
  if (wish.suites != nullptr) {
    EXPECT_EQ(SSL_CTX_set_ciphersuites(context, wish.suites), 1);
  }
  if (wish.groups != nullptr) {
    EXPECT_EQ(SSL_CTX_set1_groups_list(context, wish.groups), 1);
  }
  boost::asio::io_context io;
  boost::asio::ip::tcp::socket socket(io);
  socket.connect({boost::asio::ip::address_v4::loopback(), port});
  SSL* ssl = SSL_new(context);
  SSL_set_fd(ssl, socket.native_handle());
  std::string cipher;
  if (SSL_connect(ssl) == 1) {
    cipher = SSL_get_cipher_name(ssl);
    // A handshake in 1.3 ends for the client before the server has said yes.
    const std::string_view request = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
    SSL_write(ssl, request.data(), static_cast<int>(request.size()));
    char byte = 0;
    if (SSL_read(ssl, &byte, 1) != 1) cipher.clear();
  }
  ERR_clear_error();
  SSL_free(ssl);
  SSL_CTX_free(context);
  return cipher;
}

class TlsTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const TestCertificate certificate = MakeTestCertificate(GetParam());
    files_ = {folder_.Write("cert.pem", certificate.certificate_pem),
              folder_.Write("key.pem", certificate.key_pem, 0600)};
    auto context = MakeTlsContext(files_, "listen.tls", false);
    ASSERT_TRUE(context.ok()) << context.error().message;
    context_ = std::move(*context);
    server_.emplace([this](HttpService& service) { service.tls = context_.get(); });
  }

  TemporaryFolder folder_;
  TlsFiles files_;
  std::unique_ptr<boost::asio::ssl::context> context_;
  std::optional<HttpTestServer> server_;
};
INSTANTIATE_TEST_SUITE_P(Keys, TlsTest, testing::Values("RSA", "EC"));

TEST_P(TlsTest, H25_OnlyForwardSecrecyWithAuthenticatedEncryptionIsSpoken) {
  const std::string kind = std::string_view(GetParam()) == "RSA" ? "RSA" : "ECDSA";
  const std::string gcm = "ECDHE-" + kind + "-AES128-GCM-SHA256";
  EXPECT_EQ(Handshake(server_->port(), {.ciphers = gcm.c_str()}), gcm);
  EXPECT_EQ(Handshake(server_->port(), {.version = TLS1_3_VERSION}), "TLS_AES_256_GCM_SHA384");

  for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
    EXPECT_EQ(Handshake(server_->port(), {.version = version}), "") << version;
  }
  for (const char* ciphers :
       {"AES128-GCM-SHA256", "AES256-SHA", "AES128-SHA", "AES128-SHA256", "ECDHE-RSA-AES128-SHA",
        "ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES256-SHA384", "ECDHE-ECDSA-AES256-SHA384",
        "ECDHE+CHACHA20", "DHE", "aNULL", "eNULL", "PSK", "ECDHE+AESCCM", "CAMELLIA"}) {
    EXPECT_EQ(Handshake(server_->port(), {.ciphers = ciphers}), "") << ciphers;
  }
  EXPECT_EQ(Handshake(server_->port(), {.version = TLS1_3_VERSION, .groups = "P-521"}), "");
}

TEST_P(TlsTest, H25_NothingIsKeptForAnotherSession) {
  EXPECT_EQ(Handshake(server_->port(), {}).empty(), false);
  EXPECT_EQ(SSL_CTX_sess_number(context_->native_handle()), 0);
  EXPECT_NE(SSL_CTX_get_options(context_->native_handle()) & SSL_OP_NO_TICKET, 0u);
}

TEST_P(TlsTest, F9_AKeyOfAnotherCertificateIsRefused) {
  const std::string other = MakeTestCertificate(GetParam()).key_pem;
  const auto context = MakeTlsContext({files_.certificate, folder_.Write("other.pem", other, 0600)},
                                      "admin.tls", false);
  ASSERT_FALSE(context.ok());
  EXPECT_TRUE(context.error().message.starts_with("admin.tls.key_file: "))
      << context.error().message;
}

TEST_P(TlsTest, F5_AKeyThatEverybodyCanReadIsRefused) {
  const std::string open = folder_.Write("open.pem", *ReadWholeText(files_.key), 0644);
  EXPECT_FALSE(MakeTlsContext({files_.certificate, open}, "listen.tls", false).ok());
  EXPECT_TRUE(MakeTlsContext({files_.certificate, open}, "listen.tls", true).ok());
}

}  // namespace
}  // namespace earshotd
