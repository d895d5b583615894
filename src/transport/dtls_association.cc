#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "transport/dtls_bio.h"
#include "transport/dtls_fingerprint.h"
#include "transport/dtls_handles.h"
#include "transport/dtls_protection.h"
#include "transport/dtls_record.h"
#include "transport/dtls_srtp_keys.h"
#include "transport/dtls_traffic_keys.h"

// Retransmission. OpenSSL's timer reads the wall clock, so its timer callback names an hour and it
// never fires. Instead the datagrams of the last flight are kept and sent again as they were. That
// is sound: a copy whose original arrived fails the peer's replay check (RFC 6347 section
// 4.1.2.6), and a copy whose original was lost is new to it. The side that sends the last flight
// of all has no timer; it repeats that flight when the peer repeats its own (section 4.2.4, state
// FINISHED), which this file recognises by itself, because OpenSSL drops verbatim copies.

namespace earshot {
namespace {

constexpr Duration kFirstRetransmission = Duration::Millis(100);  // threat row D10
constexpr Duration kMaxRetransmission = Duration::Seconds(3);
constexpr Duration kHandshakeTimeout = Duration::Seconds(30);  // threat row D9
constexpr Duration kMinRepeatInterval = Duration::Millis(50);
constexpr int kMaxAttempts = 5;  // threat row D2

// Threat row D6: OpenSSL keeps 17 KB for each record of the coming epoch, and one is enough.
constexpr int kMaxEarlyRecords = 3;

constexpr size_t kMaxMessageSize = DtlsAssociation::kMaxDatagramSize - DtlsProtection::kOverhead;

// RFC 5246 section 7.2.
constexpr uint8_t kWarning = 1, kFatal = 2, kCloseNotify = 0;

// An hour in microseconds, in which every handshake has long ended.
unsigned int NeverRetransmit(SSL*, unsigned int) { return 3600u * 1000000u; }

void Append(const PacketList& packets, PacketList& out) {
  for (size_t i = 0; i < packets.size(); ++i) out.Push(packets[i]);
}

}  // namespace

class DtlsAssociation::Impl {
 public:
  Impl(DtlsRole role, SSL_CTX* context, std::vector<FingerprintDigest> expected, Timestamp now);

  void Start(Timestamp now, PacketList& out);
  std::optional<DropReason> HandleDatagram(ByteView datagram, Timestamp now, PacketList& out,
                                           PacketList& application);
  bool Send(ByteView message, PacketList& out);
  void Close(PacketList& out);
  void HandleDeadline(Timestamp now, PacketList& out);
  void HandlePause(Duration pause) { give_up_at_ = give_up_at_ + pause; }

  Timestamp next_deadline() const { return next_deadline_; }
  DtlsState state() const { return state_; }
  DtlsFailure failure() const { return failure_; }
  std::optional<DtlsSrtpKeys> TakeKeys() { return std::exchange(keys_, std::nullopt); }

 private:
  void BeginAttempt();
  std::optional<DropReason> HandleRecord(const DtlsRecord& record, Timestamp now, PacketList& out,
                                         PacketList& application);
  bool IsWantedInHandshake(const DtlsRecord& record);
  bool IsTimelyHandshake(ByteView body) const;
  void AdvanceHandshake(Timestamp now, PacketList& out);
  void FinishHandshake(PacketList& out);
  void AbandonAttempt(const PacketList& alerts, PacketList& out);
  std::optional<DropReason> RepeatLastFlight(Timestamp now, PacketList& out);
  bool Open(const DtlsRecord& record, PacketList& out, PacketList& application);
  void HandleAlert(ByteView alert, PacketList& out);
  void End(DtlsState state, DtlsFailure failure);
  void ArmTimer(Timestamp now);

