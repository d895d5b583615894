#include "admin_routes.h"

#include <openssl/crypto.h>

#include <string_view>
#include <utility>

namespace earshotd {
namespace {

constexpr char kPlainText[] = "text/plain; charset=utf-8";

/// Takes as long for one wrong token as for another.
bool IsSame(std::string_view shown, std::string_view token) {
  return shown.size() == token.size() &&
         CRYPTO_memcmp(shown.data(), token.data(), token.size()) == 0;
}

Router::Handler Guarded(const std::string& token, Router::Handler handler) {
  if (token.empty()) return handler;
  return [token, handler = std::move(handler)](const HttpRequest& request) {
    if (IsSame(BearerToken(request), token)) return handler(request);
    HttpResponse response = MakeProblem(http::status::unauthorized, "token-invalid",
                                        "This needs the token of the operator.");
    response.set(http::field::www_authenticate, "Bearer");
    return response;
  };
}

}  // namespace

void AddAdminRoutes(Router& router, const AdminSources& sources) {
  const auto add = [&router, &sources](const char* path, Router::Handler handler) {
    router.Add(http::verb::get, path, Guarded(sources.token, std::move(handler)));
  };
  add("/metrics", [write = sources.write_metrics](const HttpRequest&) {
    return MakeResponse(http::status::ok, "text/plain; version=0.0.4; charset=utf-8", write());
  });
  // That this is answered is the answer: the control thread lives.
  add("/livez",
      [](const HttpRequest&) { return MakeResponse(http::status::ok, kPlainText, "ok\n"); });
  add("/readyz", [ready = sources.is_ready](const HttpRequest&) {
    if (ready()) return MakeResponse(http::status::ok, kPlainText, "ready\n");
    return MakeResponse(http::status::service_unavailable, kPlainText, "not ready\n");
  });
}

}  // namespace earshotd
