#pragma once

// The certificate that newcomers are told of, renewed every 30 days (threat row D16). Transports
// keep the one that they began with. One thread.

#include <memory>
#include <utility>

#include "earshot/units.h"
#include "transport/dtls.h"

namespace earshot {

class CertificateRotation {
 public:
  static constexpr Duration kLifetime = Duration::Seconds(30 * 24 * 3600);

  explicit CertificateRotation(std::shared_ptr<const DtlsCertificate> first)
      : current_(std::move(first)) {}

  const std::shared_ptr<const DtlsCertificate>& At(Timestamp now) {
    const bool is_first = expiry_.IsNever();
    if (!is_first && now < expiry_) return current_;
    // Better the old one than none, should OpenSSL fail.
    if (!is_first) {
      if (auto fresh = DtlsCertificate::Make()) current_ = std::move(fresh);
    }
    expiry_ = now + kLifetime;
    return current_;
  }

 private:
  std::shared_ptr<const DtlsCertificate> current_;
  Timestamp expiry_ = Timestamp::Never();  // known from the first join on
};

}  // namespace earshot
