#pragma once

// The whole daemon: the media server, the two listeners and what they share, on one io_context.
// Only composes. Start and Run belong to the control thread; Stop may be called from a handler.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config.h"
#include "config_problem.h"
#include "earshot/result.h"
#include "token_verifier.h"

namespace earshotd {

/// A configuration with what it names.
struct LoadedConfig {
  Config config;
  std::vector<IssuerKey> keys;
  /// As ConfigLog has them, to see what another reading changes.
  std::vector<ConfigField> fields = {};
};
/// Reads the configuration anew. The error is a sentence for the log.
using ConfigLoader = std::function<earshot::Result<LoadedConfig>()>;

class Daemon {
 public:
  /// Opens everything, or nothing: an error (a sentence that names the option or the address)
  /// leaves no thread and no socket. At SIGHUP, plans, keys, origins and certificates are those
  /// that `reload` gives; what else has changed is named in the log.
  static earshot::Result<std::unique_ptr<Daemon>> Start(LoadedConfig loaded, ConfigLoader reload);
  ~Daemon();

  /// Until Stop, SIGTERM or SIGINT; clients are told, and what they were sent has gone out.
  void Run();
  /// Any thread.
  void Stop();

  uint16_t public_port() const;
  uint16_t admin_port() const;
  /// Of the page.
  std::string Url() const;

 private:
  class Impl;
  explicit Daemon(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace earshotd
