#pragma once

// Runs a scenario: one real engine, real clients, the network between them, and the oracles that
// watch. The event loop of the simulation. One thread.

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/counters.h"
#include "earshot/engine.h"
#include "hearing_oracle.h"
#include "network.h"
#include "person.h"
#include "scenario.h"
#include "transport/egress_lanes.h"
#include "violations.h"

namespace earshot::sim {

/// How often a time lay within each of kLatencyBounds, and beyond.
using LatencyCounts = std::array<uint64_t, kLatencyBounds.size() + 1>;

struct Report {
  std::vector<Violation> violations;
  size_t violation_count = 0;
  uint64_t digest = 0;
  uint64_t datagrams = 0;
  uint64_t datagrams_lost = 0;
  uint64_t packets_judged = 0;   // media from the server to somebody
  uint64_t demands_judged = 0;   // that somebody be heard
  uint64_t packets_arrived = 0;  // opened by a client
  uint64_t repairs_arrived = 0;
  uint64_t joins = 0;
  uint64_t slot_switches = 0;
  /// What people asked for, by Outcome.
  std::array<uint64_t, kOutcomeCount> acts{};
  /// From a step into earshot to the first packet that the server forwards for it.
  LatencyCounts cut_ins{};
};

class Office {
 public:
  explicit Office(const Scenario& scenario);
  ~Office();
  /// Runs to the end, lets everybody leave, and sees whether anything is left behind.
  Report Run();

 private:
  void Join(Timestamp now);
  void AcceptJoined(std::unique_ptr<Person> person, const ClientOptions& options,
                    const Joined& joined, Timestamp now);
  void Leave(Person& person, Timestamp now);
  void Act(Person& person, Timestamp now);
  void Step(Person& person, Timestamp now);
  void SwitchSources(Person& person, Timestamp now);
  void RestartIce(Person& person, Timestamp now);
  void ChangeAddress(Person& person);
  Timestamp After(Duration mean, Timestamp now);
  SocketAddress NewAddress();

  Timestamp Next() const;
  void RunUntil(Timestamp end);
  void RunOnce(Timestamp now);
  void Deliver(Parcel parcel, Timestamp now);
  void RunEngineDeadline(Timestamp now);
  void CarryFromEngine(Timestamp now);
  void CarryFromClient(Person& person, Timestamp now);
  void ReadMessages(Person& person, Timestamp now);
  void JudgeEgress(const Datagram& datagram, Timestamp now);
  void FollowStance(ParticipantId id);
  void FollowEverything(Timestamp now);
  void TakeClosed();
  void MarkGone(Person& person);
  void CloseDown();
  void Check(bool holds, const char* what);
  Person* FindByAddress(const SocketAddress& address);

  const Scenario scenario_;
  SeededRandom random_;
  std::shared_ptr<const DtlsCertificate> server_certificate_;
  std::shared_ptr<const DtlsCertificate> client_certificate_;
  SeededRandom engine_random_;
  Counters counters_;
  SocketAddress server_address_;
  std::unique_ptr<Engine> engine_;
  Network network_;
  Violations violations_;
  HearingOracle hearing_;
  std::vector<std::unique_ptr<Person>> people_;
  absl::flat_hash_map<SocketAddress, Person*> by_address_;
  absl::flat_hash_map<ParticipantId, Stance> stances_;
  std::vector<DoorState> doors_;
  Changes changes_;
  EngineOutput engine_out_;
  EgressLanes lanes_;
  SealingBatch batch_;
  ClientOutput client_out_;
  Timestamp now_;
  const Timestamp end_;
  Timestamp next_check_;
  Timestamp next_join_ = Timestamp::Never();
  uint32_t addresses_ = 0;
  Report report_;
};

}  // namespace earshot::sim
