#include "http_framing.h"

#include <algorithm>
#include <boost/beast/core/string.hpp>
#include <iterator>

namespace earshotd {
namespace {

/// Fields that have one value. Of two, another reader may take the other one.
constexpr http::field kSingular[] = {
    http::field::host,
    http::field::content_length,
    http::field::transfer_encoding,
    http::field::content_type,
    http::field::origin,
    http::field::authorization,
    http::field::upgrade,
    http::field::sec_websocket_key,
    http::field::sec_websocket_version,
    http::field::if_none_match,
};

HttpResponse Malformed() {
  return MakeProblem(http::status::bad_request, "request-malformed", "The request is malformed.");
}

}  // namespace

bool HasFoldedLine(std::string_view received) {
  const std::string_view header = received.substr(0, received.find("\r\n\r\n"));
  return header.find("\r\n ") != std::string_view::npos ||
         header.find("\r\n\t") != std::string_view::npos;
}

std::optional<HttpResponse> RefuseFraming(const HttpRequest& request, bool is_chunked) {
  const bool ambiguous =
      std::any_of(std::begin(kSingular), std::end(kSingular),
                  [&request](http::field field) { return request.count(field) > 1; });
  // RFC 9112 section 3.2: a server "MUST respond with a 400 [...] to any HTTP/1.1 request message
  // that lacks a Host header field".
  const bool lacks_host = request.count(http::field::host) == 0 && request.version() >= 11;
  if (ambiguous || lacks_host || !request.target().starts_with('/')) return Malformed();
  // "3, 3" would be allowed (RFC 9110 section 8.6), and nobody sends it with good intentions.
  if (request[http::field::content_length].find(',') != std::string_view::npos) return Malformed();
  if (request.count(http::field::transfer_encoding) == 0) return std::nullopt;
  // RFC 9112 section 6.3: where "the chunked transfer coding is not the final encoding [...] the
  // server MUST respond with the 400 (Bad Request) status code and then close". Section 6.1: in
  // HTTP/1.0 the framing is faulty "even if a Content-Length is present".
  if (!is_chunked || request.version() < 11) return Malformed();
  // "A server that receives a request message with a transfer coding it does not understand SHOULD
  // respond with 501 (Not Implemented)."
  if (!boost::beast::iequals(request[http::field::transfer_encoding], "chunked")) {
    return MakeProblem(http::status::not_implemented, "coding-unknown",
                       "The only transfer coding here is chunked.");
  }
  return std::nullopt;
}

}  // namespace earshotd
