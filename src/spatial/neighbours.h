#pragma once

// Which pairs of people are near enough to look at, and the rights that they have in each other,
// kept as two lists of links, one at each end. NeighbourGraph stores; Proximity finds what a step
// changes. Neither touches slots. One thread.
//
// People are linked from some metres beyond the widest radius of the plan on, with or without
// rights, until they are as far beyond the widest leave radius and have none: so a door or a bubble
// changes only links that are there, and who walks need not look for newcomers before it has used
// up half of these metres. Likewise, a pair that is far from every radius is not looked at again
// before the two have walked that far, together.

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "spatial/audibility.h"
#include "spatial/grid_index.h"
#include "spatial/roster.h"

namespace earshot {

/// Tells how long something has been so, to a millisecond and for at most 49 days.
class CoarseStopwatch {
 public:
  bool is_running() const { return started_ != 0; }
  /// Goes on if it runs already.
  void Start(Timestamp now) {
    if (!is_running()) started_ = std::max(Ticks(now), uint32_t{1});
  }
  void Stop() { started_ = 0; }
  Duration Elapsed(Timestamp now) const {
    return is_running() ? Duration::Millis(Ticks(now) - started_) : Duration::Zero();
  }

 private:
  static uint32_t Ticks(Timestamp now) { return static_cast<uint32_t>(now.millis()); }
  uint32_t started_ = 0;
};

/// One end of a pair, in the list of the person whose end it is.
struct Neighbour {
  Neighbour(PersonIndex person, uint32_t position) : other(person), mirror(position) {}

  PersonIndex other;
  /// Position of the far end in the list of `other`.
  uint32_t mirror;
  /// How far the two must have walked together before anything can change between them. Kept by
  /// Proximity.
  uint32_t due = 0;
  /// What this end's person may get of `other`, and `other` of this end's person.
  Rights rights;
  Rights rights_there;
  /// PairRights::plain.
  Rights plain;
  /// Which sources of `other` sit in a slot of this end's person, and the other way round; kept by
  /// Interest.
  SourceSet placed;
  SourceSet placed_there;
  /// While `other` talks without a slot. Kept by Interest.
  CoarseStopwatch unheard;

  PairRights Both() const { return {rights, rights_there, plain}; }
};

class NeighbourGraph {
 public:
  void EnsureCapacity(size_t people) {
    if (links_.size() < people) links_.resize(people);
  }
  std::span<Neighbour> LinksOf(PersonIndex person) { return links_[person]; }
  std::span<const Neighbour> LinksOf(PersonIndex person) const { return links_[person]; }
  Neighbour& FarEnd(const Neighbour& link) { return links_[link.other][link.mirror]; }

  /// A link without rights; returns its position in the list of `a`.
  uint32_t Connect(PersonIndex a, PersonIndex b);
  /// Takes out both ends. The last link of each list moves into the gap.
  void Disconnect(PersonIndex person, uint32_t position);

  /// The link to `other` in the list of `person`; null if there is none. Linear.
  Neighbour* Find(PersonIndex person, PersonIndex other);
  /// What the two may do by the last review; looks through the shorter list.
  PairRights RightsBetween(PersonIndex a, PersonIndex b) const;

 private:
  void TakeOut(PersonIndex person, uint32_t position);

  std::vector<std::vector<Neighbour>> links_;
};

/// A pair whose rights change: an existing link, or a new one.
struct RightsChange {
  static constexpr uint32_t kNewLink = UINT32_MAX;
  PersonIndex other = kNobody;
  /// In the list of the person who moved.
  uint32_t position = kNewLink;
  PairRights after;
  /// The two are too far apart to be linked any longer.
  bool disconnects = false;
};

/// Keeps how everybody stands, side by side. Insert, Move and Review return all pairs of this
/// person whose rights or link differ from those in the graph, and rely on all of them being
/// applied before the next call, until which they are valid. Existing links come first and in
/// falling position, so that each may be disconnected as it is applied.
///
/// `far_off` are people whose voices carry beyond all radii, one way or the other.
class Proximity {
 public:
  Proximity(const Premises& premises, const AudibilityRules& rules, NeighbourGraph& graph);

  std::span<const RightsChange> Insert(const Standing& at, std::span<const PersonIndex> far_off);
  std::span<const RightsChange> Move(const Standing& to, std::span<const PersonIndex> far_off);
  /// The person stands where it stood, but something else about the standing or the floor has
  /// changed.
  std::span<const RightsChange> Review(const Standing& at, std::span<const PersonIndex> far_off);
  /// The standing is another from now on, without anybody being reviewed yet.
  void Note(const Standing& at) { standings_[at.person] = at; }
  void Remove(PersonIndex person);
  /// The plan is another. Everybody must be put in place before anybody is reviewed from the
  /// ground up: links between people may be new.
  void Reset();
  void Put(const Standing& at);
  std::span<const RightsChange> ReviewAnew(const Standing& at,
                                           std::span<const PersonIndex> far_off);
  /// Who may get media of the person that was last moved or reviewed, once the changes are applied.
  std::span<const PersonIndex> listeners() const { return listeners_; }
  /// Calls visit(person) with everybody within the radius, and with some others.
  template <typename Visitor>
  void Visit(Point center, float radius, Visitor&& visit) const {
    grid_.VisitRing(center, 0, radius, [&visit](PersonIndex person, Point) { visit(person); });
  }

 private:
  // People are linked so far beyond the widest radius, in metres.
  static constexpr float kMargin = 2;
  // Ways are counted in parts of a metre, rounded up.
  static constexpr float kPartsPerMetre = 256;
  struct Walked {
    uint32_t way = 0;
    // At the last search for newcomers.
    uint32_t searched = 0;
  };

  enum class Links : uint8_t { kAll, kDue };
  void Begin() {
    changes_.clear();
    listeners_.clear();
  }
  void ReviewLinks(PersonIndex person, Links which);
  void FindNewcomers(PersonIndex person, float known_radius, std::span<const PersonIndex> far_off);
  void Walk(PersonIndex person, float step);
  // In parts of a metre: see AudibilityRules; and until they are too far apart to be linked.
  uint32_t WayWithoutChange(const Standing& a, const Standing& b, double distance_squared) const;
  float link_radius() const { return rules_.widest_enter() + kMargin; }

  const Premises& premises_;
  const AudibilityRules& rules_;
  NeighbourGraph& graph_;
  double unlink_squared_ = 0;
  GridIndex grid_;
  // By person.
  std::vector<Standing> standings_;
  std::vector<Walked> walked_;
  std::vector<uint8_t> is_linked_;  // for the time of one call
  std::vector<RightsChange> changes_;
  std::vector<PersonIndex> listeners_;
};

}  // namespace earshot
