#pragma once

// The ICE agent of a server (RFC 8445 section 2.5 "lite", controlled): answers checks, keeps the
// peer's addresses, decides where media goes and whether the peer still consents (RFC 7675). It
// never sends a check of its own, but may ask its owner for a probe: a packet that only the peer
// can answer, under the protection of DTLS, which checks do not have. One thread.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/drop_reason.h"
#include "base/random.h"
#include "earshot/datagrams.h"
#include "earshot/units.h"
#include "transport/ice_tuples.h"
#include "transport/stun_transactions.h"
#include "wire/stun.h"

namespace earshot {

struct IceCredentials {
  std::string ufrag;
  std::string password;
  /// Threat row S18: at least 48 and 144 random bits.
  static IceCredentials Make(Random& random);
};

struct IceOptions {
  /// Sending stops this long after the last sign of life from the address that it goes to: a check,
  /// or a packet that DTLS or SRTP authenticated (S13; 5 to 60 s; RFC 7675 section 5.1 says 30).
  Duration consent_timeout = Duration::Seconds(30);
  /// The peer counts as interrupted after this much silence (S13). A silent peer may check every
  /// 6 s only (RFC 7675 section 5.1, and Firefox does), so anything shorter would cry wolf.
  Duration interrupted_after = Duration::Seconds(7);
  /// A peer that checks less often than others is asked for a sign of life after this much silence.
  Duration probe_after = Duration::Millis(6200);
  /// A new address takes over when the old one has been silent this long (S11), but not before
  /// `interrupted_after` if only the old one has shown an authenticated packet.
  Duration takeover_silence = Duration::Seconds(2);
  /// A transport on which nobody ever completed a check is given up after this long.
  Duration connect_timeout = Duration::Seconds(30);
};

enum class IceEvent : uint8_t { kConnected, kInterrupted, kResumed, kExpired };

class IceLite {
 public:
  static constexpr size_t kMaxTuples = IceTuples::kMaxTuples;
  static constexpr Duration kRestartTimeout = Duration::Seconds(20);

  IceLite(const IceCredentials& local, const IceCredentials& remote, const IceOptions& options,
          Timestamp now);

  /// A STUN datagram whose USERNAME begins with our ufrag. Appends the response and events; returns
  /// why it was not used, if so.
  std::optional<DropReason> HandleStun(const Datagram& datagram, Timestamp now, DatagramList& out,
                                       std::vector<IceEvent>& events);
  /// A packet from this address passed DTLS or SRTP authentication: a candidate address becomes
  /// the one that media goes to (S11). Events that follow from it come with HandleDeadline, which
  /// is then due at once.
  void HandleAuthenticated(const SocketAddress& peer, Timestamp now);
  /// `size` bytes came from this address and are not authenticated yet (a DTLS handshake): they
  /// count for MaySend. STUN counts itself.
  void HandleUnauthenticated(const SocketAddress& peer, size_t size) {
    tuples_.CountReceived(peer, size);
  }

  void HandleDeadline(Timestamp now, std::vector<IceEvent>& events);
  /// Nobody listened for so long (L2): the peer has that much longer for everything.
  void HandlePause(Duration pause);
  /// Where to send a probe, if one is wanted: to an address that so far only checks speak for, or
  /// to the selected one after silence. Asked after each of the calls above.
  std::optional<SocketAddress> TakeProbe() { return std::exchange(probe_, std::nullopt); }
  bool wants_probe() const { return probe_.has_value(); }
  Timestamp NextDeadline() const { return next_deadline_; }

  /// Where to send; unset before the first valid nomination and after consent ran out.
  const SocketAddress& selected() const { return tuples_.selected(); }
  /// Whether a validated check came from this address.
  bool Knows(const SocketAddress& peer) const { return tuples_.Knows(peer); }
  /// Whether media goes there, or DTLS or SRTP has shown the peer to be there.
  bool HasProven(const SocketAddress& peer) const { return tuples_.IsProven(peer); }
  /// Every validated address, for the owner's demultiplexing table.
  std::vector<SocketAddress> Tuples() const { return tuples_.Addresses(); }
  /// Grows whenever Tuples() changes, so that the owner re-files only then.
  uint32_t tuples_version() const { return tuples_.version(); }
  /// Whether `size` more bytes may go to `peer` now: to an address that has only shown a check and
  /// no authenticated packet, at most three times what came from it (S11).
  bool MaySend(const SocketAddress& peer, size_t size) { return tuples_.MaySend(peer, size); }

  /// RFC 8445 section 9: new credentials; the old pair and its media stay until a check with the
  /// new ones succeeds, or for good if none does within kRestartTimeout (S14). Both local ufrags
  /// must reach this agent meanwhile.
  void Restart(const IceCredentials& local, const IceCredentials& remote, Timestamp now);
  /// The newest.
  const IceCredentials& local() const { return (pending_ ? *pending_ : current_).local; }
  /// Whether checks to this user fragment of ours are for this agent.
  bool Answers(std::string_view ufrag) const {
    return ufrag == current_.local.ufrag || (pending_ && ufrag == pending_->local.ufrag);
  }

 private:
  enum class State : uint8_t { kChecking, kConnected, kInterrupted, kExpired };
  struct Generation {
    IceCredentials local;
    IceCredentials remote;
  };

  /// The generation that the USERNAME "<ours>:<theirs>" belongs to.
  const Generation* GenerationOf(std::string_view username, Timestamp now) const;
  void Accept(const StunMessage& message, const Generation& generation, const Datagram& datagram,
              Timestamp now);
  void RespondSuccess(const StunMessage& request, std::string_view password,
                      const SocketAddress& peer, DatagramList& out);
  void RespondRoleConflict(const StunMessage& request, std::string_view password,
                           const SocketAddress& peer, DatagramList& out);
  void RespondUnknownAttributes(const StunMessage& request, std::string_view password,
                                const Datagram& datagram, DatagramList& out);

  std::optional<IceEvent> DueEvent(Timestamp now) const;
  Timestamp ProbeDeadline() const;
  void Report(Timestamp now, std::vector<IceEvent>& events);
  void RefileDeadline();

  const IceOptions options_;
  Timestamp created_at_;
  Generation current_;
  std::optional<Generation> pending_;
  Timestamp pending_since_;
  IceTuples tuples_;
  StunTransactions transactions_;
  State state_ = State::kChecking;
  std::optional<SocketAddress> probe_;
  Timestamp probed_at_ = Timestamp::LongAgo();  // the selected address
  Timestamp next_deadline_;
};

}  // namespace earshot
