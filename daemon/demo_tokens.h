#pragma once

// Mints guest tokens in demo mode, with a secret made at start that never leaves the process. Does
// not exist outside demo mode. One thread at a time.

#include <cstdint>
#include <string>
#include <string_view>

#include "token_verifier.h"

namespace earshotd {

/// Who a guest of the demo plays.
enum class DemoRole : uint8_t {
  kCitizen,
  /// Has the role "clerk", to which a private zone may belong.
  kClerk,
  /// Moderates, and may speak to everybody.
  kChair,
};

class DemoTokens {
 public:
  DemoTokens();

  /// What the verifier needs to accept the tokens of this object.
  IssuerKey MakeIssuerKey() const;
  /// A token for five minutes, with a subject of its own. `name` and `space` are checked by the
  /// caller; `now` in seconds since 1970.
  std::string Mint(std::string_view name, std::string_view space, DemoRole role, int64_t now) const;

 private:
  TokenKey MakeKey() const;

  std::string secret_;
};

}  // namespace earshotd