  const DtlsRole role_;
  Timestamp give_up_at_;
  DtlsPeerCheck peer_;  // ssl_ points to this and to the pipe
  DtlsPipe pipe_;
  SslPointer ssl_;                            // until connected
  std::optional<DtlsProtection> protection_;  // from then on
  PacketList flight_;  // what we sent last, until the peer showed that it arrived
  Duration retransmission_ = kFirstRetransmission;
  Timestamp next_deadline_;
  Timestamp repeated_at_ = Timestamp::LongAgo();
  DtlsState state_ = DtlsState::kHandshaking;
  DtlsFailure failure_ = DtlsFailure::kNone;
  DtlsFailure attempt_failure_ = DtlsFailure::kTimeout;  // what to report when time runs out
  int attempts_ = 0;
  int early_records_ = 0;
  std::optional<DtlsSrtpKeys> keys_;
};

DtlsAssociation::Impl::Impl(DtlsRole role, SSL_CTX* context,
                            std::vector<FingerprintDigest> expected, Timestamp now)
    : role_(role),
      give_up_at_(now + kHandshakeTimeout),
      peer_{.expected = std::move(expected)},
      ssl_(SSL_new(context)),
      next_deadline_(give_up_at_) {
  BeginAttempt();
}

void DtlsAssociation::Impl::BeginAttempt() {
  if (attempts_ > 0 && ssl_ != nullptr) ssl_.reset(SSL_new(SSL_get_SSL_CTX(ssl_.get())));
  ++attempts_;
  early_records_ = 0;
  peer_.matches = false;
  flight_.Clear();
  next_deadline_ = give_up_at_;
  BIO* bio = ssl_ == nullptr ? nullptr : MakeDtlsBio(&pipe_);
  if (bio == nullptr) {
    End(DtlsState::kFailed, DtlsFailure::kHandshake);
    return;
  }
  SSL* ssl = ssl_.get();
  SSL_set_bio(ssl, bio, bio);
  SSL_set_app_data(ssl, &peer_);
  DTLS_set_link_mtu(ssl, static_cast<long>(kMaxDatagramSize));
  DTLS_set_timer_cb(ssl, NeverRetransmit);
  if (role_ == DtlsRole::kClient) {
    SSL_set_connect_state(ssl);
  } else {
    SSL_set_accept_state(ssl);
  }
}

void DtlsAssociation::Impl::Start(Timestamp now, PacketList& out) {
  if (role_ != DtlsRole::kClient || state_ != DtlsState::kHandshaking || !flight_.empty()) return;
  AdvanceHandshake(now, out);
}

std::optional<DropReason> DtlsAssociation::Impl::HandleDatagram(ByteView datagram, Timestamp now,
                                                                PacketList& out,
                                                                PacketList& application) {
  std::optional<DropReason> first_drop = DropReason::kDtlsMalformed;
  for (bool first = true; !datagram.empty(); first = false) {
    const std::optional<DtlsRecord> record = DtlsRecord::Parse(datagram);
    if (!record) break;
    const std::optional<DropReason> drop = HandleRecord(*record, now, out, application);
    if (first || !drop) first_drop = drop;
    datagram = datagram.subspan(record->bytes.size());
  }
  return first_drop;
}

std::optional<DropReason> DtlsAssociation::Impl::HandleRecord(const DtlsRecord& record,
                                                              Timestamp now, PacketList& out,
                                                              PacketList& application) {
  if (record.epoch > 0 && record.body.size() < DtlsRecord::kMinProtectedSize) {
    return DropReason::kDtlsMalformed;
  }
  switch (state_) {
    case DtlsState::kHandshaking:
      if (!IsWantedInHandshake(record)) return DropReason::kDtlsUnexpected;
      pipe_.input = record.bytes;
      AdvanceHandshake(now, out);
      return std::nullopt;
    case DtlsState::kConnected:
      // Threat rows D3 and D4: nothing in the clear means anything any more. Keys are never
      // renegotiated, so a protected handshake record can only be a repetition.
      if (record.epoch != 1) return DropReason::kDtlsUnexpected;
      if (record.type == DtlsContentType::kHandshake) return RepeatLastFlight(now, out);
      if (record.type == DtlsContentType::kChangeCipherSpec) return DropReason::kDtlsUnexpected;
      if (!Open(record, out, application)) return DropReason::kDtlsMalformed;
      return std::nullopt;
    case DtlsState::kClosed:
    case DtlsState::kFailed:
      break;
  }
  return DropReason::kTransportClosed;
}

bool DtlsAssociation::Impl::IsWantedInHandshake(const DtlsRecord& record) {
  const OSSL_HANDSHAKE_STATE state = SSL_get_state(ssl_.get());
  const bool epoch_has_changed = state == TLS_ST_SR_CHANGE || state == TLS_ST_CR_CHANGE;
  if (record.epoch == 1) {
    if (epoch_has_changed && record.type == DtlsContentType::kAlert) return true;
    if (record.type != DtlsContentType::kHandshake) return false;
    // Overtook its ChangeCipherSpec; OpenSSL keeps it.
    return epoch_has_changed || early_records_++ < kMaxEarlyRecords;
  }
  if (record.epoch != 0) return false;
  switch (record.type) {
    case DtlsContentType::kChangeCipherSpec:
      return record.body.size() == 1;
    case DtlsContentType::kHandshake:
      return IsTimelyHandshake(record.body);
    case DtlsContentType::kAlert:
      // Anybody may have sent it. A peer that did give up goes silent, and time runs out.
      attempt_failure_ = DtlsFailure::kHandshake;
      return false;
    case DtlsContentType::kApplicationData:
      return false;
  }
  return false;
}

bool DtlsAssociation::Impl::IsTimelyHandshake(ByteView body) const {
  const auto content = DtlsHandshakeContent::Parse(body);
  if (!content) return false;
  // Threat row D1: once a ClientHello was answered, a further one is a repetition, which our timer
  // takes care of, or an attack on the handshake in progress. Before, nothing else makes sense, and
  // as no HelloVerifyRequest is sent, the first is the only one.
  if (!flight_.empty()) return !content->has_client_hello;
  return !content->has_other && content->last_message_number == 0;
}

void DtlsAssociation::Impl::AdvanceHandshake(Timestamp now, PacketList& out) {
  PacketList written;
  pipe_.output = &written;
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  const int error = SSL_get_error(ssl_.get(), result);
  pipe_ = {};
  if (result != 1 && error != SSL_ERROR_WANT_READ) {
    AbandonAttempt(written, out);
    return;
  }
  if (!written.empty()) {
    Append(written, out);
    flight_ = std::move(written);
    retransmission_ = kFirstRetransmission;
    ArmTimer(now);
  }
  if (result == 1) FinishHandshake(out);
}

// Keys leave OpenSSL only past the fingerprint check (threat row D12), which ran when the peer's
// certificate came, so that a wrong one is told bad_certificate and costs no signature.
void DtlsAssociation::Impl::FinishHandshake(PacketList& out) {
  if (!peer_.matches) {
    End(DtlsState::kFailed, DtlsFailure::kFingerprint);
    return;
  }
  keys_ = ExportSrtpKeys(ssl_.get(), role_);
  if (!keys_) {
    pipe_.output = &out;
    SSL_shutdown(ssl_.get());
    pipe_ = {};
    End(DtlsState::kFailed, DtlsFailure::kNoSrtpProfile);
    return;
  }
  if (const auto traffic_keys = ExportTrafficKeys(ssl_.get(), role_)) {
    protection_ = DtlsProtection::TakeOver(*traffic_keys, flight_);
  }
  if (!protection_) {
    End(DtlsState::kFailed, DtlsFailure::kHandshake);
    return;
  }
  state_ = DtlsState::kConnected;
  next_deadline_ = Timestamp::Never();
  // The server's flight is the last one and may have to be repeated; the client's has arrived.
  if (role_ == DtlsRole::kClient) flight_ = {};
  ssl_.reset();
  peer_.expected = std::vector<FingerprintDigest>();
}

// Threat row D2: what fails before keys may be a stranger's doing, so the next ClientHello finds a
// fresh server. An alert for a ClientHello could reach the genuine peer and end its handshake, so
// it is kept back until we give up; one for a later message tells a peer whose handshake is dead.
void DtlsAssociation::Impl::AbandonAttempt(const PacketList& alerts, PacketList& out) {
  attempt_failure_ = peer_.refused ? DtlsFailure::kFingerprint : DtlsFailure::kHandshake;
  const bool is_final = peer_.refused || role_ == DtlsRole::kClient || attempts_ >= kMaxAttempts;
  if (is_final || !flight_.empty()) Append(alerts, out);
  if (is_final) {
    End(DtlsState::kFailed, attempt_failure_);
  } else {
    BeginAttempt();
  }
}

std::optional<DropReason> DtlsAssociation::Impl::RepeatLastFlight(Timestamp now, PacketList& out) {
  // The record was not authenticated, hence the limit on how often it has an effect.
  if (flight_.empty() || now - repeated_at_ < kMinRepeatInterval) {
    return DropReason::kDtlsUnexpected;
  }
  repeated_at_ = now;
  Append(flight_, out);
  return std::nullopt;
}

// Whether the record was authentic.
bool DtlsAssociation::Impl::Open(const DtlsRecord& record, PacketList& out,
                                 PacketList& application) {
  const std::optional<ByteView> plaintext = protection_->Open(record, application);
  if (!plaintext) return false;
  flight_ = {};
  if (record.type == DtlsContentType::kAlert) {
    HandleAlert(*plaintext, out);
  } else if (!plaintext->empty()) {
    application.Commit(plaintext->size());
  }
  return true;
}

void DtlsAssociation::Impl::HandleAlert(ByteView alert, PacketList& out) {
  if (alert.size() != 2) return;
  const bool is_close_notify = alert[1] == kCloseNotify;
  if (!is_close_notify && alert[0] != kFatal) return;
  // close_notify is answered with our own (RFC 5246 section 7.2.1); other fatal alerts are not.
  if (is_close_notify) {
    Close(out);
  } else {
    End(DtlsState::kClosed, DtlsFailure::kNone);
  }
}

bool DtlsAssociation::Impl::Send(ByteView message, PacketList& out) {
  if (state_ != DtlsState::kConnected || message.empty() || message.size() > kMaxMessageSize) {
    return false;
  }
  return protection_->Seal(DtlsContentType::kApplicationData, message, out);
}

void DtlsAssociation::Impl::Close(PacketList& out) {
  if (state_ == DtlsState::kConnected) {
    static constexpr std::array<uint8_t, 2> kAlert = {kWarning, kCloseNotify};
    protection_->Seal(DtlsContentType::kAlert, kAlert, out);
  }
  if (state_ != DtlsState::kFailed) End(DtlsState::kClosed, DtlsFailure::kNone);
}

void DtlsAssociation::Impl::HandleDeadline(Timestamp now, PacketList& out) {
  if (now < next_deadline_) return;
  if (now >= give_up_at_) {
    End(DtlsState::kFailed, attempt_failure_);
    return;
  }
  Append(flight_, out);
  retransmission_ = std::min(retransmission_ * 2, kMaxRetransmission);
  ArmTimer(now);
}

void DtlsAssociation::Impl::ArmTimer(Timestamp now) {
  next_deadline_ = std::min(now + retransmission_, give_up_at_);
}

void DtlsAssociation::Impl::End(DtlsState state, DtlsFailure failure) {
  state_ = state;
  failure_ = failure;
  next_deadline_ = Timestamp::Never();
  flight_ = {};
  keys_.reset();
  protection_.reset();
  ssl_.reset();
}

DtlsAssociation::DtlsAssociation(DtlsRole role, const DtlsCertificate& certificate,
                                 std::vector<Fingerprint> remote_fingerprints, Timestamp now)
    : impl_(std::make_unique<Impl>(role, certificate.handles().context.get(),
                                   ParseFingerprints(remote_fingerprints), now)) {}

DtlsAssociation::~DtlsAssociation() = default;

void DtlsAssociation::Start(Timestamp now, PacketList& out) { impl_->Start(now, out); }

std::optional<DropReason> DtlsAssociation::HandleDatagram(ByteView datagram, Timestamp now,
                                                          PacketList& out,
                                                          PacketList& application) {
  return impl_->HandleDatagram(datagram, now, out, application);
}

bool DtlsAssociation::Send(ByteView message, PacketList& out) { return impl_->Send(message, out); }
void DtlsAssociation::Close(PacketList& out) { impl_->Close(out); }
void DtlsAssociation::HandleDeadline(Timestamp now, PacketList& out) {
  impl_->HandleDeadline(now, out);
}
void DtlsAssociation::HandlePause(Duration pause) { impl_->HandlePause(pause); }
Timestamp DtlsAssociation::NextDeadline() const { return impl_->next_deadline(); }
DtlsState DtlsAssociation::state() const { return impl_->state(); }
DtlsFailure DtlsAssociation::failure() const { return impl_->failure(); }
std::optional<DtlsSrtpKeys> DtlsAssociation::TakeKeys() { return impl_->TakeKeys(); }

}  // namespace earshot
