#include "public_routes.h"

#include <algorithm>
#include <optional>

#include "clock.h"
#include "json_guard.h"
#include "text_rules.h"

namespace earshotd {
namespace {

using nlohmann::json;

HttpResponse MakeJson(const json& value) {
  return MakeResponse(http::status::ok, "application/json", value.dump());
}

HttpResponse Invalid(std::string_view title) {
  return MakeProblem(http::status::bad_request, "message-invalid", title);
}

std::optional<DemoRole> ReadRole(const json& object) {
  const auto role = object.find("role");
  if (role == object.end() || *role == "citizen") return DemoRole::kCitizen;
  if (*role == "clerk") return DemoRole::kClerk;
  if (*role == "chair") return DemoRole::kChair;
  return std::nullopt;
}

HttpResponse MintToken(const HttpRequest& request, const DemoTokens& tokens,
                       const std::vector<std::string>& spaces) {
  const std::string_view type = request[http::field::content_type];
  if (type != "application/json" && !type.starts_with("application/json;")) {
    return MakeProblem(http::status::unsupported_media_type, "type-unknown",
                       "The body must be application/json.");
  }
  const auto parsed = ParseJson(request.body());
  const auto* object = std::get_if<json>(&parsed);
  if (object == nullptr) return Invalid(JsonProblemText(std::get<JsonProblem>(parsed)));
  if (!object->is_object()) return Invalid("The body must be a JSON object.");
  const auto name = object->find("name");
  const auto space = object->find("space");
  if (name == object->end() || !name->is_string() ||
      !IsDisplayText(*name->get_ptr<const std::string*>(), kMaxNameCharacters)) {
    return Invalid("\"name\" must be 1 to 128 characters without control characters.");
  }
  if (space == object->end() || !space->is_string() ||
      std::find(spaces.begin(), spaces.end(), *space) == spaces.end()) {
    return Invalid("\"space\" must be one of the spaces that GET /v1/demo lists.");
  }
  const std::optional<DemoRole> role = ReadRole(*object);
  if (!role) return Invalid("\"role\" must be citizen, clerk or chair.");
  const auto& space_id = *space->get_ptr<const std::string*>();
  return MakeJson({{"token", tokens.Mint(*name->get_ptr<const std::string*>(), space_id, *role,
                                         CurrentMoment().unix_seconds)},
                   {"space", space_id}});
}

}  // namespace

void AddPageRoutes(Router& router, const StaticFiles& files) {
  router.AddFallback(
      "static", [&files](std::string_view path) { return files.Has(path); },
      [&files](const HttpRequest& request) { return files.Serve(PathOf(request), request); });
}

void AddDemoRoutes(Router& router, const DemoTokens& tokens, const OriginRules& origins,
                   std::vector<std::string> spaces) {
  router.Add(http::verb::get, "/v1/demo", [spaces](const HttpRequest&) {
    return MakeJson({{"spaces", spaces}});
  });
  router.Add(http::verb::post, "/v1/demo/token",
             [&tokens, &origins, spaces](const HttpRequest& request) {
               const std::string_view origin = request[http::field::origin];
               if (!origin.empty() && !origins.Admits(origin, request[http::field::host])) {
                 return MakeProblem(http::status::forbidden, "origin-refused",
                                    "This page may not ask for tokens.");
               }
               return MintToken(request, tokens, spaces);
             });
}

}  // namespace earshotd
