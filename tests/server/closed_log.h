#pragma once

// Notes what a server reports as closed, from whatever thread. Test code only.

#include <map>
#include <mutex>
#include <set>
#include <vector>

#include "earshot/server.h"

namespace earshot {

class ClosedLog {
 public:
  Server::ClosedHandler MakeHandler() {
    return [this](ParticipantId participant, CloseReason reason) {
      const std::lock_guard lock(mutex_);
      closed_[participant].push_back(reason);
    };
  }
  /// Each reason that was given for the participant; more than one is a fault.
  std::vector<CloseReason> Of(ParticipantId participant) const {
    const std::lock_guard lock(mutex_);
    const auto it = closed_.find(participant);
    return it == closed_.end() ? std::vector<CloseReason>() : it->second;
  }
  /// Who was reported, or nobody if somebody was reported twice.
  std::set<ParticipantId> Once() const {
    const std::lock_guard lock(mutex_);
    std::set<ParticipantId> participants;
    for (const auto& [participant, reasons] : closed_) {
      if (reasons.size() != 1) return {};
      participants.insert(participant);
    }
    return participants;
  }

 private:
  mutable std::mutex mutex_;
  std::map<ParticipantId, std::vector<CloseReason>> closed_;
};

}  // namespace earshot
