#include "http_message.h"

#include <nlohmann/json.hpp>

namespace earshotd {
namespace {

/// The page needs its own scripts, styles and WebSocket, and media made on the spot (blob:).
constexpr char kContentSecurityPolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self' blob:; "
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
constexpr char kPermissionsPolicy[] =
    "microphone=(self), camera=(self), display-capture=(self), autoplay=(self), "
    "speaker-selection=(self), fullscreen=(self), geolocation=(), payment=(), usb=()";

}  // namespace

void AddSecurityHeaders(HttpResponse& response) {
  response.set(http::field::server, "earshotd");
  response.set("Content-Security-Policy", kContentSecurityPolicy);
  response.set("Permissions-Policy", kPermissionsPolicy);
  response.set("X-Content-Type-Options", "nosniff");
  response.set("Referrer-Policy", "no-referrer");
  response.set("Cross-Origin-Opener-Policy", "same-origin");
  response.set("Cross-Origin-Resource-Policy", "same-origin");
}

HttpResponse MakeResponse(http::status status, std::string_view content_type, std::string body) {
  HttpResponse response(status, 11);
  response.set(http::field::content_type, content_type);
  response.set(http::field::cache_control, "no-store");
  response.body() = std::move(body);
  AddSecurityHeaders(response);
  return response;
}

HttpResponse MakeProblem(http::status status, std::string_view code, std::string_view title) {
  const nlohmann::json problem = {
      {"title", title}, {"status", static_cast<unsigned>(status)}, {"code", code}};
  return MakeResponse(status, "application/problem+json", problem.dump());
}

std::string_view PathOf(const HttpRequest& request) {
  const std::string_view target = request.target();
  return target.substr(0, target.find('?'));
}

std::string_view BearerToken(const HttpRequest& request) {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string_view value = request[http::field::authorization];
  if (!value.starts_with(kScheme)) return "";
  return value.substr(kScheme.size());
}

}  // namespace earshotd
