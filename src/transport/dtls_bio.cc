#include "transport/dtls_bio.h"

#include <algorithm>

namespace earshot {
namespace {

DtlsPipe& PipeOf(BIO* bio) { return *static_cast<DtlsPipe*>(BIO_get_data(bio)); }

int Read(BIO* bio, char* out, int capacity) {
  BIO_clear_retry_flags(bio);
  DtlsPipe& pipe = PipeOf(bio);
  if (pipe.input.empty() || capacity <= 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  // Like recv: what does not fit of a datagram is lost.
  const size_t size = std::min(pipe.input.size(), static_cast<size_t>(capacity));
  std::memcpy(out, pipe.input.data(), size);
  pipe.input = {};
  return static_cast<int>(size);
}

int Write(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  DtlsPipe& pipe = PipeOf(bio);
  if (size > 0 && pipe.output != nullptr) {
    pipe.output->Push({reinterpret_cast<const uint8_t*>(bytes), static_cast<size_t>(size)});
  }
  return size;
}

// OpenSSL asks for MTUs (set on the SSL object instead), pending bytes (there are none) and sets
// timeouts (not used); only a flush has to succeed.
long Control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

int Create(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

int Destroy(BIO*) { return 1; }

// Made once and kept: OpenSSL wants it to live as long as any BIO.
const BIO_METHOD* Method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagram pipe");
    BIO_meth_set_read(made, Read);
    BIO_meth_set_write(made, Write);
    BIO_meth_set_ctrl(made, Control);
    BIO_meth_set_create(made, Create);
    BIO_meth_set_destroy(made, Destroy);
    return made;
  }();
  return method;
}

}  // namespace

BIO* MakeDtlsBio(DtlsPipe* pipe) {
  BIO* bio = BIO_new(Method());
  if (bio != nullptr) BIO_set_data(bio, pipe);
  return bio;
}

}  // namespace earshot
