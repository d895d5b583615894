#pragma once

// Two DTLS associations joined by a lossy link under virtual time.

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "transport/dtls.h"

namespace earshot {

inline const DtlsCertificate& ServerCertificate() {
  static const std::shared_ptr<const DtlsCertificate> certificate = DtlsCertificate::Make();
  return *certificate;
}
inline const DtlsCertificate& ClientCertificate() {
  static const std::shared_ptr<const DtlsCertificate> certificate = DtlsCertificate::Make();
  return *certificate;
}

inline std::vector<uint8_t> BytesOf(std::string_view text) { return {text.begin(), text.end()}; }

class DtlsLink {
 public:
  /// Whether to lose the datagram with this ordinal, counted over both directions.
  using Loss = std::function<bool(int ordinal)>;
  static constexpr Duration kDelay = Duration::Millis(10);

  explicit DtlsLink(Loss loss = nullptr)
      : DtlsLink(ClientCertificate().fingerprint(), ServerCertificate().fingerprint(),
                 std::move(loss)) {}
  /// With the fingerprints that each side was told of the other.
  DtlsLink(const Fingerprint& of_client, const Fingerprint& of_server, Loss loss = nullptr)
      : server(DtlsRole::kServer, ServerCertificate(), {of_client}, now),
        client(DtlsRole::kClient, ClientCertificate(), {of_server}, now),
        loss_(std::move(loss)) {}

  void Start() {
    client.Start(now, out_);
    Carry(true);
  }
  /// Until both ends are connected or ended and nothing is in flight, or for `limit`.
  void Run(Duration limit = Duration::Seconds(40)) {
    const Timestamp end = now + limit;
    while (Step(end)) {
    }
  }
  bool Step(Timestamp end) {
    Timestamp next = std::min(server.NextDeadline(), client.NextDeadline());
    if (!wire_.empty()) next = std::min(next, wire_.front().due);
    if (next > end) return false;
    now = std::max(now, next);
    if (!wire_.empty() && wire_.front().due <= now) {
      const InFlight item = std::move(wire_.front());
      wire_.pop_front();
      Deliver(item.to_server, item.bytes);
      return true;
    }
    server.HandleDeadline(now, out_);
    Carry(false);
    client.HandleDeadline(now, out_);
    Carry(true);
    return true;
  }
  std::optional<DropReason> Deliver(bool to_server, const std::vector<uint8_t>& bytes) {
    DtlsAssociation& to = to_server ? server : client;
    PacketList application;
    const auto drop = to.HandleDatagram(bytes, now, out_, application);
    for (size_t i = 0; i < application.size(); ++i) {
      auto& inbox = to_server ? server_received : client_received;
      inbox.emplace_back(application[i].begin(), application[i].end());
    }
    Carry(!to_server);
    return drop;
  }
  bool Send(bool to_server, std::string_view text) {
    DtlsAssociation& from = to_server ? client : server;
    const bool sent = from.Send(BytesOf(text), out_);
    Carry(to_server);
    return sent;
  }
  void Close(bool by_client) {
    (by_client ? client : server).Close(out_);
    Carry(by_client);
  }
  bool BothConnected() const {
    return server.state() == DtlsState::kConnected && client.state() == DtlsState::kConnected;
  }
  /// Whether a message crosses in both directions now.
  bool DataFlows() {
    server_received.clear();
    client_received.clear();
    Send(true, "to the server");
    Send(false, "to the client");
    Run(Duration::Seconds(1));
    return server_received == std::vector<std::string>{"to the server"} &&
           client_received == std::vector<std::string>{"to the client"};
  }

  Timestamp now = Timestamp::Seconds(1);
  DtlsAssociation server;
  DtlsAssociation client;
  std::vector<std::string> server_received;
  std::vector<std::string> client_received;
  std::vector<std::pair<bool, std::vector<uint8_t>>> sent;  // all ever, with "to the server"

 private:
  struct InFlight {
    Timestamp due;
    bool to_server;
    std::vector<uint8_t> bytes;
  };
  void Carry(bool to_server) {
    for (size_t i = 0; i < out_.size(); ++i) {
      const std::vector<uint8_t> bytes(out_[i].begin(), out_[i].end());
      const int ordinal = static_cast<int>(sent.size());
      sent.emplace_back(to_server, bytes);
      if (loss_ && loss_(ordinal)) continue;
      wire_.push_back({now + kDelay, to_server, bytes});
    }
    out_.Clear();
  }

  Loss loss_;
  PacketList out_;
  std::deque<InFlight> wire_;
};

}  // namespace earshot
