#include "forwarding/recent_audio.h"

namespace earshot {
namespace {

// A packet of 20 ms at the bit rates that speech is sent with, so that growing ends at once.
constexpr size_t kUsualPayload = 256;

}  // namespace

void RecentAudio::Store(const SourcePacket& packet, Timestamp now) {
  if (packet.is_late || packet.payload.empty()) return;
  if (entries_.empty()) entries_.resize(kCapacity);
  Entry& entry = entries_[next_];
  next_ = (next_ + 1) % kCapacity;
  entry.arrival = now;
  entry.packet = packet;
  entry.packet.payload = {};
  entry.bytes.reserve(kUsualPayload);
  entry.bytes.assign(packet.payload.begin(), packet.payload.end());
}

void RecentAudio::Clear() {
  entries_ = std::vector<Entry>();
  next_ = 0;
}

}  // namespace earshot
