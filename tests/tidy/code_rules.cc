// The rules about what C++ code may say.

#include <algorithm>
#include <regex>

#include "tidy/rules.h"

namespace earshot::tidy {
namespace {

bool IsCxx(const SourceFile& file) { return file.extension() == ".h" || file.extension() == ".cc"; }

std::string At(const std::string& path, size_t line) {
  return path + ":" + std::to_string(line) + ": ";
}

size_t LineOf(const std::string& code, size_t position) {
  const auto end = code.begin() + static_cast<std::ptrdiff_t>(position);
  return static_cast<size_t>(std::count(code.begin(), end, '\n')) + 1;
}

/// What no sans-IO file may say, and a pattern of the files where it is right all the same.
struct Ban {
  const char* pattern;
  const char* except;
};
constexpr Ban kBans[] = {
    // usrsctp is global to the process: its one file takes turns.
    {R"(std::(mutex|unique_lock|lock_guard|condition_variable)\b)",
     "src/transport/sctp_usrsctp.cc"},
    {R"(std::(thread|jthread|async|atomic_thread_fence|this_thread)\b)", nullptr},
    {R"(std::chrono\b|absl::(Now|Time)\b|\b(gettimeofday|clock_gettime|uv_hrtime)\s*\()", nullptr},
    // The certificate is shared by engines on several threads; a sealer by those that seal.
    {R"(std::(shared|weak)_ptr\b)",
     "src/transport/dtls.h|src/transport/dtls_certificate.cc|src/transport/sealing_batch.(h|cc)|"
     "src/space/engine.cc"},
    {R"(std::(random_device|mt19937\w*)\b|\b(rand|srand|random)\s*\()", nullptr},
    {R"(\b(throw|try|catch)\b)", nullptr},
    {R"(std::function\b)", nullptr},
    {R"(std::(cout|cerr|clog)\b|\bf?printf\s*\()", nullptr},
    // Without chance from the system no secret can be made.
    {R"(\b(exit|abort|signal)\s*\()", "src/base/random.cc"},
};

bool IsSansIo(const SourceFile& file) {
  const std::string room = file.room();
  return IsCxx(file) && !room.empty() && room != "io" && room != "server";
}

/// Walks code by its braces and knows which are namespaces.
class Scopes {
 public:
  /// `head` is what stands before the brace, since the last one or semicolon.
  void Open(const std::string& head) {
    static const std::regex kNamespace(R"(\bnamespace\b\s*([\w:]*)\s*$)");
    std::smatch match;
    const bool is_namespace = std::regex_search(head, match, kNamespace);
    const bool is_linkage = head.find("extern \"") != std::string::npos;
    open_.push_back({is_namespace ? std::string(match[1]) : "", is_namespace || is_linkage});
  }
  void Close() {
    if (!open_.empty()) open_.pop_back();
  }
  bool OnlyNamespaces() const {
    return std::all_of(open_.begin(), open_.end(), [](const Scope& s) { return s.is_namespace; });
  }
  /// "earshot::sdp"; empty within an anonymous one.
  std::string Name() const {
    std::string name;
    for (const Scope& scope : open_) {
      if (scope.name.empty()) return "";
      name += (name.empty() ? "" : "::") + scope.name;
    }
    return name;
  }

