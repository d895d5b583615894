#pragma once

// The other half: the same people as whole clients, and the whole engine behind a UdpSocket. Time
// is the load's, not the wall's: between turns passes what passes between the frames of so many
// people, and everybody's timers and reports go their way, too. One thread.

#include <uv.h>

#include <optional>

#include "conference.h"
#include "floor/load.h"
#include "floor/people_sockets.h"

namespace earshot {

class EngineHalf {
 public:
  EngineHalf(const Load& load, bool segments_out);
  ~EngineHalf();
  EngineHalf(const EngineHalf&) = delete;
  EngineHalf& operator=(const EngineHalf&) = delete;

  bool IsComplete() const { return conference_->IsComplete(); }
  /// The next people's frames, forwarded to everybody else. False when something got lost or cannot
  /// be opened.
  bool Turn();
  const Cost& cost() const { return cost_; }

 private:
  void SendFrames();
  void SendAnswers();
  void ServerTurn();
  void Flush();

  const Load load_;
  PeopleSockets sockets_;
  uv_loop_t loop_;
  Counters socket_counters_;
  std::unique_ptr<UdpSocket> socket_;
  SocketAddress address_;
  std::optional<Conference> conference_;
  DatagramList to_server_;
  uint64_t sent_to_server_ = 0;
  uint64_t frames_ = 0;  // so far
  Cost cost_;
};

}  // namespace earshot
