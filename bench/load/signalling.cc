#include "signalling.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <deque>
#include <nlohmann/json.hpp>
#include <utility>

#include "io/clock.h"
#include "joined_reader.h"

namespace earshot::load {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;

constexpr std::array<const char*, kSourceKindCount> kTrackNames = {"mic", "camera", "screen",
                                                                   "screenAudio"};
// For each step; a server under load may be slow.
constexpr std::chrono::seconds kTimeout{30};

std::string WriteJoin(const SignallingRequest& request) {
  nlohmann::json tracks = nlohmann::json::object();
  for (size_t i = 0; i < kSourceKindCount; ++i) {
    if (request.mids[i]) tracks[kTrackNames[i]] = *request.mids[i];
  }
  return nlohmann::json{{"type", "join"}, {"id", "1"}, {"offer", request.offer}, {"tracks", tracks}}
      .dump();
}

}  // namespace

class Signalling::Session : public std::enable_shared_from_this<Session> {
 public:
  Session(boost::asio::io_context& io, const SignallingTarget& target, SignallingRequest request,
          Handlers handlers)
      : target_(target), request_(std::move(request)), handlers_(std::move(handlers)), tcp_(io) {}

  void Start() {
    tcp_.expires_after(kTimeout);
    tcp_.async_connect(target_.endpoint, [self = shared_from_this()](error_code error) {
      if (error) return self->Fail("connect-failed", "Cannot connect", error);
      // The small messages of a join would wait for each other otherwise.
      error_code ignored;
      self->tcp_.socket().set_option(boost::asio::ip::tcp::no_delay(true), ignored);
      if (self->request_.token.empty()) return self->AskForToken();
      self->Upgrade();
    });
  }

  void Leave() {
    handlers_ = {};
    // Before the answer the join may still be on its way out.
    if (reply_.participant == kNoParticipant) return Drop();
    waiting_.resize(std::min<size_t>(waiting_.size(), 1));
    Send(R"({"type":"leave"})");
  }

  void Send(std::string text) {
    if (reply_.participant == kNoParticipant || waiting_.size() >= kMaxWaiting) return;
    waiting_.push_back(std::move(text));
    if (waiting_.size() == 1) SendNext();
  }

  void Drop() {
    handlers_ = {};
    error_code ignored;
    auto& stream = socket_ ? socket_->next_layer() : tcp_;
    stream.socket().close(ignored);
  }

 private:
  void AskForToken() {
    token_request_ = {http::verb::post, "/v1/demo/token", 11};
    token_request_.set(http::field::host, target_.authority);
    token_request_.set(http::field::content_type, "application/json");
    token_request_.body() =
        nlohmann::json{{"name", request_.name}, {"space", request_.space}}.dump();
    token_request_.prepare_payload();
    tcp_.expires_after(kTimeout);
    http::async_write(tcp_, token_request_, [self = shared_from_this()](error_code error, size_t) {
      if (error) return self->Fail("token-refused", "Cannot ask for a demo token", error);
      self->ReadToken();
    });
  }

  void ReadToken() {
    http::async_read(
        tcp_, buffer_, token_response_, [self = shared_from_this()](error_code error, size_t) {
          if (error) return self->Fail("token-refused", "Cannot get a demo token", error);
          auto token =
              ReadDemoToken(self->token_response_.result_int(), self->token_response_.body());
          if (!token) return self->End(token.error());
          self->request_.token = std::move(*token);
          self->buffer_.clear();
          self->Upgrade();
        });
  }

  // On the same connection: the server keeps it alive.
  void Upgrade() {
    tcp_.expires_never();
    socket_.emplace(std::move(tcp_));
    socket_->set_option(websocket::stream_base::timeout::suggested(beast::role_type::client));
    socket_->set_option(websocket::stream_base::decorator([this](websocket::request_type& request) {
      request.set(http::field::authorization, "Bearer " + request_.token);
      request.set(http::field::sec_websocket_protocol, "earshot.v1");
    }));
    socket_->async_handshake(upgrade_response_, target_.authority, "/v1/connect",
                             [self = shared_from_this()](error_code error) {
                               if (error) return self->FailUpgrade(error);
                               self->Join();
                             });
  }

