#include "spatial/interest.h"

#include <algorithm>
#include <cassert>

namespace earshot {
namespace {

// Hints at 20 Hz follow a walk as smoothly as position messages do.
constexpr Duration kHintInterval = Duration::Millis(100);
constexpr Duration kRankInterval = Duration::Millis(100);

// In a crowd of 500, somebody whom all listen to touches all slots by leaving, and each ranking
// looks at everybody: without a bound per call, that is milliseconds in which no packet moves.
constexpr int kRankingsPerCall = 16;
constexpr Duration kPostponement = Duration::Millis(1);

// Speech of this smoothed level and above is all the same.
constexpr float kFullSpeech = 0.5f;
constexpr float kTalking = 0.15f;
constexpr Duration kUnheardTime = Duration::Millis(1200);
// Above every mic's own rank, and above that again.
constexpr float kUnheardRank = 10;
constexpr float kReservedRank = 1e4f;

// Silent people still fill free slots, nearest first.
constexpr float kSilentWeight = 0.1f;
// Screen audio has no speech level: as good as somebody who talks half of the time.
constexpr float kScreenAudioWeight = 0.5f;
// More than any ratio of distances on the largest floor, so that screens come before cameras.
constexpr float kScreenFactor = 1e6f;
constexpr float kOwnScreenFactor = 1e12f;

constexpr std::array kMediaKinds = {MediaKind::kAudio, MediaKind::kVideo};
constexpr std::array kSourceKinds = {SourceKind::kMic, SourceKind::kCamera, SourceKind::kScreen,
                                     SourceKind::kScreenAudio};

constexpr SourceSet Without(SourceSet set, SourceSet other) {
  return SourceSet(static_cast<uint8_t>(set.bits() & ~other.bits()));
}

template <typename Action>
void ForEachKind(SourceSet set, Action&& action) {
  if (set == SourceSet()) return;
  for (const SourceKind kind : kSourceKinds) {
    if (set.Has(kind)) action(kind);
  }
}

}  // namespace

Interest::Interest(const AudibilityRules& rules, const RoutingOptions& options, Roster& roster,
                   NeighbourGraph& graph, Demand& demand, const Trails& trails)
    : rules_(rules),
      options_(options),
      roster_(roster),
      graph_(graph),
      demand_(demand),
      trails_(trails) {}

void Interest::AddListener(PersonIndex listener, SlotCounts counts) {
  if (listeners_.size() <= listener) {
    listeners_.resize(listener + 1);
    pools_.resize(listener + 1);
  }
  pools_[listener] = {SlotPool(counts.audio), SlotPool(counts.video)};
}

void Interest::RemovePerson(Turn turn, PersonIndex person) {
  const SourceSet own = roster_[person].sources;
  for (const Neighbour& link : graph_.LinksOf(person)) {
    Lose(turn, link.other, graph_.FarEnd(link), Receivable(link.rights_there) & own);
  }
  listeners_[person] = {};
  pools_[person] = {};
  deadlines_.Remove(person);
}

void Interest::ChangeRights(Turn turn, PersonIndex person, uint32_t position, PairRights after) {
  Neighbour& near = graph_.LinksOf(person)[position];
  Neighbour& far = graph_.FarEnd(near);
  const SourceSet here_before = Receivable(near.rights);
  const SourceSet there_before = Receivable(near.rights_there);
  const SourceSet here_after = Receivable(after.here);
  const SourceSet there_after = Receivable(after.there);
  near.rights = far.rights_there = after.here;
  near.rights_there = far.rights = after.there;
  near.plain = far.plain = after.plain;
  if (here_before == here_after && there_before == there_after) return;
  const SourceSet own = roster_[person].sources;
  const SourceSet others = roster_[near.other].sources;
  Lose(turn, person, near, Without(here_before, here_after) & others);
  Lose(turn, near.other, far, Without(there_before, there_after) & own);
  ForEachKind(Without(here_after, here_before) & others,
              [&](SourceKind kind) { Await(person, kind); });
  Gain(turn, near.other, far, Without(there_after, there_before) & own);
}

void Interest::SwitchSources(Turn turn, PersonIndex person, SourceSet before) {
  const SourceSet after = roster_[person].sources;
  for (const Neighbour& link : graph_.LinksOf(person)) {
    const SourceSet allowed = Receivable(link.rights_there);
    Neighbour& far = graph_.FarEnd(link);
    Lose(turn, link.other, far, Without(before, after) & allowed);
    Gain(turn, link.other, far, Without(after, before) & allowed);
  }
}

void Interest::Settle(Turn turn) {
  int rankings_left = kRankingsPerCall;
  for (const PersonIndex listener : unsettled_) {
    listeners_[listener].is_unsettled = false;
    for (const MediaKind kind : kMediaKinds) {
      const size_t waiting = WaitingOf(listener, kind);
      if (waiting == 0 || PoolOf(listener, kind).free_count() == 0) continue;
      if (waiting <= OrdinaryRoom(listener, kind) || rankings_left-- > 0) {
        FillFreeSlots(turn, listener, kind);
      } else {
        FileRank(turn.now, listener);
      }
    }
    if (listeners_[listener].IsShort()) RequestRank(turn.now, listener);
  }
  unsettled_.clear();
}

// A single source needs no ranking while nobody else waits.
void Interest::Gain(Turn turn, PersonIndex listener, Neighbour& link, SourceSet gained) {
  ForEachKind(gained, [&](SourceKind kind) {
    const MediaKind media = MediaKindOf(kind);
    if (WaitingOf(listener, media) == 0 && OrdinaryRoom(listener, media) > 0) {
      Place(turn, listener, link, SourceId(roster_[link.other].id, kind));
    } else {
      Await(listener, kind);
    }
  });
}

void Interest::Await(PersonIndex listener, SourceKind kind) {
  const MediaKind media = MediaKindOf(kind);
  if (PoolOf(listener, media).size() == 0) return;
  ++WaitingOf(listener, media);
  MarkUnsettled(listener);
}

void Interest::Lose(Turn turn, PersonIndex listener, Neighbour& link, SourceSet lost) {
  ForEachKind(lost, [&](SourceKind kind) {
    const MediaKind media = MediaKindOf(kind);
    if (kind == SourceKind::kMic) link.unheard.Stop();
    if (!link.placed.Has(kind)) {
      if (PoolOf(listener, media).size() > 0) --WaitingOf(listener, media);
      return;
    }
    SetPlaced(link, kind, false);
    --listeners_[listener].slots_in_use;
    const auto slot = PoolOf(listener, media).Free(SourceId(roster_[link.other].id, kind));
    assert(slot);
    turn.out.slots.push_back({roster_[listener].id, {media, *slot}, {}, {}, Timestamp::Never()});
    MarkUnsettled(listener);
  });
}

void Interest::Place(Turn turn, PersonIndex listener, Neighbour& link, SourceId source) {
  const MediaKind media = MediaKindOf(source.kind());
  ++listeners_[listener].slots_in_use;
  Put(turn, listener, link, {media, PoolOf(listener, media).FirstFree()}, source);
}

void Interest::Put(Turn turn, PersonIndex listener, Neighbour& link, SlotRef slot,
                   SourceId source) {
  const Audible told = Perceive(listener, link.other, link.rights, Detail::kThumbnail);
  PoolOf(listener, slot.kind).Put(slot.index, source, {link.other, turn.now, told});
  if (source.kind() == SourceKind::kMic) link.unheard.Stop();
  SetPlaced(link, source.kind(), true);
  demand_.Use(turn, link.other, source.kind());
  SlotChange change{roster_[listener].id, slot, source, told};
  if (slot.kind == MediaKind::kAudio) {
    const Timestamp since = trails_.WarmSince(rules_, turn.now, listener, link.other);
    if (since < turn.now) change.pre_roll_from = since;
  }
  turn.out.slots.push_back(change);
}

void Interest::FillFreeSlots(Turn turn, PersonIndex listener, MediaKind kind) {
  size_t free = PoolOf(listener, kind).free_count();
  if (free == 0) return;
  size_t ordinary = OrdinaryRoom(listener, kind);
  CollectContenders(turn.now, listener, kind);
  // Whoever a slot is reserved for ranks first, so that what follows the best is not asked for.
  const size_t count = std::min(contenders_.size(), free);
  std::partial_sort(contenders_.begin(), contenders_.begin() + static_cast<ptrdiff_t>(count),
                    contenders_.end(), RanksBefore);
  for (size_t i = 0; i < count; ++i) {
    const Contender& best = contenders_[i];
    if (!IsReservedFor(listener, best.speaker, best.source.kind())) {
      if (ordinary == 0) break;
      --ordinary;
    }
    Place(turn, listener, *graph_.Find(listener, best.speaker), best.source);
    --WaitingOf(listener, kind);
  }
}

size_t Interest::OrdinaryRoom(PersonIndex listener, MediaKind kind) {
  SlotPool& pool = PoolOf(listener, kind);
  const SlotReservation& reserved = rules_.PolicyFor(roster_[listener].standing).reserved_slots;
  const int wanted = kind == MediaKind::kAudio ? reserved.audio : reserved.video;
  if (wanted == 0) return pool.free_count();
  auto left = static_cast<size_t>(wanted);
  for (size_t i = 0; i < pool.size() && left > 0; ++i) {
    const SourceId source = pool.source(i);
    if (source && IsReservedFor(listener, pool[i].speaker, source.kind())) --left;
  }
  return pool.free_count() > left ? pool.free_count() - left : 0;
}

bool Interest::IsReservedFor(PersonIndex listener, PersonIndex speaker, SourceKind kind) const {
  if (MediaKindOf(kind) == MediaKind::kVideo) return kind == SourceKind::kScreen;
  return rules_.IsChosen(roster_[listener].standing, roster_[speaker].standing);
}

void Interest::Rank(Turn turn, PersonIndex listener) {
  Timestamp retry_at = Timestamp::Never();
  for (const MediaKind kind : kMediaKinds) {
    if (listeners_[listener].IsShort(kind)) FillFreeSlots(turn, listener, kind);
    if (!listeners_[listener].IsShort(kind)) continue;
    retry_at = std::min(retry_at, RankKind(turn, listener, kind));
  }
  Listener& state = listeners_[listener];
  state.ranked_at = turn.now;
  state.rank_due = retry_at.IsNever() ? retry_at : std::max(retry_at, turn.now + kRankInterval);
}

Timestamp Interest::RankKind(Turn turn, PersonIndex listener, MediaKind kind) {
  const Timestamp unheard_at = CollectContenders(turn.now, listener, kind);
  CollectIncumbents(turn.now, listener, kind);
  const size_t count = std::min(contenders_.size(), incumbents_.size());
  const auto best = contenders_.begin() + static_cast<ptrdiff_t>(count);
  std::partial_sort(contenders_.begin(), best, contenders_.end(), RanksBefore);
  replacements_.clear();
  const Timestamp retry_at =
      DecideReplacements({contenders_.begin(), best}, incumbents_, turn.now, replacements_);
  const Timestamp more_at = LimitSwaps(turn.now, listener);
  for (const Replacement& replacement : replacements_) Replace(turn, listener, replacement);
  return std::min({retry_at, more_at, unheard_at});
}

Timestamp Interest::LimitSwaps(Timestamp now, PersonIndex listener) {
  constexpr Duration kSecond = Duration::Seconds(1);
  Listener& state = listeners_[listener];
  if (now - state.swaps_counted_from >= kSecond) {
    state.swaps_counted_from = now;
    state.swaps = 0;
  }
  const int limit = rules_.PolicyFor(roster_[listener].standing).churn.swaps_per_second;
  const auto allowed = static_cast<size_t>(std::max(0, limit - state.swaps));
  const bool is_limited = replacements_.size() > allowed;
  if (is_limited) replacements_.resize(allowed);
  state.swaps += static_cast<int>(replacements_.size());
  return is_limited ? state.swaps_counted_from + kSecond : Timestamp::Never();
}

void Interest::Replace(Turn turn, PersonIndex listener, const Replacement& replacement) {
  const PersonIndex speaker = replacement.newcomer.speaker;
  const SourceId source = replacement.newcomer.source;
  const MediaKind media = MediaKindOf(source.kind());
  SlotPool& pool = PoolOf(listener, media);
  const SourceKind old_kind = pool.source(replacement.slot).kind();
  SetPlaced(*graph_.Find(listener, pool[replacement.slot].speaker), old_kind, false);
  Put(turn, listener, *graph_.Find(listener, speaker), {media, replacement.slot}, source);
}

Timestamp Interest::CollectContenders(Timestamp now, PersonIndex listener, MediaKind kind) {
  contenders_.clear();
  Timestamp unheard_at = Timestamp::Never();
  const SourceSet wanted = SourcesOf(kind);
  for (Neighbour& link : graph_.LinksOf(listener)) {
    if (!link.rights.Has(RightFor(kind))) continue;
    const Person& speaker = roster_[link.other];
    ForEachKind(Without(speaker.sources & wanted, link.placed), [&](SourceKind source_kind) {
      const bool is_mic = source_kind == SourceKind::kMic;
      const float bonus = is_mic ? UnheardBonus(now, link) : 0;
      if (is_mic && bonus == 0 && link.unheard.is_running()) {
        unheard_at = std::min(unheard_at, now + kUnheardTime - link.unheard.Elapsed(now));
      }
      contenders_.push_back({Score(now, listener, link.other, source_kind) + bonus,
                             SourceId(speaker.id, source_kind), link.other});
    });
  }
  assert(contenders_.size() == WaitingOf(listener, kind));
  return unheard_at;
}

void Interest::CollectIncumbents(Timestamp now, PersonIndex listener, MediaKind kind) {
  incumbents_.clear();
  SlotPool& pool = PoolOf(listener, kind);
  const Duration hold = rules_.PolicyFor(roster_[listener].standing).churn.minimum_hold;
  for (size_t i = 0; i < pool.size(); ++i) {
    if (!pool.source(i)) continue;
    incumbents_.push_back({Score(now, listener, pool[i].speaker, pool.source(i).kind()),
                           static_cast<uint8_t>(i), pool[i].since + hold});
  }
}

float Interest::UnheardBonus(Timestamp now, Neighbour& link) const {
  const float speech = roster_[link.other].speech.At(now, options_.speech_smoothing);
  if (speech < kTalking) {
    link.unheard.Stop();
    return 0;
  }
  link.unheard.Start(now);
  const Duration unheard = link.unheard.Elapsed(now);
  return unheard < kUnheardTime ? 0 : kUnheardRank + static_cast<float>(unheard.seconds());
}

float Interest::Score(Timestamp now, PersonIndex listener, PersonIndex speaker,
                      SourceKind kind) const {
  const Standing& here = roster_[listener].standing;
  const Person& person = roster_[speaker];
  switch (kind) {
    case SourceKind::kMic: {
      const float speech = person.speech.At(now, options_.speech_smoothing);
      return rules_.Loudness(here, person.standing) *
                 (kSilentWeight + std::min(speech, kFullSpeech) / kFullSpeech) +
             (IsReservedFor(listener, speaker, kind) ? kReservedRank : 0);
    }
    case SourceKind::kScreenAudio:
      return rules_.Loudness(here, person.standing) * (kSilentWeight + kScreenAudioWeight) +
             (IsReservedFor(listener, speaker, kind) ? kReservedRank : 0);
    case SourceKind::kScreen: {
      const bool is_own = here.zone != kOpenFloor && here.zone == person.standing.zone;
      return (is_own ? kOwnScreenFactor : kScreenFactor) /
             (1 + Distance(here.position, person.standing.position));
    }
    case SourceKind::kCamera:
      return 1 / (1 + Distance(here.position, person.standing.position));
  }
  return 0;
}

Audible Interest::Perceive(PersonIndex listener, PersonIndex speaker, Rights rights,
                           Detail before) const {
  const Person& person = roster_[listener];
  return rules_.Perceive(person.standing, person.pose.heading, roster_[speaker].standing, rights,
                         before);
}

void Interest::SetPlaced(Neighbour& link, SourceKind kind, bool placed) {
  link.placed.Set(kind, placed);
  graph_.FarEnd(link).placed_there.Set(kind, placed);
}

void Interest::MarkUnsettled(PersonIndex listener) {
  if (listeners_[listener].is_unsettled) return;
  listeners_[listener].is_unsettled = true;
  unsettled_.push_back(listener);
}

void Interest::NoteTurn(Timestamp now, PersonIndex person) {
  if (listeners_[person].slots_in_use > 0) RequestHint(now, person);
}

void Interest::NoteMove(Timestamp now, PersonIndex person, std::span<const PersonIndex> listeners) {
  NoteTurn(now, person);
  if (listeners_[person].IsShort()) RequestRank(now, person);
  for (const PersonIndex listener : listeners) {
    if (listeners_[listener].slots_in_use > 0) RequestHint(now, listener);
    if (listeners_[listener].IsShort()) RequestRank(now, listener);
  }
}

// Walking the neighbours is left to HandleDeadline, so that a packet pays for no more than this.
void Interest::NoteSpeech(Timestamp now, PersonIndex person) {
  listeners_[person].speech_due = now;
  FileDeadline(person);
}

void Interest::HandleDeadline(Turn turn) {
  int rankings_left = kRankingsPerCall;
  PersonIndex person = kNobody;
  while (deadlines_.PopDue(turn.now, person)) {
    Listener& listener = listeners_[person];
    if (listener.speech_due <= turn.now) {
      listener.speech_due = Timestamp::Never();
      SpreadSpeech(turn.now, person);
    }
    if (listener.rank_due <= turn.now) {
      listener.rank_due = turn.now + kPostponement;
      if (rankings_left-- > 0) Rank(turn, person);
    }
    if (listener.hint_due <= turn.now) {
      listener.hint_due = Timestamp::Never();
      listener.hinted_at = turn.now;
      SendHints(turn, person);
    }
    FileDeadline(person);
  }
}

void Interest::SpreadSpeech(Timestamp now, PersonIndex speaker) {
  for (const Neighbour& link : graph_.LinksOf(speaker)) {
    if (!link.rights_there.Has(Right::kHear)) continue;
    if (listeners_[link.other].IsShort(MediaKind::kAudio)) RequestRank(now, link.other);
  }
}

void Interest::SendHints(Turn turn, PersonIndex listener) {
  for (const Neighbour& link : graph_.LinksOf(listener)) {
    if (link.placed == SourceSet()) continue;
    Audible now_audible = Perceive(listener, link.other, link.rights, Detail::kThumbnail);
    ForEachKind(link.placed, [&](SourceKind kind) {
      const MediaKind media = MediaKindOf(kind);
      const SourceId source(roster_[link.other].id, kind);
      SlotPool& pool = PoolOf(listener, media);
      const uint8_t slot = *pool.Find(source);
      now_audible.detail = rules_.DetailOf(roster_[listener].standing, roster_[link.other].standing,
                                           now_audible, link.rights, pool[slot].told.detail);
      if (!IsNoticeable(pool[slot].told, now_audible)) return;
      pool[slot].told = now_audible;
      turn.out.slots.push_back(
          {roster_[listener].id, {media, slot}, source, now_audible, Timestamp::Never()});
    });
  }
}

void Interest::RequestHint(Timestamp now, PersonIndex listener) {
  if (!listeners_[listener].hint_due.IsNever()) return;
  listeners_[listener].hint_due = std::max(now, listeners_[listener].hinted_at + kHintInterval);
  FileDeadline(listener);
}

void Interest::RequestRank(Timestamp now, PersonIndex listener) {
  FileRank(std::max(now, listeners_[listener].ranked_at + kRankInterval), listener);
}

void Interest::FileRank(Timestamp due, PersonIndex listener) {
  if (due >= listeners_[listener].rank_due) return;
  listeners_[listener].rank_due = due;
  FileDeadline(listener);
}

void Interest::FileDeadline(PersonIndex person) {
  const Listener& listener = listeners_[person];
  deadlines_.Set(person, std::min({listener.hint_due, listener.rank_due, listener.speech_due}));
}

}  // namespace earshot
