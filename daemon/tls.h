#pragma once

// TLS for the public listener, with OpenSSL through asio: TLS 1.2 and 1.3 only. Start-up only.

#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "config.h"
#include "earshot/result.h"

namespace earshotd {

/// Null without TLS files; an error if they cannot be used.
earshot::Result<std::unique_ptr<boost::asio::ssl::context>> MakeTlsContext(const Config& config);

}  // namespace earshotd
