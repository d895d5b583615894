#include "spatial/neighbours.h"

#include <utility>

namespace earshot {

uint32_t NeighbourGraph::Connect(PersonIndex a, PersonIndex b) {
  const auto a_position = static_cast<uint32_t>(links_[a].size());
  const auto b_position = static_cast<uint32_t>(links_[b].size());
  links_[a].push_back(
      {.other = b, .mirror = b_position, .rights = {}, .placed = {}, .placed_there = {}});
  links_[b].push_back(
      {.other = a, .mirror = a_position, .rights = {}, .placed = {}, .placed_there = {}});
  return a_position;
}

void NeighbourGraph::Disconnect(PersonIndex person, uint32_t position) {
  const Neighbour link = links_[person][position];
  TakeOut(person, position);
  TakeOut(link.other, link.mirror);
}

void NeighbourGraph::TakeOut(PersonIndex person, uint32_t position) {
  std::vector<Neighbour>& links = links_[person];
  const auto last = static_cast<uint32_t>(links.size() - 1);
  if (position != last) {
    links[position] = links[last];
    FarEnd(links[position]).mirror = position;
  }
  links.pop_back();
}

Neighbour* NeighbourGraph::Find(PersonIndex person, PersonIndex other) {
  for (Neighbour& link : links_[person]) {
    if (link.other == other) return &link;
  }
  return nullptr;
}

Rights NeighbourGraph::RightsBetween(PersonIndex a, PersonIndex b) const {
  if (links_[a].size() > links_[b].size()) std::swap(a, b);
  for (const Neighbour& link : links_[a]) {
    if (link.other == b) return link.rights;
  }
  return {};
}

Proximity::Proximity(const FloorPlan& plan, const AudibilityRules& rules,
                     const NeighbourGraph& graph)
    : rules_(rules), graph_(graph), grid_(plan.width, plan.height, rules.widest_enter()) {}

std::span<const RightsChange> Proximity::Insert(PersonIndex person, const Standing& at) {
  if (standings_.size() <= person) {
    standings_.resize(person + 1);
    is_linked_.resize(person + 1);
  }
  standings_[person] = at;
  grid_.Insert(person, at.position);
  changes_.clear();
  FindNewcomers(person, 0);
  return changes_;
}

std::span<const RightsChange> Proximity::Move(PersonIndex person, const Standing& to) {
  const Standing before = std::exchange(standings_[person], to);
  grid_.Move(person, to.position);
  changes_.clear();
  ReviewLinks(person);
  // Everybody who was within the widest radius before the step is linked already, unless the step
  // led into another room. That leaves a ring.
  const bool is_same_room = before.zone == to.zone;
  const float step = Distance(before.position, to.position);
  FindNewcomers(person, is_same_room ? rules_.widest_enter() - step : 0);
  return changes_;
}

void Proximity::Remove(PersonIndex person) { grid_.Remove(person); }

void Proximity::ReviewLinks(PersonIndex person) {
  const Standing here = standings_[person];
  const std::span<const Neighbour> links = graph_.LinksOf(person);
  for (auto position = static_cast<uint32_t>(links.size()); position-- > 0;) {
    const Neighbour& link = links[position];
    const Rights after = rules_.Between(here, standings_[link.other], link.rights);
    if (after != link.rights) changes_.push_back({link.other, position, after});
  }
}

void Proximity::FindNewcomers(PersonIndex person, float known_radius) {
  const Standing here = standings_[person];
  const float radius = rules_.widest_enter();
  const double limit = static_cast<double>(radius) * radius;
  const std::span<const Neighbour> links = graph_.LinksOf(person);
  for (const Neighbour& link : links) is_linked_[link.other] = 1;
  is_linked_[person] = 1;
  grid_.VisitRing(here.position, known_radius, radius, [&](PersonIndex other, Point at) {
    // One branch that is hardly ever taken, instead of two that are anybody's guess.
    if ((DistanceSquared(here.position, at) > limit) | is_linked_[other]) return;
    const Rights after = rules_.Between(here, standings_[other], {});
    if (!after.IsEmpty()) changes_.push_back({other, RightsChange::kNewLink, after});
  });
  is_linked_[person] = 0;
  for (const Neighbour& link : links) is_linked_[link.other] = 0;
}

}  // namespace earshot
