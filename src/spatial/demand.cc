#include "spatial/demand.h"

#include <algorithm>

namespace earshot {
namespace {

// Some tens of microseconds.
constexpr PersonIndex kPeoplePerCall = 256;
constexpr Duration kPause = Duration::Millis(1);

constexpr std::array kSourceKinds = {SourceKind::kMic, SourceKind::kCamera, SourceKind::kScreen,
                                     SourceKind::kScreenAudio};

constexpr SourceSet Union(SourceSet a, SourceSet b) {
  return SourceSet(static_cast<uint8_t>(a.bits() | b.bits()));
}

}  // namespace

void Demand::Add(PersonIndex person) {
  if (entries_.size() <= person) entries_.resize(person + 1);
  entries_[person] = {};
  entries_[person].idle_since.fill(Timestamp::Never());
}

void Demand::Remove(Timestamp now, PersonIndex person) {
  if (roster_[person].sources != SourceSet()) --senders_;
  NoteChange(now);
}

void Demand::SwitchSources(Turn turn, PersonIndex person, SourceSet before) {
  const SourceSet after = roster_[person].sources;
  if (before == SourceSet()) ++senders_;
  if (after == SourceSet()) --senders_;
  for (const SourceKind kind : kSourceKinds) {
    if (after.Has(kind) && !before.Has(kind)) Use(turn, person, kind);
  }
  NoteChange(turn.now);
}

void Demand::Use(Turn turn, PersonIndex person, SourceKind kind) {
  SourceSet wanted = entries_[person].wanted;
  wanted.Set(kind, true);
  entries_[person].idle_since[static_cast<size_t>(kind)] = Timestamp::Never();
  Tell(turn, person, wanted);
}

void Demand::HandleDeadline(Turn turn) {
  if (turn.now < next_look_) return;
  const auto end = static_cast<PersonIndex>(entries_.size());
  const PersonIndex stop = std::min(end, next_person_ + kPeoplePerCall);
  for (; next_person_ < stop; ++next_person_) {
    if (roster_.IsHere(next_person_) && Look(turn, next_person_)) is_pending_ = true;
  }
  if (next_person_ < end) {
    next_look_ = turn.now + kPause;
    return;
  }
  next_person_ = 0;
  next_look_ = is_pending_ ? turn.now + kInterval : Timestamp::Never();
  is_pending_ = false;
}

bool Demand::Look(Turn turn, PersonIndex person) {
  const SourceSet sent = roster_[person].sources;
  if (sent == SourceSet()) return false;
  const SourceSet needed = Needed(person);
  SourceSet wanted = Union(entries_[person].wanted, needed);
  bool is_pending = false;
  for (const SourceKind kind : kSourceKinds) {
    Timestamp& idle_since = entries_[person].idle_since[static_cast<size_t>(kind)];
    if (needed.Has(kind)) {
      idle_since = Timestamp::Never();
    } else if (sent.Has(kind) && wanted.Has(kind)) {
      idle_since = std::min(idle_since, turn.now);
      const bool is_over = turn.now - idle_since >= kLinger;
      wanted.Set(kind, !is_over);
      is_pending = is_pending || !is_over;
    }
  }
  Tell(turn, person, wanted);
  return is_pending;
}

SourceSet Demand::Needed(PersonIndex person) const {
  const SourceSet sent = roster_[person].sources;
  SourceSet needed;
  for (const Neighbour& link : graph_.LinksOf(person)) {
    const Standing& here = roster_[person].standing;
    const Rights rights =
        IsWithinSteps(here, roster_[link.other].standing) ? Rights::All() : link.rights_there;
    needed = Union(needed, Receivable(rights));
    if (SourceSet(static_cast<uint8_t>(needed.bits() & sent.bits())) == sent) break;
  }
  return needed;
}

bool Demand::IsWithinSteps(const Standing& a, const Standing& b) const {
  const double reach = static_cast<double>(premises_.widest_media()) + AudibilityRules::kWarmMargin;
  return DistanceSquared(a.position, b.position) <= reach * reach &&
         !premises_.AreClosedOff(a.zone, b.zone);
}

void Demand::Tell(Turn turn, PersonIndex person, SourceSet wanted) {
  if (wanted == entries_[person].wanted) return;
  entries_[person].wanted = wanted;
  turn.out.wanted.push_back({roster_[person].id, wanted});
}

}  // namespace earshot
