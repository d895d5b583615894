#pragma once

// Those who misbehave in a soak: they come in every other turn, so that what the others get can be
// compared with and without them, and are replaced as they go. One thread.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "hostile/hostile.h"
#include "scenario.h"
#include "token_mint.h"
#include "turns.h"

namespace earshot::load {

class Hostiles {
 public:
  static constexpr Duration kStep = Duration::Millis(5);
  /// For what they have left behind.
  static constexpr Duration kCalmDown = Duration::Seconds(2);

  /// Who has come in, and to which of the spaces.
  using Joined = std::function<void(ParticipantId participant, size_t space)>;
  /// All must outlive this object. Without a mint the server is in demo mode.
  Hostiles(const Scenario& scenario, const TokenMint* mint, Person::Surroundings& surroundings,
           Joined joined);

  void Begin(Timestamp now);
  void End();
  Timestamp NextDeadline() const { return next_; }
  void HandleDeadline(Timestamp now);

  /// As Turns says; nothing before Begin and after End.
  std::optional<bool> KindOf(Timestamp now) const {
    return next_.IsNever() ? std::nullopt : turns_.KindOf(now);
  }
  uint64_t acts() const { return acts_; }
  uint64_t joins() const { return joins_; }

 private:
  struct Seat {
    std::unique_ptr<Hostile> hostile;
    Timestamp comes;
    bool is_known = false;
  };
  void Empty(Seat& seat);
  void Fill(size_t index, Timestamp now);
  uint32_t TakeActs(Timestamp now);

  const HostileScenario& scenario_;
  const std::vector<std::string>& spaces_;
  const TokenMint* mint_;
  Person::Surroundings& surroundings_;
  const Joined joined_;
  SeededRandom chance_;
  Turns turns_;
  std::vector<Seat> seats_;
  const std::string run_;
  Timestamp next_ = Timestamp::Never();
  Timestamp last_step_;
  double acts_due_ = 0;
  uint64_t acts_ = 0;
  uint64_t joins_ = 0;
};

}  // namespace earshot::load
