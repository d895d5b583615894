#pragma once

// One worker's part in sharing egress with the others: the lanes on which it hands packets over,
// and those from which it takes, seals and sends. That worker's thread.

#include <functional>
#include <memory>
#include <vector>

#include "base/counters.h"
#include "io/lane.h"
#include "io/lane_balance.h"
#include "io/udp_socket.h"
#include "transport/egress_lanes.h"

namespace earshot {

class SharedEgress {
 public:
  /// `counters` are this worker's, and outlive this.
  explicit SharedEgress(Counters& counters) : counters_(counters) {}

  /// `wake` makes the other worker Serve; `busyness` is the other's.
  void AddOutbound(std::shared_ptr<Lane> lane, std::function<void()> wake, const Counter& busyness);
  /// `socket` sends from the other worker's port.
  void AddInbound(std::shared_ptr<Lane> lane, std::unique_ptr<UdpSocket> socket);

  /// Null as long as there is nobody to share with.
  EgressLanes* lanes() { return outbound_.empty() ? nullptr : &lanes_; }
  /// At the end of a turn.
  void Submit();
  /// Now and then.
  void Balance();

  /// Seals and sends what has come, but for a flood. Whether there is more.
  bool Serve();
  /// The loop must turn once more afterwards.
  void Close() { inbound_.clear(); }

 private:
  struct Outbound {
    std::shared_ptr<Lane> lane;
    std::function<void()> wake;
    const Counter* busyness;
  };
  struct Inbound {
    std::shared_ptr<Lane> lane;
    std::unique_ptr<UdpSocket> socket;
  };

  Counters& counters_;
  EgressLanes lanes_;
  std::vector<Outbound> outbound_;
  std::vector<Inbound> inbound_;
  std::vector<Busyness> busy_;
  DatagramList sealed_;
};

}  // namespace earshot
