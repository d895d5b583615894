#pragma once

// The page's files, read into memory at start. What is not in the folder then does not exist: no
// request ever becomes a path. Immutable after Load, any thread.

#include <map>
#include <string>
#include <string_view>

#include "earshot/result.h"
#include "http_message.h"

namespace earshotd {

class StaticFiles {
 public:
  /// All files of known types below `folder`; hidden ones and links are left out.
  static earshot::Result<StaticFiles> Load(const std::string& folder);

  /// Whether `path`, such as "/office.js" or "/", is one of them.
  bool Has(std::string_view path) const;
  /// The file with its type and entity tag, or 304 if the client has it. `path` must be there.
  HttpResponse Serve(std::string_view path, const HttpRequest& request) const;
  size_t size() const { return files_.size(); }

 private:
  struct File {
    std::string contents;
    std::string_view content_type;
    std::string entity_tag;
  };
  const File* Find(std::string_view path) const;

  std::map<std::string, File, std::less<>> files_;
};

}  // namespace earshotd
