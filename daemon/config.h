#pragma once

// What an operator can set, as plain values with their defaults; configs/earshotd.yaml explains
// each. Reading, checking and the files that it names are config_reader.h's. Any thread.

#include <cstdint>
#include <string>
#include <vector>

#include "earshot/options.h"
#include "token_key.h"

namespace earshotd {

/// A literal address and a TCP port; port zero lets the system choose.
struct Endpoint {
  std::string address = "127.0.0.1";
  uint16_t port = 0;
};

/// PEM files; both empty: plain HTTP.
struct TlsFiles {
  std::string certificate;
  std::string key;
};

/// Metrics and health.
struct AdminOptions {
  Endpoint endpoint{"127.0.0.1", 8081};
  TlsFiles tls;
  /// What clients must show as "Authorization: Bearer"; empty: nothing, as on loopback.
  std::string token_file;
};

struct IssuerOptions {
  std::string name;
  std::string audience = "earshot";
  /// What the token's `kid` must say; empty: it must have none.
  std::string key_id;
  TokenAlgorithm algorithm = TokenAlgorithm::kHs256;
  /// How far the clocks of issuer and server may be apart.
  earshot::Duration clock_skew = kDefaultClockSkew;
  /// The one that the algorithm needs.
  std::string secret_file;
  std::string public_key_file;
};

struct ConnectionLimits {
  /// TCP connections on the public listener, in all and from one address (IPv6: one /64). An office
  /// may sit behind one address, so the second is no small number.
  uint32_t connections = 10000;
  uint32_t connections_per_address = 1000;
  earshot::Duration header_timeout = earshot::Duration::Seconds(5);
  earshot::Duration body_timeout = earshot::Duration::Seconds(10);
  earshot::Duration join_timeout = earshot::Duration::Seconds(10);
  /// How long a participant stays whose WebSocket is lost, if its media goes on.
  earshot::Duration signalling_grace = earshot::Duration::Seconds(30);
};

struct MemoryOptions {
  /// In MiB. Zero: whatever the control group or the host allows.
  uint32_t megabytes = 0;
  /// Shares of the limit: from the first on nobody joins or opens a WebSocket, from the second on
  /// no connection is taken.
  float soft = 0.8f;
  float hard = 0.9f;
};

enum class LogFormat { kText, kJson };
struct LogOptions {
  earshot::LogLevel level = earshot::LogLevel::kInfo;
  LogFormat format = LogFormat::kText;
};

struct Config {
  Endpoint listen{"127.0.0.1", 8080};
  TlsFiles tls;
  AdminOptions admin;
  /// Empty: the page that was installed with the daemon.
  std::string web_root;
  bool demo = false;
  std::vector<std::string> origins;
  bool allow_insecure_permissions = false;
  std::vector<IssuerOptions> issuers;
  ConnectionLimits limits;
  MemoryOptions memory;
  LogOptions log;
  /// Workers, UDP, slots and spaces.
  earshot::ServerOptions server;
};

}  // namespace earshotd
