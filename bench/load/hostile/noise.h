#pragma once

// What somebody with a valid token may send who means harm or is broken: by chance, but always the
// same for the same seed. Bytes only; what they are sealed with and where they go, others decide.
// One thread.

#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "client/session.h"
#include "wire/rtp_packet.h"

namespace earshot::load {

using Bytes = std::vector<uint8_t>;

/// True once in so many.
inline bool OnceIn(Random& random, uint32_t times) { return random.Below(times) == 0; }
Bytes RandomBytes(Random& random, size_t max_size);
/// Changes some bytes, cuts it short or makes it longer.
void Mutate(Random& random, Bytes& bytes);

/// Of one of its own streams, or of none: payload types, SSRCs, extensions and numbering are right
/// or wrong. The views of the header point into `streams`.
struct RtpNoise {
  RtpHeader header;
  uint64_t index = 0;
  Bytes payload;
};
class RtpNoiseMaker {
 public:
  RtpNoise Make(Random& random, std::span<const SentStream> streams, const ClientNumbers& numbers);

 private:
  uint64_t NextIndex(Random& random);
  uint64_t next_index_ = 0;
};

/// A compound of RTCP: whole, odd in content, or cut short. `targets` are SSRCs that mean something
/// to the server.
Bytes RtcpNoise(Random& random, std::span<const uint32_t> targets);

/// A message on the events channel, most often of a type that clients send. `people` are those who
/// may be meant.
Bytes MessageNoise(Random& random, std::span<const ParticipantId> people);

/// A text on the WebSocket, other than one that makes it leave.
std::string TextNoise(Random& random);

/// A datagram that nobody has sealed: STUN, DTLS, RTP or RTCP by its first byte, or nothing.
Bytes DatagramNoise(Random& random);

/// A packet of SCTP with chunks of every type under a right checksum; `tag` is the association's.
Bytes SctpNoise(Random& random, uint32_t tag);

}  // namespace earshot::load
