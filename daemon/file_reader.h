#pragma once

// Reads small files that an operator names: whole, bounded, regular files only, and secret ones
// only if others cannot read them. Any thread.

#include <cstddef>
#include <string>

#include "earshot/result.h"

namespace earshotd {

enum class FileSecrecy { kPublic, kSecret, kSecretAnyPermissions };

/// The contents of `path`. Errors name the path and what is wrong with it, never its contents:
/// missing, unreadable, not a regular file, larger than `max_size`, or, for a secret,
/// readable by everybody on the host.
earshot::Result<std::string> ReadWholeFile(const std::string& path, size_t max_size,
                                           FileSecrecy secrecy);

}  // namespace earshotd
