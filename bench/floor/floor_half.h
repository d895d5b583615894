#pragma once

// One half of the comparison: people who send to a bare forwarder. One thread.

#include <array>

#include "floor/bare_forwarder.h"
#include "floor/load.h"
#include "floor/people_sockets.h"

namespace earshot {

class FloorHalf {
 public:
  FloorHalf(const Load& load, const Techniques& techniques);

  /// The next people's frames, forwarded to everybody else. False when something got lost or cannot
  /// be opened.
  bool Turn();
  const Cost& cost() const { return cost_; }

 private:
  void SendFrame(size_t person);
  void HandleReceived(size_t person, ByteSpan packet);

  const Load load_;
  PeopleSockets sockets_;
  BareForwarder forwarder_;
  std::vector<std::unique_ptr<AeadCipher>> ciphers_;
  DatagramList frame_;
  std::vector<uint8_t> payload_;
  uint64_t sent_ = 0;    // packets
  uint64_t frames_ = 0;  // so far
  uint64_t opened_ = 0;
  Cost cost_;
};

}  // namespace earshot
