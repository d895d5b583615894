#pragma once

// What usrsctp's callbacks leave for one association, until that takes it at the end of a turn of
// its own. Puts the pieces of messages together. Its owner locks.

#include <optional>
#include <utility>
#include <vector>

#include "transport/sctp.h"

namespace earshot {

struct SctpMailbox {
  PacketList packets;
  std::vector<SctpMessage> messages;
  std::vector<uint16_t> reset_streams;
  SctpMessage partial;  // the start of a message longer than the partial delivery point
  uint16_t outbound_streams = 0;
  uint32_t peer_tag = 0;  // the verification tag of what we send
  bool connected = false;
  bool lost = false;            // aborted, shut down, restarted or timed out
  bool violated = false;        // the peer sent what closes the association
  bool reset_answered = false;  // the peer answered our stream reset request

  /// Whole messages come in one piece, unless they exceed the partial delivery point, which is the
  /// size from which a message closes the association anyway (threat row T5).
  void AddData(uint16_t stream, uint32_t ppid, ByteView data, bool is_end) {
    if (partial.bytes.empty()) {
      partial.stream = stream;
      partial.ppid = ppid;
    } else if (partial.stream != stream) {
      violated = true;
    }
    if (partial.bytes.size() + data.size() > SctpAssociation::kMaxMessageSize) violated = true;
    if (violated) return;
    partial.bytes.insert(partial.bytes.end(), data.begin(), data.end());
    if (is_end) messages.push_back(std::exchange(partial, {}));
  }

  /// Nothing is kept here, not even room: most associations are silent.
  void Take(SctpOutput& out) {
    if (out.packets.empty()) {
      out.packets = std::exchange(packets, {});
    } else {
      for (size_t i = 0; i < packets.size(); ++i) out.packets.Push(packets[i]);
      packets = {};
    }
    for (SctpMessage& message : messages) out.messages.push_back(std::move(message));
    messages.clear();
    out.reset_streams.insert(out.reset_streams.end(), reset_streams.begin(), reset_streams.end());
    reset_streams.clear();
  }
};

}  // namespace earshot
