// The rules about files as texts: sizes, words, links, mirrors and the packet path.

#include <algorithm>
#include <filesystem>
#include <regex>

#include "tidy/rules.h"

namespace earshot::tidy {
namespace {

constexpr size_t kMaxColumns = 100;
constexpr size_t kMaxLines = 500;
constexpr int kPathSteps = 11;

/// What people write by hand and read as code.
bool IsCode(const SourceFile& file) {
  static const std::set<std::string, std::less<>> kExtensions = {".h", ".cc", ".js", ".ts", ".css"};
  return kExtensions.contains(file.extension());
}

std::string At(const std::string& path, size_t line) {
  return path + ":" + std::to_string(line) + ": ";
}

/// In code points, as every one of ours is one column wide.
size_t ColumnsOf(const std::string& line) {
  return static_cast<size_t>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

const SourceFile* Find(const Files& files, const std::string& path) {
  const auto found = std::find_if(files.begin(), files.end(),
                                  [&path](const SourceFile& file) { return file.path == path; });
  return found == files.end() ? nullptr : &*found;
}

struct PathStep {
  std::string file;
  std::string function;
};

/// The rows of the table "The path of a media packet".
std::map<int, PathStep> StepsOfReadme(const std::string& readme) {
  static const std::regex kRow(R"(^\| (\d+) \| `([\w/.]+)` \| `(\w+)` \|)");
  std::map<int, PathStep> steps;
  for (const std::string& line : LinesOf(readme)) {
    std::smatch match;
    if (std::regex_search(line, match, kRow)) {
      steps[std::stoi(match[1])] = {"src/" + std::string(match[2]), match[3]};
    }
  }
  return steps;
}

/// The comment stands right before the function's head or among its first lines.
bool StandsAt(const std::vector<std::string>& lines, size_t comment, const std::string& function) {
  constexpr size_t kNear = 12;
  const size_t begin = comment < kNear ? 0 : comment - kNear;
  const size_t end = std::min(comment + kNear, lines.size());
  for (size_t i = begin; i < end; ++i) {
    const size_t text_end = lines[i].find("//");
    if (lines[i].substr(0, text_end).find(function + "(") != std::string::npos) return true;
  }
  return false;
}

}  // namespace

Complaints CheckUnfinished(const Files& files) {
  // Put together, so that this file may be checked as well.
  static const std::regex kWords(R"(\b()" + std::string("TO") + "DO|FIX" + R"(ME|X)" + "XX" +
                                 R"()\b)");
  Complaints complaints;
  for (const SourceFile& file : files) {
    size_t number = 0;
    for (const std::string& line : LinesOf(file.text)) {
      ++number;
      if (std::regex_search(line, kWords)) {
        complaints.push_back(At(file.path, number) + "unfinished work belongs in an issue");
      }
    }
  }
  return complaints;
}

Complaints CheckLineLengths(const Files& files) {
  Complaints complaints;
  for (const SourceFile& file : files) {
    if (!IsCode(file)) continue;
    size_t number = 0;
    for (const std::string& line : LinesOf(file.text)) {
      ++number;
      if (ColumnsOf(line) > kMaxColumns) {
        complaints.push_back(At(file.path, number) + "longer than 100 columns");
      }
    }
  }
  return complaints;
}

Complaints CheckFileLengths(const Files& files, const std::map<std::string, size_t>& allowed) {
  Complaints complaints;
  for (const SourceFile& file : files) {
    if (!IsCode(file)) continue;
    const auto found = allowed.find(file.path);
    const size_t limit = found == allowed.end() ? kMaxLines : found->second;
    const size_t lines = LinesOf(file.text).size();
    if (lines > limit) {
      complaints.push_back(At(file.path, lines) + "longer than " + std::to_string(limit) +
                           " lines");
    }
  }
  return complaints;
}

Complaints CheckMirrors(const Files& files, const std::set<std::string>& missing) {
  Complaints complaints;
  for (const SourceFile& file : files) {
    if (file.room().empty() || file.extension() != ".cc" || missing.contains(file.path)) continue;
    const std::string name = file.path.substr(4, file.path.size() - 4 - 3);
    const std::string mirror = "tests/" + name + "_test.cc";
    if (Find(files, mirror) == nullptr) complaints.push_back(file.path + ":1: has no " + mirror);
  }
  return complaints;
}

Complaints CheckPacketPath(const Files& files) {
  static const std::regex kComment(R"(// Packet path (\d+)/(\d+)\b)");
  Complaints complaints;
  const SourceFile* readme = Find(files, "src/README.md");
  const auto steps = StepsOfReadme(readme == nullptr ? "" : readme->text);
  if (steps.size() != kPathSteps || steps.begin()->first != 1 ||
      steps.rbegin()->first != kPathSteps) {
    complaints.push_back("src/README.md:1: the table must have the steps 1 to 11");
  }
  std::map<int, int> seen;
  for (const SourceFile& file : files) {
    if (file.room().empty()) continue;
    const std::vector<std::string> lines = LinesOf(file.text);
    for (size_t i = 0; i < lines.size(); ++i) {
      std::smatch match;
      if (!std::regex_search(lines[i], match, kComment)) continue;
      const int number = std::stoi(match[1]);
      ++seen[number];
      const auto step = steps.find(number);
      if (step == steps.end() || match[2] != std::to_string(kPathSteps) ||
          step->second.file != file.path || !StandsAt(lines, i, step->second.function)) {
        complaints.push_back(At(file.path, i + 1) + "not where src/README.md says");
      }
    }
  }
  for (const auto& [number, step] : steps) {
    if (seen[number] == 1) continue;
    complaints.push_back(At(step.file, 1) + "must have one \"Packet path " +
                         std::to_string(number) + "/11\" at " + step.function);
  }
  return complaints;
}

Complaints CheckLinks(const Files& files, bool (*exists)(const std::string& path)) {
  static const std::regex kLink(R"(\]\(([^)\s#]+)(#[^)\s]*)?\))");
  static const std::regex kAbsolute(R"(^[a-z]+:.*)");
  Complaints complaints;
  for (const SourceFile& file : files) {
    if (file.extension() != ".md") continue;
    const std::filesystem::path folder = std::filesystem::path(file.path).parent_path();
    size_t number = 0;
    for (const std::string& line : LinesOf(file.text)) {
      ++number;
      for (std::sregex_iterator match(line.begin(), line.end(), kLink), end; match != end;
           ++match) {
        const std::string target = (*match)[1];
        if (std::regex_match(target, kAbsolute)) continue;
        if (!exists((folder / target).lexically_normal().generic_string())) {
          complaints.push_back(At(file.path, number) + "there is no " + target);
        }
      }
    }
  }
  return complaints;
}

}  // namespace earshot::tidy
