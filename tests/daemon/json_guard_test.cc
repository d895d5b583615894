#include "json_guard.h"

#include <gtest/gtest.h>

#include <string>

namespace earshotd {
namespace {

std::string Nested(size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

/// The problem, or nothing for good JSON.
std::optional<JsonProblem> ProblemOf(const std::string& text) {
  const auto result = ParseJson(text);
  const auto* problem = std::get_if<JsonProblem>(&result);
  return problem != nullptr ? std::optional(*problem) : std::nullopt;
}

TEST(JsonGuardTest, GoodJsonBecomesAValue) {
  const auto result = ParseJson(R"({"a": [1, 2.5, "x\u00e4", null, true], "b": {"a": 1}})");
  ASSERT_TRUE(std::holds_alternative<nlohmann::json>(result));
  EXPECT_EQ(std::get<nlohmann::json>(result)["a"][2], "x\u00e4");
}

TEST(JsonGuardTest, H17_NestingEndsAtSixteen) {
  EXPECT_EQ(ProblemOf(Nested(16)), std::nullopt);
  EXPECT_EQ(ProblemOf(Nested(17)), JsonProblem::kTooDeep);
  EXPECT_EQ(ProblemOf(std::string(60'000, '[')), JsonProblem::kTooDeep);
  const auto deep = ParseJson(std::string(100'000, '['), {.max_size = 1'000'000});
  EXPECT_EQ(std::get<JsonProblem>(deep), JsonProblem::kTooDeep);
}

TEST(JsonGuardTest, H17_DuplicateKeysAreRefusedAtEveryDepth) {
  EXPECT_EQ(ProblemOf(R"({"a":1,"a":2})"), JsonProblem::kDuplicateKey);
  EXPECT_EQ(ProblemOf(R"({"a":1,"\u0061":2})"), JsonProblem::kDuplicateKey);
  EXPECT_EQ(ProblemOf(R"([{"b":{"a":1,"c":2,"a":3}}])"), JsonProblem::kDuplicateKey);
  EXPECT_EQ(ProblemOf(R"([{"a":1},{"a":2}])"), std::nullopt);
}

TEST(JsonGuardTest, H17_WhatJsonForbidsIsRefused) {
  for (const std::string& text : {std::string(),
                                  std::string("{"),
                                  std::string("[1,]"),
                                  std::string("{'a':1}"),
                                  std::string("[1e999]"),
                                  std::string("[-1e999]"),
                                  std::string("[01]"),
                                  std::string("[NaN]"),
                                  std::string("[Infinity]"),
                                  std::string(R"(["\ud800"])"),
                                  std::string(R"(["\udc00\ud800"])"),
                                  std::string("[\"\xff\"]"),
                                  std::string("[\"\xed\xa0\x80\"]"),
                                  std::string("[\"a\0b\"]", 7),
                                  std::string("[1]\0", 4),
                                  std::string("[1] x"),
                                  std::string("/* */ [1]"),
                                  std::string("[\"a\nb\"]"),
                                  std::string(R"(["\x41"])"),
                                  std::string("[tru]")}) {
    EXPECT_EQ(ProblemOf(text), JsonProblem::kNotJson) << text;
  }
}

TEST(JsonGuardTest, H17_SizeAndNumberOfValuesAreBounded) {
  EXPECT_EQ(ProblemOf("\"" + std::string(64 * 1024, 'x') + "\""), JsonProblem::kTooLarge);
  std::string many = "[0";
  for (int i = 0; i < 20'000; ++i) many += ",0";
  EXPECT_EQ(ProblemOf(many + "]"), JsonProblem::kTooManyValues);
  std::string million = "[0";
  for (int i = 0; i < 1'000'000; ++i) million += ",0";
  const auto result = ParseJson(million + "]", {.max_size = 10'000'000});
  EXPECT_EQ(std::get<JsonProblem>(result), JsonProblem::kTooManyValues);
}

}  // namespace
}  // namespace earshotd
