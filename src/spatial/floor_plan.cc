#include "earshot/floor_plan.h"

#include <cmath>
#include <cstdio>
#include <string_view>

#include "spatial/geometry.h"
#include "spatial/outlines.h"

namespace earshot {
namespace {

constexpr float kMinSide = 1;
constexpr float kMaxSide = 10000;
constexpr size_t kMaxRooms = 256;
constexpr size_t kMinCorners = 3;
constexpr size_t kMaxCorners = 128;
constexpr size_t kMaxNameBytes = 64;

std::string Number(float value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%g", static_cast<double>(value));
  return text;
}

std::string Text(Point point) { return "(" + Number(point.x) + ", " + Number(point.y) + ")"; }

// How many bytes the UTF-8 character at the start takes; 0 if it is none, is overlong or a
// surrogate (RFC 3629 section 4), or is a control character, which would garble a log.
size_t CharacterLength(std::string_view text) {
  const auto at = [text](size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto is_tail = [](unsigned byte) { return (byte & 0xc0u) == 0x80u; };
  const unsigned first = at(0);
  if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
  if (first < 0xc2 || first > 0xf4 || !is_tail(at(1))) return 0;
  if (first < 0xe0) return first == 0xc2 && at(1) < 0xa0 ? 0 : 2;
  if (!is_tail(at(2))) return 0;
  if (first == 0xe0 && at(1) < 0xa0) return 0;
  if (first == 0xed && at(1) >= 0xa0) return 0;
  if (first < 0xf0) return 3;
  if (!is_tail(at(3))) return 0;
  if (first == 0xf0 && at(1) < 0x90) return 0;
  if (first == 0xf4 && at(1) >= 0x90) return 0;
  return 4;
}

bool IsShowable(std::string_view name) {
  while (!name.empty()) {
    const size_t length = CharacterLength(name);
    if (length == 0) return false;
    name.remove_prefix(length);
  }
  return true;
}

std::string CheckRange(const char* field, float value, float low, float high) {
  if (value >= low && value <= high) return {};  // false for NaN too
  return std::string(field) + " is " + Number(value) + "; it must be between " + Number(low) +
         " and " + Number(high) + " metres.";
}

std::string CheckRadius(const std::string& field, float value) {
  if (value > 0 && value <= kMaxSide) return {};
  return field + " is " + Number(value) + "; it must be above 0 and at most " + Number(kMaxSide) +
         " metres.";
}

std::string CheckReach(const std::string& field, const Reach& reach) {
  if (std::string error = CheckRadius(field + ".enter", reach.enter); !error.empty()) return error;
  if (std::string error = CheckRadius(field + ".leave", reach.leave); !error.empty()) return error;
  if (reach.enter < reach.leave) return {};
  return field + ".enter is " + Number(reach.enter) + "; it must be below " + field +
         ".leave, which is " + Number(reach.leave) + " metres.";
}

bool IsOnFloor(const FloorPlan& plan, Point point) {
  return point.x >= 0 && point.x <= plan.width && point.y >= 0 && point.y <= plan.height;
}

std::string OffFloor(const FloorPlan& plan, const std::string& what, Point point) {
  return what + " is at " + Text(point) + "; x must be between 0 and " + Number(plan.width) +
         " and y between 0 and " + Number(plan.height) + " metres.";
}

std::string CheckSizes(const FloorPlan& plan) {
  std::string error = CheckRange("width", plan.width, kMinSide, kMaxSide);
  if (error.empty()) error = CheckRange("height", plan.height, kMinSide, kMaxSide);
  if (error.empty()) error = CheckReach("audible", plan.audible);
  if (error.empty()) error = CheckReach("visible", plan.visible);
  if (error.empty()) error = CheckRadius("sight_radius", plan.sight_radius);
  if (!error.empty()) return error;
  if (!(plan.full_gain_radius >= 0 && plan.full_gain_radius < plan.audible.enter)) {
    return "full_gain_radius is " + Number(plan.full_gain_radius) +
           "; it must be at least 0 and below audible.enter, which is " +
           Number(plan.audible.enter) + " metres.";
  }
  if (!IsOnFloor(plan, plan.spawn)) return OffFloor(plan, "spawn", plan.spawn);
  return {};
}

std::string RoomText(const FloorPlan& plan, size_t index) {
  return "rooms[" + std::to_string(index) + "] (\"" + plan.rooms[index].name + "\")";
}

std::string CheckRoom(const FloorPlan& plan, size_t index) {
  const Room& room = plan.rooms[index];
  const std::string field = "rooms[" + std::to_string(index) + "]";
  if (room.name.size() > kMaxNameBytes) {
    return field + ".name has " + std::to_string(room.name.size()) +
           " bytes; it must have at most " + std::to_string(kMaxNameBytes) + ".";
  }
  if (!IsShowable(room.name)) {
    return field + ".name is not text; it must be UTF-8 without control characters.";
  }
  const std::string text = RoomText(plan, index);
  if (room.outline.size() < kMinCorners || room.outline.size() > kMaxCorners) {
    return text + ".outline has " + std::to_string(room.outline.size()) +
           " corners; it must have between " + std::to_string(kMinCorners) + " and " +
           std::to_string(kMaxCorners) + ".";
  }
  for (size_t i = 0; i < room.outline.size(); ++i) {
    if (IsOnFloor(plan, room.outline[i])) continue;
    return OffFloor(plan, text + ".outline[" + std::to_string(i) + "]", room.outline[i]);
  }
  if (IsSimple(room.outline)) return {};
  return text + ".outline crosses or touches itself; its edges must meet only in their corners.";
}

std::string CheckOverlaps(const FloorPlan& plan) {
  for (size_t i = 0; i < plan.rooms.size(); ++i) {
    for (size_t j = i + 1; j < plan.rooms.size(); ++j) {
      if (!OutlinesOverlap(plan.rooms[i].outline, plan.rooms[j].outline)) continue;
      return RoomText(plan, j) + " overlaps " + RoomText(plan, i) +
             "; rooms may share edges but no floor.";
    }
  }
  return {};
}

}  // namespace

std::string ValidateFloorPlan(const FloorPlan& plan) {
  if (std::string error = CheckSizes(plan); !error.empty()) return error;
  if (plan.rooms.size() > kMaxRooms) {
    return "rooms has " + std::to_string(plan.rooms.size()) + " entries; it must have at most " +
           std::to_string(kMaxRooms) + ".";
  }
  for (size_t i = 0; i < plan.rooms.size(); ++i) {
    if (std::string error = CheckRoom(plan, i); !error.empty()) return error;
  }
  return CheckOverlaps(plan);
}

}  // namespace earshot
