#pragma once

// One simulated person: a client with a will of its own. Decides when to walk, talk, switch
// sources, restart ICE, change its address or leave; the office carries that out. One thread.

#include <algorithm>
#include <optional>

#include "client/client.h"
#include "scenario.h"
#include "stream_oracle.h"

namespace earshot::sim {

struct Person {
  Person(const ClientOptions& options, const DtlsCertificate& certificate, uint64_t seed)
      : random(seed), client(options, certificate, random) {}

  SeededRandom random;
  Client client;
  ParticipantId id = kNoParticipant;
  SocketAddress address;
  std::optional<StreamOracle> streams;
  bool is_heard = false;      // its channel works, so the server knows what it publishes
  bool has_vanished = false;  // neither sends nor receives; the server may not know yet
  bool is_gone = false;       // the server knows

  Pose pose;  // where it believes to stand
  Point target;
  bool talking = false;

  Timestamp NextAct() const {
    return std::min(
        {next_step, next_talk, next_switch, next_ask, next_restart, next_address, next_leave});
  }
  Timestamp next_step = Timestamp::Never();
  Timestamp next_talk = Timestamp::Never();
  Timestamp next_switch = Timestamp::Never();
  Timestamp next_ask = Timestamp::Never();
  Timestamp next_restart = Timestamp::Never();
  Timestamp next_address = Timestamp::Never();
  Timestamp next_leave = Timestamp::Never();
};

}  // namespace earshot::sim
