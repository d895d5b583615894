#include "router.h"

#include <exception>

namespace earshotd {
namespace {

std::string_view MethodLabel(http::verb method) {
  switch (method) {
    case http::verb::get:
      return "GET";
    case http::verb::head:
      return "HEAD";
    case http::verb::post:
      return "POST";
    default:
      return "other";
  }
}

}  // namespace

void HttpCounters::Count(std::string_view route, http::verb method, http::status status) {
  ++values_[{std::string(route), std::string(MethodLabel(method)), static_cast<unsigned>(status)}];
}

void Router::Add(http::verb method, std::string path, Handler handler) {
  routes_.push_back({method, std::move(path), std::move(handler)});
}

void Router::AddFallback(std::string label, std::function<bool(std::string_view)> accepts,
                         Handler handler) {
  fallback_label_ = std::move(label);
  fallback_accepts_ = std::move(accepts);
  fallback_ = std::move(handler);
}

Router::Match Router::Find(http::verb method, std::string_view path) const {
  const http::verb wanted = method == http::verb::head ? http::verb::get : method;
  Match match;
  for (const Route& route : routes_) {
    if (route.path != path) continue;
    match.label = route.path;
    if (route.method == wanted) match.handler = &route.handler;
    if (!match.allowed_methods.empty()) match.allowed_methods += ", ";
    match.allowed_methods += route.method == http::verb::get ? "GET, HEAD" : "POST";
  }
  if (match.allowed_methods.empty() && fallback_ && fallback_accepts_(path)) {
    match = {fallback_label_, wanted == http::verb::get ? &fallback_ : nullptr, "GET, HEAD"};
  }
  return match;
}

HttpResponse Router::Handle(const HttpRequest& request) {
  const Match match = Find(request.method(), PathOf(request));
  HttpResponse response;
  if (match.handler != nullptr) {
    try {
      response = (*match.handler)(request);
    } catch (const std::exception&) {
      response = MakeProblem(http::status::internal_server_error, "internal",
                             "The server could not do this.");
    }
  } else if (!match.allowed_methods.empty()) {
    response = MakeProblem(http::status::method_not_allowed, "method-not-allowed",
                           "This resource has other methods.");
    response.set(http::field::allow, match.allowed_methods);
  } else {
    response = MakeProblem(http::status::not_found, "not-found", "There is nothing here.");
  }
  counters_.Count(match.label, request.method(), response.result());
  return response;
}

}  // namespace earshotd
