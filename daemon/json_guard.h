#pragma once

// The only way by which JSON from outside becomes a value: size, depth, number of values and
// duplicate keys are checked in a first pass that allocates nothing but the keys (RFC 8259 leaves
// all four open). Never throws. Any thread.

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string_view>
#include <variant>

namespace earshotd {

enum class JsonProblem {
  kNotJson,  // also: numbers beyond a double, lone surrogates, invalid UTF-8
  kTooLarge,
  kTooDeep,
  kTooManyValues,
  kDuplicateKey,
};

struct JsonLimits {
  size_t max_size = 64 * 1024;
  size_t max_depth = 16;
  /// A message of ours has some tens; this bounds the memory that one message can claim.
  size_t max_values = 4096;
};

std::variant<nlohmann::json, JsonProblem> ParseJson(std::string_view text,
                                                    const JsonLimits& limits = {});

/// A sentence for people.
std::string_view JsonProblemText(JsonProblem problem);

}  // namespace earshotd
