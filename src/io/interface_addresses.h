#pragma once

// Which addresses of this host clients may reach us under. They come and go (threat row S20), so
// that they are to be reviewed now and then. One thread.

#include <cstdint>
#include <string>
#include <vector>

#include "earshot/socket_address.h"

namespace earshot {

/// The unspecified address, 0.0.0.0 or ::.
bool IsWildcard(const SocketAddress& bound);

class InterfaceAddresses {
 public:
  /// Of those found. Clients check each of them from each of their own: who has more addresses says
  /// which are meant (announced).
  static constexpr size_t kMaxCandidates = 64;

  /// Of a socket that is bound there; both take literals, of which others are passed over.
  InterfaceAddresses(const std::string& bound, const std::vector<std::string>& announced,
                     uint16_t port);

  /// Whether the socket takes what is sent to any address of the host.
  bool covers_all() const { return IsWildcard(bound_); }

  /// Looks at the host's interfaces.
  void Review();

  /// What clients are to be told: what is announced, else what is bound, else, as of the last
  /// review that found any, the addresses of all interfaces that are up: loopback last, and without
  /// link-local ones of IPv6, which need a zone. At most kMaxCandidates, if they were found.
  const std::vector<SocketAddress>& candidates() const { return candidates_; }

  /// Whether anybody can come at present: the host has the address that is bound, or one of those
  /// announced, or else any besides loopback. Loopback is enough where it is what is bound or
  /// announced. An address that the host never showed is not missed, as it may be that of a NAT, or
  /// of a network that is routed to this host as a whole.
  bool is_reachable() const { return is_reachable_; }

 private:
  struct Expected {
    SocketAddress address;
    bool was_here = false;
  };
  bool CanBeReachedOn(const std::vector<SocketAddress>& interfaces);

  SocketAddress bound_;
  std::vector<Expected> expected_;  // none: whatever there is
  std::vector<SocketAddress> candidates_;
  bool has_fixed_candidates_ = false;
  bool is_reachable_ = true;
};

}  // namespace earshot
