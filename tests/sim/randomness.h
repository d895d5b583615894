#pragma once

// Makes the libraries below repeatable: OpenSSL and usrsctp draw from the kernel, and after this
// call from a seed. For simulation only; affects the whole process.

#include <cstdint>

namespace earshot::sim {

void SeedLibraries(uint64_t seed);

}  // namespace earshot::sim
