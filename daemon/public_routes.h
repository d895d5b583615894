#pragma once

// The routes of the public listener: the page, and in demo mode the guest tokens (PROTOCOL.md
// section 1.4). The WebSocket is http_session.h's. The control thread.

#include <string>
#include <vector>

#include "demo_tokens.h"
#include "origin_rules.h"
#include "router.h"
#include "static_files.h"

namespace earshotd {

/// Referenced objects must outlive the router.
void AddPageRoutes(Router& router, const StaticFiles& files);
/// `spaces` in the order of the configuration.
void AddDemoRoutes(Router& router, const DemoTokens& tokens, const OriginRules& origins,
                   std::vector<std::string> spaces);

}  // namespace earshotd
