#include "config_reader.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "temporary_files.h"
#include "test_data.h"
#include "token_fixtures.h"

namespace earshotd {
namespace {

const std::string kConfigs = earshot::ProjectFile("configs/");
constexpr char kSmall[] =
    "demo: true\n"
    "spaces:\n"
    "  - id: hall\n"
    "    plan: {width: 30, height: 20, spawn: {x: 1, y: 1}}\n";

struct ReadOutcome {
  Config config;
  ConfigLog log;
};

ReadOutcome Read(const std::string& text) {
  ReadOutcome outcome;
  ReadConfig(text, outcome.config, outcome.log);
  return outcome;
}

/// "line: key: message", of all problems.
std::string ProblemsIn(const std::string& text) {
  return ProblemsAsText("f", Read(text).log.problems);
}

std::string AnnotatedText() { return *ReadWholeText(kConfigs + "earshotd.yaml"); }

/// The node at a path such as "spaces[0].plan.width".
YAML::Node At(YAML::Node node, const std::string& path) {
  size_t position = 0;
  while (position < path.size()) {
    const size_t end = std::min(path.find_first_of(".[", position + 1), path.size());
    if (path[position] == '[') {
      node.reset(node[std::stoul(path.substr(position + 1))]);
    } else {
      const size_t start = path[position] == '.' ? position + 1 : position;
      node.reset(node[path.substr(start, end - start)]);
    }
    position = end;
  }
  return node;
}

TEST(ConfigReaderTest, ASmallFileGetsTheDefaults) {
  const ReadOutcome outcome = Read(kSmall);
  EXPECT_TRUE(outcome.log.problems.empty()) << ProblemsIn(kSmall);
  EXPECT_EQ(outcome.config.listen.port, 8080);
  EXPECT_EQ(outcome.config.server.media.audio_slots, 24);
  EXPECT_EQ(outcome.config.server.spaces.at(0).plan.width, 30);
  EXPECT_TRUE(outcome.config.demo);
}

TEST(ConfigReaderTest, TheShippedFilesAreValid) {
  for (const char* name : {"demo.yaml", "earshotd.yaml"}) {
    ReadOutcome outcome;
    ReadConfigFile(kConfigs + name, outcome.config, outcome.log);
    EXPECT_EQ(ProblemsAsText(name, outcome.log.problems), "");
  }
}

TEST(ConfigReaderTest, TheAnnotatedFileHoldsEveryKeyThatTheReaderKnows) {
  // A key that is in no file is known only as a suggestion: ask for one that is nearly it.
  const ReadOutcome outcome = Read(AnnotatedText());
  std::set<std::string> paths;
  for (const ConfigField& field : outcome.log.fields) paths.insert(field.path);
  for (const char* path : {"listen.address",
                           "listen.tls.certificate_file",
                           "admin.port",
                           "admin.token_file",
                           "admin.tls.key_file",
                           "issuers[0].clock_skew",
                           "limits.memory.megabytes",
                           "limits.memory.soft",
                           "limits.memory.hard",
                           "media.announce",
                           "media.slots.audio",
                           "media.consent_timeout",
                           "media.max_datagram_size",
                           "media.max_speed",
                           "media.ingress.audio.packets",
                           "media.ingress.video_layer.kilobits",
                           "media.ingress.told",
                           "media.srtp_backend",
                           "web_root",
                           "demo",
                           "origins",
                           "allow_insecure_permissions",
                           "issuers[0].key_id",
                           "issuers[0].secret_file",
                           "issuers[1].public_key_file",
                           "limits.participants_per_space",
                           "limits.connections",
                           "limits.connections_per_address",
                           "limits.header_timeout",
                           "limits.body_timeout",
                           "limits.join_timeout",
                           "limits.signalling_grace",
                           "log.level",
                           "log.format",
                           "spaces[0].plan.zones[0].outline",
                           "spaces[0].plan.walls[0].line",
                           "spaces[0].plan.doors[0].transmission.shut",
                           "spaces[0].plan.churn.minimum_hold",
                           "spaces[0].plan.sight_radius",
                           "spaces[0].plan.full_gain_radius",
                           "spaces[0].plan.spawn.x"}) {
    EXPECT_TRUE(paths.contains(path)) << path;
  }
}

TEST(ConfigReaderTest, TheAnnotatedDefaultsAreTheRealOnes) {
  const Config annotated = Read(AnnotatedText()).config;
  const Config defaults;
  EXPECT_EQ(annotated.listen.port, defaults.listen.port);
  EXPECT_EQ(annotated.admin.endpoint.port, defaults.admin.endpoint.port);
  EXPECT_EQ(annotated.server.base_port, defaults.server.base_port);
  EXPECT_EQ(annotated.server.workers, defaults.server.workers);
  EXPECT_EQ(annotated.server.media.audio_slots, defaults.server.media.audio_slots);
  EXPECT_EQ(annotated.server.media.video_slots, defaults.server.media.video_slots);
  EXPECT_EQ(annotated.server.media.consent_timeout, defaults.server.media.consent_timeout);
  EXPECT_EQ(annotated.server.media.max_speed, defaults.server.media.max_speed);
  const auto rates = [](const earshot::IngressLimits& limits) {
    std::vector<uint32_t> all;
    for (const earshot::RateLimit& limit :
         {limits.audio, limits.video, limits.video_layer, limits.rtcp, limits.data}) {
      all.push_back(limit.packets_per_second);
      all.push_back(limit.kilobits_per_second);
    }
    all.insert(all.end(), {limits.checks_per_second, limits.told_per_second,
                           static_cast<uint32_t>(limits.burst.millis())});
    return all;
  };
  EXPECT_EQ(rates(annotated.server.media.ingress), rates(defaults.server.media.ingress));
  EXPECT_EQ(annotated.server.media.srtp_backend, defaults.server.media.srtp_backend);
  EXPECT_EQ(annotated.server.media.max_datagram_size, defaults.server.media.max_datagram_size);
  EXPECT_EQ(annotated.limits.connections, defaults.limits.connections);
  EXPECT_EQ(annotated.limits.header_timeout, defaults.limits.header_timeout);
  EXPECT_EQ(annotated.limits.signalling_grace, defaults.limits.signalling_grace);
  EXPECT_EQ(annotated.memory.soft, defaults.memory.soft);
  EXPECT_EQ(annotated.memory.hard, defaults.memory.hard);
  EXPECT_EQ(annotated.issuers.at(0).clock_skew, IssuerOptions().clock_skew);
  const earshot::FloorPlan plan;
  EXPECT_EQ(annotated.server.spaces.at(0).plan.width, plan.width);
  EXPECT_EQ(annotated.server.spaces.at(0).plan.audible.leave, plan.audible.leave);
  EXPECT_EQ(annotated.server.spaces.at(0).plan.sight_radius, plan.sight_radius);
  EXPECT_EQ(annotated.server.spaces.at(0).plan.bubble_transmission, plan.bubble_transmission);
  EXPECT_EQ(annotated.server.spaces.at(0).plan.cut_below, plan.cut_below);
  EXPECT_EQ(annotated.server.spaces.at(0).plan.churn.swaps_per_second, plan.churn.swaps_per_second);
}

TEST(ConfigReaderTest, LibsrtpIsChosenWhereItIsThere) {
  const ReadOutcome outcome = Read(std::string(kSmall) + "media: {srtp_backend: libsrtp}\n");
  EXPECT_EQ(outcome.config.server.media.srtp_backend, earshot::SrtpBackend::kLibsrtp);
  EXPECT_EQ(outcome.log.problems.empty(), earshot::HasSrtpBackend(earshot::SrtpBackend::kLibsrtp));
}

TEST(ConfigReaderTest, F1_UnknownKeysAreRefusedWithTheNearestName) {
  EXPECT_EQ(ProblemsIn(std::string(kSmall) + "media: {prot: 40000}\n"),
            "f:5: media.prot: is not a known key; did you mean \"port\"?\n");
  EXPECT_EQ(ProblemsIn(std::string(kSmall) + "listne: {}\n"),
            "f:5: listne: is not a known key; did you mean \"listen\"?\n");
  EXPECT_EQ(ProblemsIn(std::string(kSmall) + "quux: 1\n"), "f:5: quux: is not a known key\n");
}

TEST(ConfigReaderTest, F1_AKeyGivenTwiceIsRefused) {
  EXPECT_EQ(ProblemsIn(std::string(kSmall) + "demo: false\n"), "f:5: demo: is given twice\n");
}

TEST(ConfigReaderTest, F1_PortalsLeadToOtherSpacesOfTheFile) {
  const std::string text =
      "demo: true\nspaces:\n"
      "  - {id: a, plan: {portals: [{name: way, at: {x: 5, y: 5}, space: b}]}}\n"
      "  - {id: b, plan: {portals: [{name: way, at: {x: 5, y: 5}, space: c}]}}\n"
      "  - {id: d, plan: {portals: [{name: way, at: {x: 5, y: 5}, space: d}]}}\n";
  EXPECT_EQ(ProblemsIn(text),
            "f:4: spaces[1]: has a portal to \"c\", which is no other space here\n"
            "f:5: spaces[2]: has a portal to \"d\", which is no other space here\n");
}

TEST(ConfigReaderTest, F1_AllMistakesShowInOneRun) {
  const std::string text =
      std::string(kSmall) + "media: {port: -1, worker: 2}\nlog: {level: loud}\n";
  EXPECT_EQ(Read(text).log.problems.size(), 3u) << ProblemsIn(text);
}

/// Each field of the annotated file, with values that none of its kind may have.
TEST(ConfigReaderTest, F2_EveryFieldRefusesBadValues) {
  const std::map<FieldKind, std::vector<std::string>> kBad = {
      {FieldKind::kBoolean,
       {"yes", "1", "on", "True", "\"true\"", "[]", "{}", "~", "tru", "\"\"", "no", "0.0"}},
      {FieldKind::kInteger,
       {"-1", "99999999999", "1e3", "0x10", "1.5", "x", "\"8\"", "~", "[]", "{}", ".nan",
        "9223372036854775808"}},
      {FieldKind::kNumber,
       {"-1", "1e9", "nan", ".nan", "inf", "-inf", "1e999", "x", "\"8\"", "~", "[]", "{}"}},
      {FieldKind::kDuration,
       {"-1s", "15", "1.5s", "99h", "s", "15 s", "15S", "99999999999999999999s", "~", "[]", "{}",
        "\"15s\""}},
      {FieldKind::kChoice,
       {"x", "~", "[]", "{}", "\"\"", "1", "-1", "none", "INFO", "hs256", "true", "\" text\""}},
      {FieldKind::kText,
       {"\"\"", "\" \"", "[]", "{}", "~", "[a]", "\"a\\nb\"", "\"a\\0b\"", "\"\\e[31m\"",
        "\"\\u202E\"", "{a: b}", "\"\\t\""}},
      {FieldKind::kList,
       {"x", "1", "{}", "~", "[{}]", "[[]]", "[~]", "true", "\"\"", "[\"\"]", "-1", "[[1]]"}},
      {FieldKind::kMap,
       {"x", "1", "[]", "~", "true", "\"\"", "[1]", "-1", "1.5", "[{}]", "[[]]", "{unknown: 1}"}},
  };
  for (const auto& [kind, values] : kBad) EXPECT_EQ(values.size(), 12u);
  const std::string annotated = AnnotatedText();
  size_t checked = 0;
  for (const ConfigField& field : Read(annotated).log.fields) {
    for (const std::string& value : kBad.at(field.kind)) {
      YAML::Node root = YAML::Load(annotated);
      At(root, field.path) = "VALUE";
      YAML::Emitter emitter;
      emitter << root;
      // Put in as text, since the emitter writes no quotes that it need not write.
      std::string text = emitter.c_str();
      text.replace(text.find("VALUE"), 5, value);
      const auto problems = Read(text).log.problems;
      // The field itself is named, or the part of it that the value made bad.
      EXPECT_TRUE(std::any_of(problems.begin(), problems.end(),
                              [&](const ConfigProblem& problem) {
                                return problem.key.starts_with(field.path) && problem.line > 0 &&
                                       !problem.message.empty();
                              }))
          << field.path << ": " << value << "\n"
          << ProblemsAsText("f", problems);
      ++checked;
    }
  }
  EXPECT_GT(checked, 50u * 12u);
}

TEST(ConfigReaderTest, F2_MessagesSayWhatIsAllowed) {
  EXPECT_EQ(ProblemsIn(std::string(kSmall) + "listen: {port: 70000}\n"),
            "f:5: listen.port: must be a whole number from 0 to 65535\n");
  EXPECT_EQ(
      ProblemsIn(std::string(kSmall) + "limits: {header_timeout: 5}\n"),
      "f:5: limits.header_timeout: must be a duration such as 15s or 500ms, from 1s to 60s\n");
  EXPECT_EQ(ProblemsIn(std::string(kSmall) + "log: {level: loud}\n"),
            "f:5: log.level: must be one of debug, info, warning, error\n");
}

TEST(ConfigReaderTest, F2_FieldsThatContradictEachOtherAreRefused) {
  EXPECT_NE(ProblemsIn("demo: true\nspaces: [{id: a, plan: {audible: {enter: 9, leave: 8}}}]\n"),
            "");
  EXPECT_NE(ProblemsIn("demo: true\nspaces: [{id: a, plan: {}}, {id: a, plan: {}}]\n"), "");
  EXPECT_NE(ProblemsIn(std::string(kSmall) + "media: {port: 65535, workers: 2}\n"), "");
  EXPECT_NE(ProblemsIn(std::string(kSmall) + "admin: {port: 8080}\n"), "");
  EXPECT_NE(ProblemsIn(std::string(kSmall) + "limits: {memory: {soft: 0.9, hard: 0.8}}\n"), "");
  EXPECT_NE(ProblemsIn("spaces: [{id: a, plan: {}}]\n"), "") << "no issuer outside demo mode";
  EXPECT_NE(ProblemsIn("demo: true\nspaces: []\n"), "");
}

TEST(ConfigReaderTest, F2_CrossingWallsAreRefused) {
  EXPECT_NE(ProblemsIn("demo: true\nspaces: [{id: a, plan: {zones: [{name: R, kind: room, "
                       "outline: [[1, 1], [5, 5], [5, 1], [1, 5]]}]}}]\n"),
            "");
}

TEST(ConfigReaderTest, F3_MalformedListEntriesAreRefusedWithTheirIndex) {
  EXPECT_EQ(ProblemsIn(std::string(kSmall) + "media: {announce: [192.0.2.1, 192.0.2.256]}\n"),
            "f:5: media.announce[1]: must be a literal address such as 127.0.0.1 or ::1\n");
  for (const char* origin : {"office.example", "https://", "https://a/b", "ftp://a", "*",
                             "https://*.example", "https://a b", "null", "HTTPS://A"}) {
    EXPECT_NE(ProblemsIn(std::string(kSmall) + "origins: [\"" + origin + "\"]\n"), "") << origin;
  }
}

TEST(ConfigReaderTest, F1_ASecondDocumentIsNotPassedOver) {
  EXPECT_EQ(ProblemsIn(std::string(kSmall) + "---\nlimits: {connections: 5}\n"),
            "f:5: must hold one YAML document\n");
  EXPECT_NE(ProblemsIn(std::string(kSmall) + "---\n"), "") << "even an empty one";
  EXPECT_EQ(ProblemsIn(std::string("%YAML 1.2\n---\n") + kSmall + "...\n"), "");
}

TEST(ConfigReaderTest, H24_TheAdminListenerLeavesLoopbackWithATokenOnly) {
  for (const char* address : {"0.0.0.0", "\"::\"", "192.0.2.1", "\"2001:db8::1\"", "localhost"}) {
    EXPECT_NE(ProblemsIn(std::string(kSmall) + "admin: {address: " + address + "}\n"), "")
        << address;
  }
  EXPECT_EQ(ProblemsIn(std::string(kSmall) + "admin: {address: \"::1\"}\n"), "");
  EXPECT_EQ(ProblemsIn(std::string(kSmall) + "admin: {address: 0.0.0.0, token_file: t}\n"), "");
}

TEST(ConfigReaderTest, F5_TextsThatAreNoYamlAreRefused) {
  for (const std::string& text :
       {std::string("\xef\xbb\xbf") + kSmall, std::string("demo: tr\0ue\n", 12),
        std::string("demo: \xff\n"), std::string("demo: [\n"), std::string("a: b: c\n"),
        std::string(), std::string("hello"), std::string("- 1\n"), std::string(50'000, '['),
        std::string(","), std::string("]"), std::string("demo: true\n,\n"),
        std::string("? {a: b}\n: c\n"), std::string("a: *nothing\n")}) {
    EXPECT_NE(ProblemsIn(text), "") << text.substr(0, 20);
  }
}

TEST(ConfigReaderTest, F5_WindowsLineEndsAreFine) {
  std::string text;
  for (const char c : std::string(kSmall))
    text += c == '\n' ? std::string("\r\n") : std::string(1, c);
  EXPECT_EQ(ProblemsIn(text), "");
}

TEST(ConfigReaderTest, RelativePathsAreRelativeToTheFile) {
  TemporaryFolder folder;
  const std::string file = folder.Write("etc/a.yaml", std::string(kSmall) + "web_root: ../web\n");
  ReadOutcome outcome;
  ReadConfigFile(file, outcome.config, outcome.log);
  EXPECT_EQ(outcome.config.web_root, folder.path() + "/web");
}

TEST(ConfigReaderTest, F5_FilesThatCannotBeReadAreNamed) {
  TemporaryFolder folder;
  for (const std::string& path : {folder.path(), folder.path() + "/missing.yaml",
                                  folder.Write("big.yaml", std::string(1024 * 1024 + 1, '#'))}) {
    ReadOutcome outcome;
    ReadConfigFile(path, outcome.config, outcome.log);
    ASSERT_EQ(outcome.log.problems.size(), 1u) << path;
    EXPECT_NE(outcome.log.problems[0].message.find(path), std::string::npos);
  }
}

TEST(ConfigReaderTest, F5_AliasesCannotGrowWithoutBound) {
  std::string text = "a0: &a0 [x, x]\n";
  for (int i = 1; i < 40; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before + ", " + before +
            "]\n";
  }
  EXPECT_NE(ProblemsIn(text), "");
}

class IssuerKeyTest : public testing::Test {
 protected:
  std::string ProblemsOf(const IssuerOptions& issuer, bool allow_insecure = false) {
    Config config;
    config.allow_insecure_permissions = allow_insecure;
    config.issuers.push_back(issuer);
    ConfigLog log;
    const auto keys = ReadIssuerKeys(config, log);
    EXPECT_EQ(keys.size() == 1, log.problems.empty());
    return ProblemsAsText("f", log.problems);
  }
  static IssuerOptions Hmac(const std::string& file) {
    IssuerOptions issuer;
    issuer.name = "portal";
    issuer.secret_file = file;
    return issuer;
  }
  TemporaryFolder folder_;
};

TEST_F(IssuerKeyTest, GoodKeysAreRead) {
  EXPECT_EQ(ProblemsOf(Hmac(folder_.Write("secret", kSecret, 0600))), "");
  IssuerOptions city;
  city.name = "city";
  city.algorithm = TokenAlgorithm::kEs256;
  city.public_key_file = folder_.Write("key", EcKey().PublicPem(), 0644);
  EXPECT_EQ(ProblemsOf(city), "");
}

TEST_F(IssuerKeyTest, F4_MissingAndWeakSecretsStopTheStartUnprinted) {
  EXPECT_NE(ProblemsOf(Hmac(folder_.path() + "/nothing")), "");
  const std::string weak = ProblemsOf(Hmac(folder_.Write("weak", "hunter2", 0600)));
  EXPECT_NE(weak.find("issuers[0].secret_file"), std::string::npos);
  EXPECT_EQ(weak.find("hunter2"), std::string::npos);
}

TEST_F(IssuerKeyTest, F5_SecretsThatEverybodyCanReadAreRefused) {
  const std::string file = folder_.Write("open", kSecret, 0644);
  EXPECT_NE(ProblemsOf(Hmac(file)).find("everybody"), std::string::npos);
  EXPECT_EQ(ProblemsOf(Hmac(file), /*allow_insecure=*/true), "");
}

}  // namespace
}  // namespace earshotd
