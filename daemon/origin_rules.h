#pragma once

// Who may open a WebSocket from a page (RFC 6454; threat H6): browsers name the page's origin, and
// only those of the operator's list, or of this server itself, may connect. Immutable, any thread.

#include <string>
#include <string_view>
#include <vector>

namespace earshotd {

/// Scheme http or https, host and optional port; lower case and no path.
bool IsOrigin(std::string_view text);
/// A literal loopback address.
bool IsLoopback(std::string_view address);

class OriginRules {
 public:
  /// In demo mode the server's own origin counts only under a loopback name: a page of another name
  /// that resolves to this host could otherwise mint itself a token.
  OriginRules(std::vector<std::string> allowed, bool demo)
      : allowed_(std::move(allowed)), demo_(demo) {}

  /// `origin` as the browser sent it, `host` the Host header of the same request.
  bool Admits(std::string_view origin, std::string_view host) const;

 private:
  std::vector<std::string> allowed_;
  bool demo_;
};

}  // namespace earshotd
