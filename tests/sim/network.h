#pragma once

// A network under virtual time: carries datagrams with delay and jitter, and loses, repeats and
// reorders some, all from one seed. Keeps a digest of everything that was sent. One thread.

#include <cstdint>
#include <optional>
#include <queue>
#include <span>
#include <vector>

#include "base/random.h"
#include "earshot/datagrams.h"
#include "earshot/units.h"

namespace earshot::sim {

struct NetworkOptions {
  double loss = 0;
  /// Losses in a row (Gilbert-Elliott): how often a burst begins, and how often it goes on.
  double burst_start = 0;
  double burst_stay = 0;
  double duplication = 0;
  Duration delay = Duration::Millis(20);
  /// Added to the delay, uniformly drawn.
  Duration jitter = Duration::Zero();
  /// How often a datagram is held back so that later ones overtake it, and for how long.
  double reordering = 0;
  Duration held_back = Duration::Millis(30);

  bool loses_nothing() const { return loss == 0 && burst_start == 0; }
  bool keeps_order() const {
    return loses_nothing() && jitter == Duration::Zero() && reordering == 0 && duplication == 0;
  }
};

struct Parcel {
  SocketAddress from;
  SocketAddress to;
  std::vector<uint8_t> bytes;
};

class Network {
 public:
  Network(const NetworkOptions& options, uint64_t seed) : options_(options), random_(seed) {}

  void Send(const SocketAddress& from, const SocketAddress& to, std::span<const uint8_t> bytes,
            Timestamp now);
  /// The parcel that arrives first, if one is due. The caller may hand its memory back.
  std::optional<Parcel> TakeDue(Timestamp now);
  Timestamp NextDeadline() const {
    return in_flight_.empty() ? Timestamp::Never() : in_flight_.top().due;
  }
  void Recycle(Parcel parcel) { spare_.push_back(std::move(parcel)); }

  const NetworkOptions& options() const { return options_; }
  /// FNV-1a over time, addresses and bytes of everything that was sent.
  uint64_t digest() const { return digest_; }
  uint64_t sent() const { return sent_; }
  uint64_t lost() const { return lost_; }

 private:
  struct InFlight {
    Timestamp due;
    uint64_t order;  // among equals, first in first out
    size_t parcel;
    bool operator<(const InFlight& other) const {
      return due != other.due ? due > other.due : order > other.order;
    }
  };

  bool Loses();
  Duration DrawDelay();
  void Carry(const SocketAddress& from, const SocketAddress& to, std::span<const uint8_t> bytes,
             Timestamp due);
  void Digest(std::span<const uint8_t> bytes);

  const NetworkOptions options_;
  SeededRandom random_;
  std::priority_queue<InFlight> in_flight_;
  std::vector<Parcel> parcels_;
  std::vector<size_t> free_parcels_;
  std::vector<Parcel> spare_;
  bool in_burst_ = false;
  uint64_t order_ = 0;
  uint64_t sent_ = 0;
  uint64_t lost_ = 0;
  uint64_t digest_ = 0xcbf29ce484222325u;
};

}  // namespace earshot::sim
