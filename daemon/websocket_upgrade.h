#pragma once

// Whether a request for /v1/connect may become a WebSocket (threat H6). Pure functions, any thread.

#include <optional>

#include "http_message.h"
#include "origin_rules.h"

namespace earshotd {

inline constexpr char kConnectPath[] = "/v1/connect";
inline constexpr char kSubprotocol[] = "earshot.v1";

/// The response that refuses the upgrade, or nothing if all is well.
std::optional<HttpResponse> RefuseUpgrade(const HttpRequest& request, const OriginRules& origins);

/// For who comes from where too many bad tokens came from just now (threat H22).
HttpResponse TooManyTokenFailures();

}  // namespace earshotd
