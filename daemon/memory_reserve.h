#pragma once

// What is done when operator new finds no memory: a reserve that was put aside at the start goes,
// so that no turn of any thread has to end halfway, and whoever asks learns of it. Once that is
// used up, too, allocations fail with std::bad_alloc, and a thread that cannot go on without says
// so before the process ends. Of the whole process, so only programs use it. Any thread.

#include <cstddef>

namespace earshotd {

/// Puts `size` bytes aside; they cost nothing until they are needed.
void InstallMemoryReserve(size_t size);

/// Whether the reserve was given up since the last call. Tries to have it back.
bool TakeReserveUsed();

}  // namespace earshotd
