#include "network.h"

#include <array>
#include <utility>

#include "base/bytes.h"

namespace earshot::sim {

bool Network::Loses() {
  const double draw = random_.Unit();
  if (in_burst_) {
    in_burst_ = draw < options_.burst_stay;
  } else {
    in_burst_ = draw < options_.burst_start;
  }
  return in_burst_ || random_.Unit() < options_.loss;
}

Duration Network::DrawDelay() {
  Duration delay = options_.delay;
  if (options_.jitter > Duration::Zero()) {
    delay =
        delay + Duration::Micros(random_.Below(static_cast<uint32_t>(options_.jitter.micros())));
  }
  if (random_.Unit() < options_.reordering) delay = delay + options_.held_back;
  return delay;
}

void Network::Send(const SocketAddress& from, const SocketAddress& to,
                   std::span<const uint8_t> bytes, Timestamp now) {
  ++sent_;
  std::array<uint8_t, 8> time;
  StoreBigEndian(time.data(), static_cast<uint64_t>(now.micros()));
  Digest(time);
  Digest(from.host());
  Digest(to.host());
  Digest(bytes);
  if (Loses()) {
    ++lost_;
    return;
  }
  Carry(from, to, bytes, now + DrawDelay());
  if (random_.Unit() < options_.duplication) Carry(from, to, bytes, now + DrawDelay());
}

void Network::Carry(const SocketAddress& from, const SocketAddress& to,
                    std::span<const uint8_t> bytes, Timestamp due) {
  Parcel parcel;
  if (!spare_.empty()) {
    parcel = std::move(spare_.back());
    spare_.pop_back();
  }
  parcel.from = from;
  parcel.to = to;
  parcel.bytes.assign(bytes.begin(), bytes.end());
  size_t place = parcels_.size();
  if (free_parcels_.empty()) {
    parcels_.push_back(std::move(parcel));
  } else {
    place = free_parcels_.back();
    free_parcels_.pop_back();
    parcels_[place] = std::move(parcel);
  }
  in_flight_.push({due, order_++, place});
}

std::optional<Parcel> Network::TakeDue(Timestamp now) {
  if (in_flight_.empty() || in_flight_.top().due > now) return std::nullopt;
  const size_t place = in_flight_.top().parcel;
  in_flight_.pop();
  free_parcels_.push_back(place);
  return std::move(parcels_[place]);
}

void Network::Digest(std::span<const uint8_t> bytes) {
  for (const uint8_t byte : bytes) digest_ = (digest_ ^ byte) * 0x100000001b3u;
}

}  // namespace earshot::sim
