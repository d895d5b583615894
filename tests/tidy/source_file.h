#pragma once

// The files of this project as the tidy rules see them. Test code only.

#include <string>
#include <string_view>
#include <vector>

namespace earshot::tidy {

struct SourceFile {
  /// Relative to the root of the project, with slashes.
  std::string path;
  std::string text;
  std::string_view extension() const;
  /// "transport" for src/transport/dtls.h; empty elsewhere.
  std::string room() const;
};

/// Every text file of the project but for test data and what npm and CMake make.
std::vector<SourceFile> ReadTree(const std::string& root);

std::vector<std::string> LinesOf(std::string_view text);

/// C++ with comments, and the insides of string and character literals, blanked out; line numbers
/// stay.
std::string CodeOf(std::string_view text);

}  // namespace earshot::tidy
