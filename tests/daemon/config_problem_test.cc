#include "config_problem.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace earshotd {
namespace {

TEST(ConfigProblemTest, F1_TheNearestNameIsFound) {
  const std::vector<std::string> names = {"listen", "admin", "media", "limits", "log"};
  EXPECT_EQ(NearestName("listne", names), "listen");
  EXPECT_EQ(NearestName("medai", names), "media");
  EXPECT_EQ(NearestName("limit", names), "limits");
  EXPECT_EQ(NearestName("Log", names), "log");
  EXPECT_EQ(NearestName("certificates", names), "");
  EXPECT_EQ(NearestName(std::string(100'000, 'x'), names), "");
}

TEST(ConfigProblemTest, F1_TextNamesFileLineKeyAndSuggestion) {
  EXPECT_EQ(ProblemsAsText("a.yaml", {{3, "media.prot", "is not a known key", "port"},
                                      {0, "", "is a directory", ""}}),
            "a.yaml:3: media.prot: is not a known key; did you mean \"port\"?\n"
            "a.yaml: is a directory\n");
}

TEST(ConfigProblemTest, KeysOfTheFileCannotForgeLines) {
  const std::string text = ProblemsAsText("a.yaml", {{3, "x\nb.yaml:1: y", "is not known", ""}});
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
}

TEST(ConfigProblemTest, F9_JsonSaysTheSame) {
  const auto report = nlohmann::json::parse(ProblemsAsJson("a.yaml", {{3, "k", "m", "s"}}));
  EXPECT_EQ(report["valid"], false);
  EXPECT_EQ(report["problems"][0]["line"], 3);
  EXPECT_EQ(report["problems"][0]["suggestion"], "s");
  EXPECT_EQ(nlohmann::json::parse(ProblemsAsJson("a.yaml", {}))["valid"], true);
}

}  // namespace
}  // namespace earshotd
