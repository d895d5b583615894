#include "websocket_session.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "deadline_timer.h"
#include "rate_limiter.h"
#include "websocket_upgrade.h"

namespace earshotd {
namespace {

namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using earshot::Duration;
using earshot::Timestamp;

constexpr Duration kCloseTime = Duration::Seconds(2);
constexpr Duration kReleaseTime = Duration::Seconds(1);
constexpr uint16_t kBinaryRefused = 1003;
constexpr uint16_t kPolicyViolation = 1008;
constexpr uint16_t kInternalError = 1011;

template <typename Stream>
class WebSocketSession : public ClientLink,
                         public std::enable_shared_from_this<WebSocketSession<Stream>> {
 public:
  WebSocketSession(Stream stream, ConnectionLimiter::Slot slot, HttpService& service,
                   const HttpRequest& request)
      : socket_(std::in_place, std::move(stream)),
        slot_(std::move(slot)),
        service_(service),
        request_(request),
        timer_(socket_->get_executor()),
        control_rate_(service.websocket_limits.control_frames_per_second,
                      service.websocket_limits.control_frame_burst),
        last_heard_(Now()),
        next_ping_(NextPing(last_heard_, service.websocket_limits.ping_interval)) {}

  void Start() {
    socket_->set_option(
        websocket::stream_base::timeout{.handshake_timeout = std::chrono::seconds(5),
                                        .idle_timeout = websocket::stream_base::none(),
                                        .keep_alive_pings = false});
    socket_->read_message_max(service_.websocket_limits.max_message_size);
    socket_->set_option(websocket::stream_base::decorator([](websocket::response_type& response) {
      response.set(http::field::sec_websocket_protocol, kSubprotocol);
      response.set(http::field::server, "earshotd");
    }));
    socket_->control_callback([this](websocket::frame_type, auto) { OnControlFrame(); });
    socket_->async_accept(request_, [self = Self()](error_code error) {
      if (!error) self->OnAccepted();
    });
  }

  void SendText(std::string text) override {
    if (lost_ || closing_) return;
    queue_.push_back(std::move(text));
    if (queue_.size() == 1) return Write();
    Count(queue_.back().size(), 1);
    if (waiting_bytes_ > service_.websocket_limits.max_queued_bytes || waiting_plans_ > 1) {
      service_.log.Info("websocket-too-slow");
      Drop();
    }
  }

  void Close(uint16_t code, std::string_view reason) override {
    if (lost_ || closing_) return;
    closing_ = websocket::close_reason(static_cast<websocket::close_code>(code),
                                       beast::string_view(reason.data(), reason.size()));
    close_by_ = Now() + kCloseTime;
    if (queue_.empty()) SendClose();
    ArmTimer();
  }

 private:
  std::shared_ptr<WebSocketSession> Self() { return this->shared_from_this(); }

  void OnAccepted() {
    ++service_.open_websockets;
    open_ = true;
    handler_ = service_.make_client(std::string(BearerToken(request_)), slot_.key());
    request_ = {};
    Guarded([this] { handler_->HandleOpen(*this); });
    ArmTimer();
    Read();
  }

  void Read() {
    socket_->async_read(buffer_, [self = Self()](error_code error, size_t) {
      if (error) return self->Drop();
      self->OnMessage();
    });
  }

  void OnControlFrame() {
    last_heard_ = Now();
    if (control_rate_.Admit(last_heard_) || closing_) return;
    service_.log.Info("websocket-control-flood");
    Close(kPolicyViolation, "rate-limited");
  }

  void OnMessage() {
    if (lost_) return;
    last_heard_ = Now();
    if (!closing_ && !socket_->got_text()) Close(kBinaryRefused, "binary");
    if (!closing_ && !lost_) {
      const auto data = buffer_.data();
      const std::string_view text(static_cast<const char*>(data.data()), data.size());
      Guarded([this, text] { handler_->HandleText(text); });
    }
    // What joins say is large, and comes once: nobody keeps room for it all day.
    buffer_.clear();
    buffer_.shrink_to_fit();
    if (lost_) return;
    ArmTimer();
    // A close reads by itself until the client has answered it.
    if (!closing_) Read();
  }

  /// No exception may leave a handler: it ends this client only.
  template <typename Function>
  void Guarded(Function function) {
    try {
      function();
    } catch (const std::exception&) {
      service_.log.Error("client-handler-failed");
      Close(kInternalError, "internal");
    }
  }

  /// What waits behind the text that is being written is bounded. A plan may be larger than that
  /// by itself, and one may wait: whatever is valid reaches whoever reads.
  void Count(size_t size, int sign) {
    if (size > service_.websocket_limits.max_queued_bytes) {
      waiting_plans_ += sign;
    } else {
      waiting_bytes_ += sign > 0 ? size : -size;
    }
  }

  void Write() {
    socket_->text(true);
    socket_->async_write(boost::asio::buffer(queue_.front()),
                         [self = Self()](error_code error, size_t) {
                           if (error) return self->Drop();
                           self->OnWritten();
                         });
  }

  void OnWritten() {
    if (lost_) return;
    queue_.pop_front();
    if (queue_.empty()) {
      if (closing_) SendClose();
      return;
    }
    Count(queue_.front().size(), -1);
    Write();
  }

  void SendClose() {
    socket_->async_close(*closing_, [self = Self()](error_code) { self->Drop(); });
  }

  void ArmTimer() {
    if (lost_) return;
    Timestamp next = std::min(
        {next_ping_, last_heard_ + service_.websocket_limits.dead_after, handler_->NextDeadline()});
    if (closing_) next = close_by_;
    timer_.Arm(next, [self = Self()] { self->OnTimer(Now()); });
  }

  void OnTimer(Timestamp now) {
    if (now >= (closing_ ? close_by_ : last_heard_ + service_.websocket_limits.dead_after)) {
      return Drop();
    }
    if (!closing_ && now >= handler_->NextDeadline()) {
      Guarded([this, now] { handler_->HandleDeadline(now); });
    }
    if (!closing_ && !lost_ && now >= next_ping_) SendPing(now);
    ArmTimer();
  }

  void SendPing(Timestamp now) {
    next_ping_ = NextPing(now, service_.websocket_limits.ping_interval);
    // One at a time; a client that does not read takes no second one.
    if (ping_pending_) return;
    ping_pending_ = true;
    socket_->async_ping({}, [self = Self()](error_code) { self->ping_pending_ = false; });
  }

  /// What can end has ended with the connection. But where a close waits for a read, and that one
  /// for the close to say what was wrong with a frame, both wait inside the stream for ever, and
  /// keep this object with it. TLS has operations of its own that wait for each other's end, for
  /// which the stream must still be there.
  void Release() {
    auto release = [self = Self()] { self->socket_.reset(); };
    if constexpr (std::is_same_v<Stream, TcpStream>) {
      timer_.Cancel();
      boost::asio::post(socket_->get_executor(), std::move(release));
    } else {
      timer_.Arm(Now() + kReleaseTime, std::move(release));
    }
  }

  /// Ends everything now. May be called any number of times.
  void Drop() {
    if (lost_) return;
    lost_ = true;
    beast::get_lowest_layer(*socket_).close();
    Release();
    if (!open_) return;
    --service_.open_websockets;
    try {
      handler_->HandleLost();
    } catch (const std::exception&) {
      service_.log.Error("client-handler-failed");
    }
  }

  /// Unset soon after the connection was lost.
  std::optional<websocket::stream<Stream, /*deflateSupported=*/false>> socket_;
  ConnectionLimiter::Slot slot_;
  HttpService& service_;
  HttpRequest request_;
  DeadlineTimer timer_;
  RateLimiter control_rate_;
  std::shared_ptr<ClientHandler> handler_;
  beast::flat_buffer buffer_;
  /// Texts on their way out; the first is being written.
  std::deque<std::string> queue_;
  size_t waiting_bytes_ = 0;
  int waiting_plans_ = 0;
  Timestamp last_heard_;
  Timestamp next_ping_;
  bool ping_pending_ = false;
  bool open_ = false;
  bool lost_ = false;
  std::optional<websocket::close_reason> closing_;
  Timestamp close_by_ = Timestamp::Never();
};

}  // namespace

void StartWebSocketSession(TcpStream stream, ConnectionLimiter::Slot slot, HttpService& service,
                           const HttpRequest& request) {
  std::make_shared<WebSocketSession<TcpStream>>(std::move(stream), std::move(slot), service,
                                                request)
      ->Start();
}

void StartWebSocketSession(beast::ssl_stream<TcpStream> stream, ConnectionLimiter::Slot slot,
                           HttpService& service, const HttpRequest& request) {
  std::make_shared<WebSocketSession<beast::ssl_stream<TcpStream>>>(
      std::move(stream), std::move(slot), service, request)
      ->Start();
}

Timestamp NextPing(Timestamp now, Duration interval) {
  const int64_t stroke = std::max<int64_t>(1, interval.micros() / 16);
  return Timestamp::Micros((now + interval).micros() / stroke * stroke);
}

}  // namespace earshotd
