#pragma once

// One participant with a valid token who misbehaves: joins like anybody, and then sends whatever
// comes to its mind in every kind of message and packet, falls silent, leaves or vanishes, and
// comes back. What it does goes by its random numbers alone. One thread.

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/counters.h"
#include "client/client.h"
#include "hostile/noise.h"
#include "io/udp_socket.h"
#include "person.h"
#include "signalling.h"

namespace earshot::load {

/// What one does for a while.
enum class Mood : uint8_t {
  kAnything,
  kMedia,
  kFeedback,
  kMessages,
  kDatagrams,
  kReplays,
  kSctp,
  kTexts,
  kRestarts,
  kSilence,
  kCount
};

class Hostile {
 public:
  struct Options {
    std::string name;
    std::string space;
    /// Empty in demo mode.
    std::string token;
  };

  Hostile(const Options& options, Person::Surroundings& surroundings, Random& chance);

  /// Error code "bind-failed".
  std::optional<Error> Join();
  /// Does `acts` things of its mood, and whatever its client has to do meanwhile.
  void Act(uint32_t acts, Timestamp now);
  /// Says good-bye, or just stops.
  void Leave();
  void Vanish() { is_over_ = true; }

  /// It wants to go and come back, or was sent away.
  bool is_over() const { return is_over_; }
  /// None before it has joined.
  ParticipantId participant() const { return client_.self(); }
  uint64_t acts() const { return acts_; }

 private:
  void HandleJoined(const JoinedReply& reply);
  void HandleDatagram(const SocketAddress& peer, std::span<uint8_t> bytes);
  void FinishTurn(Timestamp now);
  void ChangeMood(Timestamp now);
  void ActOnce(Mood mood, Timestamp now);
  void SendMedia();
  void SendFeedback();
  void SendSctp();
  void SendMessage(Timestamp now);
  void SendDatagram(Timestamp now);
  void Replay();
  void SendCheck();
  void SendHello(Timestamp now);
  void Restart();
  void OpenChannel(Timestamp now);
  void ForgeAndSend(const SocketAddress& to, Bytes bytes);
  std::vector<uint32_t> Ssrcs() const;
  std::vector<ParticipantId> People() const;

  const Options options_;
  Person::Surroundings& surroundings_;
  Random& chance_;
  Client client_;
  Counters counters_;
  std::unique_ptr<UdpSocket> socket_;
  /// Another address, for checks with its credentials.
  std::unique_ptr<UdpSocket> other_socket_;
  std::optional<Signalling> signalling_;
  std::optional<AcceptedAnswer> answer_;
  RtpNoiseMaker media_;
  /// Datagrams that it sent, to send them again.
  std::deque<Bytes> sent_;
  DatagramList out_;
  Mood mood_ = Mood::kAnything;
  Timestamp next_mood_;
  uint64_t acts_ = 0;
  bool is_over_ = false;
};

}  // namespace earshot::load
