#pragma once

// What simulated people ask of each other and of doors: of their own accord, and in answer to what
// they are told. Draws; decides nothing about whether it is allowed. Pure but for `random`.

#include <optional>

#include "base/random.h"
#include "client/client.h"
#include "earshot/server.h"
#include "wire/act_messages.h"

namespace earshot::sim {

/// The zones and doors of private rooms in simulated plans belong to whom has this identity.
inline constexpr const char* kOwner = "owner";

/// Gives some of those who join privileges.
void DrawPrivileges(Random& random, JoinRequest& request);

/// Mostly about the people whom the client sees.
ActMessage DrawAct(const Client& client, const FloorPlan& plan, Random& random);

/// Nothing for most events, and now and then for any.
std::optional<ActMessage> AnswerTo(const EventMessage& event, Random& random);

}  // namespace earshot::sim
