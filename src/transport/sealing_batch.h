#pragma once

// RTP packets of one turn that another thread seals and sends: their headers, their payloads (each
// once, whoever gets it, but for the first bytes), and what seals them. Filled by one thread, then
// handed over whole.

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "earshot/datagrams.h"
#include "transport/aead_cipher.h"
#include "transport/srtp.h"

namespace earshot {

class SealingBatch;

/// A sealer that outlives its connection until the last batch with a packet of it is sealed. All
/// but sealing belongs to the connection's thread.
struct SharedSealer {
  std::shared_ptr<SrtpSealer> sealer;
  /// Where it was kept last: it stands once in a batch, however many packets of it there are.
  const SealingBatch* kept_by = nullptr;
  size_t kept_at = 0;
};

class SealingBatch {
 public:
  static constexpr size_t kMaxHeader = 80;
  /// Of a payload, what may be another for each listener: the longest VP8 descriptor (RFC 7741
  /// section 4.2).
  static constexpr size_t kOwnBytes = 6;

  bool empty() const { return packets_.empty(); }

  /// What follows is another payload, even if it lies where the last one did.
  void BeginPayload() { has_payload_ = false; }
  /// Writes the header with `write_header(ByteSpan) -> size_t`. The sealer must be one that
  /// MaySealElsewhere. The size on the wire, or zero when there is no header.
  template <typename WriteHeader>
  size_t Add(SharedSealer& sealer, const SocketAddress& to, Precedence precedence,
             WriteHeader&& write_header, ByteView payload, UnusedIndex index) {
    Packet& packet = packets_.emplace_back(std::move(index));
    packet.header_size = write_header(ByteSpan(packet.header));
    if (packet.header_size == 0) {
      packets_.pop_back();
      return 0;
    }
    packet.to = to;
    packet.precedence = precedence;
    packet.sealer = Keep(sealer);
    TakePayload(payload);
    packet.payload = payload_;
    packet.payload_size = payload.size();
    std::copy_n(payload.begin(), std::min(payload.size(), kOwnBytes), packet.own_bytes.begin());
    return packet.header_size + payload.size() + AeadCipher::kTagSize;
  }

  /// Seals everything in the order in which it was added. A packet that cannot be sealed is lost.
  void SealAll(DatagramList& out);
  /// Lets go of the sealers; capacity is kept.
  void Clear();

 private:
  struct Packet {
    explicit Packet(UnusedIndex unused) : index(std::move(unused)) {}

    UnusedIndex index;
    SocketAddress to;
    Precedence precedence;
    SrtpSealer* sealer;
    size_t payload;  // where it begins in payloads_
    size_t payload_size;
    size_t header_size;
    std::array<uint8_t, kOwnBytes> own_bytes;
    std::array<uint8_t, kMaxHeader> header;
  };

  SrtpSealer* Keep(SharedSealer& shared);
  void TakePayload(ByteView payload);

  std::vector<Packet> packets_;
  std::vector<uint8_t> payloads_;
  std::vector<std::shared_ptr<SrtpSealer>> sealers_;
  ByteView last_payload_;
  size_t payload_ = 0;
  bool has_payload_ = false;
};

}  // namespace earshot
