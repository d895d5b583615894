#pragma once

// base64url without padding (RFC 4648 section 5), as JOSE uses it (RFC 7515 section 2). Strict:
// one text for each byte string. Pure functions, any thread.

#include <optional>
#include <string>
#include <string_view>

namespace earshotd {

std::string Base64UrlEncode(std::string_view bytes);

/// Nothing for padding, white space, foreign characters, impossible lengths, or stray bits at the
/// end.
std::optional<std::string> Base64UrlDecode(std::string_view text);

}  // namespace earshotd