  void SendNext() {
    socket_->async_write(boost::asio::buffer(waiting_.front()),
                         [self = shared_from_this()](error_code error, size_t) {
                           if (error) return self->Drop();
                           self->waiting_.pop_front();
                           if (!self->waiting_.empty()) self->SendNext();
                         });
  }

  void FailUpgrade(error_code error) {
    if (error != websocket::error::upgrade_declined) {
      return Fail("connect-failed", "Cannot open the WebSocket", error);
    }
    End({"connect-failed", "The server refused the WebSocket (HTTP " +
                               std::to_string(upgrade_response_.result_int()) +
                               "): " + upgrade_response_.body()});
  }

  void Join() {
    reply_.asked = Now();
    text_ = WriteJoin(request_);
    socket_->async_write(boost::asio::buffer(text_),
                         [self = shared_from_this()](error_code error, size_t) {
                           if (error) return self->Fail("join-failed", "Cannot join", error);
                           self->ForgetOffer();
                           self->Read();
                         });
  }

  // Offer and answer are large, and thousands stay connected for long.
  void ForgetOffer() {
    std::string().swap(request_.offer);
    std::string().swap(text_);
  }

  void Read() {
    socket_->async_read(buffer_, [self = shared_from_this()](error_code error, size_t) {
      if (error) return self->Fail("connection-lost", "The WebSocket ended", error);
      const std::string text = beast::buffers_to_string(self->buffer_.data());
      self->buffer_.clear();
      self->buffer_.shrink_to_fit();
      self->HandleMessage(text);
      if (self->socket_->is_open()) self->Read();
    });
  }

  void HandleMessage(const std::string& text) {
    ServerMessage message = ReadServerMessage(text);
    if (auto* error = std::get_if<Error>(&message)) {
      if (const auto handler = handlers_.refused) return handler(*error);
      return End(std::move(*error));
    }
    if (auto* joined = std::get_if<JoinedReply>(&message)) {
      joined->asked = reply_.asked;
      reply_ = std::move(*joined);
    } else if (auto* answer = std::get_if<AnswerMessage>(&message)) {
      JoinedReply reply = std::exchange(reply_, {});
      reply_.participant = reply.participant;
      reply.answer = std::move(answer->sdp);
      // May leave at once, which takes the handlers away.
      if (const auto handler = handlers_.joined) handler(reply);
    }
  }

  void Fail(const char* code, const std::string& what, error_code error) {
    End({code, what + ": " + error.message() + "."});
  }

  void End(Error error) {
    const auto ended = std::move(handlers_.ended);
    Drop();
    if (ended) ended(std::move(error));
  }

  const SignallingTarget& target_;
  SignallingRequest request_;
  Handlers handlers_;
  beast::tcp_stream tcp_;
  std::optional<websocket::stream<beast::tcp_stream>> socket_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> token_request_;
  http::response<http::string_body> token_response_;
  websocket::response_type upgrade_response_;
  std::string text_;
  JoinedReply reply_;
  /// One is written at a time.
  std::deque<std::string> waiting_;
};

Signalling::Signalling(boost::asio::io_context& io, const SignallingTarget& target,
                       SignallingRequest request, Handlers handlers)
    : session_(std::make_shared<Session>(io, target, std::move(request), std::move(handlers))) {
  session_->Start();
}

Signalling::~Signalling() {
  if (session_) session_->Drop();
}

void Signalling::Send(std::string text) {
  if (session_) session_->Send(std::move(text));
}

void Signalling::Leave() {
  // What it still has to say keeps it alive.
  if (session_) session_->Leave();
  session_.reset();
}

}  // namespace earshot::load
