#pragma once

// Whether something keeps to a rate with a burst: a token bucket in the form of virtual scheduling,
// which is asked by one comparison and refills nothing. RateMeter counts one thing, RatePolicer
// packets and their bytes. No clock of its own. One thread.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "earshot/options.h"

namespace earshot {

class RateMeter {
 public:
  /// `per_second` must not be zero.
  RateMeter(int64_t per_second, Duration burst)
      : nanos_each_((kNanosPerSecond + per_second - 1) / per_second),
        burst_(burst.micros() * kNanosPerMicro) {}

  /// Whether one more may come now. It is not counted by this, so that what turns out to be forged
  /// costs nothing to whom it claims to be from.
  bool Conforms(Timestamp now) const { return end_ < now.micros() * kNanosPerMicro + burst_; }
  /// So many came. The last that conforms may exceed the burst, which is then made up for.
  void Count(int64_t amount, Timestamp now) {
    end_ = std::max(end_, now.micros() * kNanosPerMicro) + nanos_each_ * amount;
  }
  /// From when on one more may come, if none comes before.
  Timestamp ConformsFrom() const {
    return Timestamp::Micros((end_ - burst_) / kNanosPerMicro) + Duration::Micros(1);
  }

 private:
  static constexpr int64_t kNanosPerSecond = 1'000'000'000;
  static constexpr int64_t kNanosPerMicro = 1000;

  int64_t nanos_each_;
  int64_t burst_;
  // When what has come so far would have ended at exactly the rate.
  int64_t end_ = std::numeric_limits<int64_t>::min() / 2;
};

class RatePolicer {
 public:
  RatePolicer(const RateLimit& limit, Duration burst)
      : packets_(limit.packets_per_second, burst),
        bytes_(int64_t{limit.kilobits_per_second} * 1000 / 8, burst) {}

  bool Conforms(Timestamp now) const { return packets_.Conforms(now) && bytes_.Conforms(now); }
  void Count(size_t bytes, Timestamp now) {
    packets_.Count(1, now);
    bytes_.Count(static_cast<int64_t>(bytes), now);
  }

 private:
  RateMeter packets_;
  RateMeter bytes_;
};

}  // namespace earshot
