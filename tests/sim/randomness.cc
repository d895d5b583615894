// OpenSSL has no other door for a foreign generator than the one it calls deprecated.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "randomness.h"

#include <openssl/rand.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/random.h"

namespace earshot::sim {
namespace {

SeededRandom generator(0);

int Fill(unsigned char* out, int size) {
  generator.Fill({out, static_cast<size_t>(size)});
  return 1;
}
int Status() { return 1; }

const RAND_METHOD kMethod = {nullptr, Fill, nullptr, nullptr, Fill, Status};

}  // namespace

void SeedLibraries(uint64_t seed) {
  generator = SeededRandom(seed);
  RAND_set_rand_method(&kMethod);
}

}  // namespace earshot::sim

// Stands before the C library's: usrsctp draws its tags and initial numbers here.
extern "C" ssize_t getrandom(void* out, size_t size, unsigned) noexcept {
  earshot::sim::generator.Fill({static_cast<unsigned char*>(out), size});
  return static_cast<ssize_t>(size);
}
