// JSON from a client: what the guard lets through is what the full parser reads, within the limits,
// and survives being written and read again; no message is longer than it may be, and no problem's
// text repeats what the client wrote beyond its id.

#include <string>

#include "fuzz_check.h"
#include "json_guard.h"
#include "messages.h"
#include "text_rules.h"

namespace earshotd {
namespace {

using nlohmann::json;

constexpr size_t kMaxSize = 64 * 1024;

size_t DepthOf(const json& value) {
  if (!value.is_structured()) return 0;
  size_t deepest = 0;
  for (const json& child : value) deepest = std::max(deepest, DepthOf(child));
  return deepest + 1;
}

void CheckGuard(std::string_view text) {
  const auto parsed = ParseJson(text);
  const json* value = std::get_if<json>(&parsed);
  if (value == nullptr) {
    FUZZ_CHECK(!JsonProblemText(std::get<JsonProblem>(parsed)).empty());
    return;
  }
  FUZZ_CHECK(!value->is_discarded() && json::accept(text.begin(), text.end()));
  FUZZ_CHECK(DepthOf(*value) <= JsonLimits().max_depth);
  const auto again = ParseJson(value->dump(), {.max_size = 8 * kMaxSize});
  FUZZ_CHECK(std::holds_alternative<json>(again) && std::get<json>(again) == *value);
}

void CheckMessage(const ClientMessage& message) {
  FUZZ_CHECK(message.id.empty() || IsDisplayText(message.id, 64));
  const auto* join = std::get_if<JoinMessage>(&message.body);
  if (join == nullptr) return;
  FUZZ_CHECK(join->offer.size() <= kMaxSize && join->token.size() <= kMaxSize);
  FUZZ_CHECK(join->offer.find('\0') == std::string::npos);
  for (const auto& mid : join->track_mids) {
    FUZZ_CHECK(!mid || (!mid->empty() && mid->size() <= 32 && mid->find('"') == std::string::npos));
  }
}

}  // namespace
}  // namespace earshotd

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace earshotd;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CheckGuard(text);
  const auto parsed = ParseClientMessage(text, kMaxSize);
  if (const auto* message = std::get_if<ClientMessage>(&parsed)) {
    CheckMessage(*message);
    return 0;
  }
  const auto& problem = std::get<MessageProblem>(parsed);
  FUZZ_CHECK(problem.code == "message-invalid" || problem.code == "type-unknown");
  FUZZ_CHECK(problem.message.size() <= 100);
  const auto reply = ParseJson(WriteError(problem.id, problem.code, problem.message));
  FUZZ_CHECK(std::holds_alternative<nlohmann::json>(reply));
  return 0;
}
