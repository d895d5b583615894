#pragma once

// The HTTP types of the daemon and the responses that many routes give. Pure functions, any thread.

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <string>
#include <string_view>

namespace earshotd {

namespace http = boost::beast::http;
using HttpRequest = http::request<http::string_body>;
using HttpResponse = http::response<http::string_body>;

/// Headers that every response carries: it is what it says, it is not framed, it sends no referrer,
/// and only this server's own page may use camera, microphone and screen.
void AddSecurityHeaders(HttpResponse& response);

HttpResponse MakeResponse(http::status status, std::string_view content_type, std::string body);
/// RFC 9457: {"title": ..., "status": ..., "code": ...}.
HttpResponse MakeProblem(http::status status, std::string_view code, std::string_view title);

/// The target without its query.
std::string_view PathOf(const HttpRequest& request);

/// The token of "Authorization: Bearer <token>", or empty.
std::string_view BearerToken(const HttpRequest& request);

}  // namespace earshotd
