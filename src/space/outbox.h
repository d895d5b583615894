#pragma once

// Records for one client's events channel that wait to go in one message. One thread.

#include <vector>

#include "base/bytes.h"

namespace earshot {

class Outbox {
 public:
  bool empty() const { return message_.empty(); }
  /// Whether the message has room for one more of that size.
  bool Fits(size_t record_size) const;
  void Add(ByteView record);
  ByteView message() const { return message_; }
  /// Gives the memory back, too: most people have nothing to be told most of the time.
  void Clear() { message_ = {}; }

 private:
  std::vector<uint8_t> message_;
};

}  // namespace earshot
