#pragma once

// Looks at a soak each minute, says what it sees on standard output, and keeps it. Reads what the
// server uses, which blocks for some milliseconds. Main thread.

#include <map>
#include <optional>
#include <string>

#include "population.h"
#include "server_usage.h"
#include "soak.h"

namespace earshot::load {

class SoakWatch {
 public:
  static constexpr Duration kMinute = Duration::Seconds(60);

  /// Both must outlive this object.
  SoakWatch(Population& population, const ServerUsageSource& source)
      : population_(population), source_(source) {}

  void Begin(Timestamp now, const ServerUsage& usage);
  Timestamp NextDeadline() const { return next_; }
  /// Error code "server-usage-unknown": it is gone.
  std::optional<Error> EndMinute(Timestamp now);
  SoakResults Finish();

 private:
  /// Of what only grows, up to now.
  struct Totals {
    double cpu_seconds = 0;
    Loss loss = {};
    uint64_t received = 0;
    uint64_t acts = 0;
    uint64_t dropped_by_server = 0;
    uint64_t breaches = 0;
  };
  Totals TakeTotals() const;

  Population& population_;
  const ServerUsageSource& source_;
  Timestamp next_ = Timestamp::Never();
  Totals before_;
  std::map<std::string, uint64_t> drops_before_;
  ServerUsage usage_;
  SoakResults results_;
};

}  // namespace earshot::load
