#pragma once

// One simulated person: a whole client with a UDP socket and a WebSocket of its own. Walks and
// talks as it is told. One thread.

#include <array>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "base/counters.h"
#include "base/random.h"
#include "client/client.h"
#include "io/udp_socket.h"
#include "meter.h"
#include "signalling.h"
#include "slot_loss.h"

namespace earshot::load {

class Person {
 public:
  class Host {
   public:
    virtual ~Host() = default;
    /// It stands on the floor, but has no media yet.
    virtual void OnJoined(size_t person, const JoinedReply& reply) = 0;
    /// Both channels are open, so long after the join was asked for.
    virtual void OnHere(size_t person, Duration join_time) = 0;
    /// Once, and never after Leave: the server ended it, or would not have it.
    virtual void OnEnded(size_t person, const Error& error) = 0;
    /// As it came, sealed.
    virtual void OnDatagram(size_t person, ByteView datagram) = 0;
    /// The last one was of no use.
    virtual void OnDrop(DropReason reason) = 0;
    /// `latency` where it is known when the packet was sent, and that this was not before the slot
    /// had its source: a pre-roll is late by intention.
    virtual void OnMedia(size_t person, const ReceivedMedia& media, std::optional<Duration> latency,
                         Timestamp now) = 0;
    /// The server had it stand elsewhere.
    virtual void OnCorrected(size_t person, const Pose& pose) = 0;
    /// Its deadline may be another.
    virtual void OnTurn(size_t person) = 0;
  };

  /// What all share; everything must outlive the people.
  struct Surroundings {
    uv_loop_t& loop;
    boost::asio::io_context& io;
    const SignallingTarget& target;
    const DtlsCertificate& certificate;
    Random& random;
    std::shared_ptr<UdpSocket::Buffers> buffers;
    /// Used and cleared in each turn.
    ClientOutput& out;
    Host& host;
  };

  struct Options {
    size_t index = 0;
    std::string name;
    std::string space;
    /// Empty in demo mode.
    std::string token;
    ClientOptions client;
    SourceSet published;
  };

  Person(const Options& options, Surroundings& surroundings);

  /// Binds a socket and asks to join. Error code "bind-failed".
  std::optional<Error> Join();
  void HandleDeadline(Timestamp now);
  Timestamp NextDeadline() const { return client_.NextDeadline(); }
  /// Lost, like any position, when the channel does not take it.
  void Move(const Pose& pose, Timestamp now);
  void SetTalking(bool talking);
  /// So many packets of its microphone at once, as loud as can be; not with a published one, which
  /// has a numbering of its own.
  void SendFlood(uint32_t packets, Timestamp now);
  void Leave();

  bool is_here() const { return was_here_ && !is_over_; }
  /// Also of those who left.
  bool was_here() const { return was_here_; }
  ParticipantId participant() const { return client_.self(); }
  const SourceSet& published() const { return options_.published; }
  /// Media packets so far, without repairs.
  uint64_t packets_sent() const;
  /// Datagrams that the kernel dropped as this process was too slow to read them.
  uint64_t receive_drops() const { return counters_.receive_queue_drops.value(); }
  void OpenLoss();
  void CloseLoss();
  Loss loss() const;
  /// Since OpenLoss, and until CloseLoss: slots that somebody was in all the time, and that not one
  /// packet came in, which no gap shows.
  uint32_t SilentSlots(MediaKind kind) const;

 private:
  void HandleJoined(const JoinedReply& reply);
  void HandleDatagram(const SocketAddress& peer, std::span<uint8_t> bytes);
  void FinishTurn(Timestamp now);
  std::optional<Duration> NoteInSlot(const ReceivedMedia& media, Timestamp now);

  const Options options_;
  Surroundings& surroundings_;
  Client client_;
  Counters counters_;
  std::unique_ptr<UdpSocket> socket_;
  std::optional<Signalling> signalling_;
  Timestamp asked_;
  uint64_t flood_index_ = 0;  // of the next packet
  bool events_opened_ = false;
  bool was_here_ = false;
  bool is_over_ = false;
  struct Slot {
    SlotLoss loss;
    SourceId source;  // and since when its packets come
    Timestamp since;
  };
  std::array<std::vector<Slot>, kMediaKindCount> slots_;
  /// Who was in which slot when the losses were opened.
  std::vector<SourceId> assigned_at_open_;
};

}  // namespace earshot::load
