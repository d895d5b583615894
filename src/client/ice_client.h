#pragma once

// The ICE agent of a client (RFC 8445, full and controlling) against a lite server whose addresses
// are known: checks them, nominates the first that answers, and keeps consent alive (RFC 7675). It
// has one local address, so it gathers nothing. For the load generator and the simulation. One
// thread.

#include <optional>
#include <span>
#include <vector>

#include "base/drop_reason.h"
#include "base/random.h"
#include "earshot/datagrams.h"
#include "earshot/units.h"
#include "transport/ice_lite.h"
#include "wire/stun.h"

namespace earshot {

struct IceClientOptions {
  /// Doubles with every transmission of a check, up to the maximum.
  Duration retransmission_first = Duration::Millis(50);
  Duration retransmission_max = Duration::Millis(1600);
  /// RFC 7675 section 5.1: 5 s, times a random factor between 0.8 and 1.2.
  Duration consent_interval = Duration::Seconds(5);
  /// The first of a check for consent: long enough not to repeat on a slow path (RFC 8489's RTO).
  Duration consent_retransmission = Duration::Millis(500);
  Duration consent_timeout = Duration::Seconds(30);
  Duration connect_timeout = Duration::Seconds(30);
};

enum class IceClientState : uint8_t { kChecking, kConnected, kFailed };

class IceClient {
 public:
  static constexpr size_t kMaxCandidates = 8;

  /// Candidates beyond kMaxCandidates are not tried. `random` must outlive this object. The first
  /// checks are due at once.
  IceClient(const IceCredentials& local, const IceCredentials& remote,
            std::span<const SocketAddress> candidates, const IceClientOptions& options,
            Random& random, Timestamp now);

  /// Returns why the datagram was not used, if so.
  std::optional<DropReason> HandleStun(const Datagram& datagram, Timestamp now);
  void HandleDeadline(Timestamp now, DatagramList& out);
  Timestamp NextDeadline() const { return next_deadline_; }

  IceClientState state() const { return state_; }
  /// Unset until connected.
  const SocketAddress& selected() const { return selected_; }
  /// Our own address as the server sees it; unset until connected.
  const SocketAddress& mapped() const { return mapped_; }

  /// New credentials of both sides: checks all candidates anew, keeping the selected one meanwhile.
  void Restart(const IceCredentials& local, const IceCredentials& remote, Timestamp now);

 private:
  struct Check {
    SocketAddress candidate;
    bool nominates = false;
    StunTransactionId id{};
    int transmissions = 0;  // of this transaction
    Duration retransmission;
    Timestamp due;
  };

  void CheckAll(Timestamp now);
  void Send(Check& check, Timestamp now, DatagramList& out);
  Check* FindCheck(const StunMessage& response, const SocketAddress& peer);
  void Nominate(const SocketAddress& candidate, Timestamp now);
  void Confirm(const Check& check, const StunMessage& response, Timestamp now);
  void Fail();
  void RefileDeadline();

  const IceClientOptions options_;
  Random& random_;
  IceCredentials local_;
  IceCredentials remote_;
  const uint64_t tie_breaker_;
  std::vector<SocketAddress> candidates_;
  std::vector<Check> checks_;  // one per candidate; one for consent when connected
  IceClientState state_ = IceClientState::kChecking;
  SocketAddress selected_;
  SocketAddress mapped_;
  Timestamp fails_at_;
  Timestamp next_deadline_;
};

}  // namespace earshot
