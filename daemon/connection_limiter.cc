#include "connection_limiter.h"

#include <algorithm>
#include <iterator>

namespace earshotd {

ConnectionLimiter::AddressKey ConnectionLimiter::KeyOf(const boost::asio::ip::address& address) {
  AddressKey key{};
  if (address.is_v4() || address.to_v6().is_v4_mapped()) {
    const auto v4 = address.is_v4() ? address.to_v4()
                                    : boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped,
                                                                       address.to_v6());
    const auto bytes = v4.to_bytes();
    key[10] = key[11] = 0xff;
    std::copy(bytes.begin(), bytes.end(), key.begin() + 12);
  } else {
    const auto bytes = address.to_v6().to_bytes();
    std::copy(bytes.begin(), bytes.begin() + 8, key.begin());
  }
  return key;
}

void ConnectionLimiter::Slot::YieldBy(std::function<void()> close) {
  connection_->close = std::move(close);
  Touch();
}

void ConnectionLimiter::Slot::Touch() {
  auto& from = limiter_->yielding_;
  // Who was told to close stays told.
  if (!connection_->close) return;
  from.splice(from.end(), connection_->yields ? from : limiter_->kept_, connection_);
  connection_->yields = true;
}

void ConnectionLimiter::Slot::Keep() {
  if (connection_->yields) limiter_->Settle(connection_);
}

void ConnectionLimiter::Settle(Connections::iterator connection) {
  kept_.splice(kept_.end(), yielding_, connection);
  connection->yields = false;
}

std::optional<ConnectionLimiter::Slot> ConnectionLimiter::Admit(
    const boost::asio::ip::address& address) {
  const AddressKey key = KeyOf(address);
  const auto found = by_address_.find(key);
  const uint32_t of_address = found == by_address_.end() ? 0 : found->second;
  // Who is displaced leaves a moment later, so that there may be one too many for that long.
  const bool fits =
      of_address >= max_per_address_ ? Displace(&key) : total_ < max_total_ || Displace(nullptr);
  if (!fits) {
    ++refused_;
    return std::nullopt;
  }
  ++total_;
  ++by_address_[key];
  kept_.push_back({key, nullptr});
  return Slot(this, std::prev(kept_.end()));
}

bool ConnectionLimiter::Displace(const AddressKey* key) {
  const auto found = std::find_if(
      yielding_.begin(), yielding_.end(),
      [key](const Connection& connection) { return key == nullptr || connection.key == *key; });
  if (found == yielding_.end()) return false;
  Settle(found);
  ++displaced_;
  std::exchange(found->close, nullptr)();
  return true;
}

void ConnectionLimiter::Release(Connections::iterator connection) {
  --total_;
  const auto found = by_address_.find(connection->key);
  if (--found->second == 0) by_address_.erase(found);
  (connection->yields ? yielding_ : kept_).erase(connection);
}

}  // namespace earshotd
