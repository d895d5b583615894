#include "config_problem.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "text_rules.h"

namespace earshotd {
namespace {

/// Insertions, deletions, replacements and swaps of neighbours that turn one text into the other
/// (the restricted Damerau-Levenshtein distance).
size_t EditDistance(std::string_view from, std::string_view to) {
  std::vector<size_t> before(to.size() + 1), above(to.size() + 1), row(to.size() + 1);
  for (size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= from.size(); ++i) {
    before.swap(above);
    above.swap(row);
    row[0] = i;
    for (size_t j = 1; j <= to.size(); ++j) {
      const size_t replaced = above[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
      row[j] = std::min({replaced, above[j] + 1, row[j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row.back();
}

}  // namespace

std::string NearestName(std::string_view name, const std::vector<std::string>& names) {
  // Keys of a file can be long; nothing that far off is a typing mistake.
  constexpr size_t kMaxLength = 64;
  if (name.size() > kMaxLength) return "";
  std::string nearest;
  size_t fewest = std::max<size_t>(name.size() / 3, 1) + 1;
  for (const std::string& candidate : names) {
    const size_t distance = EditDistance(name, candidate);
    if (distance < fewest) {
      fewest = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string ProblemsAsText(const std::string& file, const std::vector<ConfigProblem>& problems) {
  std::string text;
  for (const ConfigProblem& problem : problems) {
    text += file;
    if (problem.line > 0) text += ":" + std::to_string(problem.line);
    if (!problem.key.empty()) text += ": " + EscapeText(problem.key);
    text += ": " + problem.message;
    if (!problem.suggestion.empty()) text += "; did you mean \"" + problem.suggestion + "\"?";
    text += "\n";
  }
  return text;
}

std::string ProblemsAsJson(const std::string& file, const std::vector<ConfigProblem>& problems,
                           const std::vector<std::string>& warnings) {
  nlohmann::json list = nlohmann::json::array();
  for (const ConfigProblem& problem : problems) {
    list.push_back({{"line", problem.line},
                    {"key", problem.key},
                    {"message", problem.message},
                    {"suggestion", problem.suggestion}});
  }
  const nlohmann::json report = {{"valid", problems.empty()},
                                 {"file", file},
                                 {"problems", std::move(list)},
                                 {"warnings", warnings}};
  return report.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace earshotd
