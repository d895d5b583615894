#pragma once

// Judges who gets whose media: follows how everybody stands and what the doors are, and knows for
// each pair of people what the rule allows and demands. Allowed is what is in reach now or was
// within the last 100 ms (threat row R17); demanded is, in a network that loses nothing and with
// slots enough, that what is in reach is heard within 200 ms. One thread.

#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rule.h"
#include "violations.h"

namespace earshot::sim {

struct HearingOptions {
  bool demands_completeness = true;
  Duration audio_within = Duration::Millis(200);
  /// Video waits for a keyframe besides, which is asked for at most twice a second.
  Duration video_within = Duration::Millis(1500);
};

struct Changes {
  std::vector<std::pair<ParticipantId, Stance>> stances;
  /// All of them, if any has changed.
  std::optional<std::vector<DoorState>> doors;
};

class HearingOracle {
 public:
  static constexpr Duration kGrace = Duration::Millis(100);

  HearingOracle(const FloorPlan& plan, const HearingOptions& options, Violations& violations)
      : rule_(plan), options_(options), violations_(violations) {}

  /// `slots` by MediaKind. The person is on the floor from its first stance on.
  void Join(ParticipantId id, std::array<size_t, kMediaKindCount> slots);
  void Leave(ParticipantId id);
  /// The person has gone, and the server may not know it yet: nothing is demanded for it any more.
  void LoseInterest(ParticipantId id);
  /// What changed in one call of the server.
  void Follow(const Changes& changes, Timestamp now);
  /// What the person sends, as far as the server can know by `now`.
  void SetSending(ParticipantId id, SourceSet sending, Timestamp now);

  /// A packet that names `source` leaves the server for `listener`.
  void HandleEgress(ParticipantId listener, SourceId source, Timestamp now);
  /// Looks for what should have been heard and was not.
  void CheckCompleteness(Timestamp now);

  uint64_t packets_judged() const { return packets_judged_; }
  uint64_t demands_judged() const { return demands_judged_; }

 private:
  struct Person {
    std::array<size_t, kMediaKindCount> slots{};
    bool is_on_floor = false;
    SourceSet sending;
    // What it sent when it went without a word: the server keeps it in slots until it knows.
    SourceSet lingering;
    bool is_interested = true;
    std::array<Timestamp, kSourceKindCount> sending_since{};
    // When there were too few slots last: only from then on can silence be held against anybody.
    std::array<Timestamp, kMediaKindCount> slots_short_at = {Timestamp::LongAgo(),
                                                             Timestamp::LongAgo()};
  };
  // For each kind of media, what a listener has in a speaker.
  struct Right {
    bool allowed = false;
    bool demanded = false;
    Timestamp allowed_until = Timestamp::LongAgo();
    Timestamp demanded_since;
  };
  struct Rights {
    std::array<Right, kMediaKindCount> by_kind;
    Oracle::Answer may_hold;  // see Ruling
  };
  using Pair = std::pair<ParticipantId, ParticipantId>;  // listener, speaker

  void UpdateRights(Pair pair, bool any_order, Timestamp now);
  static void UpdateRight(bool allowed, bool demanded, Timestamp now, Right& right);
  bool SlotsSuffice(ParticipantId listener, const Person& person, MediaKind kind) const;
  void CheckDemand(ParticipantId listener, ParticipantId speaker, const Right& right,
                   SourceKind kind, Timestamp now);

  Rule rule_;
  HearingOptions options_;
  Violations& violations_;
  std::map<ParticipantId, Person> people_;
  std::map<Pair, Rights> rights_;
  std::map<std::pair<ParticipantId, SourceId>, Timestamp> heard_;
  uint64_t packets_judged_ = 0;
  uint64_t demands_judged_ = 0;
};

std::string Describe(SourceId source);

}  // namespace earshot::sim
