#pragma once

// The words for the kinds of things in a plan: the same in configuration files and in messages.
// Any thread.

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "earshot/floor_plan.h"

namespace earshotd {

template <typename T>
using Named = std::pair<std::string_view, T>;

inline constexpr Named<earshot::ZoneKind> kZoneKinds[] = {
    {"room", earshot::ZoneKind::kRoom},   {"private", earshot::ZoneKind::kPrivate},
    {"stage", earshot::ZoneKind::kStage}, {"quiet", earshot::ZoneKind::kQuiet},
    {"desk", earshot::ZoneKind::kDesk},   {"lobby", earshot::ZoneKind::kLobby}};

inline constexpr Named<earshot::DoorState> kDoorStates[] = {
    {"open", earshot::DoorState::kOpen},
    {"shut", earshot::DoorState::kShut},
    {"locked", earshot::DoorState::kLocked}};

inline constexpr Named<earshot::Podium> kPodiums[] = {{"open", earshot::Podium::kOpen},
                                                      {"moderated", earshot::Podium::kModerated}};

/// The name of a value that is in the list.
template <typename T, size_t count>
constexpr std::string_view NameIn(const Named<T> (&names)[count], T value) {
  return std::find_if(std::begin(names), std::end(names),
                      [value](const Named<T>& named) { return named.second == value; })
      ->first;
}

}  // namespace earshotd
