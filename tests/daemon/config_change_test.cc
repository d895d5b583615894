#include "config_change.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config_reader.h"

namespace earshotd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kBefore[] =
    "demo: true\n"
    "listen: {port: 8080}\n"
    "media: {announce: [192.0.2.1, 192.0.2.2]}\n"
    "spaces:\n"
    "  - {id: hall, plan: {width: 30, walls: [{line: [[1, 1], [2, 2]]}]}}\n"
    "  - {id: annex, plan: {width: 20}}\n";

std::vector<ConfigField> FieldsOf(const std::string& text) {
  Config config;
  ConfigLog log;
  ReadConfig(text, config, log);
  EXPECT_TRUE(log.problems.empty()) << ProblemsAsText("f", log.problems);
  return log.fields;
}

/// What differs once `from` is `to` in the text.
ConfigChange ChangeOf(const std::string& from, const std::string& to) {
  std::string after = kBefore;
  after.replace(after.find(from), from.size(), to);
  return CompareConfigs(FieldsOf(kBefore), FieldsOf(after));
}

TEST(ConfigChangeTest, F7_TheSameTextChangesNothing) {
  const ConfigChange change = ChangeOf("demo", "demo");
  EXPECT_THAT(change.plans, IsEmpty());
  EXPECT_THAT(change.needs_restart, IsEmpty());
}

TEST(ConfigChangeTest, F7_PlansChangeByTheIdOfTheirSpace) {
  EXPECT_THAT(ChangeOf("width: 30", "width: 31").plans, ElementsAre("hall"));
  EXPECT_THAT(ChangeOf("[2, 2]", "[2, 3]").plans, ElementsAre("hall"));
  EXPECT_THAT(ChangeOf("{width: 20}", "{width: 20, height: 30}").plans, ElementsAre("annex"));
  EXPECT_THAT(ChangeOf("{width: 20}", "{}").plans, ElementsAre("annex"));
  EXPECT_THAT(ChangeOf("width: 30", "width: 31").needs_restart, IsEmpty());
}

TEST(ConfigChangeTest, F7_TheOrderOfSpacesCountsForNothing) {
  std::string after = kBefore;
  const size_t second = after.find("  - {id: annex");
  const std::string annex = after.substr(second);
  after.resize(second);
  after.insert(after.find("  - {id: hall"), annex);
  const ConfigChange change = CompareConfigs(FieldsOf(kBefore), FieldsOf(after));
  EXPECT_THAT(change.plans, IsEmpty());
  EXPECT_THAT(change.needs_restart, IsEmpty());
}

TEST(ConfigChangeTest, F7_WhatNobodyLooksAtAgainNeedsARestart) {
  EXPECT_THAT(ChangeOf("port: 8080", "port: 8082").needs_restart, ElementsAre("listen.port"));
  EXPECT_THAT(ChangeOf("listen: {port: 8080}", "log: {level: debug}").needs_restart,
              ElementsAre("listen.port", "log.level"));
  EXPECT_THAT(ChangeOf("192.0.2.2]", "192.0.2.3]").needs_restart, ElementsAre("media.announce"));
  EXPECT_THAT(ChangeOf("id: annex", "id: cellar").needs_restart,
              ElementsAre("spaces: annex", "spaces: cellar"));
  EXPECT_THAT(ChangeOf("id: annex", "id: cellar").plans, IsEmpty());
}

TEST(ConfigChangeTest, F7_WhatIsReadAnewNeedsNone) {
  EXPECT_THAT(ChangeOf("listen:", "origins: [\"https://a.example\"]\nlisten:").needs_restart,
              IsEmpty());
  EXPECT_THAT(ChangeOf("{port: 8080}", "{port: 8080, tls: {certificate_file: c, key_file: k}}")
                  .needs_restart,
              IsEmpty());
}

}  // namespace
}  // namespace earshotd
