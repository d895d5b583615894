#include "io/local_addresses.h"

#include <algorithm>
#include <bit>

namespace earshot {
namespace {

using Halves = std::array<uint64_t, 2>;

}  // namespace

LocalAddresses::Host LocalAddresses::ToHost(std::span<const uint8_t> bytes) {
  Host host{};
  if (bytes.size() < host.size()) host[10] = host[11] = 0xff;
  std::ranges::copy(bytes, host.end() - static_cast<ptrdiff_t>(bytes.size()));
  return host;
}

bool LocalAddresses::Holds(size_t index, const Host& host) const {
  const auto [first, second] = std::bit_cast<Halves>(host);
  const Entry& entry = entries_[index];
  return entry.first.load(std::memory_order_relaxed) == first &&
         entry.second.load(std::memory_order_relaxed) == second;
}

std::optional<size_t> LocalAddresses::FindOrAdd(const Host& host, Timestamp now) {
  for (size_t i = 0; i < count_; ++i) {
    if (Holds(i, host)) return i;
  }
  size_t index = count_;
  if (count_ < kMaxNumber) {
    ++count_;
  } else {
    const auto oldest = std::ranges::min_element(heard_);
    if (now - *oldest < kForgottenAfter) return std::nullopt;
    index = static_cast<size_t>(oldest - heard_.begin());
  }
  const auto [first, second] = std::bit_cast<Halves>(host);
  entries_[index].first.store(first, std::memory_order_relaxed);
  entries_[index].second.store(second, std::memory_order_relaxed);
  return index;
}

uint8_t LocalAddresses::NumberOf(const Host& host, Timestamp now) {
  if (count_ == 0 || !Holds(last_, host)) {
    const std::optional<size_t> index = FindOrAdd(host, now);
    if (!index) return 0;
    last_ = *index;
  }
  heard_[last_] = now;
  return static_cast<uint8_t>(last_ + 1);
}

LocalAddresses::Host LocalAddresses::At(uint8_t number) const {
  const Entry& entry = entries_[number - size_t{1}];
  return std::bit_cast<Host>(Halves{entry.first.load(std::memory_order_relaxed),
                                    entry.second.load(std::memory_order_relaxed)});
}

}  // namespace earshot
