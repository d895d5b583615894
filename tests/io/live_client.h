#pragma once

// A whole client over a socket of its own, which the test turns by hand. Test code only.

#include <set>
#include <string>

#include "base/random.h"
#include "client/client.h"
#include "io/clock.h"
#include "io/running_worker.h"
#include "io/udp_peer.h"

namespace earshot {

class LiveClient {
 public:
  explicit LiveClient(const std::string& host = "127.0.0.1", uint64_t seed = 1)
      : random_(seed), peer_(host) {}

  JoinRequest Request() const {
    JoinRequest request;
    request.space = "hall";
    request.offer = client_.Offer();
    request.track_mids = client_.TrackMids();
    return request;
  }
  bool Accept(const Joined& joined) {
    return !client_.Accept(joined.answer, joined.participant, Now());
  }
  /// Of synthetic media, as soon as it is connected.
  void Publish(const SourceSet& sources) {
    client_.Publish(sources, Now(), out_);
    TakeOutput();
  }
  /// Each datagram is taken as from where it came.
  void Turn() {
    while (auto received = peer_.ReceiveFrom(0)) {
      auto& [text, from] = *received;
      const ByteSpan bytes(reinterpret_cast<uint8_t*>(text.data()), text.size());
      client_.HandleDatagram(from, bytes, Now(), out_);
      TakeOutput();
    }
    if (client_.NextDeadline() <= Now()) client_.HandleDeadline(Now(), out_);
    TakeOutput();
  }
  bool is_connected() const { return client_.connected(); }
  ParticipantId self() const { return client_.self(); }
  /// Whose media came since the last Forget.
  const std::set<SourceId>& heard() const { return heard_; }
  void Forget() { heard_.clear(); }

 private:
  void TakeOutput() {
    if (out_.media) heard_.insert(out_.media->source);
    for (size_t i = 0; i < out_.datagrams.size(); ++i) {
      const Datagram datagram = out_.datagrams[i];
      const auto* text = reinterpret_cast<const char*>(datagram.bytes.data());
      peer_.Send(datagram.peer, {text, datagram.bytes.size()});
    }
    out_.Clear();
  }

  SeededRandom random_;
  Client client_{{}, *Certificate(), random_};
  ClientOutput out_;
  UdpPeer peer_;
  std::set<SourceId> heard_;
};

}  // namespace earshot
