#pragma once

// All the people of a run: has them come, walk, talk and go, and counts what reaches them. Knows
// no phases. One thread.

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/timer_wheel.h"
#include "event_loop.h"
#include "flood.h"
#include "hostile/hostiles.h"
#include "meter.h"
#include "oracle.h"
#include "person.h"
#include "scenario.h"
#include "talk_pattern.h"
#include "token_mint.h"
#include "venue.h"

namespace earshot::load {

class Population final : private Person::Host {
 public:
  /// All must outlive this object. Without a mint the server is in demo mode.
  Population(const Scenario& scenario, const SignallingTarget& target, const TokenMint* mint,
             const DtlsCertificate& certificate, EventLoop& loop);

  /// Has one more come. False when all have been asked.
  bool AddOne();
  /// Has one at random leave, and another come in its place.
  void ReplaceOne();
  void LeaveAll();

  Timestamp NextDeadline() const {
    return std::min({deadlines_.Next(), steps_.Next(), flood_.NextDeadline(),
                     hostiles_ ? hostiles_->NextDeadline() : Timestamp::Never()});
  }
  void HandleDeadline(Timestamp now);

  /// From now on, and until Close, everything is counted.
  void Open();
  void Close();
  const Meter& meter() const { return meter_; }
  Histogram TakeRecentLatency() { return std::exchange(meter_.recent_latency, {}); }
  /// In a soak only.
  const Oracle* oracle() const { return oracle_ ? &*oracle_ : nullptr; }
  const Hostiles* hostiles() const { return hostiles_ ? &*hostiles_ : nullptr; }
  Loss loss() const;
  uint64_t packets_sent() const;
  uint64_t receive_drops() const;

  uint32_t here() const { return here_; }
  uint32_t joins() const { return joins_; }
  uint32_t joins_failed() const { return joins_failed_; }
  uint32_t dropped() const { return dropped_; }
  const std::string& first_problem() const { return first_problem_; }
  /// On the way in.
  uint32_t joining() const { return asked_ - joins_ - joins_failed_; }
  bool HaveAllArrived() const;
  /// Nothing can come of this run.
  const std::optional<Error>& fatal() const { return fatal_; }

 private:
  void OnJoined(size_t person, const JoinedReply& reply) override;
  void OnHere(size_t person, Duration join_time) override;
  void OnEnded(size_t person, const Error& error) override;
  void OnDatagram(size_t person, ByteView datagram) override;
  void OnDrop(DropReason reason) override;
  void OnMedia(size_t person, const ReceivedMedia& media, std::optional<Duration> latency,
               Timestamp now) override;
  void OnCorrected(size_t person, const Pose& pose) override;
  void OnTurn(size_t person) override;

  void Begin(size_t index);
  void Retire(size_t index);
  void Step(size_t index, Timestamp now);
  void SetTalking(size_t index, bool talking);
  Venue& VenueOf(size_t index) { return venues_[index % venues_.size()]; }
  const Venue& VenueOf(size_t index) const { return venues_[index % venues_.size()]; }
  /// Which of the people there.
  size_t MemberOf(size_t index) const { return index / venues_.size(); }
  bool IsSpeaker(size_t index) const { return VenueOf(index).IsSpeaker(MemberOf(index)); }
  bool IsTalker(size_t index) const { return VenueOf(index).IsTalker(MemberOf(index)); }
  bool IsFlooder(size_t index) const { return scenario_.flood > 0 && index + 1 == people_.size(); }
  void CheckMedia(size_t person, const ReceivedMedia& media, Timestamp now);
  void NoteLatency(const ReceivedMedia& media, Duration latency, Timestamp now);
  uint64_t TakeMissedCutIns(Timestamp now);
  SourceSet PublishedBy(size_t index) const;
  ClientOptions MakeClientOptions() const;

  struct Behaviour {
    std::optional<TalkPattern> talk;
    bool is_talking = false;
    Timestamp next_step = Timestamp::Never();
  };

  const Scenario& scenario_;
  const SignallingTarget& target_;
  const TokenMint* mint_;
  SecureRandom secrets_;
  /// Of what people do, so that two runs are alike.
  SeededRandom chance_{1};
  std::deque<Venue> venues_;
  ClientOutput out_;
  Person::Surroundings surroundings_;
  const std::string run_;
  std::vector<std::unique_ptr<Person>> people_;
  std::vector<Behaviour> behaviours_;
  /// Gone, but perhaps in the middle of a turn.
  std::vector<std::unique_ptr<Person>> departed_;
  TimerWheel<size_t> deadlines_;
  TimerWheel<size_t> steps_;
  std::vector<size_t> due_;
  size_t next_index_ = 0;
  uint64_t names_ = 0;
  uint32_t asked_ = 0;
  uint32_t here_ = 0;
  uint32_t joins_ = 0;
  uint32_t joins_failed_ = 0;
  uint32_t dropped_ = 0;
  std::string first_problem_;
  std::optional<Error> fatal_;
  bool is_open_ = false;
  Flood flood_;
  std::optional<Hostiles> hostiles_;
  std::optional<Oracle> oracle_;
  Meter meter_;
  uint64_t sent_by_departed_ = 0;
  uint64_t drops_of_departed_ = 0;
};

}  // namespace earshot::load
