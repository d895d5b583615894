#include "static_files.h"

#include <openssl/evp.h>

#include <array>
#include <filesystem>
#include <utility>

#include "base64url.h"
#include "file_reader.h"

namespace earshotd {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxFileSize = 4 * 1024 * 1024;
constexpr size_t kMaxFiles = 256;

constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kContentTypes = {{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".ts", "text/plain; charset=utf-8"},
    {".txt", "text/plain; charset=utf-8"},
    {".json", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/vnd.microsoft.icon"},
    {".woff2", "font/woff2"},
}};

std::string_view ContentTypeOf(const fs::path& path) {
  for (const auto& [extension, type] : kContentTypes) {
    if (path.extension().native() == extension) return type;
  }
  return "";
}

/// A strong one (RFC 9110 section 8.8.3): half of the contents' SHA-256.
std::string EntityTagOf(std::string_view contents) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  EVP_Digest(contents.data(), contents.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return "\"" + Base64UrlEncode({reinterpret_cast<const char*>(digest.data()), 16}) + "\"";
}

bool IsServable(const fs::directory_entry& entry) {
  std::error_code error;
  return entry.symlink_status(error).type() == fs::file_type::regular &&
         !entry.path().filename().native().starts_with(".") && !ContentTypeOf(entry.path()).empty();
}

}  // namespace

earshot::Result<StaticFiles> StaticFiles::Load(const std::string& folder) {
  StaticFiles files;
  std::error_code error;
  fs::recursive_directory_iterator entries(folder, error);
  if (error) {
    return earshot::Error{"web-root-unusable",
                          "\"" + folder + "\" cannot be read: " + error.message()};
  }
  for (; entries != fs::recursive_directory_iterator(); entries.increment(error)) {
    if (error) break;
    if (entries->path().filename().native().starts_with(".")) {
      entries.disable_recursion_pending();
      continue;
    }
    if (!IsServable(*entries)) continue;
    if (files.files_.size() == kMaxFiles) {
      return earshot::Error{"web-root-unusable", "\"" + folder + "\" holds more than 256 files"};
    }
    auto contents = ReadWholeFile(entries->path().native(), kMaxFileSize, FileSecrecy::kPublic);
    if (!contents.ok()) return contents.error();
    const std::string path = "/" + entries->path().lexically_relative(folder).generic_string();
    std::string tag = EntityTagOf(*contents);
    files.files_[path] = {std::move(*contents), ContentTypeOf(entries->path()), std::move(tag)};
  }
  if (files.Find("/") == nullptr) {
    return earshot::Error{"web-root-unusable", "\"" + folder + "\" holds no index.html"};
  }
  return files;
}

bool StaticFiles::Has(std::string_view path) const { return Find(path) != nullptr; }

HttpResponse StaticFiles::Serve(std::string_view path, const HttpRequest& request) const {
  const File& file = *Find(path);
  const bool known = request[http::field::if_none_match] == file.entity_tag;
  HttpResponse response = MakeResponse(known ? http::status::not_modified : http::status::ok,
                                       file.content_type, known ? "" : file.contents);
  response.set(http::field::etag, file.entity_tag);
  // Always asked for, so that page and server are of the same version; the tag saves the transfer.
  response.set(http::field::cache_control, "no-cache");
  return response;
}

const StaticFiles::File* StaticFiles::Find(std::string_view path) const {
  const auto found = files_.find(path == "/" ? std::string_view("/index.html") : path);
  return found == files_.end() ? nullptr : &found->second;
}

}  // namespace earshotd
