#pragma once

// Judges one listener's streams: what the header of each packet that leaves the server says, and
// what is inside when it arrives. One continuous stream per slot, whoever fills it. Reads headers
// in the clear, as anybody on the way can (RFC 3711). One thread.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "client/client.h"
#include "violations.h"

namespace earshot::sim {

/// What the network and the scenario allow to demand.
struct StreamOptions {
  /// Nothing is lost, repeated or overtaken: the numbering has no gap.
  bool keeps_order = false;
  /// Listeners change their addresses. Until a new one has shown the keys, the server sends little
  /// to it (threat row S11) and may have to repair what it never sent.
  bool changes_addresses = false;
};

class StreamOracle {
 public:
  StreamOracle(const ClientNumbers& numbers, const std::vector<SlotStream>& slots,
               const StreamOptions& options, Violations& violations);

  /// A sealed RTP packet for this listener leaves the server. The source that it names.
  SourceId HandleEgress(ByteView packet, Timestamp now);
  /// A sealed compound of RTCP for this listener leaves the server.
  void HandleRtcpEgress(ByteView packet, Timestamp now);
  /// It has arrived and has been opened.
  void HandleArrival(const ReceivedMedia& media, Timestamp now);

 private:
  // What of an original is remembered, so that neighbours can be compared.
  struct Original {
    int64_t sequence = -1;
    SourceId source;
    // Known after arrival:
    bool arrived = false;
    uint32_t timestamp = 0;
    PayloadTag tag;
    FrameInfo frame;
  };
  struct Stream {
    SlotStream slot;
    bool is_repair = false;
    Unwrapper<uint16_t> sequence;
    std::vector<bool> used;  // SRTP indices from `first` on
    int64_t first = -1;
    int64_t highest = -1;
    uint32_t last_timestamp = 0;
    Timestamp last_sent;
    SourceId last_source;
    std::vector<Original> originals;  // a ring; empty for repair streams
  };
  static constexpr int64_t kRing = 2048;

  void CheckHeader(const Stream& stream, const RtpView& view, Timestamp now);
  void CheckExtensions(const Stream& stream, const RtpView& view, Timestamp now);
  void CheckIndex(Stream& stream, int64_t index, Timestamp now);
  void CheckTimestamp(Stream& stream, const RtpView& view, int64_t index, Timestamp now);
  void CheckNeighbours(const Stream& stream, const Original& before, const Original& after,
                       Timestamp now);
  Original& OriginalAt(Stream& stream, int64_t sequence) {
    return stream.originals[static_cast<size_t>(sequence % kRing)];
  }
  void Report(const Stream& stream, Timestamp now, const std::string& what);

  const ClientNumbers numbers_;
  const StreamOptions options_;
  Violations& violations_;
  // One listener, one key: by SSRC, no index serves twice.
  std::map<uint32_t, Stream> streams_;
  std::map<uint32_t, std::set<uint32_t>> rtcp_indices_;
};

}  // namespace earshot::sim
