#pragma once

// A rate for each of many keys (who joins, where bad tokens come from), in bounded memory. Who has
// all of its burst is as good as unknown, and forgotten first; then who has most of it, so that a
// crowd of newcomers cannot wash out the one that asks for too much. No clock of its own. One
// thread at a time.

#include <algorithm>
#include <cstddef>
#include <map>
#include <vector>

#include "rate_limiter.h"

namespace earshotd {

template <typename Key>
class RateTable {
 public:
  RateTable(double per_second, double burst, size_t max_keys)
      : fresh_(per_second, burst), max_keys_(max_keys) {}

  /// Whether one more event of the key may happen now; if so, it is counted.
  bool Admit(const Key& key, earshot::Timestamp now) { return Find(key, now).Admit(now); }
  /// The same without counting.
  bool HasRoom(const Key& key, earshot::Timestamp now) const {
    const auto found = limiters_.find(key);
    return found == limiters_.end() || found->second.Available(now) >= 1;
  }
  size_t size() const { return limiters_.size(); }

 private:
  RateLimiter& Find(const Key& key, earshot::Timestamp now) {
    if (limiters_.size() >= max_keys_ && !limiters_.contains(key)) MakeRoom(now);
    return limiters_.try_emplace(key, fresh_).first->second;
  }

  // At least for half, so that a key costs little even where each is a new one.
  void MakeRoom(earshot::Timestamp now) {
    std::vector<double> available;
    available.reserve(limiters_.size());
    for (const auto& [key, limiter] : limiters_) available.push_back(limiter.Available(now));
    const auto middle = available.begin() + static_cast<std::ptrdiff_t>(available.size() / 2);
    std::nth_element(available.begin(), middle, available.end());
    std::erase_if(limiters_, [now, least = *middle](const auto& entry) {
      return entry.second.Available(now) >= least;
    });
  }

  const RateLimiter fresh_;
  const size_t max_keys_;
  std::map<Key, RateLimiter> limiters_;
};

}  // namespace earshotd
