#include "spatial/neighbours.h"

#include <cmath>
#include <utility>

namespace earshot {
namespace {

// But for where they stand.
bool AreAlike(const Standing& a, const Standing& b) {
  return a.zone == b.zone && a.bubble == b.bubble && a.voices == b.voices &&
         a.whispers_to == b.whispers_to;
}

}  // namespace

uint32_t NeighbourGraph::Connect(PersonIndex a, PersonIndex b) {
  const auto a_position = static_cast<uint32_t>(links_[a].size());
  const auto b_position = static_cast<uint32_t>(links_[b].size());
  links_[a].emplace_back(b, b_position);
  links_[b].emplace_back(a, a_position);
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

Proximity::Proximity(const Premises& premises, const AudibilityRules& rules, NeighbourGraph& graph)
    : premises_(premises),
      rules_(rules),
      graph_(graph),
      grid_(premises.plan().width, premises.plan().height, link_radius()) {
  Reset();
}

void Proximity::Reset() {
  const double unlink = static_cast<double>(rules_.widest_leave()) + kMargin;
  unlink_squared_ = unlink * unlink;
  grid_ = GridIndex(premises_.plan().width, premises_.plan().height, link_radius());
}

void Proximity::Put(const Standing& at) {
  if (standings_.size() <= at.person) {
    standings_.resize(at.person + 1);
    walked_.resize(at.person + 1);
    is_linked_.resize(at.person + 1);
  }
  standings_[at.person] = at;
  grid_.Insert(at.person, at.position);
}

std::span<const RightsChange> Proximity::Insert(const Standing& at,
                                                std::span<const PersonIndex> far_off) {
  Put(at);
  Begin();
  FindNewcomers(at.person, 0, far_off);
  return changes_;
}

std::span<const RightsChange> Proximity::Move(const Standing& to,
                                              std::span<const PersonIndex> far_off) {
  const Standing before = std::exchange(standings_[to.person], to);
  grid_.Move(to.person, to.position);
  Walk(to.person, Distance(before.position, to.position));
  Begin();
  ReviewLinks(to.person, AreAlike(before, to) ? Links::kDue : Links::kAll);
  const Walked& walked = walked_[to.person];
  const float since_search = static_cast<float>(walked.way - walked.searched) / kPartsPerMetre;
  const float allowed = kMargin / 2;
  if (since_search >= allowed || !far_off.empty()) {
    // Whoever is not linked was beyond the margin at this person's last search, or at its own,
    // since when it has not used up its half. That leaves a ring.
    FindNewcomers(to.person, link_radius() - allowed - since_search, far_off);
  }
  return changes_;
}

// A way that grows too long for its sum with another's begins anew, and so does what rests on it.
void Proximity::Walk(PersonIndex person, float step) {
  constexpr uint32_t kLongest = uint32_t{1} << 30;
  Walked& walked = walked_[person];
  walked.way += static_cast<uint32_t>(std::ceil(step * kPartsPerMetre)) + 1;
  if (walked.way < kLongest) return;
  walked = {walked.way - walked.searched, 0};
  for (Neighbour& link : graph_.LinksOf(person)) link.due = graph_.FarEnd(link).due = 0;
}

std::span<const RightsChange> Proximity::Review(const Standing& at,
                                                std::span<const PersonIndex> far_off) {
  standings_[at.person] = at;
  Begin();
  ReviewLinks(at.person, Links::kAll);
  if (!far_off.empty()) FindNewcomers(at.person, rules_.widest_enter(), far_off);
  return changes_;
}

std::span<const RightsChange> Proximity::ReviewAnew(const Standing& at,
                                                    std::span<const PersonIndex> far_off) {
  Begin();
  ReviewLinks(at.person, Links::kAll);
  FindNewcomers(at.person, 0, far_off);
  return changes_;
}

void Proximity::Remove(PersonIndex person) { grid_.Remove(person); }

void Proximity::ReviewLinks(PersonIndex person, Links which) {
  const Standing here = standings_[person];
  const uint32_t way = walked_[person].way;
  const std::span<Neighbour> links = graph_.LinksOf(person);
  for (auto position = static_cast<uint32_t>(links.size()); position-- > 0;) {
    Neighbour& link = links[position];
    const uint32_t together = way + walked_[link.other].way;
    if (which == Links::kDue && together < link.due) {
      if (Receivable(link.rights_there) != SourceSet()) listeners_.push_back(link.other);
      continue;
    }
    const Standing& there = standings_[link.other];
    const PairRights before = link.Both();
    const PairRights after = rules_.Between(here, there, before);
    const double distance_squared = DistanceSquared(here.position, there.position);
    const bool disconnects = after.IsEmpty() && distance_squared > unlink_squared_;
    if (after != before || disconnects) {
      changes_.push_back({link.other, position, after, disconnects});
    }
    if (Receivable(after.there) != SourceSet()) listeners_.push_back(link.other);
    link.due = together + WayWithoutChange(here, there, distance_squared);
    if (which == Links::kAll) graph_.FarEnd(link).due = link.due;
  }
}

uint32_t Proximity::WayWithoutChange(const Standing& a, const Standing& b,
                                     double distance_squared) const {
  // More than what rounding can do.
  constexpr float kCaution = 0.01f;
  const auto distance = static_cast<float>(std::sqrt(distance_squared));
  const float way = std::min(rules_.WayWithoutChange(a, b, distance),
                             std::abs(distance - rules_.widest_leave() - kMargin));
  return static_cast<uint32_t>(std::max(way - kCaution, 0.0f) * kPartsPerMetre);
}

void Proximity::FindNewcomers(PersonIndex person, float known_radius,
                              std::span<const PersonIndex> far_off) {
  const Standing here = standings_[person];
  const float radius = link_radius();
  walked_[person].searched = walked_[person].way;
  const double limit = static_cast<double>(radius) * radius;
  const std::span<const Neighbour> links = graph_.LinksOf(person);
  for (const Neighbour& link : links) is_linked_[link.other] = 1;
  is_linked_[person] = 1;
  const auto add = [&](PersonIndex other) {
    const PairRights rights = rules_.Between(here, standings_[other], {});
    changes_.push_back({other, RightsChange::kNewLink, rights, false});
    if (Receivable(rights.there) != SourceSet()) listeners_.push_back(other);
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
