#include "spatial/neighbours.h"

#include <utility>

namespace earshot {

uint32_t NeighbourGraph::Connect(PersonIndex a, PersonIndex b) {
  const auto a_position = static_cast<uint32_t>(links_[a].size());
  const auto b_position = static_cast<uint32_t>(links_[b].size());
  links_[a].push_back(Neighbour{b, b_position, {}, {}, {}, {}, {}});
  links_[b].push_back(Neighbour{a, a_position, {}, {}, {}, {}, {}});
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

PairRights NeighbourGraph::RightsBetween(PersonIndex a, PersonIndex b) const {
  const bool from_a = links_[a].size() <= links_[b].size();
  for (const Neighbour& link : links_[from_a ? a : b]) {
    if (link.other != (from_a ? b : a)) continue;
    return from_a ? link.Both() : PairRights{link.rights_there, link.rights, link.plain};
  }
  return {};
}

Proximity::Proximity(const Premises& premises, const AudibilityRules& rules,
                     const NeighbourGraph& graph)
    : premises_(premises),
      rules_(rules),
      graph_(graph),
      grid_(premises.plan().width, premises.plan().height, rules.widest_enter()) {
  Reset();
}

void Proximity::Reset() {
  leave_squared_ = static_cast<double>(rules_.widest_leave()) * rules_.widest_leave();
  grid_ = GridIndex(premises_.plan().width, premises_.plan().height, rules_.widest_enter());
}

void Proximity::Put(const Standing& at) {
  if (standings_.size() <= at.person) {
    standings_.resize(at.person + 1);
    is_linked_.resize(at.person + 1);
  }
  standings_[at.person] = at;
  grid_.Insert(at.person, at.position);
}

std::span<const RightsChange> Proximity::Insert(const Standing& at,
                                                std::span<const PersonIndex> far_off) {
  Put(at);
  changes_.clear();
  FindNewcomers(at.person, 0, far_off);
  return changes_;
}

std::span<const RightsChange> Proximity::Move(const Standing& to,
                                              std::span<const PersonIndex> far_off) {
  const Standing before = std::exchange(standings_[to.person], to);
  grid_.Move(to.person, to.position);
  changes_.clear();
  ReviewLinks(to.person);
  // Everybody who was within the widest radius before the step is linked already. That leaves a
  // ring.
  const float step = Distance(before.position, to.position);
  FindNewcomers(to.person, rules_.widest_enter() - step, far_off);
  return changes_;
}

std::span<const RightsChange> Proximity::Review(const Standing& at,
                                                std::span<const PersonIndex> far_off) {
  standings_[at.person] = at;
  changes_.clear();
  ReviewLinks(at.person);
  if (!far_off.empty()) FindNewcomers(at.person, rules_.widest_enter(), far_off);
  return changes_;
}

std::span<const RightsChange> Proximity::ReviewAnew(const Standing& at,
                                                    std::span<const PersonIndex> far_off) {
  changes_.clear();
  ReviewLinks(at.person);
  FindNewcomers(at.person, 0, far_off);
  return changes_;
}

void Proximity::Remove(PersonIndex person) { grid_.Remove(person); }

void Proximity::ReviewLinks(PersonIndex person) {
  const Standing here = standings_[person];
  const std::span<const Neighbour> links = graph_.LinksOf(person);
  for (auto position = static_cast<uint32_t>(links.size()); position-- > 0;) {
    const Neighbour& link = links[position];
    const Standing& there = standings_[link.other];
    const PairRights before = link.Both();
    const PairRights after = rules_.Between(here, there, before);
    const bool disconnects =
        after.IsEmpty() && DistanceSquared(here.position, there.position) > leave_squared_;
    if (after != before || disconnects) {
      changes_.push_back({link.other, position, after, disconnects});
    }
  }
}

void Proximity::FindNewcomers(PersonIndex person, float known_radius,
                              std::span<const PersonIndex> far_off) {
  const Standing here = standings_[person];
  const float radius = rules_.widest_enter();
  const double limit = static_cast<double>(radius) * radius;
  const std::span<const Neighbour> links = graph_.LinksOf(person);
  for (const Neighbour& link : links) is_linked_[link.other] = 1;
  is_linked_[person] = 1;
  const auto add = [&](PersonIndex other) {
    changes_.push_back(
        {other, RightsChange::kNewLink, rules_.Between(here, standings_[other], {}), false});
  };
  grid_.VisitRing(here.position, known_radius, radius, [&](PersonIndex other, Point at) {
    // One branch that is hardly ever taken, instead of two that are anybody's guess.
    if ((DistanceSquared(here.position, at) > limit) | is_linked_[other]) return;
    add(other);
  });
  for (const PersonIndex other : far_off) {
    if (is_linked_[other] || DistanceSquared(here.position, standings_[other].position) <= limit) {
      continue;  // linked, or found just now
    }
    is_linked_[other] = 1;
    if (!rules_.Between(here, standings_[other], {}).IsEmpty()) add(other);
  }
  is_linked_[person] = 0;
  for (const Neighbour& link : links) is_linked_[link.other] = 0;
  for (const PersonIndex other : far_off) is_linked_[other] = 0;
}

}  // namespace earshot
