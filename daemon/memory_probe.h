#pragma once

// How much memory this process has, and how much it may have: by the configuration, by its control
// group, by RLIMIT_AS and by what the host has. Which of them is nearest counts. One thread at a
// time.

#include <cstdint>
#include <string>
#include <vector>

namespace earshotd {

struct MemoryUse {
  uint64_t used = 0;
  /// Zero if nothing is known; then nothing is used either.
  uint64_t limit = 0;
  double share() const {
    return limit == 0 ? 0 : static_cast<double>(used) / static_cast<double>(limit);
  }
};

class MemoryProbe {
 public:
  /// `limit` in bytes, or zero for no other than the system's. Limits are looked for now. `root`
  /// stands before /proc and /sys, for tests.
  explicit MemoryProbe(uint64_t limit, const std::string& root = "");

  /// Of the ceiling that is nearest; all of it, if the system gives nothing more.
  MemoryUse Read() const;

 private:
  /// A control group with a limit.
  struct Group {
    uint64_t limit;
    std::string usage_file;
    /// Where the kernel says what of that it can take back at any time, and under which name.
    std::string stat_file;
    std::string reclaimable;
  };
  void FindGroups();

  const std::string root_;
  uint64_t resident_limit_;
  uint64_t virtual_limit_;
  std::vector<Group> groups_;
};

}  // namespace earshotd
