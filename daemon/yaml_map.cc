#include "yaml_map.h"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "text_rules.h"

namespace earshotd {
namespace {

using earshot::Duration;

int LineOf(const YAML::Node& node) { return node.Mark().line + 1; }

/// Twelve significant digits, without trailing zeros.
std::string NumberText(double value) {
  char text[32];
  const auto result =
      std::to_chars(text, text + sizeof(text), value, std::chars_format::general, 12);
  return {text, result.ptr};
}

template <typename T>
std::optional<T> ParseWhole(std::string_view text) {
  T value{};
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Duration> ParseDuration(std::string_view text) {
  struct Unit {
    std::string_view suffix;
    int64_t millis;
  };
  constexpr Unit kUnits[] = {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}};
  for (const Unit& unit : kUnits) {
    if (!text.ends_with(unit.suffix)) continue;
    const auto count = ParseWhole<int64_t>(text.substr(0, text.size() - unit.suffix.size()));
    // Ten digits of hours still fit 64 bits of milliseconds.
    if (count && *count >= 0 && *count < 10'000'000'000) {
      return Duration::Millis(*count * unit.millis);
    }
  }
  return std::nullopt;
}

/// Where the document began that was read last; what is in it does not matter.
class DocumentMarks : public YAML::EventHandler {
 public:
  int last_line() const { return last_line_; }

