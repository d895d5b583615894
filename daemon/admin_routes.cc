#include "admin_routes.h"

#include <utility>

namespace earshotd {

void AddAdminRoutes(Router& router, AdminSources sources) {
  router.Add(http::verb::get, "/metrics", [write = sources.write_metrics](const HttpRequest&) {
    return MakeResponse(http::status::ok, "text/plain; version=0.0.4; charset=utf-8", write());
  });
  // That this is answered is the answer: the control thread lives.
  router.Add(http::verb::get, "/livez", [](const HttpRequest&) {
    return MakeResponse(http::status::ok, "text/plain; charset=utf-8", "ok\n");
  });
  router.Add(http::verb::get, "/readyz", [ready = sources.is_ready](const HttpRequest&) {
    if (ready()) return MakeResponse(http::status::ok, "text/plain; charset=utf-8", "ready\n");
    return MakeResponse(http::status::service_unavailable, "text/plain; charset=utf-8",
                        "not ready\n");
  });
}

}  // namespace earshotd
