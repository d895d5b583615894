#pragma once

// Counts the connections of a listener, in all and by address, and refuses those beyond the limits
// (threat H1). IPv6 counts by /64, which is what one household or office has. The control thread.

#include <array>
#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

namespace earshotd {

class ConnectionLimiter {
 public:
  using AddressKey = std::array<uint8_t, 16>;

  /// One counted connection; gives its place back when destroyed. The limiter must outlive it.
  class Slot {
   public:
    Slot(ConnectionLimiter* limiter, const AddressKey& key) : limiter_(limiter), key_(key) {}
    Slot(Slot&& other) noexcept
        : limiter_(std::exchange(other.limiter_, nullptr)), key_(other.key_) {}
    Slot& operator=(Slot&&) = delete;
    ~Slot() {
      if (limiter_ != nullptr) limiter_->Release(key_);
    }

   private:
    ConnectionLimiter* limiter_;
    AddressKey key_;
  };

  ConnectionLimiter(uint32_t max_total, uint32_t max_per_address)
      : max_total_(max_total), max_per_address_(max_per_address) {}

  std::optional<Slot> Admit(const boost::asio::ip::address& address);
  uint32_t total() const { return total_; }
  uint64_t refused() const { return refused_; }

 private:
  void Release(const AddressKey& key);

  const uint32_t max_total_;
  const uint32_t max_per_address_;
  uint32_t total_ = 0;
  uint64_t refused_ = 0;
  /// Only addresses with connections, so at most max_total_ of them.
  std::map<AddressKey, uint32_t> by_address_;
};

}  // namespace earshotd
