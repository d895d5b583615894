#include "url.h"

#include <charconv>
#include <string_view>

namespace earshot::load {
namespace {

constexpr std::string_view kHttp = "http://";

Error Invalid(const std::string& text, std::string_view reason) {
  return {"url-invalid", "\"" + text + "\" " + std::string(reason)};
}

}  // namespace

Result<Url> ParseUrl(const std::string& text) {
  if (text.starts_with("https://")) {
    return Invalid(text, "is https; give the plain listener behind the proxy that ends TLS.");
  }
  if (!text.starts_with(kHttp)) return Invalid(text, "must begin with http://");
  std::string_view rest = std::string_view(text).substr(kHttp.size());
  Url url;
  if (const size_t slash = rest.find('/'); slash != std::string_view::npos) {
    url.path = rest.substr(slash);
    rest = rest.substr(0, slash);
  }
  const size_t bracket = rest.starts_with('[') ? rest.find(']') : 0;
  if (bracket == std::string_view::npos) return Invalid(text, "has a [ without a ].");
  if (const size_t colon = rest.find(':', bracket); colon != std::string_view::npos) {
    const std::string_view port = rest.substr(colon + 1);
    const auto result = std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (result.ec != std::errc() || result.ptr != port.data() + port.size() || url.port == 0) {
      return Invalid(text, "must have a port from 1 to 65535.");
    }
    rest = rest.substr(0, colon);
  }
  url.host = bracket > 0 ? rest.substr(1, bracket - 1) : rest;
  if (url.host.empty()) return Invalid(text, "names no host.");
  return url;
}

}  // namespace earshot::load
