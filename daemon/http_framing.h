#pragma once

// Where a request ends and what it is about must mean one thing to us and to any proxy before us
// (threat H19): what Boost.Beast's parser takes although it could be read otherwise is found here.
// Pure functions, any thread.

#include <optional>
#include <string_view>

#include "http_message.h"

namespace earshotd {

/// Whether `received`, the unread part of a header and maybe more, continues a field's value on the
/// next line (RFC 9112 section 5.2), which the parser would join without a trace.
bool HasFoldedLine(std::string_view received);

/// What is ambiguous in a header; nothing if nothing is. The parser found it `is_chunked` or not.
std::optional<HttpResponse> RefuseFraming(const HttpRequest& request, bool is_chunked);

}  // namespace earshotd
