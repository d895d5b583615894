#pragma once

// What a run found wrong, with the virtual time of each. One thread.

#include <string>
#include <utility>
#include <vector>

#include "earshot/units.h"

namespace earshot::sim {

struct Violation {
  Timestamp time;
  std::string what;
};

class Violations {
 public:
  void Add(Timestamp time, std::string what) {
    ++count_;
    if (listed_.size() < kMaxListed) listed_.push_back({time, std::move(what)});
  }
  size_t count() const { return count_; }
  const std::vector<Violation>& listed() const { return listed_; }

 private:
  // The first ones tell what is wrong; a broken rule makes thousands.
  static constexpr size_t kMaxListed = 20;
  size_t count_ = 0;
  std::vector<Violation> listed_;
};

}  // namespace earshot::sim
