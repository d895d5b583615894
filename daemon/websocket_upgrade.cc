#include "websocket_upgrade.h"

#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

namespace earshotd {

std::optional<HttpResponse> RefuseUpgrade(const HttpRequest& request, const OriginRules& origins) {
  if (!boost::beast::websocket::is_upgrade(request)) {
    HttpResponse response =
        MakeProblem(http::status::upgrade_required, "upgrade-required", "This is a WebSocket.");
    response.set(http::field::upgrade, "websocket");
    return response;
  }
  if (!http::token_list(request[http::field::sec_websocket_protocol]).exists(kSubprotocol)) {
    return MakeProblem(http::status::bad_request, "subprotocol-unknown",
                       "The WebSocket subprotocol must be earshot.v1.");
  }
  const std::string_view origin = request[http::field::origin];
  // A browser always names the origin, and no page can set Authorization on a WebSocket: who has
  // neither is not let in, who has the second is no browser.
  const bool admitted = request.count(http::field::origin) == 0
                            ? !BearerToken(request).empty()
                            : origins.Admits(origin, request[http::field::host]);
  if (!admitted) {
    return MakeProblem(http::status::forbidden, "origin-refused",
                       "Pages of this origin may not connect.");
  }
  return std::nullopt;
}

HttpResponse TooManyTokenFailures() {
  HttpResponse response = MakeProblem(http::status::too_many_requests, "rate-limited",
                                      "Too many join tokens from here were not valid.");
  response.set(http::field::retry_after, "1");
  return response;
}

}  // namespace earshotd
