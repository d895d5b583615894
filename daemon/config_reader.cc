#include "config_reader.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>

#include "earshot/socket_address.h"
#include "file_reader.h"
#include "origin_rules.h"
#include "plan_reader.h"
#include "text_rules.h"
#include "yaml_map.h"

namespace earshotd {
namespace {

using earshot::Duration;
using earshot::LogLevel;
using earshot::SrtpBackend;

constexpr size_t kMaxConfigSize = 1024 * 1024;
constexpr size_t kMaxKeyFileSize = 64 * 1024;
constexpr size_t kMaxSpaces = 10'000;
constexpr size_t kMaxListEntries = 64;

std::string AddressRule(const std::string& text) {
  return earshot::SocketAddress::FromLiteral(text, 1)
             ? ""
             : "must be a literal address such as 127.0.0.1 or ::1";
}
std::string NotEmptyRule(const std::string& text) {
  return IsDisplayText(text, 4096) ? "" : "must not be empty or hold control characters";
}
std::string OriginRule(const std::string& text) {
  return IsOrigin(text) ? "" : "must be an origin such as https://office.example, without a path";
}
/// An empty `kid` cannot be told from none.
std::string NameRule(const std::string& text) {
  return IsDisplayText(text, kMaxNameCharacters) ? "" : "must be 1 to 128 characters";
}

void ReadEndpoint(YamlMap& map, Endpoint& endpoint) {
  map.ReadText("address", AddressRule, endpoint.address);
  map.ReadInteger<uint16_t>("port", {0, 65535}, endpoint.port);
}

void ReadTls(YamlMap& map, TlsFiles& files) {
  map.ReadMap("tls", [&files](YamlMap& tls) {
    tls.ReadText("certificate_file", NotEmptyRule, files.certificate);
    tls.ReadText("key_file", NotEmptyRule, files.key);
    tls.Require("certificate_file");
    tls.Require("key_file");
  });
}

void ReadListen(YamlMap& map, Config& config) {
  ReadEndpoint(map, config.listen);
  ReadTls(map, config.tls);
}

void ReadAdmin(YamlMap& map, Config& config) {
  AdminOptions& admin = config.admin;
  ReadEndpoint(map, admin.endpoint);
  ReadTls(map, admin.tls);
  map.ReadText("token_file", NotEmptyRule, admin.token_file);
  if (!IsLoopback(admin.endpoint.address) && admin.token_file.empty()) {
    map.Note("address",
             "must be a loopback address, or there must be a token_file: metrics and health are "
             "not for the public");
  }
  if (admin.endpoint.port != 0 && admin.endpoint.port == config.listen.port) {
    map.Note("port", "must differ from listen.port");
  }
}

void ReadRate(YamlMap& ingress, std::string_view name, earshot::RateLimit& limit) {
  ingress.ReadMap(name, [&limit](YamlMap& map) {
    map.ReadInteger<uint32_t>("packets", {10, 1'000'000}, limit.packets_per_second);
    map.ReadInteger<uint32_t>("kilobits", {10, 10'000'000}, limit.kilobits_per_second);
  });
}

void ReadIngress(YamlMap& map, earshot::IngressLimits& limits) {
  ReadRate(map, "audio", limits.audio);
  ReadRate(map, "video", limits.video);
  ReadRate(map, "video_layer", limits.video_layer);
  ReadRate(map, "rtcp", limits.rtcp);
  ReadRate(map, "data", limits.data);
  map.ReadInteger<uint32_t>("checks", {10, 1'000'000}, limits.checks_per_second);
  map.ReadInteger<uint32_t>("told", {100, 1'000'000}, limits.told_per_second);
  map.ReadDuration("burst", {Duration::Millis(100), Duration::Seconds(10)}, limits.burst);
}

void ReadMedia(YamlMap& map, earshot::ServerOptions& server) {
  map.ReadText("bind", AddressRule, server.bind_address);
  map.ReadInteger<uint16_t>("port", {0, 65535}, server.base_port);
  map.ReadInteger<uint32_t>("workers", {1, 256}, server.workers);
  map.ReadBoolean("share_egress", server.share_egress);
  map.ReadBoolean("pin_workers", server.pin_workers);
  if (server.base_port + server.workers > 65536) {
    map.Note("port", "must leave room for one port per worker up to 65535");
  }
  map.ReadTexts("announce", kMaxListEntries, AddressRule, server.announced_addresses);
  map.ReadMap("slots", [&server](YamlMap& slots) {
    constexpr auto kMaxSlots = static_cast<uint8_t>(earshot::kMaxSlotsPerKind);
    slots.ReadInteger<uint8_t>("audio", {0, kMaxSlots}, server.media.audio_slots);
    slots.ReadInteger<uint8_t>("video", {0, kMaxSlots}, server.media.video_slots);
  });
  map.ReadDuration("consent_timeout", {Duration::Seconds(5), Duration::Seconds(60)},
                   server.media.consent_timeout);
  map.ReadInteger<uint32_t>("max_datagram_size", {1200, 2000}, server.media.max_datagram_size);
  map.ReadNumber("max_speed", {0.1, 1000}, server.media.max_speed);
  map.ReadMap("ingress",
              [&server](YamlMap& ingress) { ReadIngress(ingress, server.media.ingress); });
  static constexpr std::array<std::pair<std::string_view, SrtpBackend>, 2> kBackends = {
      {{"built-in", SrtpBackend::kBuiltIn}, {"libsrtp", SrtpBackend::kLibsrtp}}};
  map.ReadChoice<SrtpBackend>("srtp_backend", kBackends, server.media.srtp_backend);
  if (!earshot::HasSrtpBackend(server.media.srtp_backend)) {
    map.Note("srtp_backend", "names a library that was not there when this was built");
  }
}

void ReadIssuer(YamlMap& map, IssuerOptions& issuer) {
  static constexpr std::array<std::pair<std::string_view, TokenAlgorithm>, 2> kAlgorithms = {
      {{"HS256", TokenAlgorithm::kHs256}, {"ES256", TokenAlgorithm::kEs256}}};
  map.ReadText("name", NameRule, issuer.name);
  map.ReadText("audience", NameRule, issuer.audience);
  map.ReadText("key_id", NameRule, issuer.key_id);
  map.ReadDuration("clock_skew", {Duration::Zero(), Duration::Seconds(600)}, issuer.clock_skew);
  map.ReadChoice<TokenAlgorithm>("algorithm", kAlgorithms, issuer.algorithm);
  map.ReadText("secret_file", NotEmptyRule, issuer.secret_file);
  map.ReadText("public_key_file", NotEmptyRule, issuer.public_key_file);
  map.Require("name");
  map.Require("algorithm");
  const bool hmac = issuer.algorithm == TokenAlgorithm::kHs256;
  map.Require(hmac ? "secret_file" : "public_key_file");
  const char* other = hmac ? "public_key_file" : "secret_file";
  if (map.Has(other)) map.Note(other, "does not go with this algorithm");
}

void ReadIssuers(YamlMap& root, Config& config) {
  root.ReadMaps("issuers", kMaxListEntries, [&config](YamlMap& map) {
    IssuerOptions issuer;
    ReadIssuer(map, issuer);
    const auto same = [&issuer](const IssuerOptions& other) {
      return other.name == issuer.name && other.key_id == issuer.key_id;
    };
    if (std::any_of(config.issuers.begin(), config.issuers.end(), same)) {
      map.Note("name", "has another entry with the same key_id");
    }
    config.issuers.push_back(std::move(issuer));
  });
  if (config.issuers.empty() && !config.demo) {
    root.Note("issuers", "needs at least one issuer of join tokens, unless demo is true");
  }
}

void ReadMemory(YamlMap& map, MemoryOptions& memory) {
  map.ReadInteger<uint32_t>("megabytes", {32, 16 * 1024 * 1024}, memory.megabytes);
  map.ReadNumber("soft", {0.1, 1}, memory.soft);
  map.ReadNumber("hard", {0.1, 1}, memory.hard);
  if (memory.hard < memory.soft) map.Note("hard", "must not be smaller than soft");
}

void ReadLimits(YamlMap& map, Config& config) {
  ConnectionLimits& limits = config.limits;
  map.ReadInteger<uint32_t>("participants_per_space", {1, 100'000},
                            config.server.media.max_participants_per_space);
  map.ReadInteger<uint32_t>("connections", {1, 1'000'000}, limits.connections);
  map.ReadInteger<uint32_t>("connections_per_address", {1, 1'000'000},
                            limits.connections_per_address);
  map.ReadDuration("header_timeout", {Duration::Seconds(1), Duration::Seconds(60)},
                   limits.header_timeout);
  map.ReadDuration("body_timeout", {Duration::Seconds(1), Duration::Seconds(60)},
                   limits.body_timeout);
  map.ReadDuration("join_timeout", {Duration::Seconds(1), Duration::Seconds(60)},
                   limits.join_timeout);
  map.ReadDuration("signalling_grace", {Duration::Zero(), Duration::Seconds(300)},
                   limits.signalling_grace);
  map.ReadMap("memory", [&config](YamlMap& memory) { ReadMemory(memory, config.memory); });
}

void ReadLog(YamlMap& map, LogOptions& log) {
  static constexpr std::array<std::pair<std::string_view, LogLevel>, 4> kLevels = {
      {{"debug", LogLevel::kDebug},
       {"info", LogLevel::kInfo},
       {"warning", LogLevel::kWarning},
       {"error", LogLevel::kError}}};
  static constexpr std::array<std::pair<std::string_view, LogFormat>, 2> kFormats = {
      {{"text", LogFormat::kText}, {"json", LogFormat::kJson}}};
  map.ReadChoice<LogLevel>("level", kLevels, log.level);
  map.ReadChoice<LogFormat>("format", kFormats, log.format);
}

void CheckPortals(YamlMap& root, const std::vector<earshot::SpaceOptions>& spaces) {
  for (size_t i = 0; i < spaces.size(); ++i) {
    for (const earshot::Portal& portal : spaces[i].plan.portals) {
      const bool leads_on = std::any_of(spaces.begin(), spaces.end(), [&](const auto& space) {
        return space.id == portal.space && &space != &spaces[i];
      });
      if (leads_on) continue;
      root.NoteItem("spaces", i,
                    "has a portal to \"" + portal.space + "\", which is no other space here");
    }
  }
}

void ReadSpaces(YamlMap& root, std::vector<earshot::SpaceOptions>& spaces) {
  root.ReadMaps("spaces", kMaxSpaces, [&spaces](YamlMap& map) {
    earshot::SpaceOptions space;
    ReadSpace(map, space);
    const auto same = [&space](const auto& other) { return other.id == space.id; };
    if (std::any_of(spaces.begin(), spaces.end(), same)) map.Note("id", "is given twice");
    spaces.push_back(std::move(space));
  });
  if (spaces.empty()) root.Note("spaces", "needs at least one space");
  CheckPortals(root, spaces);
}

void ReadRoot(YamlMap& root, Config& config) {
  root.ReadMap("listen", [&config](YamlMap& map) { ReadListen(map, config); });
  root.ReadMap("admin", [&config](YamlMap& map) { ReadAdmin(map, config); });
  root.ReadMap("media", [&config](YamlMap& map) { ReadMedia(map, config.server); });
  root.ReadText("web_root", NotEmptyRule, config.web_root);
  root.ReadBoolean("demo", config.demo);
  root.ReadTexts("origins", kMaxListEntries, OriginRule, config.origins);
  root.ReadBoolean("allow_insecure_permissions", config.allow_insecure_permissions);
  ReadIssuers(root, config);
  root.ReadMap("limits", [&config](YamlMap& map) { ReadLimits(map, config); });
  root.ReadMap("log", [&config](YamlMap& map) { ReadLog(map, config.log); });
  ReadSpaces(root, config.server.spaces);
  root.Finish();
}

/// What keeps a text from being read as YAML at all; empty if nothing does.
std::string ProblemWithText(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) return "starts with a byte order mark; save it without";
  if (text.find('\0') != std::string_view::npos) return "holds zero bytes; it must be UTF-8 text";
  if (!CountCharacters(text)) return "is not valid UTF-8";
  return "";
}

}  // namespace

void ReadConfig(std::string_view text, Config& config, ConfigLog& log) {
  const std::string problem = ProblemWithText(text);
  if (!problem.empty()) {
    log.problems.push_back({0, "", problem, ""});
    return;
  }
  try {
    const auto document = LoadDocument(std::string(text), log);
    if (!document) return;
    YamlMap root(*document, "", log);
    ReadRoot(root, config);
  } catch (const YAML::Exception& error) {
    log.problems.push_back({std::max(error.mark.line + 1, 0), "", "is not YAML: " + error.msg, ""});
  }
}

void ReadConfigFile(const std::string& path, Config& config, ConfigLog& log) {
  const auto text = ReadWholeFile(path, kMaxConfigSize, FileSecrecy::kPublic);
  if (!text.ok()) {
    log.problems.push_back({0, "", text.error().message, ""});
    return;
  }
  ReadConfig(*text, config, log);
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  const auto resolve = [&folder](std::string& file) {
    if (!file.empty()) file = (folder / file).lexically_normal().native();
  };
  resolve(config.web_root);
  resolve(config.tls.certificate);
  resolve(config.tls.key);
  resolve(config.admin.tls.certificate);
  resolve(config.admin.tls.key);
  resolve(config.admin.token_file);
  for (IssuerOptions& issuer : config.issuers) {
    resolve(issuer.secret_file);
    resolve(issuer.public_key_file);
  }
}

std::vector<IssuerKey> ReadIssuerKeys(const Config& config, ConfigLog& log) {
  std::vector<IssuerKey> keys;
  for (size_t i = 0; i < config.issuers.size(); ++i) {
    const IssuerOptions& issuer = config.issuers[i];
    const bool hmac = issuer.algorithm == TokenAlgorithm::kHs256;
    const std::string key =
        "issuers[" + std::to_string(i) + "]." + (hmac ? "secret_file" : "public_key_file");
    const FileSecrecy secrecy = !hmac ? FileSecrecy::kPublic
                                : config.allow_insecure_permissions
                                    ? FileSecrecy::kSecretAnyPermissions
                                    : FileSecrecy::kSecret;
    const auto contents =
        ReadWholeFile(hmac ? issuer.secret_file : issuer.public_key_file, kMaxKeyFileSize, secrecy);
    if (!contents.ok()) {
      log.problems.push_back({0, key, contents.error().message, ""});
      continue;
    }
    auto read = hmac ? TokenKey::FromSecret(*contents) : TokenKey::FromPublicKeyPem(*contents);
    if (!read.ok()) {
      log.problems.push_back({0, key, read.error().message, ""});
      continue;
    }
    keys.push_back(
        {issuer.name, issuer.audience, issuer.key_id, std::move(*read), issuer.clock_skew});
  }
  return keys;
}

}  // namespace earshotd
