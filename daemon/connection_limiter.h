#pragma once

// Counts the connections of a listener, in all and by address (threat H1). Beyond the limits a new
// one takes the place of the one that has waited longest for its client, so that silent ones starve
// nobody; it is refused if there is no such one. IPv6 counts by /64, which is what one household or
// office has. The control thread.

#include <array>
#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <utility>

namespace earshotd {

class ConnectionLimiter {
 public:
  using AddressKey = std::array<uint8_t, 16>;

 private:
  struct Connection {
    AddressKey key;
    /// Unset while nobody may call it.
    std::function<void()> close;
    bool yields = false;
  };
  using Connections = std::list<Connection>;

 public:
  /// One counted connection; gives its place back when destroyed. The limiter must outlive it.
  class Slot {
   public:
    Slot(ConnectionLimiter* limiter, Connections::iterator connection)
        : limiter_(limiter), connection_(connection) {}
    Slot(Slot&& other) noexcept
        : limiter_(std::exchange(other.limiter_, nullptr)), connection_(other.connection_) {}
    Slot& operator=(Slot&&) = delete;
    const AddressKey& key() const { return connection_->key; }
    ~Slot() {
      if (limiter_ != nullptr) limiter_->Release(connection_);
    }

    /// From now on the place may be given to another: then `close` is called, which ends the
    /// connection soon.
    void YieldBy(std::function<void()> close);
    /// The client has done something: others yield first.
    void Touch();
    /// From now on the place is the connection's own.
    void Keep();

   private:
    ConnectionLimiter* limiter_;
    Connections::iterator connection_;
  };

  ConnectionLimiter(uint32_t max_total, uint32_t max_per_address)
      : max_total_(max_total), max_per_address_(max_per_address) {}

  static AddressKey KeyOf(const boost::asio::ip::address& address);
  std::optional<Slot> Admit(const boost::asio::ip::address& address);
  uint32_t total() const { return total_; }
  uint64_t refused() const { return refused_; }
  uint64_t displaced() const { return displaced_; }

 private:
  /// Whether one of `key`, or any one without it, was found and told to close.
  bool Displace(const AddressKey* key);
  void Settle(Connections::iterator connection);
  void Release(Connections::iterator connection);

  const uint32_t max_total_;
  const uint32_t max_per_address_;
  uint32_t total_ = 0;
  uint64_t refused_ = 0;
  uint64_t displaced_ = 0;
  /// Together total_ many. Those that yield, the one that has waited longest first.
  Connections kept_;
  Connections yielding_;
  /// Only addresses with connections, so at most max_total_ of them.
  std::map<AddressKey, uint32_t> by_address_;
};

}  // namespace earshotd
