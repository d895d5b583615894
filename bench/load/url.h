#pragma once

// Where the server is that is put under load. Values only; main thread.

#include <cstdint>
#include <string>

#include "earshot/result.h"

namespace earshot::load {

struct Url {
  std::string host;
  uint16_t port = 80;
  /// Begins with a slash.
  std::string path = "/";
  std::string Authority() const {
    const bool is_ipv6 = host.find(':') != std::string::npos;
    return (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
  }
};

/// "http://localhost:8080", perhaps with a path. Error code "url-invalid".
Result<Url> ParseUrl(const std::string& text);

}  // namespace earshot::load
