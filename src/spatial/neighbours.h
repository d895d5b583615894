#pragma once

// Which pairs of people are near enough to look at, and the rights that they have in each other,
// kept as two lists of links, one at each end. NeighbourGraph stores; Proximity finds what a step
// changes. Neither touches slots. One thread.
//
// People are linked from the widest radius of the plan on, with or without rights, until they are
// beyond the widest leave radius and have none: so a door or a bubble changes only links that are
// there.

#include <cstdint>
#include <span>
#include <vector>

#include "spatial/audibility.h"
#include "spatial/grid_index.h"
#include "spatial/roster.h"

namespace earshot {

/// One end of a pair, in the list of the person whose end it is.
struct Neighbour {
  PersonIndex other = kNobody;
  /// Position of the far end in the list of `other`.
  uint32_t mirror = 0;
  /// What this end's person may get of `other`, and `other` of this end's person.
  Rights rights;
  Rights rights_there;
  /// PairRights::plain.
  Rights plain;
  /// Which sources of `other` sit in a slot of this end's person, and the other way round; kept by
  /// Interest.
  SourceSet placed;
  SourceSet placed_there;
  /// Since when `other` has been talking without a slot; Never while it does not. Kept by Interest.
  Timestamp unheard_since = Timestamp::Never();

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
  Proximity(const Premises& premises, const AudibilityRules& rules, const NeighbourGraph& graph);

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
  /// Calls visit(person) with everybody within the radius, and with some others.
  template <typename Visitor>
  void Visit(Point center, float radius, Visitor&& visit) const {
    grid_.VisitRing(center, 0, radius, [&visit](PersonIndex person, Point) { visit(person); });
  }

 private:
  void ReviewLinks(PersonIndex person);
  void FindNewcomers(PersonIndex person, float known_radius, std::span<const PersonIndex> far_off);

  const Premises& premises_;
  const AudibilityRules& rules_;
  const NeighbourGraph& graph_;
  double leave_squared_ = 0;
  GridIndex grid_;
  // By person.
  std::vector<Standing> standings_;
  std::vector<uint8_t> is_linked_;  // for the time of one call
  std::vector<RightsChange> changes_;
};

}  // namespace earshot
