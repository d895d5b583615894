#include "rule.h"

namespace earshot::sim {
namespace {

constexpr uint32_t kListener = 1;
constexpr uint32_t kSpeaker = 2;

bool Gets(const Oracle::Answer& answer, MediaKind kind) {
  return kind == MediaKind::kAudio ? answer.hears : answer.watches;
}

}  // namespace

Ruling Rule::Judge(Point listener, Point speaker, MediaKind kind, bool may_hold) {
  oracle_.people[kListener].position = listener;
  oracle_.people[kSpeaker].position = speaker;
  oracle_.Remember({kListener, kSpeaker}, {});
  const auto strict = oracle_.MayGet(kListener, kSpeaker);
  oracle_.Remember({kListener, kSpeaker}, {true, true, true});
  const auto loose = oracle_.MayGet(kListener, kSpeaker);
  if (!strict || !loose) return {false, true, true};
  const auto& most = may_hold ? *loose : *strict;
  return {Gets(strict->answer, kind), Gets(most.answer, kind), Gets(most.plain, kind)};
}

}  // namespace earshot::sim
