#pragma once

// A lite agent in virtual time and checks as a full agent would send them.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "transport/ice_lite.h"
#include "wire/stun.h"

namespace earshot {

inline SocketAddress Address(uint8_t last_byte, uint16_t port = 5000) {
  const std::array<uint8_t, 4> host = {192, 0, 2, last_byte};
  return SocketAddress(host, port);
}

/// One request; the defaults are those of a genuine nominating check.
struct CheckBuilder {
  IceCredentials server;
  IceCredentials client;
  StunClass message_class = StunClass::kRequest;
  uint16_t method = kStunBindingMethod;
  uint32_t priority = 1000;
  bool controlled = false;
  bool use_candidate = true;
  bool with_username = true;
  bool with_integrity = true;

  std::vector<uint8_t> Build(Random& random) const {
    StunTransactionId id;
    random.Fill(id);
    std::vector<uint8_t> bytes(256);
    StunWriter writer(bytes, message_class, method, id);
    if (with_username) writer.Username(server.ufrag + ":" + client.ufrag);
    writer.Priority(priority);
    if (controlled) {
      writer.IceControlled(7);
    } else {
      writer.IceControlling(7);
    }
    if (use_candidate) writer.UseCandidate();
    bytes.resize(writer.Finish(with_integrity ? server.password : ""));
    return bytes;
  }
};

class IceLiteTest : public testing::Test {
 protected:
  // Feeds a datagram; responses of this one call are in out_.
  std::optional<DropReason> Receive(const SocketAddress& peer, ByteView bytes) {
    out_.Clear();
    const auto reason = ice_.HandleStun({peer, bytes}, now_, out_, events_);
    for (size_t i = 0; i < out_.size(); ++i) sent_bytes_ += out_[i].bytes.size();
    received_bytes_ += bytes.size();
    return reason;
  }
  std::optional<DropReason> Check(const SocketAddress& peer) {
    return Receive(peer, check_.Build(random_));
  }
  std::optional<DropReason> CheckWithoutNomination(const SocketAddress& peer) {
    CheckBuilder check = check_;
    check.use_candidate = false;
    return Receive(peer, check.Build(random_));
  }
  void Wait(Duration duration) {
    const Timestamp end = now_ + duration;
    while (ice_.NextDeadline() <= end) {
      now_ = std::max(now_, ice_.NextDeadline());
      ice_.HandleDeadline(now_, events_);
      ASSERT_GT(ice_.NextDeadline(), now_);
    }
    now_ = end;
  }
  std::optional<uint16_t> ErrorSent() const {
    if (out_.size() != 1) return std::nullopt;
    const auto message = StunMessage::Parse(out_[0].bytes);
    if (!message || !message->IntegrityMatches(server_.password)) return std::nullopt;
    return message->error_code;
  }

  const IceCredentials server_{"server01", "0123456789abcdefghijklmn"};
  const IceCredentials client_{"clnt", "abcdefghijklmnopqrstuv"};
  const CheckBuilder check_{.server = server_, .client = client_};
  const SocketAddress home_ = Address(10);
  const SocketAddress other_ = Address(20);
  SeededRandom random_{1};
  Timestamp now_ = Timestamp::Seconds(100);
  IceLite ice_{server_, client_, {}, now_};
  DatagramList out_;
  std::vector<IceEvent> events_;
  size_t sent_bytes_ = 0;
  size_t received_bytes_ = 0;
};

}  // namespace earshot
