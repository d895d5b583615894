#include "http_session.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "deadline_timer.h"
#include "http_framing.h"
#include "websocket_session.h"
#include "websocket_upgrade.h"

namespace earshotd {
namespace {

namespace beast = boost::beast;
using boost::system::error_code;
using earshot::Duration;

/// Closing with unread bytes resets the connection, and the reset may overtake the response; so
/// what a refused client still sends is read and thrown away, for this long and this much.
constexpr Duration kLingerTime = Duration::Seconds(2);
constexpr size_t kMaxLingerBytes = 256 * 1024;

/// Memory frees as people leave.
constexpr char kRetryAfterSeconds[] = "10";

constexpr size_t kReadSize = 4096;
constexpr size_t kMaxBuffered = 64 * 1024;

HttpResponse MalformedHttp() {
  return MakeProblem(http::status::bad_request, "request-malformed", "This is not HTTP.");
}

/// The response to a request that could not be read; nothing if the connection is simply over.
std::optional<HttpResponse> ResponseToReadError(error_code error, std::string_view received,
                                                bool has_header) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    if (!has_header && received.find("\r\n") == std::string_view::npos) {
      return MakeProblem(http::status::uri_too_long, "uri-too-long", "The address is too long.");
    }
    return MakeProblem(http::status::request_header_fields_too_large, "header-too-large",
                       "The header is too large.");
  }
  if (error == http::error::body_limit) {
    return MakeProblem(http::status::payload_too_large, "body-too-large", "The body is too large.");
  }
  const bool ended = error == http::error::end_of_stream || error == http::error::partial_message;
  if (ended || error.category() != make_error_code(http::error::bad_method).category()) {
    return std::nullopt;
  }
  return MalformedHttp();
}

size_t CountFields(const HttpRequest& request) {
  return static_cast<size_t>(std::distance(request.begin(), request.end()));
}

/// What is wrong with a well-formed header; nothing if nothing is.
std::optional<HttpResponse> ResponseToHeader(const HttpRequest& request, const HttpLimits& limits) {
  if (request.target().size() > limits.max_target_size) {
    return MakeProblem(http::status::uri_too_long, "uri-too-long", "The address is too long.");
  }
  if (CountFields(request) > limits.max_header_fields) {
    return MakeProblem(http::status::request_header_fields_too_large, "header-too-large",
                       "The header has too many fields.");
  }
  return std::nullopt;
}

template <typename Stream>
class HttpSession : public std::enable_shared_from_this<HttpSession<Stream>> {
 public:
  HttpSession(Stream stream, ConnectionLimiter::Slot slot, HttpService& service)
      : stream_(std::move(stream)),
        slot_(std::move(slot)),
        service_(service),
        timer_(stream_.get_executor()) {}

  void Start() {
    slot_.YieldBy([weak = this->weak_from_this()] {
      if (const auto self = weak.lock()) self->Yield();
    });
    if constexpr (kTls) {
      ArmTimer(service_.limits.header_timeout);
      stream_.async_handshake(boost::asio::ssl::stream_base::server,
                              [self = Self()](error_code error) {
                                if (error) return self->timer_.Cancel();
                                self->ReadHeader();
                              });
    } else {
      ReadHeader();
    }
  }

 private:
  static constexpr bool kTls = !std::is_same_v<Stream, TcpStream>;
  using Self_ = HttpSession<Stream>;

  std::shared_ptr<Self_> Self() { return this->shared_from_this(); }
  TcpStream& Tcp() { return beast::get_lowest_layer(stream_); }

  /// When the time is up, the pending operation ends with an error and `timed_out_` tells why.
  void ArmTimer(Duration timeout) {
    timed_out_ = false;
    timer_.Arm(Now() + timeout, [self = Self()] {
      self->timed_out_ = true;
      self->Tcp().cancel();
    });
  }

  /// Another connection gets this one's place.
  void Yield() {
    ending_ = true;
    Tcp().cancel();
  }

  void ReadHeader() {
    parser_.emplace();
    parser_->header_limit(service_.limits.max_header_size);
    parser_->body_limit(service_.limits.max_body_size);
    ArmTimer(service_.limits.header_timeout);
    ParseHeader();
  }

  /// What http::async_read_header does, but for a look at the bytes before the parser has them.
  void ParseHeader() {
    error_code error = http::error::need_more;
    if (buffer_.size() > 0) {
      if (HasFoldedLine(Received())) return Refuse(MalformedHttp());
      buffer_.consume(parser_->put(buffer_.data(), error));
      if (parser_->is_header_done()) return OnHeader();
    }
    if (error != http::error::need_more) return OnReadError(error);
    if (buffer_.size() >= service_.limits.max_header_size) {
      return OnReadError(http::error::header_limit);
    }
    stream_.async_read_some(buffer_.prepare(kReadSize),
                            [self = Self()](error_code read_error, size_t size) {
                              if (read_error) return self->OnReadError(read_error);
                              self->buffer_.commit(size);
                              self->ParseHeader();
                            });
  }

  void OnHeader() {
    slot_.Touch();
    auto problem = ResponseToHeader(parser_->get(), service_.limits);
    if (!problem) problem = RefuseFraming(parser_->get(), parser_->chunked());
    if (problem) return Refuse(*problem);
    header_fields_ = CountFields(parser_->get());
    ArmTimer(service_.limits.body_timeout);
    http::async_read(stream_, buffer_, *parser_,
                     [self = Self()](error_code read_error, size_t) { self->OnBody(read_error); });
  }

