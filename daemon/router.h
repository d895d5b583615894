#pragma once

// A listener's table of routes, and what it counts. Knows no socket. The control thread.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "http_message.h"

namespace earshotd {

/// Requests answered, by route, method and status: the labels are words of ours, so the number of
/// combinations is small whatever clients send.
class HttpCounters {
 public:
  using Key = std::tuple<std::string, std::string, unsigned>;
  void Count(std::string_view route, http::verb method, http::status status);
  const std::map<Key, uint64_t>& values() const { return values_; }

 private:
  std::map<Key, uint64_t> values_;
};

class Router {
 public:
  using Handler = std::function<HttpResponse(const HttpRequest&)>;

  explicit Router(HttpCounters& counters) : counters_(counters) {}

  void Add(http::verb method, std::string path, Handler handler);
  /// For paths that no route has; `accepts` says whether it is one of its own. Answers GET.
  void AddFallback(std::string label, std::function<bool(std::string_view)> accepts,
                   Handler handler);

  /// Answers and counts. HEAD is GET without the body; an exception of a handler is a 500.
  HttpResponse Handle(const HttpRequest& request);
  /// Counts a response that no route gave: to a malformed request or an upgrade.
  void CountOther(std::string_view route, http::verb method, http::status status) {
    counters_.Count(route, method, status);
  }

 private:
  struct Route {
    http::verb method;
    std::string path;
    Handler handler;
  };
  struct Match {
    std::string_view label = "other";
    const Handler* handler = nullptr;
    std::string allowed_methods;
  };
  Match Find(http::verb method, std::string_view path) const;

  HttpCounters& counters_;
  std::vector<Route> routes_;
  std::string fallback_label_;
  std::function<bool(std::string_view)> fallback_accepts_;
  Handler fallback_;
};

}  // namespace earshotd
