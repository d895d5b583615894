#pragma once

// What others have asked somebody and has not been answered: a list that is bounded in number and
// time. Pure functions on the list.

#include <cstddef>

#include "spatial/roster.h"

namespace earshot {

/// Enough for whoever is popular, too few to bury anybody.
inline constexpr size_t kMaxRequests = 16;
/// Who has not answered by then was not there.
inline constexpr Duration kRequestLifetime = Duration::Seconds(60);

/// Files a request to `asked`, unless the same one waits or too many do.
Outcome FileRequest(Person& asked, RequestKind kind, ParticipantId from, Timestamp now);
bool HasRequest(const Person& asked, RequestKind kind, ParticipantId from, Timestamp now);
/// Nobody could answer for so long.
void PostponeRequests(Person& asked, Duration pause);
void DropRequest(Person& asked, RequestKind kind, ParticipantId from);

}  // namespace earshot
