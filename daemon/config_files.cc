#include "config_files.h"

#include <utility>

#include "file_reader.h"
#include "origin_rules.h"
#include "static_files.h"
#include "tls.h"
#include "token_key.h"

namespace earshotd {
namespace {

using earshot::Error;
using earshot::Result;

template <typename Value>
void NoteError(const char* key, const Result<Value>& result, ConfigLog& log) {
  if (!result.ok()) log.problems.push_back({0, key, result.error().message, ""});
}

}  // namespace

std::string WebRootOf(const Config& config) {
  return config.web_root.empty() ? EARSHOT_INSTALLED_WEB_ROOT : config.web_root;
}

Result<std::string> ReadAdminToken(const Config& config) {
  if (config.admin.token_file.empty()) return std::string();
  constexpr size_t kMaxSize = 4096;
  auto token = ReadWholeFile(config.admin.token_file, kMaxSize,
                             config.allow_insecure_permissions ? FileSecrecy::kSecretAnyPermissions
                                                               : FileSecrecy::kSecret);
  if (!token.ok()) return token.error();
  while (token->ends_with('\n') || token->ends_with('\r')) token->pop_back();
  // As strong as a secret that signs; and fit for a header.
  const auto strong = TokenKey::FromSecret(*token);
  if (!strong.ok()) return strong.error();
  for (const char c : *token) {
    if (c <= ' ' || c > '~') return Error{"file-unusable", "must be one word of ASCII"};
  }
  return std::move(*token);
}

void CheckFiles(const Config& config, ConfigLog& log) {
  const bool any = config.allow_insecure_permissions;
  NoteError("web_root", StaticFiles::Load(WebRootOf(config)), log);
  NoteError("listen.tls", MakeTlsContext(config.tls, "listen.tls", any), log);
  NoteError("admin.tls", MakeTlsContext(config.admin.tls, "admin.tls", any), log);
  NoteError("admin.token_file", ReadAdminToken(config), log);
}

std::vector<std::string> AdviceOn(const Config& config, unsigned processors) {
  std::vector<std::string> advice;
  const bool is_public = !IsLoopback(config.listen.address);
  if (is_public && config.tls.certificate.empty()) {
    advice.emplace_back(
        "listen.address is no loopback address, and there is no listen.tls: unless a proxy before "
        "it ends TLS, tokens can be read on the way and browsers give no microphone to the page");
  }
  if (is_public && config.demo) {
    advice.emplace_back(
        "demo is true, and listen.address no loopback address: whoever reaches it gets a token");
  }
  if (!IsLoopback(config.admin.endpoint.address) && config.admin.tls.certificate.empty()) {
    advice.emplace_back(
        "admin.address is not a loopback address and there is no admin.tls: the admin token can be "
        "read on the way");
  }
  // Zero where the system does not say.
  if (processors != 0 && config.server.workers > processors) {
    advice.push_back("media.workers is " + std::to_string(config.server.workers) +
                     ", but there are only " + std::to_string(processors) +
                     " processors: more than one worker for each wins nothing");
  }
  return advice;
}

}  // namespace earshotd
