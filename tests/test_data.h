#pragma once

// Where the files are that tests read. Test code only.

#include <string>
#include <string_view>

namespace earshot {

/// The path of a file of this checkout, by its path from the root.
std::string ProjectFile(std::string_view path);

}  // namespace earshot
