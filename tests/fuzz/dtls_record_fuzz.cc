// Records lie within their datagram and tile it; handshake fragments that pass are bounded and tile
// their record.

#include "fuzz_check.h"
#include "transport/dtls_record.h"

namespace earshot {
namespace {

constexpr size_t kFragmentHeaderSize = 12;

void CheckHandshake(ByteView body) {
  const auto content = DtlsHandshakeContent::Parse(body);
  if (!content) return;
  bool has_client_hello = false;
  size_t position = 0;
  while (position < body.size()) {
    FUZZ_CHECK(body.size() - position >= kFragmentHeaderSize);
    ByteReader reader(body.subspan(position));
    has_client_hello |= reader.U8() == 1;
    const uint32_t message_size = reader.U24();
    FUZZ_CHECK(message_size <= 16 * 1024);
    FUZZ_CHECK(reader.U16() <= content->last_message_number);
    const uint32_t offset = reader.U24();
    const uint32_t size = reader.U24();
    FUZZ_CHECK(offset + size <= message_size && size <= reader.remaining());
    position += kFragmentHeaderSize + size;
  }
  FUZZ_CHECK(position == body.size() && content->last_message_number <= 7);
  FUZZ_CHECK(content->has_client_hello == has_client_hello);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ByteView rest(data, size);
  while (const auto record = DtlsRecord::Parse(rest)) {
    FUZZ_CHECK(record->bytes.data() == rest.data() && record->bytes.size() <= rest.size());
    FUZZ_CHECK(record->body.data() == rest.data() + DtlsRecord::kHeaderSize);
    FUZZ_CHECK(record->body.size() + DtlsRecord::kHeaderSize == record->bytes.size());
    FUZZ_CHECK(!record->body.empty() && record->body.size() <= DtlsRecord::kMaxBodySize);
    const auto type = static_cast<uint8_t>(record->type);
    FUZZ_CHECK(type >= 20 && type <= 23 && type == rest[0]);
    if (record->type == DtlsContentType::kHandshake) CheckHandshake(record->body);
    // One byte less and it is no record any more.
    FUZZ_CHECK(!DtlsRecord::Parse(record->bytes.first(record->bytes.size() - 1)));
    rest = rest.subspan(record->bytes.size());
  }
  return 0;
}

}  // namespace earshot
