#pragma once

// What the kernel says beside the bytes of a message, and what it is told beside them (cmsg(3)):
// where a datagram was sent to and where one leaves from (RFC 3542 section 6.2), segments, drops.
// Any thread.

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "io/local_addresses.h"

namespace earshot {

struct ReceivedBeside {
  /// Of the datagrams that the kernel put together (UDP_GRO).
  std::optional<size_t> segment_size;
  /// How many datagrams the kernel has dropped at this socket so far (SO_RXQ_OVFL).
  std::optional<uint32_t> dropped;
  std::optional<LocalAddresses::Host> sent_to;
};
ReceivedBeside ReadBeside(msghdr& message);

/// Room for all that ReadBeside reads. Not set to zero, as there are many.
struct alignas(cmsghdr) ReceiveControl {
  std::array<uint8_t, 128> bytes;
};

/// Room for what goes beside one message; refers to it until it is sent.
class SendControl {
 public:
  /// `is_ipv4`: the peer is.
  void SetSource(msghdr& message, const LocalAddresses::Host& from, bool is_ipv4);
  void SetSegmentSize(msghdr& message, size_t size);

 private:
  template <typename Value>
  void Append(msghdr& message, int level, int type, const Value& value);

  alignas(cmsghdr) std::array<uint8_t, 64> bytes_;
};

}  // namespace earshot
