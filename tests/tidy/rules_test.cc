// Each rule is shown what it must complain about, and what it must not.

#include "tidy/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace earshot::tidy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

Complaints SansIo(const std::string& code, const std::string& path = "src/space/space.cc") {
  return CheckSansIo({{path, code}});
}

TEST(RulesTest, AnIncludeAgainstTheDirectionIsFound) {
  const auto check = [](const std::string& path, const std::string& include) {
    return CheckRoomIncludes({{path, "\n#include " + include + "\n"}}, AllowedRooms());
  };
  EXPECT_THAT(check("src/wire/stun.cc", "\"space/space.h\""),
              ElementsAre(StartsWith("src/wire/stun.cc:2: must not include space/space.h")));
  EXPECT_THAT(check("src/sdp/lines.cc", "\"wire/stun.h\""), SizeIs(1)) << "sideways";
  EXPECT_THAT(check("src/space/space.cc", "\"daemon.h\""), SizeIs(1));
  EXPECT_THAT(check("include/earshot/server.h", "\"base/bytes.h\""), SizeIs(1));
  EXPECT_THAT(check("include/earshot/server.h", "<absl/types/span.h>"), SizeIs(1));
  EXPECT_THAT(check("include/earshot/server.h", "<uv.h>"), SizeIs(1));
  EXPECT_THAT(check("daemon/daemon.cc", "\"io/worker.h\""), SizeIs(1));
  EXPECT_THAT(check("src/space/space.cc", "\"base/bytes.h\""), IsEmpty()) << "through others";
  EXPECT_THAT(check("src/io/worker.cc", "\"earshot/engine.h\""), IsEmpty());
  EXPECT_THAT(check("include/earshot/server.h", "<string>"), IsEmpty());
  EXPECT_THAT(check("tests/io/worker_test.cc", "\"transport/dtls.h\""), IsEmpty());
}

TEST(RulesTest, RoomsAreReadFromCMakeAndReadme) {
  EXPECT_EQ(RoomsOfCMake("function(earshot_room name)\nearshot_room(base LIBRARIES absl::x)\n"
                         "earshot_room(transport USES wire sdp\n             LIBRARIES y)\n"),
            (RoomEdges{{"base", {}}, {"transport", {"wire", "sdp"}}}));
  EXPECT_EQ(
      RoomsOfReadme("| room | what |\n| --- | --- |\n| `base` | bytes | |\n| `include/x` | y |"),
      std::set<std::string>{"base"});
}

TEST(RulesTest, AThirdPartyHeaderOutsideItsFileIsFound) {
  const auto check = [](const std::string& path, const std::string& header) {
    return CheckThirdPartyIncludes({{path, "#include <" + header + ">\n"}});
  };
  EXPECT_THAT(check("src/server/server.cc", "uv.h"), SizeIs(1));
  EXPECT_THAT(check("daemon/daemon.cc", "prometheus/registry.h"), SizeIs(1));
  EXPECT_THAT(check("src/transport/srtp.cc", "srtp2/srtp.h"), SizeIs(1));
  EXPECT_THAT(check("src/transport/sctp.h", "usrsctp.h"), SizeIs(1));
  EXPECT_THAT(check("src/transport/srtp.cc", "openssl/ssl.h"), SizeIs(1));
  EXPECT_THAT(check("src/space/space.cc", "openssl/evp.h"), SizeIs(1));
  EXPECT_THAT(check("src/transport/srtp_aead.cc", "intel-ipsec-mb.h"), SizeIs(1));
  EXPECT_THAT(check("src/io/worker.cc", "uv.h"), IsEmpty());
  EXPECT_THAT(check("src/transport/dtls_handles.h", "openssl/ssl.h"), IsEmpty());
}

TEST(RulesTest, WhatASansIoRoomMustNotSayIsFound) {
  EXPECT_THAT(SansIo("\nstd::mutex mutex_;\n"),
              ElementsAre(StartsWith("src/space/space.cc:2: std::mutex")));
  for (const char* code :
       {"std::thread t;", "auto t = std::chrono::steady_clock::now();", "absl::Now()",
        "gettimeofday(&tv, nullptr);", "std::shared_ptr<int> p;", "int x = rand();",
        "std::mt19937_64 r;", "throw 1;", "try {", "} catch (...) {", "std::function<void()> f;",
        "std::cerr << 1;", "printf(\"x\");", "exit(1);", "abort ();"}) {
    EXPECT_THAT(SansIo(code), SizeIs(1)) << code;
  }
  EXPECT_THAT(
      SansIo("// no std::mutex here\nf(\"throw\"); /* try {\n */ int retry = random_.Next();"),
      IsEmpty());
  EXPECT_THAT(SansIo("std::mutex m;", "src/io/worker.cc"), IsEmpty());
  EXPECT_THAT(SansIo("std::mutex m;", "src/transport/sctp_usrsctp.cc"), IsEmpty());
}

