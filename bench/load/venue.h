#pragma once

// One of the spaces of a run, and its crowd: where its people stand, and who of them has come into
// earshot of whom. People are numbered anew in each. Knows no network. One thread.

#include <optional>
#include <string>

#include "crowd.h"
#include "cut_in.h"
#include "scenario.h"
#include "signalling.h"
#include "spatial/geometry.h"

namespace earshot::load {

class Venue {
 public:
  /// What `scenario` says is said of the people here alone. `random` must outlive this object.
  Venue(std::string space, Scenario scenario, Random& random)
      : space_(std::move(space)), scenario_(std::move(scenario)), random_(random) {}
  Venue(const Venue&) = delete;
  Venue& operator=(const Venue&) = delete;

  const std::string& space() const { return space_; }
  bool IsSpeaker(size_t person) const { return scenario_.audience > 0 && person == 0; }
  bool IsTalker(size_t person) const {
    if (IsSpeaker(person)) return true;
    return scenario_.talk == Talk::kOne ? person == 0 : scenario_.talk != Talk::kNobody;
  }

  /// Where the server put somebody. Returns what the plan lacks for this scenario, as a sentence,
  /// and has nobody enter then; else an empty text.
  std::string Enter(size_t person, const JoinedReply& reply, Timestamp now) {
    if (!crowd_) {
      std::string missing = Crowd::WhatIsMissing(scenario_, reply.floor);
      if (!missing.empty()) return missing;
      Floor floor = reply.floor;
      floor.spawn = reply.pose.position;
      crowd_.emplace(scenario_, floor, random_);
      cut_in_.emplace(floor, scenario_.people);
      audible_ = floor.audible;
      visible_ = floor.visible;
    }
    crowd_->Enter(person, reply.pose, now);
    cut_in_->Enter(person, reply.participant, reply.pose.position);
    return "";
  }
  void Leave(size_t person) {
    if (crowd_) crowd_->Leave(person);
    if (cut_in_) cut_in_->Leave(person);
  }

  /// Once somebody has entered.
  Crowd& crowd() { return *crowd_; }
  const Crowd& crowd() const { return *crowd_; }
  CutIn& cut_in() { return *cut_in_; }
  bool is_open() const { return crowd_.has_value(); }
  /// Whether the two may hear or see each other by where they stand; a metre more, since the server
  /// learns of positions later.
  bool AreNear(size_t a, size_t b, MediaKind kind) const {
    const Reach& reach = kind == MediaKind::kAudio ? audible_ : visible_;
    return Distance(crowd_->PlaceNow(a), crowd_->PlaceNow(b)) <= reach.leave + 1;
  }

 private:
  const std::string space_;
  const Scenario scenario_;
  Random& random_;
  std::optional<Crowd> crowd_;
  std::optional<CutIn> cut_in_;
  Reach audible_;
  Reach visible_;
};

}  // namespace earshot::load
