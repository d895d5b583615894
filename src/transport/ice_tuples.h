#pragma once

// The addresses that a peer has been checked from, and the one that media goes to. Knows nothing of
// STUN: it hears of checks and packets that somebody else authenticated. One thread.
//
// Who is selected (threat rows S11, S12, S15, S16; replayed checks must not steal media):
//   - the first nominated tuple, or the first with an authenticated packet, at once;
//   - then any tuple that an authenticated packet came from;
//   - then a nominated tuple, when the selected one has been silent for a while, or when no
//     authenticated packet ever came from the selected one and the other has that or priority.
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

  struct Check {
    SocketAddress peer;
    size_t size = 0;  // of the request
    uint32_t priority = 0;
    bool nominates = false;
  };

  explicit IceTuples(Duration takeover_silence) : takeover_silence_(takeover_silence) {}

  /// A fresh authenticated check. When the table is full, the tuple not heard of for the longest
  /// time makes room; the selected one never does.
  void HandleCheck(const Check& check, Timestamp now);
  /// A packet authenticated by DTLS or SRTP. Other addresses than checked ones have no effect.
  /// Cheap for the selected tuple: this is called for every media packet. Whether another tuple is
  /// selected now.
  bool HandleAuthenticated(const SocketAddress& peer, Timestamp now);
  void CountReceived(const SocketAddress& peer, size_t size);
  void CountSent(const SocketAddress& peer, size_t size);
  /// Whether `size` more bytes may go there; counts them if so (QUIC's rule, RFC 9000 section 8).
  bool MaySend(const SocketAddress& peer, size_t size);

  /// Lets a waiting tuple take over if it is time; see TakeoverDeadline.
  void Reconsider(Timestamp now);
  /// When Reconsider will have something to do, if nothing else happens.
  Timestamp TakeoverDeadline() const;
  /// Selects the tuple with the latest check, if that was after `after`.
  void FallBackToLatestCheck(Timestamp after, Timestamp now);
  void Clear();
  /// Nobody listened for so long: what the peer did counts as done that much later.
  void HandlePause(Duration pause);

  bool has_selected() const { return selected_.has_value(); }
  /// Unset when nothing is selected.
  const SocketAddress& selected() const;
  Timestamp selected_last_heard() const;
  Timestamp selected_last_check() const;

  bool Knows(const SocketAddress& peer) const { return Find(peer).has_value(); }
  std::vector<SocketAddress> Addresses() const;
  uint32_t version() const { return version_; }

 private:
  struct Tuple {
    SocketAddress address;
    uint32_t priority = 0;
    Timestamp last_heard = Timestamp::LongAgo();
    Timestamp last_check = Timestamp::LongAgo();
    Timestamp nominated_at = Timestamp::LongAgo();
    bool is_authenticated = false;
    uint64_t received_bytes = 0;
    uint64_t sent_bytes = 0;
  };

  std::optional<size_t> Find(const SocketAddress& peer) const;
  size_t FindOrAdd(const SocketAddress& peer);
  size_t LeastRecentlyHeard() const;
  void Select(size_t index, Timestamp now);
  /// When `candidate` may replace the selected tuple, apart from the limit on changes.
  Timestamp EligibleAt(const Tuple& candidate) const;

  const Duration takeover_silence_;
  std::array<Tuple, kMaxTuples> tuples_;
  size_t count_ = 0;
  std::optional<size_t> selected_;
  Timestamp last_switch_ = Timestamp::LongAgo();
  uint32_t version_ = 0;
};

}  // namespace earshot
