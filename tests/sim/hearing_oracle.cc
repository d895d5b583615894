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

void HearingOracle::SetPositions(const std::vector<std::pair<ParticipantId, Point>>& moved,
                                 Timestamp now) {
  const auto has_moved = [&](ParticipantId id) {
    return std::any_of(moved.begin(), moved.end(),
                       [id](const auto& one) { return one.first == id; });
  };
  for (const auto& [id, position] : moved) people_[id].position = position;
  for (const auto& [id, position] : moved) {
    for (const auto& [other_id, other] : people_) {
      if (other_id == id || !other.position) continue;
      const bool both_moved = has_moved(other_id);
      UpdateRights({id, other_id}, both_moved, now);
      UpdateRights({other_id, id}, both_moved, now);
    }
  }
}

void HearingOracle::UpdateRights(Pair pair, bool both_moved, Timestamp now) {
  Rights& rights = rights_[pair];
  for (const MediaKind kind : {MediaKind::kAudio, MediaKind::kVideo}) {
    Right& right = rights[static_cast<size_t>(kind)];
    // Who of the two went first is not known, and one of the orders may have given the right.
    UpdateRight(rule_.Judge(*people_[pair.first].position, *people_[pair.second].position, kind,
                            right.may_hold || both_moved),
                now, right);
  }
}

void HearingOracle::UpdateRight(const Ruling& ruling, Timestamp now, Right& right) const {
  if (right.allowed) right.allowed_until = now;
  if (ruling.demanded && !right.demanded) right.demanded_since = now;
  right.allowed = ruling.allowed;
  right.may_hold = ruling.may_hold;
  right.demanded = ruling.demanded;
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
    const Right& right = rights->second[static_cast<size_t>(MediaKindOf(source.kind()))];
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
    if (!person.position || !person.is_interested) continue;
    for (const auto& [speaker, other] : people_) {
      const auto rights = rights_.find(Pair(listener, speaker));
      if (speaker == listener || rights == rights_.end()) continue;
      for (size_t i = 0; i < kSourceKindCount; ++i) {
        const auto kind = static_cast<SourceKind>(i);
        const auto media = static_cast<size_t>(MediaKindOf(kind));
        if (!other.sending.Has(kind) || person.slots_short_at[media] == now) continue;
        CheckDemand(listener, speaker, rights->second[media], kind, now);
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
