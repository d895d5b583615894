#pragma once

// Which pairs of people have any right to each other, kept as two lists of links, one at each end.
// NeighbourGraph stores; Proximity finds what a step changes. Neither touches slots. One thread.

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
  /// Never empty, but while the link is being made; the same at both ends.
  Rights rights;
  /// Which sources of `other` sit in a slot of this end's person, and the other way round; kept by
  /// Interest.
  SourceSet placed;
  SourceSet placed_there;
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
  /// What the pair may do by the last review; looks through the shorter list.
  Rights RightsBetween(PersonIndex a, PersonIndex b) const;

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
  Rights after;
};

/// Keeps where everybody stands, side by side. Insert and Move return all pairs of this person
/// whose rights differ from those in the graph, and rely on all of them being applied before the
/// next call, until which they are valid. Existing links come first and in falling position, so
/// that each may be disconnected as it is applied.
class Proximity {
 public:
  Proximity(const FloorPlan& plan, const AudibilityRules& rules, const NeighbourGraph& graph);

  std::span<const RightsChange> Insert(PersonIndex person, const Standing& at);
  std::span<const RightsChange> Move(PersonIndex person, const Standing& to);
  void Remove(PersonIndex person);

 private:
  void ReviewLinks(PersonIndex person);
  void FindNewcomers(PersonIndex person, float known_radius);

  const AudibilityRules& rules_;
  const NeighbourGraph& graph_;
  GridIndex grid_;
  // By person.
  std::vector<Standing> standings_;
  std::vector<uint8_t> is_linked_;  // for the time of one call
  std::vector<RightsChange> changes_;
};

}  // namespace earshot
