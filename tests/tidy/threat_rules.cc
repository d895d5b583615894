// The rule about docs/threats.md: what code and tests cite is there, and what is there as done has
// a test.

#include <algorithm>
#include <regex>

#include "tidy/rules.h"

namespace earshot::tidy {
namespace {

constexpr const char* kPage = "docs/threats.md";

struct ThreatRow {
  size_t line;
  std::string state;
  std::vector<std::string> tests;
};
using ThreatRows = std::map<std::string, ThreatRow>;

std::vector<std::string> AllMatches(const std::string& text, const std::regex& what) {
  std::vector<std::string> found;
  for (std::sregex_iterator match(text.begin(), text.end(), what), end; match != end; ++match) {
    found.push_back((*match)[match->size() - 1]);
  }
  return found;
}

ThreatRows RowsOf(const std::string& page, Complaints& complaints) {
  static const std::regex kRow(R"(^\| ([A-Z]\d+) \| ([^|]*) \| [^|]+ \| [^|]+ \|([^|]*)\|$)");
  static const std::regex kName(R"(`([^`]+)`)");
  static const std::set<std::string> kStates = {"done", "partly", "missing"};
  ThreatRows rows;
  size_t number = 0;
  for (const std::string& line : LinesOf(page)) {
    ++number;
    std::smatch match;
    if (!std::regex_match(line, match, kRow)) continue;
    ThreatRow row{number, match[2], AllMatches(match[3], kName)};
    const std::string at = kPage + (":" + std::to_string(number)) + ": ";
    if (!kStates.contains(row.state)) complaints.push_back(at + "is done, partly or missing");
    if (row.state == "done" && row.tests.empty()) complaints.push_back(at + "names no test");
    if (row.state == "missing" && !row.tests.empty()) {
      complaints.push_back(at + "is not missing if a test shows it");
    }
    if (!rows.try_emplace(match[1], std::move(row)).second) {
      complaints.push_back(at + "stands there twice");
    }
  }
  return rows;
}

/// The names of tests, as C++ or JavaScript spells them.
std::set<std::string> TestNamesIn(const SourceFile& file) {
  static const std::regex kCpp(R"(\bTEST(?:_F|_P)?\(\s*\w+,\s*(\w+)\s*\))");
  static const std::regex kJavaScript(R"(\btest\(\s*['"`]([^'"`]+)['"`])");
  const auto names = AllMatches(file.text, file.extension() == ".js" ? kJavaScript : kCpp);
  return {names.begin(), names.end()};
}

/// "R17_R18_NobodyIsHeard" cites two rows.
std::vector<std::string> RowsCitedByName(std::string name) {
  static const std::regex kFirst(R"(^([A-Z]\d+)[_ ])");
  std::vector<std::string> cited;
  for (std::smatch match; std::regex_search(name, match, kFirst); name = match.suffix()) {
    cited.push_back(match[1]);
  }
  return cited;
}

std::vector<std::string> RowsCitedByComments(const std::string& text) {
  static const std::regex kCitation(R"([Tt]hreat rows? ((?:[A-Z]\d+(?:, | and | to )?)+))");
  static const std::regex kId(R"(([A-Z]\d+))");
  std::vector<std::string> cited;
  for (const std::string& list : AllMatches(text, kCitation)) {
    for (std::string& id : AllMatches(list, kId)) cited.push_back(std::move(id));
  }
  return cited;
}

}  // namespace

Complaints CheckThreats(const Files& files) {
  Complaints complaints;
  const auto page = std::find_if(files.begin(), files.end(),
                                 [](const SourceFile& file) { return file.path == kPage; });
  if (page == files.end()) return {std::string(kPage) + ":1: is not there"};
  const ThreatRows rows = RowsOf(page->text, complaints);

  std::set<std::string> tests;
  for (const SourceFile& file : files) {
    // The rules' own tests show what is wrong.
    if (file.path.starts_with("tests/tidy/")) continue;
    std::vector<std::string> cited = RowsCitedByComments(file.text);
    if (file.path.starts_with("tests/")) {
      for (const std::string& name : TestNamesIn(file)) {
        tests.insert(name);
        for (std::string& id : RowsCitedByName(name)) cited.push_back(std::move(id));
      }
    }
    for (const std::string& id : cited) {
      if (rows.contains(id)) continue;
      complaints.push_back(file.path + ":1: cites " + id + ", which " + kPage + " has not");
    }
  }
  for (const auto& [id, row] : rows) {
    for (const std::string& name : row.tests) {
      if (tests.contains(name)) continue;
      complaints.push_back(kPage + (":" + std::to_string(row.line)) + ": there is no test " + name);
    }
  }
  return complaints;
}

}  // namespace earshot::tidy
