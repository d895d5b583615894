#include "test_data.h"

namespace earshot {

// The only source that knows where the checkout is: a compiler cache serves all others to any
// checkout.
std::string ProjectFile(std::string_view path) {
  return std::string(EARSHOT_ROOT "/") + std::string(path);
}

}  // namespace earshot
