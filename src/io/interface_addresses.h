#pragma once

// Which addresses of this host clients may reach us under. Any thread.

#include <string>
#include <vector>

namespace earshot {

/// Literal addresses of the host's interfaces that are up: those outside first, loopback last.
/// With a specific `bind_address`, only that one. Link-local IPv6 is left out: it needs a zone.
std::vector<std::string> InterfaceAddresses(const std::string& bind_address);

}  // namespace earshot
