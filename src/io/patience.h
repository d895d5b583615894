#pragma once

// When to read a socket again that need not be read at once. What is urgent to nobody comes in
// small drops: thousands of silent people send their checks one by one, and to be woken for a
// datagram costs several times as much as to answer it. So once drops come close together, they
// gather.

#include <cstddef>

#include "earshot/units.h"

namespace earshot {

class Patience {
 public:
  explicit Patience(Duration wait) : wait_(wait) {}

  /// After a read that took some datagrams or none. `more`: it stopped before the end.
  void Read(Timestamp now, size_t taken, bool more) {
    const bool close = now - last_ < wait_ || waits_;
    waits_ = close && taken > 0 && !more;
    last_ = now;
  }
  /// Whether to read after `wait()`, whatever comes by then; else as soon as there is something.
  bool waits() const { return waits_; }
  Duration wait() const { return wait_; }

 private:
  Duration wait_;
  Timestamp last_ = Timestamp::LongAgo();
  bool waits_ = false;
};

}  // namespace earshot
