#pragma once

// The house rules, each as a function from files to complaints of the form "path:line: what is
// wrong". Each is pure, so that the tests can feed it what it must complain about. Test code only.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tidy/source_file.h"

namespace earshot::tidy {

using Files = std::vector<SourceFile>;
using Complaints = std::vector<std::string>;

/// Which rooms each room may include directly; those may be reached through each other as well.
using RoomEdges = std::map<std::string, std::set<std::string>>;
const RoomEdges& AllowedRooms();
/// The edges that `earshot_room(... USES ...)` of src/CMakeLists.txt gives.
RoomEdges RoomsOfCMake(const std::string& cmake);
/// The rooms of the table in src/README.md.
std::set<std::string> RoomsOfReadme(const std::string& readme);

/// Includes between rooms, and what include/ and daemon/ may include.
Complaints CheckRoomIncludes(const Files& files, const RoomEdges& allowed);
/// Third-party headers stay in the files that wrap them.
Complaints CheckThirdPartyIncludes(const Files& files);
/// No clock, thread, lock, exception, log or chance in the sans-IO rooms.
Complaints CheckSansIo(const Files& files);
/// No preprocessor conditional inside a function or class of src.
Complaints CheckConditionals(const Files& files);
/// Words of unfinished work.
Complaints CheckUnfinished(const Files& files);
/// `#pragma once`, then a paragraph that says what the file owns.
Complaints CheckHeaders(const Files& files);
Complaints CheckLineLengths(const Files& files);
/// `allowed` are the files that were longer when the rule came, with the length they may not pass.
Complaints CheckFileLengths(const Files& files, const std::map<std::string, size_t>& allowed);
/// Each src/ROOM/NAME.cc has a tests/ROOM/NAME_test.cc.
Complaints CheckMirrors(const Files& files, const std::set<std::string>& missing);
/// The "Packet path K/11" comments are where the table of src/README.md says.
Complaints CheckPacketPath(const Files& files);
/// Relative links of Markdown files; `exists` tells whether a path of the project does.
Complaints CheckLinks(const Files& files, bool (*exists)(const std::string& path));
/// What code and tests cite of docs/threats.md is there, and each row that is done names a test.
Complaints CheckThreats(const Files& files);
/// Two types of one name in one named namespace, which the linker would merge in silence.
Complaints CheckTypeNames(const Files& files);

}  // namespace earshot::tidy