 private:
  struct Scope {
    std::string name;
    bool is_namespace;
  };
  std::vector<Scope> open_;
};

/// The namespace-level types that `file` defines, as "earshot::Slot", with their lines.
std::map<std::string, size_t> TypesOf(const SourceFile& file) {
  static const std::regex kType(R"(\b(?:class|struct|union|enum(?:\s+(?:class|struct))?)\s+(\w+))"
                                R"((?:\s+final)?\s*(?::[^:][^(]*)?$)");
  std::map<std::string, size_t> types;
  const std::string code = CodeOf(file.text);
  Scopes scopes;
  std::string head;
  for (size_t i = 0; i < code.size(); ++i) {
    if (code[i] == '{') {
      std::smatch match;
      if (scopes.OnlyNamespaces() && !scopes.Name().empty() &&
          std::regex_search(head, match, kType)) {
        types[scopes.Name() + "::" + std::string(match[1])] = LineOf(code, i);
      }
      scopes.Open(head);
      head.clear();
    } else if (code[i] == '}' || code[i] == ';') {
      if (code[i] == '}') scopes.Close();
      head.clear();
    } else {
      head += code[i];
    }
  }
  return types;
}

/// Which of two files can end up in one program: those of src, include and daemon with all, and
/// tests of one folder with each other.
bool CanMeet(const SourceFile& a, const SourceFile& b) {
  const auto folder = [](const SourceFile& file) {
    return file.path.starts_with("tests/") ? file.path.substr(0, file.path.rfind('/')) : "";
  };
  return folder(a).empty() || folder(b).empty() || folder(a) == folder(b);
}

}  // namespace

Complaints CheckSansIo(const Files& files) {
  Complaints complaints;
  for (const SourceFile& file : files) {
    if (!IsSansIo(file)) continue;
    const std::string code = CodeOf(file.text);
    for (const Ban& ban : kBans) {
      if (ban.except != nullptr && std::regex_match(file.path, std::regex(ban.except))) continue;
      const std::regex pattern(ban.pattern);
      for (std::sregex_iterator match(code.begin(), code.end(), pattern), end; match != end;
           ++match) {
        complaints.push_back(At(file.path, LineOf(code, static_cast<size_t>(match->position()))) +
                             match->str() + " has no place in a sans-IO room");
      }
    }
  }
  return complaints;
}

Complaints CheckConditionals(const Files& files) {
  Complaints complaints;
  for (const SourceFile& file : files) {
    if (!IsCxx(file) || file.room().empty()) continue;
    Scopes scopes;
    std::string head;
    size_t number = 0;
    for (const std::string& line : LinesOf(CodeOf(file.text))) {
      ++number;
      const size_t start = line.find_first_not_of(' ');
      if (start != std::string::npos && line[start] == '#') {
        if (line.find("if", start) == start + 1 && !scopes.OnlyNamespaces()) {
          complaints.push_back(At(file.path, number) + "a conditional inside a body");
        }
        continue;
      }
      for (const char c : line) {
        if (c == '{') scopes.Open(head);
        if (c == '}') scopes.Close();
        if (c == '{' || c == '}' || c == ';') {
          head.clear();
        } else {
          head += c;
        }
      }
      head += ' ';
    }
  }
  return complaints;
}

Complaints CheckHeaders(const Files& files) {
  Complaints complaints;
  for (const SourceFile& file : files) {
    if (file.extension() != ".h") continue;
    const std::vector<std::string> lines = LinesOf(file.text);
    if (lines.empty() || lines[0] != "#pragma once") {
      complaints.push_back(At(file.path, 1) + "must begin with #pragma once");
    }
    const auto paragraph = std::find_if(lines.begin() + (lines.empty() ? 0 : 1), lines.end(),
                                        [](const std::string& line) { return !line.empty(); });
    if (paragraph == lines.end() || !paragraph->starts_with("// ")) {
      complaints.push_back(At(file.path, 3) + "must say in a paragraph what it owns");
    }
  }
  return complaints;
}

Complaints CheckTypeNames(const Files& files) {
  Complaints complaints;
  std::map<std::string, std::vector<std::pair<const SourceFile*, size_t>>> seen;
  for (const SourceFile& file : files) {
    if (!IsCxx(file)) continue;
    for (const auto& [type, line] : TypesOf(file)) {
      if (!type.starts_with("earshot")) continue;
      for (const auto& [other, other_line] : seen[type]) {
        if (!CanMeet(file, *other)) continue;
        complaints.push_back(At(file.path, line) + type + " is also defined in " +
                             At(other->path, other_line));
      }
      seen[type].emplace_back(&file, line);
    }
  }
  return complaints;
}

}  // namespace earshot::tidy
