#pragma once

// TLS for the listeners, with OpenSSL through asio: 1.3, and of 1.2 what the BSI's TR-02102-2 and
// RFC 9325 recommend (ECDHE with AES-GCM). Start-up and reload only.

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "config.h"
#include "earshot/result.h"

namespace earshotd {

/// Null without TLS files; an error if they cannot be used, which begins with the configuration's
/// key: `name` is "listen.tls".
earshot::Result<std::unique_ptr<boost::asio::ssl::context>> MakeTlsContext(
    const TlsFiles& files, const std::string& name, bool allow_insecure_permissions);

}  // namespace earshotd
