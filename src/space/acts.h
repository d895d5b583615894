#pragma once

// From the message of an act to the router's operation of that name. Checks what the numbers of the
// message may be; what a participant may do is the router's to say. One thread.

#include "spatial/spatial_router.h"
#include "wire/act_messages.h"

namespace earshot {

/// An unknown act, and a value that is none for it, come to kNothingToDo.
Outcome Perform(const ActMessage& act, ParticipantId actor, SpatialRouter& router, Timestamp now,
                RoutingOutput& out);

}  // namespace earshot
