#pragma once

// The wire as OpenSSL sees it: a BIO that reads one record at a time from memory and turns each
// write into one packet. It takes every write, so OpenSSL never suspends one (threat row D7), and
// a packet is always a whole datagram. Owned by one association; one thread.

#include <openssl/bio.h>

#include "base/bytes.h"
#include "earshot/datagrams.h"

namespace earshot {

struct DtlsPipe {
  ByteView input;                // consumed by one read
  PacketList* output = nullptr;  // may be unset: writes are then lost, like datagrams
};

/// A BIO on `pipe`, which must outlive it.
BIO* MakeDtlsBio(DtlsPipe* pipe);

}  // namespace earshot
