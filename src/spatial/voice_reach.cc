#include "spatial/voice_reach.h"

#include <algorithm>
#include <utility>

#include "spatial/shadows.h"

namespace earshot {
namespace {

class Finder {
 public:
  Finder(const Premises& premises, const Standing& speaker, std::vector<ReachPart>& parts)
      : premises_(premises),
        speaker_(speaker),
        parts_(parts),
        is_taken_(premises.plan().zones.size() + 1) {}

  // Rules 6 and 7.
  void AddWhereCarried() {
    ReachPart part;
    const auto add = [&](ZoneIndex zone) {
      if (Take(zone)) part.zones.push_back(zone);
    };
    if (speaker_.Has(Voice::kStage)) {
      add(speaker_.zone);
      add(premises_.AudienceOf(speaker_.zone));
    }
    if (speaker_.Has(Voice::kMegaphone) && !premises_.IsKind(speaker_.zone, ZoneKind::kPrivate)) {
      add(kOpenFloor);
      for (size_t i = 0; i < premises_.plan().zones.size(); ++i) {
        const auto zone = static_cast<ZoneIndex>(i);
        if (!premises_.IsKind(zone, ZoneKind::kPrivate)) add(zone);
      }
    }
    if (!part.zones.empty()) parts_.push_back(std::move(part));
  }

  // Rules 1 to 4, the nearest first.
  void AddWherePlain() {
    if (premises_.IsKind(speaker_.zone, ZoneKind::kQuiet)) return;
    Add(speaker_.zone);
    Add(kOpenFloor);
    // Of two zones, the smaller radius counts.
    const float radius = premises_.PolicyFor(speaker_.zone, speaker_.zone).audible.enter;
    premises_.VisitZonesAround(speaker_.position, radius, [this](ZoneIndex zone) { Add(zone); });
  }

 private:
  // What decides where in a zone one is heard.
  struct Condition {
    float radius;
    // Of what walls and doors must let through.
    float least;
    bool is_within_space;
    bool operator==(const Condition&) const = default;
  };
  struct Traced {
    Condition condition;
    size_t part;
  };

  bool Take(ZoneIndex zone) {
    const auto index = static_cast<size_t>(zone + 1);
    const bool is_free = !is_taken_[index];
    is_taken_[index] = true;
    return is_free;
  }
  void Add(ZoneIndex zone) {
    if (!Take(zone) || premises_.AreClosedOff(speaker_.zone, zone)) return;
    const PairPolicy& policy = premises_.PolicyFor(speaker_.zone, zone);
    const float zones = premises_.BorderTransmission(speaker_.zone, zone);
    const float border =
        speaker_.bubble == kNoBubble ? zones : zones * premises_.plan().bubble_transmission;
    if (border < policy.cut_below) return;
    const ZoneIndex space = premises_.SpaceOf(speaker_.zone);
    const bool is_within_space = space != kOpenFloor && space == premises_.SpaceOf(zone);
    const auto part = PartFor({policy.audible.enter, policy.cut_below / border, is_within_space});
    if (part) parts_[*part].zones.push_back(zone);
  }
  std::optional<size_t> PartFor(const Condition& condition) {
    for (const Traced& traced : traced_) {
      if (traced.condition == condition) return traced.part;
    }
    ReachPart part{.radius = condition.radius, .zones = {}, .outline = {}};
    CollectScreens(condition);
    TraceReached(speaker_.position, condition.radius, condition.least, screens_, kMaxReachCorners,
                 part.outline);
    size_t index = 0;
    while (index < parts_.size() &&
           (parts_[index].radius != part.radius || parts_[index].outline != part.outline)) {
      ++index;
    }
    if (index == kMaxReachParts) return std::nullopt;
    if (index == parts_.size()) parts_.push_back(std::move(part));
    traced_.push_back({condition, index});
    return index;
  }
  // Where they are too many, the nearest.
  void CollectScreens(const Condition& condition) {
    screens_.clear();
    premises_.VisitBarriersAround(speaker_.position, condition.radius, [&](const Barrier& barrier) {
      if (condition.is_within_space && barrier.space != kOpenFloor) return;
      if (barrier.transmission < 1) screens_.push_back({barrier.line, barrier.transmission});
    });
    if (screens_.size() <= kMaxScreens) return;
    const auto farther = [this](const Screen& a, const Screen& b) {
      return DistanceToSegment(speaker_.position, a.line) <
             DistanceToSegment(speaker_.position, b.line);
    };
    std::nth_element(screens_.begin(), screens_.begin() + kMaxScreens, screens_.end(), farther);
  }

  const Premises& premises_;
  const Standing& speaker_;
  std::vector<ReachPart>& parts_;
  std::vector<bool> is_taken_;  // by zone, the open floor first
  std::vector<Traced> traced_;
  std::vector<Screen> screens_;
};

}  // namespace

void FindReach(const Premises& premises, const Standing& speaker, std::vector<ReachPart>& parts) {
  parts.clear();
  // Rule 5: by nobody around.
  if (speaker.Has(Voice::kWhisper)) return;
  Finder finder(premises, speaker, parts);
  finder.AddWhereCarried();
  finder.AddWherePlain();
}

}  // namespace earshot
