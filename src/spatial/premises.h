#pragma once

// The floor as the rules need it: which zone a point lies in, which zones share one acoustic space,
// what walls and doors let through at the moment, and which radii hold for two zones. Only doors
// and the voices on stages change. One thread.

#include <optional>
#include <span>
#include <vector>

#include "earshot/floor_plan.h"
#include "spatial/barriers.h"
#include "spatial/zone_map.h"

namespace earshot {

/// How far two people hear and watch each other, by the zones that they stand in.
struct PairPolicy {
  Reach audible;
  Reach visible;
  float full_gain_radius = 0;
  Falloff falloff = Falloff::kLinear;
  float rolloff = 1;
  float cut_below = 0;
  bool pre_roll = false;
  CameraPolicy camera;
};

class Premises {
 public:
  /// Keeps a person at the edge of sight from coming and going, in metres.
  static constexpr float kSightHysteresis = 1.0f;

  /// The plan must be valid.
  explicit Premises(const FloorPlan& plan);

  const FloorPlan& plan() const { return plan_; }
  /// The portal that the point lies in, by its index; -1 for none.
  int16_t PortalAt(Point point) const;
  /// Whether there is such a zone, which the open floor is not.
  bool IsZone(ZoneIndex zone) const {
    return zone >= 0 && static_cast<size_t>(zone) < plan_.zones.size();
  }
  bool IsDoor(DoorIndex door) const {
    return door >= 0 && static_cast<size_t>(door) < states_.size();
  }
  ZoneIndex ZoneAt(Point point) const { return map_.ZoneAt(point); }
  /// Null for the open floor.
  const Zone* ZoneOf(ZoneIndex zone) const {
    return zone == kOpenFloor ? nullptr : &plan_.zones[static_cast<size_t>(zone)];
  }
  bool IsKind(ZoneIndex zone, ZoneKind kind) const {
    return zone != kOpenFloor && ZoneOf(zone)->kind == kind;
  }
  /// Zones of one space have no walls between them: a room and the stage whose audience it is.
  /// Everything without walls is part of the open floor.
  ZoneIndex SpaceOf(ZoneIndex zone) const { return At(zone).space; }
  /// Whether nothing at all passes between the two: one of them is a private zone, or a room whose
  /// walls and doors let nothing through at the moment.
  bool AreClosedOff(ZoneIndex a, ZoneIndex b) const {
    if (a == b || SpaceOf(a) == SpaceOf(b)) return false;
    return At(SpaceOf(a)).is_closed || At(SpaceOf(b)).is_closed;
  }
  /// Whether the zone hears all that is said on the stage.
  bool IsAudience(ZoneIndex zone, ZoneIndex stage) const {
    return stage != kOpenFloor &&
           (zone == stage || (zone != kOpenFloor && At(stage).audience == zone));
  }

  std::span<const ZoneIndex> StagesHeardIn(ZoneIndex zone) const { return At(zone).stages; }
  ZoneIndex AudienceOf(ZoneIndex stage) const { return At(stage).audience; }

  /// What walls and doors let through on the straight line.
  float WallTransmission(Point a, ZoneIndex a_zone, Point b, ZoneIndex b_zone) const {
    const ZoneIndex space = SpaceOf(a_zone);
    return barriers_.TransmissionBetween(a, b, space != kOpenFloor && space == SpaceOf(b_zone));
  }
  /// See Barriers.
  bool AreClear(Point a, Point b, float margin) const { return barriers_.AreClear(a, b, margin); }
  /// What the borders of zones without walls let through.
  float BorderTransmission(ZoneIndex a, ZoneIndex b) const {
    if (a == b || IsAudience(a, b) || IsAudience(b, a)) return 1;
    return At(a).border_transmission * At(b).border_transmission;
  }
  const PairPolicy& PolicyFor(ZoneIndex a, ZoneIndex b) const {
    return policies_[At(a).policy * policy_count_ + At(b).policy];
  }
  /// What holds for somebody who listens in the zone.
  const Policy& ListenerPolicy(ZoneIndex zone) const {
    const Zone* listened = ZoneOf(zone);
    return listened != nullptr && listened->policy ? *listened->policy : plan_;
  }