  void OnDocumentStart(const YAML::Mark& mark) override { last_line_ = mark.line + 1; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

 private:
  int last_line_ = 0;
};

std::string DurationText(Duration duration) {
  if (duration.millis() % 1000 != 0) return std::to_string(duration.millis()) + "ms";
  return std::to_string(duration.millis() / 1000) + "s";
}

}  // namespace

std::optional<YAML::Node> LoadDocument(const std::string& text, ConfigLog& log) {
  // YAML::LoadAll would not do: of a lone comma it makes documents without end.
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  DocumentMarks marks;
  const bool one = parser.HandleNextDocument(marks);
  if (one && !parser.HandleNextDocument(marks)) return YAML::Load(text);
  log.problems.push_back({marks.last_line(), "", "must hold one YAML document", ""});
  return std::nullopt;
}

YamlMap::YamlMap(const YAML::Node& node, std::string path, ConfigLog& log)
    : path_(std::move(path)), log_(log), line_(LineOf(node)) {
  if (!node.IsMap()) {
    log_.problems.push_back({line_, path_, "must be a map of keys and values", ""});
    return;
  }
  for (const auto& pair : node) {
    if (!pair.first.IsScalar()) {
      log_.problems.push_back({LineOf(pair.first), path_, "a key must be a plain word", ""});
      continue;
    }
    Entry entry{pair.first.Scalar(), pair.second, LineOf(pair.first)};
    if (Lookup(entry.name) != nullptr) {
      NoteAt(entry, "is given twice");
    } else {
      entries_.push_back(std::move(entry));
    }
  }
}

void YamlMap::ReadText(std::string_view name, TextRule rule, std::string& value) {
  const Entry* entry = Find(name, FieldKind::kText);
  if (entry == nullptr) return;
  if (!entry->node.IsScalar()) return NoteAt(*entry, "must be a text");
  const std::string problem = rule(entry->node.Scalar());
  if (!problem.empty()) return NoteAt(*entry, problem);
  value = entry->node.Scalar();
}

void YamlMap::ReadBoolean(std::string_view name, bool& value) {
  const Entry* entry = Find(name, FieldKind::kBoolean);
  if (entry == nullptr) return;
  const std::string expected = "must be true or false";
  const std::string* text = PlainScalar(*entry, expected);
  if (text == nullptr) return;
  if (*text != "true" && *text != "false") return NoteAt(*entry, expected);
  value = *text == "true";
}

void YamlMap::ReadNumber(std::string_view name, Range<double> range, float& value) {
  const Entry* entry = Find(name, FieldKind::kNumber);
  if (entry == nullptr) return;
  const std::string expected =
      "must be a number from " + NumberText(range.min) + " to " + NumberText(range.max);
  const std::string* text = PlainScalar(*entry, expected);
  if (text == nullptr) return;
  const auto number = ParseWhole<double>(*text);
  // Not a number compares false with everything, so this refuses it as well.
  if (!number || !(*number >= range.min && *number <= range.max)) return NoteAt(*entry, expected);
  value = static_cast<float>(*number);
}

void YamlMap::ReadDuration(std::string_view name, Range<Duration> range, Duration& value) {
  const Entry* entry = Find(name, FieldKind::kDuration);
  if (entry == nullptr) return;
  const std::string expected = "must be a duration such as 15s or 500ms, from " +
                               DurationText(range.min) + " to " + DurationText(range.max);
  const std::string* text = PlainScalar(*entry, expected);
  if (text == nullptr) return;
  const std::optional<Duration> duration = ParseDuration(*text);
  if (!duration || *duration < range.min || *duration > range.max) return NoteAt(*entry, expected);
  value = *duration;
}

void YamlMap::ReadTexts(std::string_view name, size_t max_count, TextRule rule,
                        std::vector<std::string>& values) {
  const Entry* entry = Find(name, FieldKind::kList);
  if (entry == nullptr || !ExpectList(*entry, max_count)) return;
  NoteValue(YAML::Dump(entry->node));
  std::vector<std::string> read;
  for (size_t i = 0; i < entry->node.size(); ++i) {
    const YAML::Node item = entry->node[i];
    const std::string problem = item.IsScalar() ? rule(item.Scalar()) : "must be a text";
    if (!problem.empty()) {
      log_.problems.push_back(
          {LineOf(item), PathOf(name) + "[" + std::to_string(i) + "]", problem, ""});
    } else {
      read.push_back(item.Scalar());
    }
  }
  values = std::move(read);
}

void YamlMap::ReadPairs(std::string_view name, Range<size_t> count, Range<double> range,
                        std::vector<std::pair<float, float>>& values) {
  const Entry* entry = Find(name, FieldKind::kList);
  if (entry == nullptr || !ExpectList(*entry, count.max)) return;
  NoteValue(YAML::Dump(entry->node));
  if (entry->node.size() < count.min) {
    return NoteAt(*entry, "must have at least " + std::to_string(count.min) + " entries");
  }
  std::vector<std::pair<float, float>> read;
  for (const YAML::Node& item : entry->node) {
    std::optional<double> numbers[2];
    for (size_t i = 0; item.IsSequence() && item.size() == 2 && i < 2; ++i) {
      if (item[i].IsScalar()) numbers[i] = ParseWhole<double>(item[i].Scalar());
    }
    const bool good = std::all_of(numbers, numbers + 2, [range](const auto& number) {
      return number && *number >= range.min && *number <= range.max;
    });
    if (!good) {
      log_.problems.push_back({LineOf(item), PathOf(name),
                               "must be pairs [x, y] of numbers from " + NumberText(range.min) +
                                   " to " + NumberText(range.max),
                               ""});
      continue;
    }
    read.emplace_back(static_cast<float>(*numbers[0]), static_cast<float>(*numbers[1]));
  }
  values = std::move(read);
}

void YamlMap::ReadWideInteger(std::string_view name, Range<int64_t> range, int64_t& value) {
  const Entry* entry = Find(name, FieldKind::kInteger);
  if (entry == nullptr) return;
  const std::string expected = "must be a whole number from " + std::to_string(range.min) + " to " +
                               std::to_string(range.max);
  const std::string* text = PlainScalar(*entry, expected);
  if (text == nullptr) return;
  const auto number = ParseWhole<int64_t>(*text);
  if (!number || *number < range.min || *number > range.max) return NoteAt(*entry, expected);
  value = *number;
}

size_t YamlMap::ReadChoiceIndex(std::string_view name,
                                const std::vector<std::string_view>& choices) {
  const Entry* entry = Find(name, FieldKind::kChoice);
  if (entry == nullptr) return choices.size();
  if (entry->node.IsScalar()) {
    const auto found = std::find(choices.begin(), choices.end(), entry->node.Scalar());
    if (found != choices.end()) return static_cast<size_t>(found - choices.begin());
  }
  std::string expected = "must be one of";
  for (const std::string_view choice : choices) {
    expected += expected.ends_with("of") ? " " : ", ";
    expected += choice;
  }
  NoteAt(*entry, expected);
  return choices.size();
}

void YamlMap::Require(std::string_view name) {
  if (!Has(name)) Note("", "needs the key \"" + std::string(name) + "\"");
}

bool YamlMap::Has(std::string_view name) const { return Lookup(name) != nullptr; }

bool YamlMap::IsList(std::string_view name) const {
  const Entry* entry = Lookup(name);
  return entry != nullptr && entry->node.IsSequence();
}

void YamlMap::Note(std::string_view name, std::string message) {
  const Entry* entry = Lookup(name);
  if (entry != nullptr) return NoteAt(*entry, std::move(message));
  log_.problems.push_back({line_, path_, std::move(message), ""});
}

void YamlMap::NoteItem(std::string_view name, size_t index, std::string message) {
  const Entry* entry = Lookup(name);
  if (entry == nullptr || index >= entry->node.size()) return Note(name, std::move(message));
  log_.problems.push_back({LineOf(entry->node[index]),
                           PathOf(name) + "[" + std::to_string(index) + "]", std::move(message),
                           ""});
}

void YamlMap::Finish() {
  for (const Entry& entry : entries_) {
    if (std::find(known_.begin(), known_.end(), entry.name) != known_.end()) continue;
    log_.problems.push_back(
        {entry.line, PathOf(entry.name), "is not a known key", NearestName(entry.name, known_)});
  }
}

const YamlMap::Entry* YamlMap::Find(std::string_view name, FieldKind kind) {
  known_.emplace_back(name);
  log_.known.push_back(PathOf(name));
  const Entry* entry = Lookup(name);
  if (entry != nullptr) {
    log_.fields.push_back({PathOf(name), kind, entry->node.IsScalar() ? entry->node.Scalar() : ""});
  }
  return entry;
}

const YamlMap::Entry* YamlMap::Lookup(std::string_view name) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [name](const Entry& entry) { return entry.name == name; });
  return found == entries_.end() ? nullptr : &*found;
}

std::string YamlMap::PathOf(std::string_view name) const {
  return path_.empty() ? std::string(name) : path_ + "." + std::string(name);
}

void YamlMap::NoteAt(const Entry& entry, std::string message) {
  log_.problems.push_back({entry.line, PathOf(entry.name), std::move(message), ""});
}

const std::string* YamlMap::PlainScalar(const Entry& entry, const std::string& expected) {
  // yaml-cpp tags quoted scalars with "!"; a quoted number is a text.
  if (entry.node.IsScalar() && entry.node.Tag() != "!") return &entry.node.Scalar();
  NoteAt(entry, expected);
  return nullptr;
}

bool YamlMap::ExpectMap(const Entry& entry) {
  if (entry.node.IsMap()) return true;
  NoteAt(entry, "must be a map of keys and values");
  return false;
}

bool YamlMap::ExpectList(const Entry& entry, size_t max_count) {
  if (entry.node.IsSequence() && entry.node.size() <= max_count) return true;
  NoteAt(entry, "must be a list of at most " + std::to_string(max_count) + " entries");
  return false;
}

}  // namespace earshotd
