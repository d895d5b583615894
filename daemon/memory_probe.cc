#include "memory_probe.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>

namespace earshotd {
namespace {

/// The one number of a small file; nothing for "max" or a file that is not there.
std::optional<uint64_t> ReadNumber(const std::string& file) {
  std::ifstream stream(file);
  std::string text;
  stream >> text;
  uint64_t number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || end.ec != std::errc()) return std::nullopt;
  return number;
}

/// The number that stands after `name` in a file of names and numbers, or zero.
uint64_t ReadNamed(const std::string& file, std::string_view name) {
  std::ifstream stream(file);
  std::string word;
  uint64_t number = 0;
  while (stream >> word >> number) {
    if (word == name) return number;
  }
  return 0;
}

/// Whether the system would give some more: what a few joins need.
bool HasMore() {
  constexpr size_t kSome = 1024 * 1024;
  void* memory = std::malloc(kSome);
  std::free(memory);
  return memory != nullptr;
}

/// Of the host.
uint64_t PhysicalMemory() {
  return static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) *
         static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

/// The names of the two versions of control groups (cgroups(7)).
struct GroupFiles {
  std::string_view controller, folder, limit, usage, reclaimable;
};
constexpr GroupFiles kGroupFiles[] = {
    {"", "/sys/fs/cgroup", "/memory.max", "/memory.current", "inactive_file"},
    {"memory", "/sys/fs/cgroup/memory", "/memory.limit_in_bytes", "/memory.usage_in_bytes",
     "total_inactive_file"},
};

}  // namespace

MemoryProbe::MemoryProbe(uint64_t limit, const std::string& root)
    : root_(root), resident_limit_(limit), virtual_limit_(0) {
  rlimit addresses{};
  if (getrlimit(RLIMIT_AS, &addresses) == 0 && addresses.rlim_cur != RLIM_INFINITY) {
    virtual_limit_ = addresses.rlim_cur;
  }
  FindGroups();
  if (resident_limit_ == 0) resident_limit_ = PhysicalMemory();
}

/// Each line of /proc/self/cgroup is "number:controllers:path"; what is above limits as well. In a
/// container the path may be the host's, of which only the top is there.
void MemoryProbe::FindGroups() {
  std::ifstream lines(root_ + "/proc/self/cgroup");
  for (std::string line; std::getline(lines, line);) {
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string_view controllers =
        std::string_view(line).substr(first + 1, second - first - 1);
    for (const GroupFiles& files : kGroupFiles) {
      if (files.controller != controllers) continue;
      for (std::filesystem::path path(line.substr(second + 1));; path = path.parent_path()) {
        const std::string folder = root_ + std::string(files.folder) + path.native();
        const auto limit = ReadNumber(folder + std::string(files.limit));
        // No limit is a number near 2^63 in the first version.
        if (limit && *limit < uint64_t{1} << 62) {
          groups_.push_back({*limit, folder + std::string(files.usage), folder + "/memory.stat",
                             std::string(files.reclaimable)});
        }
        if (path == path.parent_path()) break;
      }
    }
  }
}

MemoryUse MemoryProbe::Read() const {
  const auto page_size = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  std::ifstream statm(root_ + "/proc/self/statm");
  uint64_t virtual_pages = 0, resident_pages = 0;
  if (!(statm >> virtual_pages >> resident_pages)) return {};
  MemoryUse nearest{resident_pages * page_size, resident_limit_};
  const auto consider = [&nearest](const MemoryUse& use) {
    if (use.share() > nearest.share()) nearest = use;
  };
  if (virtual_limit_ != 0) consider({virtual_pages * page_size, virtual_limit_});
  for (const Group& group : groups_) {
    const uint64_t used = ReadNumber(group.usage_file).value_or(0);
    consider({used - std::min(used, ReadNamed(group.stat_file, group.reclaimable)), group.limit});
  }
  if (!HasMore()) nearest.used = nearest.limit;
  return nearest;
}

}  // namespace earshotd
