#include "origin_rules.h"

#include <algorithm>
#include <cctype>

#include "earshot/socket_address.h"

namespace earshotd {
namespace {

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

/// Host and port of an origin; empty if it has another scheme.
std::string_view AuthorityOf(std::string_view origin) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (origin.starts_with(scheme)) return origin.substr(scheme.size());
  }
  return "";
}

std::string_view WithoutDefaultPort(std::string_view authority, std::string_view origin) {
  const std::string_view port = origin.starts_with("https:") ? ":443" : ":80";
  if (authority.ends_with(port)) authority.remove_suffix(port.size());
  return authority;
}

bool IsLoopbackName(std::string_view authority) {
  const size_t bracket = authority.find(']');
  const size_t end = bracket == std::string_view::npos ? authority.find(':') : bracket + 1;
  const std::string_view name = authority.substr(0, end);
  return name == "localhost" || name == "127.0.0.1" || name == "[::1]";
}

}  // namespace

bool IsOrigin(std::string_view text) {
  const std::string_view authority = AuthorityOf(text);
  if (authority.empty() || authority.size() > 255) return false;
  return std::all_of(authority.begin(), authority.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("-.:[]").find(c) != std::string_view::npos;
  });
}

bool IsLoopback(std::string_view address) {
  const auto parsed = earshot::SocketAddress::FromLiteral(address, 1);
  if (!parsed) return false;
  return parsed->is_ipv4() ? parsed->host()[0] == 127 : parsed->HostLiteral() == "::1";
}

bool OriginRules::Admits(std::string_view origin, std::string_view host) const {
  const std::string lower_origin = LowerCase(origin);
  if (!IsOrigin(lower_origin)) return false;
  if (std::find(allowed_.begin(), allowed_.end(), lower_origin) != allowed_.end()) return true;
  const std::string lower_host = LowerCase(host);
  const std::string_view authority = AuthorityOf(lower_origin);
  const bool same =
      WithoutDefaultPort(authority, lower_origin) == WithoutDefaultPort(lower_host, lower_origin);
  return same && (!demo_ || IsLoopbackName(authority));
}

}  // namespace earshotd