  void OnBody(error_code error) {
    if (error) return OnReadError(error);
    timer_.Cancel();
    const HttpRequest request = parser_->release();
    // The parser puts what follows the last chunk among the fields of the header, although it may
    // not stand for any of them (RFC 9110 section 6.5.1). No client of ours sends such.
    if (CountFields(request) != header_fields_) return Refuse(MalformedHttp());
    if (service_.make_client && PathOf(request) == kConnectPath) return Upgrade(request);
    HttpResponse response = service_.router.Handle(request);
    if (response.result() == http::status::forbidden) LogForbidden(request);
    if (request.method() == http::verb::head) {
      response.content_length(response.body().size());
      response.body().clear();
    } else {
      response.prepare_payload();
    }
    response.keep_alive(request.keep_alive());
    Write(std::move(response), request.keep_alive());
  }

  void Upgrade(const HttpRequest& request) {
    std::optional<HttpResponse> refusal = RefuseUpgrade(request, *service_.origins);
    if (!refusal && service_.memory != nullptr && !service_.memory->AdmitWebSocket(Now())) {
      refusal = MakeProblem(http::status::service_unavailable, "limit-reached",
                            "The server is full. Try again later.");
      refusal->set(http::field::retry_after, kRetryAfterSeconds);
    }
    if (!refusal && service_.token_failures != nullptr &&
        !service_.token_failures->HasRoom(slot_.key(), Now())) {
      refusal = TooManyTokenFailures();
    }
    const http::status status = refusal ? refusal->result() : http::status::switching_protocols;
    service_.router.CountOther(kConnectPath, request.method(), status);
    if (refusal) {
      if (status == http::status::forbidden) LogForbidden(request);
      refusal->prepare_payload();
      return Write(std::move(*refusal), false);
    }
    slot_.Keep();
    StartWebSocketSession(std::move(stream_), std::move(slot_), service_, request);
  }

  /// Without this, an operator whose proxy does not pass the Host header on sees nothing but people
  /// who cannot connect. Which origin it was may tell who they are.
  void LogForbidden(const HttpRequest& request) {
    service_.log.Warning(
        "origin-refused",
        {{"path", std::string(PathOf(request))},
         {"hint", "a proxy must pass Host on, and pages of other origins must be in origins"}});
    service_.log.Write(earshot::LogLevel::kDebug, "origin-refused-details",
                       {{"origin", std::string(request[http::field::origin])},
                        {"host", std::string(request[http::field::host])}});
  }

  void OnReadError(error_code error) {
    if (timed_out_ && (parser_->got_some() || buffer_.size() > 0)) {
      return Refuse(
          MakeProblem(http::status::request_timeout, "request-timeout", "This took too long."));
    }
    if (timed_out_) return;
    // The pending timer would keep this session, and its place in the limits, alive.
    timer_.Cancel();
    const auto response = ResponseToReadError(error, Received(), parser_->is_header_done());
    if (response) Refuse(*response);
  }

  std::string_view Received() const {
    const auto data = buffer_.data();
    return {static_cast<const char*>(data.data()), data.size()};
  }

  void Refuse(HttpResponse response) {
    service_.router.CountOther("other", http::verb::unknown, response.result());
    response.prepare_payload();
    Write(std::move(response), false);
  }

  void Write(HttpResponse response, bool keep_alive) {
    keep_alive = keep_alive && !ending_;
    if (!keep_alive) response.keep_alive(false);
    response_ = std::move(response);
    ArmTimer(service_.limits.write_timeout);
    http::async_write(stream_, response_, [self = Self(), keep_alive](error_code error, size_t) {
      if (error) return self->timer_.Cancel();
      if (keep_alive) return self->ReadHeader();
      self->StartLinger();
    });
  }

  void StartLinger() {
    error_code ignored;
    Tcp().socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
    ArmTimer(kLingerTime);
    Linger();
  }

  void Linger() {
    Tcp().socket().async_read_some(boost::asio::buffer(discarded_),
                                   [self = Self()](error_code error, size_t size) {
                                     self->lingered_bytes_ += size;
                                     if (!error && self->lingered_bytes_ < kMaxLingerBytes)
                                       return self->Linger();
                                     self->timer_.Cancel();
                                   });
  }

  Stream stream_;
  ConnectionLimiter::Slot slot_;
  HttpService& service_;
  DeadlineTimer timer_;
  bool timed_out_ = false;
  bool ending_ = false;
  // The parser knows no bound for the extensions of a chunk.
  beast::flat_buffer buffer_{kMaxBuffered};
  size_t header_fields_ = 0;
  // Holds one message, so it is made anew for each.
  std::optional<http::request_parser<http::string_body>> parser_;
  HttpResponse response_;
  std::array<char, 4096> discarded_;
  size_t lingered_bytes_ = 0;
};

}  // namespace

void StartHttpSession(boost::asio::ip::tcp::socket socket, ConnectionLimiter::Slot slot,
                      HttpService& service) {
  TcpStream stream(InboundPolicy(service.inbound_limits), std::move(socket));
  if (service.tls == nullptr) {
    std::make_shared<HttpSession<TcpStream>>(std::move(stream), std::move(slot), service)->Start();
    return;
  }
  using TlsStream = beast::ssl_stream<TcpStream>;
  std::make_shared<HttpSession<TlsStream>>(TlsStream(std::move(stream), *service.tls),
                                           std::move(slot), service)
      ->Start();
}

}  // namespace earshotd
