#include "connection_limiter.h"

#include <algorithm>

namespace earshotd {
namespace {

ConnectionLimiter::AddressKey KeyOf(const boost::asio::ip::address& address) {
  ConnectionLimiter::AddressKey key{};
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

}  // namespace

std::optional<ConnectionLimiter::Slot> ConnectionLimiter::Admit(
    const boost::asio::ip::address& address) {
  const AddressKey key = KeyOf(address);
  const auto found = by_address_.find(key);
  const uint32_t of_address = found == by_address_.end() ? 0 : found->second;
  if (total_ >= max_total_ || of_address >= max_per_address_) {
    ++refused_;
    return std::nullopt;
  }
  ++total_;
  ++by_address_[key];
  return Slot(this, key);
}

void ConnectionLimiter::Release(const AddressKey& key) {
  --total_;
  const auto found = by_address_.find(key);
  if (--found->second == 0) by_address_.erase(found);
}

}  // namespace earshotd
