#pragma once

// DTLS 1.2 (RFC 6347, RFC 5764, RFC 8827): certificate, handshake with use_srtp and fingerprint
// check by OpenSSL, then application data by a record layer of our own (dtls_protection.h). The
// only files that include openssl/ssl.h are dtls*.cc. Time comes from outside: OpenSSL's own
// retransmission timer, which reads the wall clock, is switched off and replaced. One thread; the
// certificate may be shared between threads.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/drop_reason.h"
#include "earshot/datagrams.h"
#include "earshot/units.h"
#include "transport/srtp.h"

namespace earshot {

/// As in SDP's a=fingerprint (RFC 8122): "sha-256" and upper-case hex pairs with colons. Only
/// sha-256, sha-384 and sha-512 are accepted (threat row D12).
struct Fingerprint {
  std::string algorithm;
  std::string value;
};

enum class DtlsRole : uint8_t { kServer, kClient };

/// A self-signed ECDSA P-256 certificate with its key, made in memory and never written (D16).
class DtlsCertificate {
 public:
  /// Null when OpenSSL cannot make one, which is a reason not to start.
  static std::shared_ptr<const DtlsCertificate> Make();
  ~DtlsCertificate();
  const Fingerprint& fingerprint() const;

  struct Handles;
  const Handles& handles() const { return *handles_; }

 private:
  DtlsCertificate();
  std::unique_ptr<Handles> handles_;
};

/// What the handshake agreed on, as soon as it has finished and the fingerprint matched.
struct DtlsSrtpKeys {
  SrtpProfile profile;
  SrtpMasterKey local;   // for what we seal
  SrtpMasterKey remote;  // for what we open
};

enum class DtlsState : uint8_t { kHandshaking, kConnected, kClosed, kFailed };
enum class DtlsFailure : uint8_t { kNone, kHandshake, kFingerprint, kNoSrtpProfile, kTimeout };

class DtlsAssociation {
 public:
  /// Threat row D11: no datagram of ours is larger.
  static constexpr size_t kMaxDatagramSize = 1200;

  DtlsAssociation(DtlsRole role, const DtlsCertificate& certificate,
                  std::vector<Fingerprint> remote_fingerprints, Timestamp now);
  ~DtlsAssociation();

  /// Client role: sends the first flight.
  void Start(Timestamp now, PacketList& out);
  /// Appends what must be sent to `out` and decrypted application data, one packet per record, to
  /// `application`. Returns why the datagram was not used, if so.
  std::optional<DropReason> HandleDatagram(ByteView datagram, Timestamp now, PacketList& out,
                                           PacketList& application);
  /// Encrypts one application message into one datagram. False unless connected.
  bool Send(ByteView message, PacketList& out);
  /// Sends close_notify; the association is closed afterwards.
  void Close(PacketList& out);

  void HandleDeadline(Timestamp now, PacketList& out);
  /// Nobody listened for so long (L2): the peer has that much longer for its handshake.
  void HandlePause(Duration pause);
  Timestamp NextDeadline() const;

  DtlsState state() const;
  DtlsFailure failure() const;
  /// Present exactly when connected for the first time; taken once.
  std::optional<DtlsSrtpKeys> TakeKeys();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace earshot
