// OpenSSL has no other door for a foreign generator than the one it calls deprecated.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "randomness.h"

#include <openssl/rand.h>

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

// usrsctp draws its tags and initial numbers here, by grace of the linker's --wrap.
extern "C" void __wrap_read_random(void* out,
                                   size_t size) {  // NOLINT(bugprone-reserved-identifier)
  earshot::sim::generator.Fill({static_cast<uint8_t*>(out), size});
}
