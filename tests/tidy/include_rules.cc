// The rules about who may include whom.

#include <regex>
#include <sstream>

#include "tidy/rules.h"

namespace earshot::tidy {
namespace {

struct Include {
  size_t line;
  std::string header;
  bool angled;
};

std::vector<Include> IncludesOf(const SourceFile& file) {
  static const std::regex kInclude(R"re(^\s*#\s*include\s*([<"])([^>"]+)[>"])re");
  std::vector<Include> includes;
  size_t number = 0;
  for (const std::string& line : LinesOf(file.text)) {
    ++number;
    std::smatch match;
    if (std::regex_search(line, match, kInclude)) {
      includes.push_back({number, match[2], match[1] == "<"});
    }
  }
  return includes;
}

std::string At(const SourceFile& file, size_t line) {
  return file.path + ":" + std::to_string(line) + ": ";
}

bool IsCxx(const SourceFile& file) { return file.extension() == ".h" || file.extension() == ".cc"; }

/// What `room` reaches through the edges, itself included.
std::set<std::string> Closure(const std::string& room, const RoomEdges& edges) {
  std::set<std::string> reached = {room};
  const auto found = edges.find(room);
  if (found == edges.end()) return reached;
  for (const std::string& next : found->second) reached.merge(Closure(next, edges));
  return reached;
}

/// Header (or the start of its name) and a pattern of the paths that may include it.
struct Wrapper {
  const char* header;
  const char* paths;
};
constexpr Wrapper kWrappers[] = {
    {"uv.h", "src/io/.*"},
    {"usrsctp.h", "src/transport/sctp_usrsctp\\.cc"},
    {"srtp2/", "src/transport/srtp_libsrtp\\.cc"},
    {"intel-ipsec-mb.h", "src/transport/aead_cipher_ipsec_mb\\.cc"},
    {"openssl/ssl.h", "src/transport/dtls_.*"},
    {"openssl/sha.h", "src/base/hmac_sha1\\.cc"},
    {"openssl/rand.h", "src/base/random\\.cc|src/transport/dtls_.*|daemon/.*"},
    {"openssl/", "src/(base/(random|hmac_sha1)\\.cc|wire/stun\\.cc|transport/.*)|daemon/.*"},
    {"absl/", "src/.*"},
    {"prometheus/", "daemon/metrics\\.cc"},
    {"yaml-cpp/", "daemon/yaml_map\\.h"},
    {"CLI/", "daemon/command_line\\.cc"},
    {"nlohmann/", "daemon/.*"},
    {"boost/", "daemon/.*"},
};

}  // namespace

const RoomEdges& AllowedRooms() {
  static const RoomEdges kAllowed = {
      {"base", {}},
      {"wire", {"base"}},
      {"codec", {"base"}},
      {"sdp", {"base"}},
      {"spatial", {"base"}},
      {"transport", {"wire", "sdp"}},
      {"forwarding", {"wire", "codec"}},
      {"space", {"transport", "spatial", "forwarding", "sdp"}},
      {"client", {"transport", "sdp", "forwarding"}},
      {"io", {"space"}},
      {"server", {"io"}},
  };
  return kAllowed;
}

RoomEdges RoomsOfCMake(const std::string& cmake) {
  static const std::regex kRoom(R"(earshot_room\((\w+)(?:\s+USES((?:\s+[a-z]+)+))?)");
  RoomEdges edges;
  for (std::sregex_iterator match(cmake.begin(), cmake.end(), kRoom), end; match != end; ++match) {
    if ((*match)[1] == "name") continue;  // the function's own definition
    std::istringstream words((*match)[2]);
    std::set<std::string>& used = edges[(*match)[1]];
    for (std::string word; words >> word;) used.insert(word);
  }
  return edges;
}

std::set<std::string> RoomsOfReadme(const std::string& readme) {
  static const std::regex kRow(R"(^\| `([a-z]+)` \|)");
  std::set<std::string> rooms;
  for (const std::string& line : LinesOf(readme)) {
    std::smatch match;
    if (std::regex_search(line, match, kRow)) rooms.insert(match[1]);
  }
  return rooms;
}

Complaints CheckRoomIncludes(const Files& files, const RoomEdges& allowed) {
  Complaints complaints;
  for (const SourceFile& file : files) {
    if (!IsCxx(file)) continue;
    const bool is_public = file.path.starts_with("include/");
    const bool is_daemon = file.path.starts_with("daemon/");
    const std::string room = file.room();
    if (!is_public && !is_daemon && room.empty()) continue;
    const std::set<std::string> reachable =
        room.empty() ? std::set<std::string>() : Closure(room, allowed);
    for (const Include& include : IncludesOf(file)) {
      const std::string folder = include.header.substr(0, include.header.find('/'));
      const bool flat = folder == include.header;
      bool good = folder == "earshot" || folder == "absl" || reachable.contains(folder);
      if (is_daemon) good = flat || folder == "earshot";
      if (is_public) good = folder == "earshot";
      if (include.angled)
        good = !is_public || include.header.find_first_of("/.") == std::string::npos;
      if (!good)
        complaints.push_back(At(file, include.line) + "must not include " + include.header);
    }
  }
  return complaints;
}

Complaints CheckThirdPartyIncludes(const Files& files) {
  Complaints complaints;
  for (const SourceFile& file : files) {
    const bool ours = !file.room().empty() || file.path.starts_with("include/") ||
                      file.path.starts_with("daemon/");
    if (!IsCxx(file) || !ours) continue;
    for (const Include& include : IncludesOf(file)) {
      for (const Wrapper& wrapper : kWrappers) {
        if (!include.header.starts_with(wrapper.header)) continue;
        if (!std::regex_match(file.path, std::regex(wrapper.paths))) {
          complaints.push_back(At(file, include.line) + include.header + " belongs in " +
                               wrapper.paths);
        }
        break;
      }
    }
  }
  return complaints;
}

}  // namespace earshot::tidy