TEST(RulesTest, AConditionalInABodyIsFound) {
  const auto check = [](const std::string& code) {
    return CheckConditionals({{"src/base/random.cc", code}});
  };
  EXPECT_THAT(check("namespace a {\nint F() {\n#ifdef X\n  return 1;\n#endif\n}\n}\n"),
              ElementsAre(StartsWith("src/base/random.cc:3: ")));
  EXPECT_THAT(check("#if X\nnamespace a {\n#if Y\nint F() { return 1; }\n#endif\n}\n#endif\n"),
              IsEmpty());
}

TEST(RulesTest, UnfinishedWorkIsFound) {
  const std::string word = std::string("TO") + "DO";
  EXPECT_THAT(CheckUnfinished({{"README.md", "fine\n" + word + ": more\n"}}),
              ElementsAre(StartsWith("README.md:2: ")));
  EXPECT_THAT(CheckUnfinished({{"a.cc", std::string("// X") + "XX"}}), SizeIs(1));
  EXPECT_THAT(CheckUnfinished({{"a.cc", "mkstemp(\"XXXXXX\"); // METHOD" + word + "S"}}),
              IsEmpty());
}

TEST(RulesTest, AHeaderWithoutGuardOrParagraphIsFound) {
  const auto check = [](const std::string& text) { return CheckHeaders({{"src/a/b.h", text}}); };
  EXPECT_THAT(check("#pragma once\n\n// What it owns.\n"), IsEmpty());
  EXPECT_THAT(check("// What it owns.\n#pragma once\n"), SizeIs(2));
  EXPECT_THAT(check("#pragma once\n\n#include <string>\n// Late.\n"),
              ElementsAre(HasSubstr("paragraph")));
  EXPECT_THAT(check(""), SizeIs(2));
}

TEST(RulesTest, LongLinesAndFilesAreFound) {
  EXPECT_THAT(CheckLineLengths({{"a.cc", "x\n" + std::string(101, 'x')}}),
              ElementsAre(StartsWith("a.cc:2: ")));
  std::string wide;
  for (int i = 0; i < 100; ++i) wide += "\xc3\xbc";
  EXPECT_THAT(CheckLineLengths({{"a.js", wide}, {"a.md", std::string(300, 'x')}}), IsEmpty());

  const std::string lines(501, '\n');
  EXPECT_THAT(CheckFileLengths({{"a.cc", lines}}, {}), SizeIs(1));
  EXPECT_THAT(CheckFileLengths({{"a.cc", lines}}, {{"a.cc", 501}}), IsEmpty());
  EXPECT_THAT(CheckFileLengths({{"a.cc", lines + "\n"}}, {{"a.cc", 501}}), SizeIs(1));
}

TEST(RulesTest, ASourceWithoutItsTestIsFound) {
  const SourceFile source{"src/wire/stun.cc", ""};
  EXPECT_THAT(CheckMirrors({source}, {}), ElementsAre(HasSubstr("tests/wire/stun_test.cc")));
  EXPECT_THAT(CheckMirrors({source}, {source.path}), IsEmpty());
  EXPECT_THAT(CheckMirrors({source, {"tests/wire/stun_test.cc", ""}}, {}), IsEmpty());
}

/// A project whose packet path is as it should be: step K is FunctionK of src/a/K.cc.
Files WellMarked() {
  Files files = {{"src/README.md", ""}};
  for (int k = 1; k <= 11; ++k) {
    const std::string n = std::to_string(k);
    files[0].text += "| " + n + " | `a/" + n + ".cc` | `Function" + n + "` | works |\n";
    files.push_back({"src/a/" + n + ".cc",
                     "// Packet path " + n + "/11; next.\nvoid Function" + n + "() {\n}\n"});
  }
  return files;
}

TEST(RulesTest, ABrokenPacketPathIsFound) {
  EXPECT_THAT(CheckPacketPath(WellMarked()), IsEmpty());
  Files missing = WellMarked();
  missing[4].text = "void Function4() {}\n";
  EXPECT_THAT(CheckPacketPath(missing), ElementsAre(HasSubstr("Packet path 4/11")));
  Files swapped = WellMarked();
  std::swap(swapped[2].text, swapped[3].text);
  EXPECT_THAT(CheckPacketPath(swapped), SizeIs(2));
  Files elsewhere = WellMarked();
  elsewhere[5].text.replace(elsewhere[5].text.find("Function5"), 9, "Other");
  EXPECT_THAT(CheckPacketPath(elsewhere), ElementsAre(StartsWith("src/a/5.cc:1: ")));
  Files twice = WellMarked();
  twice[5].text += twice[5].text;
  EXPECT_THAT(CheckPacketPath(twice), SizeIs(1));
  Files short_table = WellMarked();
  short_table[0].text.erase(0, short_table[0].text.find('\n') + 1);
  EXPECT_THAT(CheckPacketPath(short_table), SizeIs(2)) << "the table, and the comment 1/11";
}

