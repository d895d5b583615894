#include "tidy/source_file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace earshot::tidy {
namespace {

namespace fs = std::filesystem;

bool IsSkippedFolder(const fs::path& relative) {
  static const std::set<std::string> kSkipped = {"build", ".git", "tests/data", "tests/fuzz/corpus",
                                                 "tests/browser/node_modules"};
  return kSkipped.contains(relative.generic_string());
}

bool IsText(const fs::path& path) {
  static const std::set<std::string> kExtensions = {".h",    ".cc",  ".js",  ".ts",     ".css",
                                                    ".html", ".svg", ".md",  ".yaml",   ".txt",
                                                    ".json", ".sh",  ".yml", ".service"};
  const std::string name = path.filename().string();
  if (name == "package-lock.json") return false;
  return kExtensions.contains(path.extension().string()) || name == "dev";
}

std::string ReadText(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

std::string_view SourceFile::extension() const {
  const size_t dot = path.rfind('.');
  return dot == std::string::npos ? std::string_view() : std::string_view(path).substr(dot);
}

std::string SourceFile::room() const {
  if (!path.starts_with("src/")) return "";
  const size_t end = path.find('/', 4);
  return end == std::string::npos ? "" : path.substr(4, end - 4);
}

std::vector<SourceFile> ReadTree(const std::string& root) {
  std::vector<SourceFile> files;
  for (fs::recursive_directory_iterator entry(root), end; entry != end; ++entry) {
    const fs::path relative = fs::relative(entry->path(), root);
    if (entry->is_directory() && IsSkippedFolder(relative)) entry.disable_recursion_pending();
    if (!entry->is_regular_file() || !IsText(entry->path())) continue;
    files.push_back({relative.generic_string(), ReadText(entry->path())});
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

std::vector<std::string> LinesOf(std::string_view text) {
  std::vector<std::string> lines;
  std::istringstream stream{std::string(text)};
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string CodeOf(std::string_view text) {
  std::string code(text);
  enum class State { kCode, kLineComment, kBlockComment, kString, kCharacter };
  State state = State::kCode;
  for (size_t i = 0; i < code.size(); ++i) {
    const std::string_view rest = text.substr(i);
    const char c = text[i];
    if (state == State::kCode) {
      // A quote between digits separates them.
      const bool separator =
          c == '\'' && i > 0 && std::isalnum(static_cast<unsigned char>(text[i - 1]));
      if (rest.starts_with("//")) state = State::kLineComment;
      if (rest.starts_with("/*")) state = State::kBlockComment;
      if (rest.starts_with("R\"(")) {
        const size_t end = std::min(text.find(")\"", i), text.size() - 1);
        for (; i < end; ++i) {
          if (code[i] != '\n') code[i] = ' ';
        }
        continue;
      }
      if (c == '"') state = State::kString;
      if (c == '\'' && !separator) state = State::kCharacter;
      if (state == State::kCode || state == State::kString || state == State::kCharacter) continue;
    }
    if (state == State::kLineComment && c == '\n') state = State::kCode;
    if (state == State::kString || state == State::kCharacter) {
      const char quote = state == State::kString ? '"' : '\'';
      if (c == quote || c == '\n') {
        state = State::kCode;
        continue;
      }
      if (c == '\\' && i + 1 < code.size()) code[i++] = ' ';
    }
    const bool block_ends = state == State::kBlockComment && rest.starts_with("*/");
    if (code[i] != '\n') code[i] = ' ';
    if (block_ends) {
      code[++i] = ' ';
      state = State::kCode;
    }
  }
  return code;
}

}  // namespace earshot::tidy
