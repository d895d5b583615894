#include "json_guard.h"

#include <set>
#include <string>
#include <vector>

namespace earshotd {
namespace {

using nlohmann::json;

/// Receives the parser's events and stops it at the first violated limit. The method names are
/// those of nlohmann's SAX interface.
class GuardingReader {
 public:
  explicit GuardingReader(const JsonLimits& limits) : limits_(limits) {}

  JsonProblem problem() const { return problem_; }

  bool null() { return CountValue(); }
  bool boolean(bool) { return CountValue(); }
  bool number_integer(json::number_integer_t) { return CountValue(); }
  bool number_unsigned(json::number_unsigned_t) { return CountValue(); }
  bool number_float(json::number_float_t, const std::string&) { return CountValue(); }
  bool string(std::string&) { return CountValue(); }
  bool binary(json::binary_t&) { return false; }

  bool start_object(size_t) { return Descend(); }
  bool start_array(size_t) { return Descend(); }
  bool end_object() { return Ascend(); }
  bool end_array() { return Ascend(); }
  bool key(std::string& name) {
    if (keys_.back().insert(name).second) return true;
    problem_ = JsonProblem::kDuplicateKey;
    return false;
  }
  bool parse_error(size_t, const std::string&, const json::exception&) { return false; }

 private:
  bool CountValue() {
    if (++values_ <= limits_.max_values) return true;
    problem_ = JsonProblem::kTooManyValues;
    return false;
  }
  bool Descend() {
    if (keys_.size() >= limits_.max_depth) {
      problem_ = JsonProblem::kTooDeep;
      return false;
    }
    keys_.emplace_back();
    return CountValue();
  }
  bool Ascend() {
    keys_.pop_back();
    return true;
  }

  const JsonLimits limits_;
  JsonProblem problem_ = JsonProblem::kNotJson;
  size_t values_ = 0;
  /// The keys seen in each open object or array, outermost first; at most max_depth of them.
  std::vector<std::set<std::string>> keys_;
};

}  // namespace

std::variant<json, JsonProblem> ParseJson(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.max_size) return JsonProblem::kTooLarge;
  // The parser takes a NUL for the end of the text, and would not look at what follows.
  if (text.find('\0') != std::string_view::npos) return JsonProblem::kNotJson;
  GuardingReader reader(limits);
  if (!json::sax_parse(text.begin(), text.end(), &reader)) return reader.problem();
  return json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
}

std::string_view JsonProblemText(JsonProblem problem) {
  switch (problem) {
    case JsonProblem::kNotJson:
      return "This is not JSON.";
    case JsonProblem::kTooLarge:
      return "The message is too large.";
    case JsonProblem::kTooDeep:
      return "Objects and arrays are nested more than 16 deep.";
    case JsonProblem::kTooManyValues:
      return "The message holds too many values.";
    case JsonProblem::kDuplicateKey:
      return "An object holds the same key twice.";
  }
  return "";
}

}  // namespace earshotd
