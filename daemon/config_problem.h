#pragma once

// What is wrong with a configuration, in the two forms that people and programs read. Plain values,
// any thread.

#include <string>
#include <string_view>
#include <vector>

namespace earshotd {

struct ConfigProblem {
  /// Counted from one; zero if no line is to blame.
  int line = 0;
  /// With its parents: "media.slots.audio"; empty for the file itself.
  std::string key;
  /// What is wrong and what is allowed.
  std::string message;
  /// The known key that was probably meant, or empty.
  std::string suggestion;
};

/// The kinds of values that a field can take.
enum class FieldKind { kText, kBoolean, kInteger, kNumber, kDuration, kChoice, kList, kMap };
struct ConfigField {
  std::string path;
  FieldKind kind;
  /// As it is written; the number of entries of a list of maps, and nothing of a map.
  std::string value = {};
};

/// Filled while a file is read. A file has few lines, so both lists are bounded by its size.
struct ConfigLog {
  std::vector<ConfigProblem> problems;
  /// The fields that the file has, of those that were asked for.
  std::vector<ConfigField> fields;
  /// The path of every field that was asked for, whether the file has it or not: the schema.
  std::vector<std::string> known;
};

/// "file:line: key: message; did you mean "suggestion"?", one line each.
std::string ProblemsAsText(const std::string& file, const std::vector<ConfigProblem>& problems);
/// {"valid": false, "file": ..., "problems": [{"line", "key", "message", "suggestion"}],
/// "warnings": ["..."]}.
std::string ProblemsAsJson(const std::string& file, const std::vector<ConfigProblem>& problems,
                           const std::vector<std::string>& warnings = {});

/// The name that `name` was probably meant to be: the one with the fewest edits, at most a third
/// of its length; empty if there is none.
std::string NearestName(std::string_view name, const std::vector<std::string>& names);

}  // namespace earshotd
