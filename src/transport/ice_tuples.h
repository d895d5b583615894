#pragma once

// The addresses that a peer has been checked from, and the one that media goes to. Knows nothing of
// STUN: it hears of checks and packets that somebody else authenticated. One thread.
//
// Who is selected (threat rows S11, S12, S15, S16; copied checks must not steal media):
//   - the first nominated tuple, or the first with an authenticated packet, at once;
//   - then any tuple that an authenticated packet came from;
//   - then a nominated tuple, when no authenticated packet ever came from the selected one and the
//     other has that or priority, or when the selected one has been silent for a while. That while
//     is longer than the time between two checks if only the selected one has shown a packet: no
//     copy can take media from a client that is there.
// From the second choice on, at most one change per second.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "earshot/socket_address.h"
#include "earshot/units.h"

namespace earshot {

class IceTuples {
 public:
  static constexpr size_t kMaxTuples = 8;  // threat row S12
  static constexpr Duration kMinSwitchInterval = Duration::Seconds(1);
  /// A tuple that is not selected goes when nothing came from it for so long: a NAT may have given
  /// its port on.
  static constexpr Duration kLifetime = Duration::Seconds(30);
  /// How soon a tuple may be probed again.
  static constexpr Duration kProbeInterval = Duration::Seconds(1);

  struct Check {
    SocketAddress peer;
    size_t size = 0;  // of the request
    uint32_t priority = 0;
    bool nominates = false;
    /// It came from elsewhere first: neither a sign of life nor a nomination here.
    bool may_be_copy = false;
  };
  struct Patience {
    Duration of_proven;    // with a selected tuple, towards one that has shown a packet too
    Duration of_unproven;  // towards one that has shown checks only
  };

  explicit IceTuples(const Patience& patience) : patience_(patience) {}

  /// An authenticated check. When the table is full, a tuple makes room: one without authenticated
  /// packets before one with, and the one not heard of for the longest time; the selected one never
  /// does. Whether the peer's being there is worth a probe: so far only checks speak for it.
  bool HandleCheck(const Check& check, Timestamp now);
  /// A packet authenticated by DTLS or SRTP. Other addresses than checked ones have no effect.
  /// Cheap for the selected tuple: this is called for every media packet. Whether another tuple is
  /// selected now.
  bool HandleAuthenticated(const SocketAddress& peer, Timestamp now);
  void CountReceived(const SocketAddress& peer, size_t size);
  void CountSent(const SocketAddress& peer, size_t size);
  /// Whether `size` more bytes may go there; counts them if so (QUIC's rule, RFC 9000 section 8).
  bool MaySend(const SocketAddress& peer, size_t size);

  /// Lets a waiting tuple take over if it is time, see TakeoverDeadline, and old ones go.
  void Reconsider(Timestamp now);
  /// When a tuple may take over, if nothing else happens.
  Timestamp TakeoverDeadline() const;
  /// Selects the tuple heard last, if that was after `after`.
  void FallBackToLastHeard(Timestamp after, Timestamp now);
  void Clear();
  /// Nobody listened for so long: what the peer did counts as done that much later.
  void HandlePause(Duration pause);

  bool has_selected() const { return selected_.has_value(); }
  /// Unset when nothing is selected.
  const SocketAddress& selected() const {
    static constexpr SocketAddress kNone;
    return selected_ ? tuples_[*selected_].address : kNone;
  }
  Timestamp selected_last_heard() const;

  bool Knows(const SocketAddress& peer) const { return Find(peer).has_value(); }
  /// Whether an authenticated packet came from there, or media goes there.
  bool IsProven(const SocketAddress& peer) const;
  std::vector<SocketAddress> Addresses() const;
  uint32_t version() const { return version_; }

 private:
  struct Tuple {
    SocketAddress address;
    uint32_t priority = 0;
    Timestamp last_seen = Timestamp::LongAgo();   // anything, copies too
    Timestamp last_heard = Timestamp::LongAgo();  // a sign of life
    Timestamp nominated_at = Timestamp::LongAgo();
    Timestamp probed_at = Timestamp::LongAgo();
    bool is_authenticated = false;
    uint64_t received_bytes = 0;
    uint64_t sent_bytes = 0;
  };

  std::optional<size_t> Find(const SocketAddress& peer) const;
  size_t FindOrAdd(const SocketAddress& peer);
  size_t LeastWorthKeeping() const;
  void ForgetOld(Timestamp now);
  void Select(size_t index, Timestamp now);
  bool IsWorthProbing(const Tuple& tuple, const Check& check, Timestamp now) const;
  /// When `candidate` may replace the selected tuple, apart from the limit on changes.
  Timestamp EligibleAt(const Tuple& candidate) const;

  const Patience patience_;
  std::array<Tuple, kMaxTuples> tuples_;
  size_t count_ = 0;
  std::optional<size_t> selected_;
  Timestamp last_switch_ = Timestamp::LongAgo();
  uint32_t version_ = 0;
};

}  // namespace earshot
