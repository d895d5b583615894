#pragma once

// The TCP connections of the listeners: what one of them may bring is bounded in bytes, whatever
// it means. So neither frames without a payload, nor answers to pings, nor requests in a row are
// free of any limit (threats H1 to H5). Header only, the control thread.

#include <algorithm>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/rate_policy.hpp>
#include <cstddef>
#include <limits>

namespace earshotd {

/// Room for what a join brings at once, and then for what any client has to say. A connection that
/// brings more is read more slowly.
struct InboundLimits {
  size_t burst = 1024 * 1024;
  size_t bytes_per_second = 64 * 1024;
};

/// A RatePolicy of Boost.Beast, whose timer ticks once a second from the moment on when all of the
/// burst was used up.
class InboundPolicy {
 public:
  explicit InboundPolicy(const InboundLimits& limits) : limits_(limits), available_(limits.burst) {}

 private:
  friend class boost::beast::rate_policy_access;

  size_t available_read_bytes() const noexcept { return available_; }
  size_t available_write_bytes() const noexcept { return std::numeric_limits<size_t>::max(); }
  void transfer_read_bytes(size_t count) noexcept { available_ -= std::min(count, available_); }
  void transfer_write_bytes(size_t) const noexcept {}
  void on_timer() noexcept {
    available_ = std::min(available_ + limits_.bytes_per_second, limits_.burst);
  }

  InboundLimits limits_;
  size_t available_;
};

using TcpStream =
    boost::beast::basic_stream<boost::asio::ip::tcp, boost::asio::any_io_executor, InboundPolicy>;

}  // namespace earshotd