TEST(RulesTest, ADeadLinkIsFound) {
  const auto exists = [](const std::string& path) { return path == "src/README.md"; };
  EXPECT_THAT(CheckLinks({{"README.md", "[a](src/README.md#x) [b](https://x.org/y) [c](#here)"},
                          {"src/a/b.md", "[up](../README.md)"}},
                         exists),
              IsEmpty());
  EXPECT_THAT(CheckLinks({{"README.md", "\n[a](src/gone.md)"}}, exists),
              ElementsAre("README.md:2: there is no src/gone.md"));
  EXPECT_THAT(CheckLinks({{"src/README.md", "[a](src/README.md)"}}, exists), SizeIs(1));
}

TEST(RulesTest, TwoTypesOfOneNameAreFound) {
  const auto in = [](const std::string& path, const std::string& scope, const std::string& code) {
    return SourceFile{path, "namespace " + scope + " {\n" + code + "\n}\n"};
  };
  const auto slot = in("src/spatial/slots.h", "earshot", "struct Slot {\n  int a;\n};");
  EXPECT_THAT(
      CheckTypeNames({slot, in("src/forwarding/slot.h", "earshot",
                               "template <class T>\nclass Slot final : public Base<T> {};")}),
      SizeIs(1));
  EXPECT_THAT(CheckTypeNames({slot, in("src/a/b.cc", "earshot", "enum class Slot : char { kA };")}),
              SizeIs(1));
  EXPECT_THAT(CheckTypeNames({slot, in("src/sdp/a.h", "earshot::sdp", "struct Slot {};"),
                              in("src/a/c.cc", "earshot", "namespace {\nstruct Slot {};\n}"),
                              in("src/a/d.h", "earshot", "class Outer {\n  struct Slot {};\n};"),
                              in("src/a/e.h", "earshot", "struct Slot;\nstruct Slot* Make() {}")}),
              IsEmpty());
  const auto tests = [&in](const std::string& path) {
    return in(path, "earshot", "struct Helper {};");
  };
  EXPECT_THAT(CheckTypeNames({tests("tests/a/x.h"), tests("tests/b/x.h")}), IsEmpty())
      << "two programs";
  EXPECT_THAT(CheckTypeNames({tests("tests/a/x.h"), tests("tests/a/y.h")}), SizeIs(1));
}

TEST(RulesTest, ThreatsAreCheckedBothWays) {
  const auto check = [](const std::string& row, const std::string& code,
                        const std::string& path = "tests/space/space_test.cc") {
    return CheckThreats({{"docs/threats.md", row + "\n"}, {path, code}});
  };
  const std::string done = "| R1 | done | what | promise | `R1_Holds` |";
  EXPECT_THAT(check(done, "TEST_F(A,\n       R1_Holds) {"), IsEmpty());
  EXPECT_THAT(check(done, "TEST(A, R1_R2_Holds) {}\nTEST(A, R1_Holds) {}"),
              ElementsAre(HasSubstr("cites R2")));
  EXPECT_THAT(check(done, ""), ElementsAre(HasSubstr("there is no test R1_Holds")));
  EXPECT_THAT(check(done + "\n" + done, "TEST(A, R1_Holds) {}"),
              ElementsAre(HasSubstr("docs/threats.md:2: stands there twice")));
  EXPECT_THAT(check("| R1 | done | what | promise | |", ""),
              ElementsAre(HasSubstr("names no test")));
  EXPECT_THAT(check("| R1 | missing | what | promise | `R1_Holds` |", "TEST(A, R1_Holds) {}"),
              ElementsAre(HasSubstr("is not missing")));
  EXPECT_THAT(check("| R1 | soon | what | promise | |", ""),
              ElementsAre(HasSubstr("is done, partly or missing")));
  EXPECT_THAT(check("| R1 | partly | what | promise | |", "// See threat rows R1, R2 and C3.\n",
                    "src/space/space.cc"),
              ElementsAre(HasSubstr("cites R2"), HasSubstr("cites C3")));
  EXPECT_THAT(check("| H23 | done | what | promise | `H23 a name is text` |",
                    "test('H23 a name is text', async () => {", "tests/browser/page.test.js"),
              IsEmpty());
  EXPECT_THAT(CheckThreats({}), SizeIs(1));
}

}  // namespace
}  // namespace earshot::tidy
