#pragma once

// The least that a forwarder of encrypted media can do: takes packets from the kernel, opens each,
// seals it for everybody else from the shared plaintext, hands them to the kernel. No ICE, no
// replay check, no routing; of RTP only the twelve bytes of the header. All packets of a turn have
// one size. Every technique can be left out, to see what it buys. One thread.

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "earshot/socket_address.h"
#include "transport/aead_cipher.h"

namespace earshot {

struct Techniques {
  bool segments_out = true;  // UDP_SEGMENT: what one person gets leaves in one piece
  bool segments_in = true;   // UDP_GRO: what one person sent comes in one piece
  size_t receive_batch = 32;
  AeadBackend cipher = AeadCipher::BestBackend();
};

/// A person's, with the same key for both directions: nothing here is secret.
std::unique_ptr<AeadCipher> MakeFloorCipher(AeadBackend backend, size_t person);

inline constexpr size_t kFloorHeaderSize = 12;
/// The header is as long as a nonce, and as unique.
AeadCipher::Nonce FloorNonce(ByteView header);

class BareForwarder {
 public:
  BareForwarder(const Techniques& techniques, std::span<const SocketAddress> people);
  ~BareForwarder();
  BareForwarder(const BareForwarder&) = delete;
  BareForwarder& operator=(const BareForwarder&) = delete;

  const SocketAddress& address() const { return address_; }
  /// Forwards what waits in the socket. Returns how many packets left.
  size_t Turn();

 private:
  struct Person {
    sockaddr_storage name;
    socklen_t name_size;
    std::unique_ptr<AeadCipher> cipher;
    uint16_t next_sequence = 0;
    std::vector<uint8_t> out;  // one packet behind the other
    size_t used = 0;           // of `out`
  };
  /// The kernel's say on how long the packets of one piece are; it takes two bytes and gives four.
  struct alignas(cmsghdr) SegmentSize {
    std::array<uint8_t, CMSG_SPACE(sizeof(int))> bytes;
  };
  struct ReceiveBuffers;

  int Receive();
  void Deliver(size_t index);
  void Forward(Person& from, ByteSpan packet);
  void Seal(Person& to, ByteView packet);
  size_t Flush();
  void AddMessage(Person& to, ByteSpan bytes);
  size_t SendMessages();

  const Techniques techniques_;
  const int descriptor_;
  SocketAddress address_;
  std::vector<Person> people_;
  std::vector<uint16_t> person_at_port_;
  std::unique_ptr<ReceiveBuffers> receive_;
  size_t packet_size_ = 0;  // of what was sealed last
  std::vector<mmsghdr> messages_;
  std::vector<iovec> vectors_;
  std::vector<SegmentSize> segment_sizes_;
  size_t message_count_ = 0;
};

}  // namespace earshot
