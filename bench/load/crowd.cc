#include "crowd.h"

#include <algorithm>
#include <cmath>

#include "spatial/geometry.h"

namespace earshot::load {
namespace {

// Of the speed limit, so that the server need not hold anybody back.
constexpr float kHurry = 0.8f;
constexpr int kRepeats = 3;
constexpr Duration kNextAttempt = Duration::Seconds(1);

const FloorZone* FindZone(const Floor& floor, auto matches) {
  const auto found = std::find_if(floor.zones.begin(), floor.zones.end(), matches);
  return found == floor.zones.end() ? nullptr : &*found;
}

const FloorZone* FindStage(const Floor& floor) {
  return FindZone(floor, [](const FloorZone& zone) { return zone.kind == "stage"; });
}

// The last one may lack some.
size_t GroupsOf(const Scenario& scenario) {
  return (scenario.people + scenario.group - 1) / scenario.group;
}

}  // namespace

std::string Crowd::WhatIsMissing(const Scenario& scenario, const Floor& floor) {
  const std::string people = std::to_string(scenario.people) + " people";
  const bool spreads = scenario.layout == Layout::kGrid || scenario.layout == Layout::kWalk;
  if (spreads &&
      static_cast<float>(scenario.people) * scenario.square_metres > floor.width * floor.height) {
    return "The floor of the space is too small for " + people +
           " with places.square_metres for each of them.";
  }
  if (scenario.layout == Layout::kGroups &&
      GroupPlaces(floor, GroupsOf(scenario), scenario.group).room() < GroupsOf(scenario)) {
    return "The floor of the space is too small for " + people + " in groups of " +
           std::to_string(scenario.group) + " that neither hear nor see each other.";
  }
  if (scenario.audience == 0) return "";
  if (scenario.audience >= scenario.people) {
    return "places.audience leaves nobody for the stage: it must be below the number of people.";
  }
  if (FindStage(floor) != nullptr) return "";
  return "The scenario has an audience, but the plan of the space has no zone of the kind stage.";
}

Crowd::Crowd(const Scenario& scenario, const Floor& floor, Random& random)
    : scenario_(scenario),
      floor_(floor),
      random_(random),
      groups_(floor, GroupsOf(scenario), scenario.group),
      members_(scenario.people),
      meetings_(scenario.meetings) {
  if (scenario.audience > 0) {
    stage_ = FindStage(floor_);
    const FloorZone* const audience =
        FindZone(floor_, [&](const FloorZone& zone) { return zone.name == stage_->audience; });
    if (audience != nullptr) seats_ = SeatsIn(*audience, MiddleOf(*stage_));
  }
  const float side = std::sqrt(static_cast<float>(scenario.people) * scenario.square_metres);
  side_x_ = std::min(side, floor_.width);
  side_y_ = std::min(side * side / side_x_, floor_.height);
}

Point Crowd::PlaceOf(size_t person) {
  if (stage_ != nullptr && person == 0) return MiddleOf(*stage_);
  if (person <= scenario_.audience && !seats_.empty()) return seats_[(person - 1) % seats_.size()];
  switch (scenario_.layout) {
    case Layout::kTogether:
      return Among(floor_.spawn, person, scenario_.people);
    case Layout::kGroups:
      return Among(groups_.Middle(person / scenario_.group), person % scenario_.group,
                   scenario_.group);
    case Layout::kGrid:
      return PlaceInGrid(person);
    case Layout::kWalk:
      return RandomPlace();
  }
  return floor_.spawn;
}

// Of `people` around `middle`, who all hear and see each other.
Point Crowd::Among(Point middle, size_t index, size_t people) const {
  const Point seed = SeedOfSunflower(index, SpacingInEarshot(floor_, people));
  return {std::clamp(middle.x + seed.x, 0.0f, floor_.width),
          std::clamp(middle.y + seed.y, 0.0f, floor_.height)};
}

Point Crowd::PlaceInGrid(size_t person) const {
  const auto columns = static_cast<size_t>(
      std::ceil(std::sqrt(static_cast<float>(scenario_.people) * side_x_ / side_y_)));
  const size_t rows = (scenario_.people + columns - 1) / columns;
  const Point middle{floor_.width / 2, floor_.height / 2};
  const float column = static_cast<float>(person % columns) + 0.5f;
  const float row = static_cast<float>(person / columns) + 0.5f;
  return {middle.x - side_x_ / 2 + side_x_ * column / static_cast<float>(columns),
          middle.y - side_y_ / 2 + side_y_ * row / static_cast<float>(rows)};
}

Point Crowd::RandomPlace() {
  const auto anywhere = [&](float whole, float side) {
    return (whole - side) / 2 + static_cast<float>(random_.Unit()) * side;
  };
  return {anywhere(floor_.width, side_x_), anywhere(floor_.height, side_y_)};
}

void Crowd::Enter(size_t person, const Pose& pose, Timestamp now) {
  members_[person] = {.is_here = true, .pose = pose, .goal = PlaceOf(person), .last_step = now};
}

// Who has a place hurries back to it: a server that is behind with its work holds people back.
void Crowd::Correct(size_t person, const Pose& pose) {
  Member& member = members_[person];
  member.pose = pose;
  member.has_arrived = member.has_arrived && (Wanders(person) || member.is_meeting);
}

void Crowd::Leave(size_t person) {
  members_[person] = {};
  for (Meeting& meeting : meetings_) std::erase(meeting.people, person);
}

bool Crowd::Wanders(size_t person) const {
  const bool is_at_stage = scenario_.audience > 0 && person <= scenario_.audience;
  return scenario_.layout == Layout::kWalk && !is_at_stage && !members_[person].is_meeting;
}

std::optional<Pose> Crowd::Step(size_t person, Timestamp now) {
  HandleMeetings(now);
  Member& member = members_[person];
  if (!member.is_here) return std::nullopt;
  const float speed = member.has_arrived ? scenario_.walking_speed : floor_.max_speed * kHurry;
  const auto reach = static_cast<float>((now - member.last_step).seconds()) * speed;
  member.last_step = now;
  const float rest = Distance(member.pose.position, member.goal);
  if (rest == 0 && member.has_arrived && !Wanders(person)) {
    if (member.repeats == 0) return std::nullopt;
    --member.repeats;
    return member.pose;
  }
  if (rest <= reach) {
    member.pose.position = member.goal;
    member.has_arrived = true;
    member.repeats = kRepeats;
    if (Wanders(person)) member.goal = RandomPlace();
  } else {
    const Point from = member.pose.position;
    const Point way{member.goal.x - from.x, member.goal.y - from.y};
    member.pose.position = {from.x + way.x * reach / rest, from.y + way.y * reach / rest};
    member.pose.heading = std::atan2(way.y, way.x);
  }
  return member.pose;
}

void Crowd::HandleMeetings(Timestamp now) {
  for (Meeting& meeting : meetings_) {
    if (now < meeting.ends) continue;
    for (const size_t person : meeting.people) {
      members_[person].is_meeting = false;
      members_[person].goal = RandomPlace();
    }
    Begin(meeting, now);
  }
}

// Who is free comes to one place, and stands there as people around a table do.
void Crowd::Begin(Meeting& meeting, Timestamp now) {
  meeting.people.clear();
  const Point place = RandomPlace();
  const auto count = static_cast<uint32_t>(members_.size());
  for (uint32_t attempt = 0; attempt < 4 * count; ++attempt) {
    if (meeting.people.size() == scenario_.meeting_people) break;
    const size_t person = random_.Below(count);
    Member& member = members_[person];
    if (!member.is_here || !member.has_arrived || !Wanders(person)) continue;
    member.is_meeting = true;
    member.goal = Among(place, meeting.people.size(), scenario_.meeting_people);
    meeting.people.push_back(person);
  }
  if (meeting.people.empty()) {
    meeting.ends = now + kNextAttempt;
    return;
  }
  // Between half and one and a half of the mean, so that not all end together.
  const double length = static_cast<double>(scenario_.meeting_length.micros());
  meeting.ends = now + Duration::Micros(static_cast<int64_t>(length * (0.5 + random_.Unit())));
}

}  // namespace earshot::load
