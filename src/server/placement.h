#pragma once

// Which worker a space is on. A space has one while somebody is in it or on the way to it; an empty
// one is kept here, with its plan, and is placed anew when somebody comes. An only worker keeps its
// spaces. Decides only. One thread at a time.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "earshot/options.h"
#include "io/lane_balance.h"

namespace earshot {

class Placement {
 public:
  /// What a worker says of itself.
  struct Load {
    Busyness busy = 0;  // lately
    uint64_t participants = 0;
  };
  struct Destination {
    size_t worker;
    /// Set if the space has been placed just now: it has to be opened there before all else.
    std::optional<SpaceOptions> opens;
  };

  explicit Placement(size_t workers) : workers_(workers) {}

  /// The ids of the spaces must be distinct.
  void Add(SpaceOptions space);
  bool Has(std::string_view space) const { return Find(space) != spaces_.end(); }
  /// Somebody is on the way to the space, which must be there: where that leads. `loads` has one
  /// entry for each worker. What has been placed since they were measured counts as well.
  Destination Visit(std::string_view space, std::span<const Load> loads);
  /// Has come there, or has turned back.
  void EndVisit(std::string_view space);
  /// Whether the space may go if nobody is in it: nobody is on the way, and there is somewhere else
  /// to go. To open it again takes up to some milliseconds of a worker.
  bool MayVacate(std::string_view space) const {
    return workers_.size() > 1 && Find(space)->second.visits == 0;
  }
  /// Nobody is in the space; it has been taken from its worker.
  void Vacate(SpaceOptions space);

 private:
  struct Entry {
    SpaceOptions options;  // of use while there is no worker
    std::optional<size_t> worker;
    size_t visits = 0;
  };
  struct Worker {
    size_t spaces = 0;
    size_t visits = 0;
  };
  using Entries = absl::flat_hash_map<std::string, Entry>;

  Entries::iterator Find(std::string_view space) {
    return spaces_.find(absl::string_view(space.data(), space.size()));
  }
  Entries::const_iterator Find(std::string_view space) const {
    return spaces_.find(absl::string_view(space.data(), space.size()));
  }
  size_t LeastLoaded(std::span<const Load> loads) const;

  Entries spaces_;
  std::vector<Worker> workers_;
};

}  // namespace earshot
