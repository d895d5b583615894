#include "config_change.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>

namespace earshotd {
namespace {

/// What is read anew when the configuration is.
bool TakesEffectAtOnce(std::string_view path) {
  constexpr std::string_view kKeys[] = {"origins", "issuers", "listen.tls.", "admin.tls."};
  return std::any_of(std::begin(kKeys), std::end(kKeys),
                     [path](std::string_view key) { return path.starts_with(key); });
}

using Values = std::map<std::string, std::string>;

struct Sorted {
  /// By path.
  Values options;
  /// All that is said of a plan, by the id of its space.
  std::map<std::string, Values> plans;
};

Sorted Sort(const std::vector<ConfigField>& fields) {
  constexpr std::string_view kSpace = "spaces[";
  Sorted sorted;
  // By "spaces[3]"; the order in the file counts for nothing.
  std::map<std::string, std::pair<std::string, Values>> spaces;
  for (const ConfigField& field : fields) {
    if (field.kind == FieldKind::kMap || field.path == "spaces") continue;
    if (!field.path.starts_with(kSpace)) {
      sorted.options[field.path] = field.value;
      continue;
    }
    const size_t end = field.path.find('.');
    auto& [id, plan] = spaces[field.path.substr(0, end)];
    const std::string key = field.path.substr(end + 1);
    (key == "id" ? id : plan[key]) = field.value;
  }
  for (auto& [index, space] : spaces) sorted.plans[space.first] = std::move(space.second);
  return sorted;
}

/// Calls `report` with each key that the two do not have in common, and whether both have it.
template <typename Map, typename Report>
void ForEachDifference(const Map& before, const Map& after, Report report) {
  for (const auto& [key, value] : before) {
    const auto found = after.find(key);
    if (found == after.end() || found->second != value) report(key, found != after.end());
  }
  for (const auto& [key, value] : after) {
    if (!before.contains(key)) report(key, false);
  }
}

}  // namespace

ConfigChange CompareConfigs(const std::vector<ConfigField>& before,
                            const std::vector<ConfigField>& after) {
  const Sorted old_values = Sort(before), new_values = Sort(after);
  ConfigChange change;
  ForEachDifference(old_values.options, new_values.options, [&change](const auto& path, bool) {
    if (!TakesEffectAtOnce(path)) change.needs_restart.insert(path);
  });
  ForEachDifference(old_values.plans, new_values.plans, [&change](const auto& id, bool in_both) {
    if (in_both) {
      change.plans.insert(id);
    } else {
      change.needs_restart.insert("spaces: " + id);
    }
  });
  return change;
}

}  // namespace earshotd
