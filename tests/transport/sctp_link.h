#pragma once

// Two ends of SCTP associations or data channels against each other over a link with delay, loss
// and reordering from a seed, under a virtual clock. For tests.

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <vector>

#include "base/random.h"
#include "transport/data_channels.h"
#include "transport/sctp.h"

namespace earshot {

inline constexpr size_t kClient = 0;
inline constexpr size_t kServer = 1;

inline std::vector<uint8_t> Numbered(uint32_t number) {
  std::vector<uint8_t> bytes(40);
  StoreBigEndian(bytes.data(), number);
  return bytes;
}

struct LinkOptions {
  uint64_t seed = 1;
  double loss = 0;
  Duration delay = Duration::Millis(10);
  Duration jitter = Duration::Zero();
};

/// `End` is SctpAssociation or DataChannels, `Output` what its calls append to. Each end's output
/// piles up in output(i) except for packets, which travel.
template <typename End, typename Output>
class SctpLink {
 public:
  explicit SctpLink(const LinkOptions& options, Timestamp start = Timestamp::Seconds(5))
      : options_(options), random_(options.seed), now_(start) {}

  void Attach(size_t side, End* end) { ends_[side] = end; }
  Timestamp now() const { return now_; }
  Output& output(size_t side) { return outputs_[side]; }
  const std::vector<DropReason>& drops(size_t side) const { return drops_[side]; }
  size_t packets_sent() const { return packets_sent_; }
  size_t deadlines_handled() const { return deadlines_handled_; }
  size_t largest_packet() const { return largest_packet_; }
  /// Every packet passes through here before the dice decide; may change or drop (false) it.
  std::function<bool(size_t side, std::vector<uint8_t>& packet)> filter;
  void set_loss(double loss) { options_.loss = loss; }

  /// Takes what the last call on this end wants to send.
  void Collect(size_t side) {
    PacketList& packets = outputs_[side].packets;
    for (size_t i = 0; i < packets.size(); ++i) {
      ++packets_sent_;
      largest_packet_ = std::max(largest_packet_, packets[i].size());
      std::vector<uint8_t> packet(packets[i].begin(), packets[i].end());
      if (filter && !filter(side, packet)) continue;
      if (random_.Unit() < options_.loss) continue;
      const auto jitter =
          static_cast<int64_t>(static_cast<double>(options_.jitter.micros()) * random_.Unit());
      under_way_.emplace(now_ + options_.delay + Duration::Micros(jitter),
                         Flight{1 - side, std::move(packet)});
    }
    packets.Clear();
  }

  void RunFor(Duration duration) {
    RunUntil(now_ + duration, [] { return false; });
  }

  /// False when the time was up first.
  template <typename Done>
  bool RunUntil(Timestamp end, Done done) {
    while (!done()) {
      const Timestamp next = NextEvent();
      if (next > end) {
        now_ = end;
        return false;
      }
      now_ = std::max(now_, next);
      Step();
    }
    return true;
  }

  Timestamp NextEvent() const {
    Timestamp next = Timestamp::Never();
    if (!under_way_.empty()) next = under_way_.begin()->first;
    for (End* end : ends_) {
      if (end != nullptr) next = std::min(next, end->NextDeadline());
    }
    return next;
  }

 private:
  struct Flight {
    size_t to;
    std::vector<uint8_t> bytes;
  };

  void Step() {
    while (!under_way_.empty() && under_way_.begin()->first <= now_) {
      const Flight flight = std::move(under_way_.begin()->second);
      under_way_.erase(under_way_.begin());
      End* const end = ends_[flight.to];
      if (end == nullptr) continue;
      const auto drop = end->HandlePacket(flight.bytes, now_, outputs_[flight.to]);
      if (drop) drops_[flight.to].push_back(*drop);
      Collect(flight.to);
    }
    for (size_t side = 0; side < 2; ++side) {
      if (ends_[side] == nullptr || ends_[side]->NextDeadline() > now_) continue;
      ++deadlines_handled_;
      ends_[side]->HandleDeadline(now_, outputs_[side]);
      // The contract that keeps a driver from spinning.
      if (ends_[side]->NextDeadline() <= now_) std::abort();
      Collect(side);
    }
  }

  LinkOptions options_;
  SeededRandom random_;
  Timestamp now_;
  std::array<End*, 2> ends_{};
  std::array<Output, 2> outputs_;
  std::array<std::vector<DropReason>, 2> drops_;
  std::multimap<Timestamp, Flight> under_way_;
  size_t packets_sent_ = 0;
  size_t deadlines_handled_ = 0;
  size_t largest_packet_ = 0;
};

/// Two associations on a link, both connecting.
class AssociationPair : public SctpLink<SctpAssociation, SctpOutput> {
 public:
  explicit AssociationPair(const LinkOptions& options = {}) : SctpLink(options) {
    for (size_t side = 0; side < 2; ++side) {
      associations[side] = SctpAssociation::Create(now());
      Attach(side, associations[side].get());
    }
    for (size_t side = 0; side < 2; ++side) {
      associations[side]->Connect(now(), output(side));
      Collect(side);
    }
  }
  bool Connect(Duration within = Duration::Seconds(30)) {
    return RunUntil(now() + within, [this] {
      return associations[0]->state() == SctpState::kConnected &&
             associations[1]->state() == SctpState::kConnected;
    });
  }
  bool Send(size_t side, uint16_t stream, ByteView message, const SctpSendOptions& options = {},
            SctpPpid ppid = SctpPpid::kBinary) {
    const bool sent = associations[side]->Send(stream, ppid, message, options, now(), output(side));
    Collect(side);
    return sent;
  }
  void Destroy(size_t side) {
    Attach(side, nullptr);
    associations[side].reset();
  }

  std::array<std::unique_ptr<SctpAssociation>, 2> associations;
};

/// A DTLS client's (side 0) and a server's (side 1) data channels on a link.
class ChannelPair : public SctpLink<DataChannels, ChannelOutput> {
 public:
  explicit ChannelPair(const LinkOptions& options = {}) : SctpLink(options) {
    channels[kClient] = std::make_unique<DataChannels>(true, now());
    channels[kServer] = std::make_unique<DataChannels>(false, now());
    for (size_t side = 0; side < 2; ++side) {
      Attach(side, channels[side].get());
      channels[side]->Start(now(), output(side));
      Collect(side);
    }
  }
  bool Connect() {
    return RunUntil(now() + Duration::Seconds(30), [this] {
      return channels[kClient]->connected() && channels[kServer]->connected();
    });
  }
  std::optional<uint16_t> Open(size_t side, std::string_view label,
                               const ChannelOptions& options = {}) {
    const auto channel = channels[side]->Open(label, options, now(), output(side));
    Collect(side);
    return channel;
  }
  bool Send(size_t side, uint16_t channel, bool text, std::string_view message) {
    const ByteView bytes(reinterpret_cast<const uint8_t*>(message.data()), message.size());
    const bool sent = channels[side]->Send(channel, text, bytes, now(), output(side));
    Collect(side);
    return sent;
  }

  std::array<std::unique_ptr<DataChannels>, 2> channels;
};

}  // namespace earshot
