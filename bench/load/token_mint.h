#pragma once

// Signs join tokens as the portal would, with the secret that the server knows for its issuer.
// Without one, a server in demo mode hands them out itself. Main thread.

#include <string>
#include <string_view>

#include "token_key.h"

namespace earshot::load {

struct TokenOptions {
  /// Empty: the server is in demo mode.
  std::string secret_file;
  std::string issuer = "portal";
  std::string audience = "earshot";
  std::string key_id = {};
};

/// Since 1970.
int64_t UnixSeconds();

class TokenMint {
 public:
  /// Error code "token-key-invalid"; the message names the file.
  static Result<TokenMint> Open(const TokenOptions& options);

  /// A subject of its own for each `name`; `now` as UnixSeconds has it.
  std::string Mint(std::string_view name, std::string_view space, int64_t now) const;

 private:
  TokenMint(const TokenOptions& options, earshotd::TokenKey key)
      : options_(options), key_(std::move(key)) {}

  TokenOptions options_;
  earshotd::TokenKey key_;
};

}  // namespace earshot::load