  /// The largest radius within which a pair can gain a right, and beyond which it has none.
  float widest_enter() const { return widest_enter_; }
  float widest_leave() const { return widest_leave_; }
  float widest_media() const { return widest_media_; }

  DoorState StateOf(DoorIndex door) const { return states_[static_cast<size_t>(door)]; }
  void SetDoor(DoorIndex door, DoorState state);
  size_t door_count() const { return states_.size(); }
  /// Whether the door is in the outline of the zone.
  bool IsDoorOf(DoorIndex door, ZoneIndex zone) const;
  /// Whether the zone's room has doors, and all of them are locked.
  bool IsLocked(ZoneIndex zone) const;
  /// Whether the door would, in that state, be the last one to be locked of the room that newcomers
  /// arrive in. A door for which this holds is never locked: they could not be there.
  bool LocksSpawn(DoorIndex door, DoorState state) const;
  /// Replaces `out` by the places in front of the doors of a zone's room, as far as one gets there
  /// through the door.
  void FindDoorsteps(ZoneIndex zone, std::vector<Point>& out) const;

  /// The first that stops a person on the straight way who may pass the locked doors of the zone
  /// `unlocked`: a wall, or a locked door.
  std::optional<Stop> FirstStop(Point from, Point to, ZoneIndex unlocked) const;
  /// The first border of a zone on the straight way for which is_barred(zone) holds.
  template <typename IsBarred>
  std::optional<Stop> FirstBorder(Point from, Point to, IsBarred&& is_barred) const {
    std::optional<Stop> first;
    map_.VisitNear(from, to, [&](ZoneIndex zone) {
      const std::vector<Point>& outline = ZoneOf(zone)->outline;
      for (size_t i = 0; i < outline.size(); ++i) {
        const Segment edge = EdgeAt(outline, i);
        const std::optional<double> along = CrossingOf(from, to, edge);
        if (!along || (first && *along >= first->along) || !is_barred(zone)) continue;
        first = Stop{*along, edge};
      }
    });
    return first;
  }
  /// See ZoneMap and Barriers. Some zones come more than once.
  template <typename Visitor>
  void VisitZonesAround(Point middle, float radius, Visitor&& visit) const {
    map_.VisitNear({middle.x - radius, middle.y - radius}, {middle.x + radius, middle.y + radius},
                   visit);
  }
  template <typename Visitor>
  void VisitBarriersAround(Point middle, float radius, Visitor&& visit) const {
    barriers_.VisitAround(middle, radius, visit);
  }
  /// A place for somebody who is to stand that far from the point: on the floor, in the same zone,
  /// and this side of all walls, or else the point itself.
  Point SpotNear(Point point, Point offset) const;

  /// Somebody speaks on the stage, or nobody does any longer.
  void SetLive(ZoneIndex stage, bool is_live) { At(stage).is_live = is_live; }
  /// The volume of neighbours for those who listen in the zone.
  float DuckingIn(ZoneIndex zone) const;

 private:
  // What is known of a zone; the first is the open floor.
  struct ZoneFacts {
    ZoneIndex space = kOpenFloor;
    ZoneIndex audience = kOpenFloor;
    bool is_closed = false;
    bool is_live = false;
    float border_transmission = 1;
    uint32_t policy = 0;
    // Stages that are heard here.
    std::vector<ZoneIndex> stages;
    // In its outline.
    std::vector<DoorIndex> doors;
  };
  ZoneFacts& At(ZoneIndex zone) { return facts_[static_cast<size_t>(zone + 1)]; }
  const ZoneFacts& At(ZoneIndex zone) const { return facts_[static_cast<size_t>(zone + 1)]; }

  std::vector<ZoneFacts> GatherFacts() const;
  Barriers BuildBarriers() const;
  void BuildPolicies();
  void RefreshClosed(ZoneIndex space);
  bool LetsOut(DoorIndex door, ZoneIndex from, ZoneIndex to) const;

  FloorPlan plan_;
  ZoneMap map_;
  std::vector<DoorState> states_;
  std::vector<ZoneFacts> facts_;
  Barriers barriers_;
  std::vector<PairPolicy> policies_;
  size_t policy_count_ = 1;
  float widest_enter_ = 0;
  float widest_leave_ = 0;
  float widest_media_ = 0;
};

}  // namespace earshot
