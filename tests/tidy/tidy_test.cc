// The house rules over the whole project. A complaint is to be fixed, not to be added to a list:
// the lists here are what was there when the rule came, and may only get shorter.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "test_data.h"
#include "tidy/rules.h"

namespace earshot::tidy {
namespace {

using testing::IsEmpty;

const Files& Tree() {
  static const Files files = ReadTree(ProjectFile(""));
  return files;
}

std::string TextOf(const std::string& path) {
  for (const SourceFile& file : Tree()) {
    if (file.path == path) return file.text;
  }
  ADD_FAILURE() << "there is no " << path;
  return "";
}

/// One line each, so that an editor can jump there.
std::string Lines(const Complaints& complaints) {
  std::string text;
  for (const std::string& complaint : complaints) text += complaint + "\n";
  return text;
}

const std::map<std::string, size_t> kLongFiles = {
    {"daemon/web/earshot.js", 1009},
    {"tests/transport/sctp_usrsctp_test.cc", 515},
};

const std::set<std::string> kWithoutMirror = {
    // Tested together, as what the parsers and writers of whole descriptions do.
    "src/sdp/answer_parser.cc",
    "src/sdp/bundle.cc",
    "src/sdp/description_parser.cc",
    "src/sdp/media_attributes.cc",
    "src/sdp/offer_writer.cc",
    "src/sdp/text_writer.cc",
    "src/sdp/tokens.cc",
    // By tests/space, tests/fuzz and tests/sim, as what whole engines say.
    "src/space/negotiation.cc",
    "src/space/participant.cc",
    "src/space/presence.cc",
    // By tests/space/layers_test.cc.
    "src/space/publication.cc",
    "src/space/space.cc",
    // By tests/client, as what whole clients do.
    "src/client/client_transport.cc",
    "src/client/media_sender.cc",
};

TEST(TidyTest, TheTreeIsFound) {
  EXPECT_GT(Tree().size(), 200u);
  EXPECT_NE(TextOf("include/earshot/server.h"), "");
}

TEST(TidyTest, CMakeLinksTheRoomsAsTheRulesSay) {
  EXPECT_EQ(RoomsOfCMake(TextOf("src/CMakeLists.txt")), AllowedRooms());
}

TEST(TidyTest, TheReadmeNamesEveryRoom) {
  std::set<std::string> rooms;
  for (const auto& [room, uses] : AllowedRooms()) rooms.insert(room);
  EXPECT_EQ(RoomsOfReadme(TextOf("src/README.md")), rooms);
}

TEST(TidyTest, IncludesPointDownwardsOnly) {
  EXPECT_EQ(Lines(CheckRoomIncludes(Tree(), AllowedRooms())), "");
}

TEST(TidyTest, ThirdPartyHeadersStayInTheirFiles) {
  EXPECT_EQ(Lines(CheckThirdPartyIncludes(Tree())), "");
}

TEST(TidyTest, TheCoreIsSansIo) { EXPECT_EQ(Lines(CheckSansIo(Tree())), ""); }

TEST(TidyTest, NoBodyHasConditionals) { EXPECT_EQ(Lines(CheckConditionals(Tree())), ""); }

TEST(TidyTest, NothingIsUnfinished) { EXPECT_EQ(Lines(CheckUnfinished(Tree())), ""); }

TEST(TidyTest, HeadersSayWhatTheyOwn) { EXPECT_EQ(Lines(CheckHeaders(Tree())), ""); }

TEST(TidyTest, LinesFitAHundredColumns) { EXPECT_EQ(Lines(CheckLineLengths(Tree())), ""); }

TEST(TidyTest, FilesFitFiveHundredLines) {
  EXPECT_EQ(Lines(CheckFileLengths(Tree(), kLongFiles)), "");
}

TEST(TidyTest, EverySourceHasItsTest) {
  EXPECT_EQ(Lines(CheckMirrors(Tree(), kWithoutMirror)), "");
}

TEST(TidyTest, ThePacketPathIsMarkedAsTheReadmeSays) {
  EXPECT_EQ(Lines(CheckPacketPath(Tree())), "");
}

TEST(TidyTest, LinksResolve) {
  const auto exists = [](const std::string& path) {
    return std::filesystem::exists(ProjectFile(path));
  };
  EXPECT_EQ(Lines(CheckLinks(Tree(), exists)), "");
}

TEST(TidyTest, TheThreatsAreTestedAsTheirPageSays) { EXPECT_EQ(Lines(CheckThreats(Tree())), ""); }

TEST(TidyTest, TypeNamesAreUnique) { EXPECT_EQ(Lines(CheckTypeNames(Tree())), ""); }

}  // namespace
}  // namespace earshot::tidy
