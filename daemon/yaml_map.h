#pragma once

// Reads one map of a YAML file strictly: each key known, given once, of the right type and in its
// range. Everything wrong is noted with its line, not thrown; the reading goes on, so that one run
// shows all mistakes. It also notes every field that was asked for, which is the schema that tests
// and documentation are checked against. One thread at a time.

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config_problem.h"
#include "earshot/units.h"

namespace earshotd {

template <typename T>
struct Range {
  T min;
  T max;
};

/// Returns what is wrong with a text ("must be ..."), or an empty text.
using TextRule = std::string (*)(const std::string&);

/// The document that `text` holds; nothing and a note if there is none or more than one. Throws
/// what yaml-cpp throws.
std::optional<YAML::Node> LoadDocument(const std::string& text, ConfigLog& log);

class YamlMap {
 public:
  /// `path` is the key of this map with its parents, such as "media.slots"; empty for the root.
  YamlMap(const YAML::Node& node, std::string path, ConfigLog& log);

  // All leave `value` as it is when the key is absent or its value is wrong.
  void ReadText(std::string_view name, TextRule rule, std::string& value);
  void ReadBoolean(std::string_view name, bool& value);
  void ReadNumber(std::string_view name, Range<double> range, float& value);
  void ReadDuration(std::string_view name, Range<earshot::Duration> range,
                    earshot::Duration& value);
  void ReadTexts(std::string_view name, size_t max_count, TextRule rule,
                 std::vector<std::string>& values);
  template <typename T>
  void ReadInteger(std::string_view name, Range<T> range, T& value) {
    int64_t wide = static_cast<int64_t>(value);
    ReadWideInteger(name, {static_cast<int64_t>(range.min), static_cast<int64_t>(range.max)}, wide);
    value = static_cast<T>(wide);
  }
  template <typename T>
  void ReadChoice(std::string_view name, std::span<const std::pair<std::string_view, T>> choices,
                  T& value) {
    std::vector<std::string_view> names;
    for (const auto& choice : choices) names.push_back(choice.first);
    const size_t index = ReadChoiceIndex(name, names);
    if (index < choices.size()) value = choices[index].second;
  }
  /// Calls `read` with the map under `name`, if there is one.
  template <typename Reader>
  void ReadMap(std::string_view name, Reader&& read) {
    const Entry* entry = Find(name, FieldKind::kMap);
    if (entry == nullptr || !ExpectMap(*entry)) return;
    YamlMap map(entry->node, PathOf(name), log_);
    read(map);
    map.Finish();
  }
  /// Calls `read` with each map of the list under `name`.
  template <typename Reader>
  void ReadMaps(std::string_view name, size_t max_count, Reader&& read) {
    const Entry* entry = Find(name, FieldKind::kList);
    if (entry == nullptr || !ExpectList(*entry, max_count)) return;
    NoteValue(std::to_string(entry->node.size()));
    for (size_t i = 0; i < entry->node.size(); ++i) {
      YamlMap map(entry->node[i], PathOf(name) + "[" + std::to_string(i) + "]", log_);
      read(map);
      map.Finish();
    }
  }
  /// A list of [x, y] pairs.
  void ReadPairs(std::string_view name, Range<size_t> count, Range<double> range,
                 std::vector<std::pair<float, float>>& values);

  /// Notes that `name` is missing, if it is.
  void Require(std::string_view name);
  bool Has(std::string_view name) const;
  /// For a key that may have one text or several.
  bool IsList(std::string_view name) const;
  /// Notes a problem with the key `name`, or with the whole map if it is absent or empty.
  void Note(std::string_view name, std::string message);
  /// Notes a problem with one entry of the list `name`, at that entry's line.
  void NoteItem(std::string_view name, size_t index, std::string message);
  /// Of the whole file, so far.
  size_t problem_count() const { return log_.problems.size(); }
  /// Notes the keys that nobody asked for.
  void Finish();

 private:
  struct Entry {
    std::string name;
    YAML::Node node;
    int line;
  };

  const Entry* Find(std::string_view name, FieldKind kind);
  const Entry* Lookup(std::string_view name) const;
  /// Of the field that was found last.
  void NoteValue(std::string value) { log_.fields.back().value = std::move(value); }
  std::string PathOf(std::string_view name) const;
  void NoteAt(const Entry& entry, std::string message);
  /// The unquoted scalar's text, or nothing and a note that `expected` is wanted.
  const std::string* PlainScalar(const Entry& entry, const std::string& expected);
  bool ExpectMap(const Entry& entry);
  bool ExpectList(const Entry& entry, size_t max_count);
  void ReadWideInteger(std::string_view name, Range<int64_t> range, int64_t& value);
  size_t ReadChoiceIndex(std::string_view name, const std::vector<std::string_view>& choices);

  std::string path_;
  ConfigLog& log_;
  int line_;
  std::vector<Entry> entries_;
  std::vector<std::string> known_;
};

}  // namespace earshotd
