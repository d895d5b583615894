#pragma once

// A DTLS client made of bare OpenSSL, which does what a well-behaved peer does not.

#include <openssl/ssl.h>

#include <string>
#include <vector>

#include "transport/dtls_bio.h"
#include "transport/dtls_handles.h"
#include "transport/dtls_link.h"

namespace earshot {

inline constexpr char kAllProfiles[] = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";

inline DtlsAssociation MakeServer(std::vector<Fingerprint> expected = {
                                      ClientCertificate().fingerprint()}) {
  return DtlsAssociation(DtlsRole::kServer, ServerCertificate(), std::move(expected),
                         Timestamp::Seconds(1));
}

class RawDtlsClient {
 public:
  struct Options {
    bool certificate = true;
    std::string srtp_profiles;  // empty: no use_srtp
    std::string cipher_suites;
  };
  explicit RawDtlsClient(const Options& options) : context_(SSL_CTX_new(DTLS_method())) {
    SSL_CTX* own = ClientCertificate().handles().context.get();
    if (options.certificate) {
      SSL_CTX_use_certificate(context_.get(), SSL_CTX_get0_certificate(own));
      SSL_CTX_use_PrivateKey(context_.get(), SSL_CTX_get0_privatekey(own));
    }
    if (!options.srtp_profiles.empty()) {
      SSL_CTX_set_tlsext_use_srtp(context_.get(), options.srtp_profiles.c_str());
    }
    if (!options.cipher_suites.empty()) {
      SSL_CTX_set_cipher_list(context_.get(), options.cipher_suites.c_str());
    }
    SSL_CTX_set_options(context_.get(), SSL_OP_NO_QUERY_MTU);
    ssl_.reset(SSL_new(context_.get()));
    BIO* bio = MakeDtlsBio(&pipe_);
    SSL_set_bio(ssl_.get(), bio, bio);
    DTLS_set_link_mtu(ssl_.get(), 1200);
    SSL_set_connect_state(ssl_.get());
  }

  /// Goes on with the handshake; whether it has finished.
  bool Advance(ByteView datagram, PacketList& out) {
    pipe_ = {.input = datagram, .output = &out};
    const bool finished = SSL_do_handshake(ssl_.get()) == 1;
    pipe_ = {};
    return finished;
  }
  /// Back and forth until neither has more to say; whether the client finished.
  bool HandshakeWith(DtlsAssociation& server, Timestamp now) {
    PacketList to_server, to_client, application;
    bool finished = Advance({}, to_server);
    while (!to_server.empty()) {
      for (size_t i = 0; i < to_server.size(); ++i) {
        server.HandleDatagram(to_server[i], now, to_client, application);
      }
      to_server.Clear();
      for (size_t i = 0; i < to_client.size(); ++i) {
        received.emplace_back(to_client[i].begin(), to_client[i].end());
        finished = Advance(to_client[i], to_server);
      }
      to_client.Clear();
    }
    return finished;
  }

  /// Application data of an established association; empty when the record is not good.
  std::vector<uint8_t> Read(ByteView datagram) {
    pipe_ = {.input = datagram, .output = nullptr};
    std::vector<uint8_t> message(1500);
    const int size = SSL_read(ssl_.get(), message.data(), static_cast<int>(message.size()));
    pipe_ = {};
    message.resize(size < 0 ? 0 : static_cast<size_t>(size));
    return message;
  }
  void Write(ByteView message, PacketList& out) {
    pipe_ = {.input = {}, .output = &out};
    SSL_write(ssl_.get(), message.data(), static_cast<int>(message.size()));
    pipe_ = {};
  }
  void Shutdown(PacketList& out) {
    pipe_ = {.input = {}, .output = &out};
    SSL_shutdown(ssl_.get());
    pipe_ = {};
  }
  /// Whether the peer has said close_notify.
  bool WasClosed() const { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }
  std::string cipher_suite() const { return SSL_get_cipher_name(ssl_.get()); }
  SSL* ssl() { return ssl_.get(); }

  std::vector<std::vector<uint8_t>> received;

 private:
  SslContextPointer context_;
  DtlsPipe pipe_;
  SslPointer ssl_;
};

}  // namespace earshot
