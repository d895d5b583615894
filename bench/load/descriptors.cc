#include "descriptors.h"

#include <sys/resource.h>

namespace earshot::load {
namespace {

// A UDP socket and a WebSocket.
constexpr rlim_t kOfEach = 2;
// The loop, files, and those who are just leaving.
constexpr rlim_t kOthers = 64;

}  // namespace

std::optional<Error> ReserveDescriptors(uint32_t people) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t needed = kOfEach * people + kOthers;
  if (limit.rlim_max >= needed) return std::nullopt;
  return Error{"descriptors-too-few",
               std::to_string(people) + " people need " + std::to_string(needed) +
                   " file descriptors, and this process may have " +
                   std::to_string(limit.rlim_max) +
                   " (ulimit -Hn). Raise that, or run several generators side by side."};
}

}  // namespace earshot::load
