// The JSON schema of a plan and the reader of plans must say the same: the same keys, the same
// bounds, the same choices.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "config_reader.h"
#include "temporary_files.h"
#include "test_data.h"

namespace earshotd {
namespace {

using nlohmann::json;

constexpr char kPlanPath[] = "spaces[0].plan";

class PlanSchemaTest : public ::testing::Test {
 protected:
  /// A property with its path, references followed.
  struct Property {
    std::string path;
    json schema;
  };

  const json& Resolve(const json& schema) const {
    if (!schema.contains("$ref")) return schema;
    const std::string name = schema["$ref"].get<std::string>();
    return schema_["$defs"][name.substr(name.rfind('/') + 1)];
  }
  /// Some value that the schema allows, with every key of every map.
  json Sample(const json& given) const {
    const json& schema = Resolve(given);
    if (given.contains("default") || schema.contains("default")) return schema["default"];
    if (schema.contains("enum")) return schema["enum"][0];
    const std::string type = schema["type"];
    if (type == "string") return "a";
    if (type == "number" || type == "integer") return schema["minimum"];
    if (type == "array") {
      return json(schema.value("minItems", size_t{1}), Sample(schema["items"]));
    }
    json object = json::object();
    for (const auto& [name, property] : schema["properties"].items()) {
      object[name] = Sample(property);
    }
    return object;
  }
  void Collect(const json& given, const std::string& path, std::vector<Property>& out) const {
    const json& schema = Resolve(given);
    if (schema.value("type", "") == "array") {
      if (Resolve(schema["items"]).contains("properties")) {
        Collect(schema["items"], path + "[0]", out);
      }
      return;
    }
    if (!schema.contains("properties")) return;
    for (const auto& [name, property] : schema["properties"].items()) {
      out.push_back({path + "." + name, Resolve(property)});
      Collect(property, path + "." + name, out);
    }
  }
  std::vector<Property> Properties() const {
    std::vector<Property> all;
    Collect(schema_, kPlanPath, all);
    return all;
  }
  /// JSON is YAML. `key` is replaced by `value` in the sample of everything.
  ConfigLog ReadWith(const std::string& path, const json& value) const {
    json file = {{"demo", true}, {"spaces", {{{"id", "a"}, {"plan", Sample(schema_)}}}}};
    if (!path.empty()) {
      const std::string pointer = "/" + std::regex_replace(path, std::regex("\\.|\\[|\\]\\."), "/");
      file[json::json_pointer(pointer)] = value;
    }
    Config config;
    ConfigLog log;
    ReadConfig(file.dump(), config, log);
    return log;
  }
  static std::string ProblemAt(const ConfigLog& log, const std::string& path) {
    for (const ConfigProblem& problem : log.problems) {
      if (problem.key == path) return problem.message;
    }
    return "";
  }

  const json schema_ =
      json::parse(*ReadWholeText(earshot::ProjectFile("configs/space-plan.schema.json")));
};

TEST_F(PlanSchemaTest, SchemaAndReaderKnowTheSameKeys) {
  std::set<std::string> in_schema;
  for (const Property& property : Properties()) in_schema.insert(property.path);
  std::set<std::string> in_reader;
  for (const std::string& path : ReadWith("", {}).known) {
    if (path.starts_with(std::string(kPlanPath) + ".")) in_reader.insert(path);
  }
  EXPECT_EQ(in_schema, in_reader);
  EXPECT_GT(in_schema.size(), 50u);
}

TEST_F(PlanSchemaTest, SchemaAndReaderKnowTheSameBoundsAndChoices) {
  for (const Property& property : Properties()) {
    const json& schema = property.schema;
    if (schema.contains("minimum")) {
      for (const char* bound : {"minimum", "maximum"}) {
        const double beyond =
            schema[bound].get<double>() + (*bound == 'm' && bound[1] == 'i' ? -1 : 1);
        const std::string refused = ProblemAt(ReadWith(property.path, beyond), property.path);
        EXPECT_NE(refused, "") << property.path << ": " << beyond;
        const std::string allowed =
            ProblemAt(ReadWith(property.path, schema[bound]), property.path);
        EXPECT_EQ(allowed.find("number from"), std::string::npos) << property.path << allowed;
      }
    }
    for (const json& choice : schema.value("enum", json::array())) {
      EXPECT_EQ(ProblemAt(ReadWith(property.path, choice), property.path), "") << property.path;
    }
    if (schema.contains("enum")) {
      const std::string refused = ProblemAt(ReadWith(property.path, "other"), property.path);
      std::string expected = "must be one of";
      for (const json& choice : schema["enum"]) {
        expected += (expected.ends_with("of") ? " " : ", ") + choice.get<std::string>();
      }
      EXPECT_EQ(refused, expected) << property.path;
    }
  }
}

TEST_F(PlanSchemaTest, RequiredKeysAreRequired) {
  for (const char* list : {"zone", "wall", "door", "portal"}) {
    const json& schema = schema_["$defs"][list];
    for (const json& name : schema["required"]) {
      json entry = Sample(schema);
      entry.erase(name.get<std::string>());
      const std::string path = std::string(kPlanPath) + "." + list + "s[0]";
      json plan = Sample(schema_);
      plan[std::string(list) + "s"] = json::array({entry});
      const ConfigLog log = ReadWith(kPlanPath, plan);
      EXPECT_NE(ProblemAt(log, path).find(name.get<std::string>()), std::string::npos) << path;
    }
  }
}

TEST_F(PlanSchemaTest, AMistakeThatShowsOnlyInTheWholeHasTheLineOfItsEntry) {
  Config config;
  ConfigLog log;
  ReadConfig(
      "demo: true\nspaces:\n  - id: a\n    plan:\n      zones:\n"
      "        - {name: A, kind: room, outline: [[1, 1], [5, 1], [5, 5], [1, 5]]}\n"
      "        - {name: B, kind: stage, audience: C, outline: [[6, 1], [9, 1], [9, 5]]}\n",
      config, log);
  ASSERT_EQ(log.problems.size(), 1u);
  EXPECT_EQ(log.problems[0].line, 7);
  EXPECT_EQ(log.problems[0].key, "spaces[0].plan.zones[1]");
}

}  // namespace
}  // namespace earshotd
