#pragma once

// The sans-IO core: all spaces of one worker behind one UDP port. Takes datagrams, requests and
// `now`; gives datagrams, events and the next deadline. Opens no socket, starts no thread and reads
// no clock, so it embeds in any event loop and replays in a simulation.
//
// Contract of every machine in Earshot, this one included:
//  1. Time enters only as `now`, on one monotonic clock; it never goes back.
//  2. Nothing calls out: what a call caused is in the caller-owned Output when it returns.
//  3. After HandleDeadline(t), NextDeadline() is later than t. An early call has no effect.
//  4. NextDeadline() is O(1).
//  5. One thread at a time.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/datagrams.h"
#include "earshot/interaction.h"
#include "earshot/options.h"
#include "earshot/result.h"
#include "earshot/server.h"
#include "earshot/socket_address.h"
#include "earshot/stats.h"

namespace earshot {

class DtlsCertificate;
class Random;
struct Counters;
namespace sdp {
struct Offer;
}

struct EngineOptions {
  MediaOptions media;
  std::vector<SpaceOptions> spaces;
  /// Addresses and port under which clients reach this engine, best first.
  std::vector<SocketAddress> candidates;
  /// Participant ids are first_participant, first_participant + participant_step, ...: engines of
  /// one server never give out the same id.
  uint32_t first_participant = 1;
  uint32_t participant_step = 1;
};

struct ClosedParticipant {
  ParticipantId participant;
  CloseReason reason;
  std::string space;  // that it was in
};

/// Where media goes that other threads seal and send.
class EgressLanes;

/// Caller-owned and reused: send the datagrams, handle the events, Clear.
struct EngineOutput {
  DatagramList datagrams;
  std::vector<ClosedParticipant> closed;
  /// Null, unless a Server spreads its spaces over workers: then `datagrams` is not all.
  EgressLanes* lanes = nullptr;
  /// For each listener who gets the first packet of somebody among these because of a position or
  /// an act: when that came. Whoever sends them knows how long it has taken.
  std::vector<Timestamp> first_packets_of_moves;
  void Clear() {
    datagrams.Clear();
    closed.clear();
    first_packets_of_moves.clear();
  }
};

class Engine {
 public:
  /// `random` and `counters` must outlive the engine; `certificate` may be shared by many.
  Engine(const EngineOptions& options, std::shared_ptr<const DtlsCertificate> certificate,
         Random& random, Counters& counters);
  ~Engine();

  /// Opens another space, besides those of the options; the plan must be valid (ValidateFloorPlan).
  /// False, and nothing happens, if there is one of this id.
  bool AddSpace(const SpaceOptions& space);
  /// Takes out a space that nobody is in. What it yields is all that there was to the space: its
  /// plan, with the doors in their present states. AddSpace goes on with it, here or in another
  /// engine. Nothing, and nothing happens, if the space is unknown or has participants, connected
  /// or not.
  std::optional<SpaceOptions> RemoveSpace(std::string_view space);

  /// See Server for the error codes of these.
  Result<Joined> Join(const JoinRequest& request, Timestamp now);
  Result<std::string> RestartIce(ParticipantId participant, const std::string& offer,
                                 Timestamp now);
  /// The same for who has read the offer already, which takes long, and no engine: a Server does it
  /// on the caller's thread. `request.offer` is not looked at.
  Result<Joined> Join(const JoinRequest& request, const sdp::Offer& offer, Timestamp now);
  Result<std::string> RestartIce(ParticipantId participant, const sdp::Offer& offer, Timestamp now);
  void Leave(ParticipantId participant, Timestamp now, EngineOutput& out);
  void CloseAll(CloseReason reason, Timestamp now, EngineOutput& out);

  /// See Server. Yields the plan as it then is.
  Result<std::shared_ptr<const FloorPlan>> ReplacePlan(std::string_view space,
                                                       const FloorPlan& plan, Timestamp now,
                                                       EngineOutput& out);

  /// What newcomers and ICE restarts are told from now on.
  void SetCandidates(std::vector<SocketAddress> candidates);

  /// `bytes` is decrypted in place. What goes to the peer is for the same path (SocketAddress::By).
  void HandleDatagram(const SocketAddress& peer, std::span<uint8_t> bytes, Timestamp now,
                      EngineOutput& out);
  void HandleDeadline(Timestamp now, EngineOutput& out);
  /// Whoever drives the engine did nothing for so long, up to now: the process or its machine stood
  /// still. What peers have to do by a time, such as to show that they are there, they may do that
  /// much later. To be called first of all, and before HandleDeadline, what came meanwhile is to be
  /// handed in.
  void HandlePause(Duration pause);
  Timestamp NextDeadline() const;

  /// As far as the server is concerned; nothing for an unknown participant or one that is not
  /// connected yet.
  std::optional<Stance> StanceOf(ParticipantId participant) const;
  /// The present state of each door of the plan; nothing for an unknown space.
  std::vector<DoorState> DoorsOf(std::string_view space) const;
  bool Has(ParticipantId participant) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace earshot
