#include "spatial/requests.h"

#include <algorithm>

namespace earshot {

Outcome FileRequest(Person& asked, RequestKind kind, ParticipantId from, Timestamp now) {
  std::erase_if(asked.requests, [now](const Request& request) { return request.until <= now; });
  if (HasRequest(asked, kind, from, now)) return Outcome::kNothingToDo;
  if (asked.requests.size() >= kMaxRequests) return Outcome::kFull;
  asked.requests.push_back({kind, from, now + kRequestLifetime});
  return Outcome::kDone;
}

bool HasRequest(const Person& asked, RequestKind kind, ParticipantId from, Timestamp now) {
  return std::any_of(asked.requests.begin(), asked.requests.end(), [&](const Request& request) {
    return request.kind == kind && request.from == from && request.until > now;
  });
}

void PostponeRequests(Person& asked, Duration pause) {
  for (Request& request : asked.requests) request.until = request.until + pause;
}

void DropRequest(Person& asked, RequestKind kind, ParticipantId from) {
  std::erase_if(asked.requests, [&](const Request& request) {
    return request.kind == kind && request.from == from;
  });
}

}  // namespace earshot
