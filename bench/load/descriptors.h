#pragma once

// File descriptors for thousands of people. Start-up only.

#include <cstdint>
#include <optional>

#include "earshot/result.h"

namespace earshot::load {

/// Raises this process's soft limit as far as it may. Error code "descriptors-too-few" when that is
/// not enough.
std::optional<Error> ReserveDescriptors(uint32_t people);

}  // namespace earshot::load
