#pragma once

// AES-GCM by libipsec-mb: the only place that includes intel-ipsec-mb.h. Built without the library,
// there is nothing here to choose. The library's entry points are looked up once per process and
// are then read only. Any thread for the functions, one thread per cipher.

#include <memory>

#include "transport/aead_cipher.h"

namespace earshot {

/// Whether the library was built in, passed its self-test, and found AES and carry-less
/// multiplication instructions. Without them it falls back to slow table code.
bool HasIpsecMb();

/// Null without HasIpsecMb() and for a key that has neither 16 nor 32 bytes.
std::unique_ptr<AeadCipher> CreateIpsecMbCipher(ByteView key);

}  // namespace earshot
