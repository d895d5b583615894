#include "clock.h"

#include <chrono>

namespace earshotd {

earshot::Timestamp Now() {
  const auto since_start = std::chrono::steady_clock::now().time_since_epoch();
  return earshot::Timestamp::Micros(
      std::chrono::duration_cast<std::chrono::microseconds>(since_start).count());
}

Moment CurrentMoment() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return {Now(), std::chrono::duration_cast<std::chrono::seconds>(since_1970).count()};
}

}  // namespace earshotd
