#include "hearing_oracle.h"

#include <algorithm>
#include <utility>

namespace earshot::sim {

std::string Describe(SourceId source) {
  static constexpr std::array<const char*, kSourceKindCount> kNames = {"mic", "camera", "screen",
                                                                       "screen audio"};
  return std::string(kNames[static_cast<size_t>(source.kind())]) + " of " +
         std::to_string(static_cast<uint32_t>(source.participant()));
}

void HearingOracle::Join(ParticipantId id, std::array<size_t, kMediaKindCount> slots) {
  people_[id].slots = slots;
}

void HearingOracle::Leave(ParticipantId id) {
  people_.erase(id);
  rule_.Remove(id);
  std::erase_if(rights_, [id](const auto& entry) {
    return entry.first.first == id || entry.first.second == id;
  });
  std::erase_if(heard_, [id](const auto& entry) {
    return entry.first.first == id || entry.first.second.participant() == id;
  });
}

void HearingOracle::LoseInterest(ParticipantId id) {
  const auto person = people_.find(id);
  if (person == people_.end()) return;
  person->second.lingering = std::exchange(person->second.sending, SourceSet());
  person->second.is_interested = false;
}

void HearingOracle::Follow(const Changes& changes, Timestamp now) {
  if (changes.doors) rule_.SetDoors(*changes.doors);
  for (const auto& [id, stance] : changes.stances) {
    rule_.Set(id, stance);
    people_[id].is_on_floor = true;
  }
  // In which order things happened is not known, and some order may have given a right to hold.
  const bool any_order = changes.stances.size() + (changes.doors ? 1 : 0) > 1;
  const auto has_changed = [&](ParticipantId id) {
    return changes.doors || std::any_of(changes.stances.begin(), changes.stances.end(),
                                        [id](const auto& one) { return one.first == id; });
  };
  for (const auto& [id, person] : people_) {
    if (!person.is_on_floor || !has_changed(id)) continue;
    for (const auto& [other_id, other] : people_) {
      if (other_id == id || !other.is_on_floor) continue;
      // Once for each pair of which one has changed.
      if (has_changed(other_id) && other_id < id) continue;
      UpdateRights({id, other_id}, any_order, now);
      UpdateRights({other_id, id}, any_order, now);
    }
  }
}

void HearingOracle::UpdateRights(Pair pair, bool any_order, Timestamp now) {
  Rights& rights = rights_[pair];
  if (any_order) rights.may_hold = {true, true, true};
  const Ruling ruling = rule_.Judge(pair.first, pair.second, rights.may_hold);
  rights.may_hold = ruling.may_hold;
  UpdateRight(ruling.allowed.hears, ruling.demanded.hears, now,
              rights.by_kind[static_cast<size_t>(MediaKind::kAudio)]);
  UpdateRight(ruling.allowed.watches, ruling.demanded.watches, now,
              rights.by_kind[static_cast<size_t>(MediaKind::kVideo)]);
}

void HearingOracle::UpdateRight(bool allowed, bool demanded, Timestamp now, Right& right) {
  if (right.allowed) right.allowed_until = now;
  if (demanded && !right.demanded) right.demanded_since = now;
  right.allowed = allowed;
  right.demanded = demanded;
}

void HearingOracle::SetSending(ParticipantId id, SourceSet sending, Timestamp now) {
  const auto person = people_.find(id);
  if (person == people_.end()) return;
  for (size_t i = 0; i < kSourceKindCount; ++i) {
    const auto kind = static_cast<SourceKind>(i);
    if (sending.Has(kind) && !person->second.sending.Has(kind)) {
      person->second.sending_since[i] = now;
    }
  }
  person->second.sending = sending;
}

void HearingOracle::HandleEgress(ParticipantId listener, SourceId source, Timestamp now) {
  ++packets_judged_;
  const ParticipantId speaker = source.participant();
  heard_[{listener, source}] = now;
  const auto rights = rights_.find(Pair(listener, speaker));
  const bool known = rights != rights_.end() && listener != speaker;
  if (known) {
    const Right& right = rights->second.by_kind[static_cast<size_t>(MediaKindOf(source.kind()))];
    if (right.allowed || now - right.allowed_until <= kGrace) return;
  }
  violations_.Add(now, "R17: " + std::to_string(static_cast<uint32_t>(listener)) + " gets the " +
                           Describe(source) + ", which is out of its reach");
}

// Whether all that the listener could possibly get of a kind fits into its slots.
bool HearingOracle::SlotsSuffice(ParticipantId listener, const Person& person,
                                 MediaKind kind) const {
  size_t sources = 0;
  for (const auto& [id, other] : people_) {
    if (id == listener) continue;
    for (size_t i = 0; i < kSourceKindCount; ++i) {
      const auto source = static_cast<SourceKind>(i);
      const bool may_have_slot = other.sending.Has(source) || other.lingering.Has(source);
      sources += may_have_slot && MediaKindOf(source) == kind;
    }
  }
  return sources <= person.slots[static_cast<size_t>(kind)];
}

void HearingOracle::CheckCompleteness(Timestamp now) {
  if (!options_.demands_completeness) return;
  for (auto& [listener, person] : people_) {
    for (const MediaKind kind : {MediaKind::kAudio, MediaKind::kVideo}) {
      if (SlotsSuffice(listener, person, kind)) continue;
      person.slots_short_at[static_cast<size_t>(kind)] = now;
    }
    if (!person.is_on_floor || !person.is_interested) continue;
    for (const auto& [speaker, other] : people_) {
      const auto rights = rights_.find(Pair(listener, speaker));
      if (speaker == listener || rights == rights_.end()) continue;
      for (size_t i = 0; i < kSourceKindCount; ++i) {
        const auto kind = static_cast<SourceKind>(i);
        const auto media = static_cast<size_t>(MediaKindOf(kind));
        if (!other.sending.Has(kind) || person.slots_short_at[media] == now) continue;
        CheckDemand(listener, speaker, rights->second.by_kind[media], kind, now);
      }
    }
  }
}

void HearingOracle::CheckDemand(ParticipantId listener, ParticipantId speaker, const Right& right,
                                SourceKind kind, Timestamp now) {
  if (!right.demanded) return;
  const MediaKind media = MediaKindOf(kind);
  const Duration within =
      media == MediaKind::kAudio ? options_.audio_within : options_.video_within;
  const Timestamp since =
      std::max({right.demanded_since, people_[speaker].sending_since[static_cast<size_t>(kind)],
                people_[listener].slots_short_at[static_cast<size_t>(media)]});
  const SourceId source(speaker, kind);
  const auto heard = heard_.find({listener, source});
  const Timestamp last = heard == heard_.end() ? Timestamp::LongAgo() : heard->second;
  ++demands_judged_;
  if (now - std::max(since, last) <= within) return;
  violations_.Add(now, "incomplete: " + std::to_string(static_cast<uint32_t>(listener)) +
                           " does not get the " + Describe(source) + ", which is in its reach");
  heard_[{listener, source}] = now;  // once per lapse
}

}  // namespace earshot::sim
