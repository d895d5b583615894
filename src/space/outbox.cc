#include "space/outbox.h"

#include "wire/messages.h"

namespace earshot {

bool Outbox::Fits(size_t record_size) const {
  return message_.size() + kRecordHeaderSize + record_size <= kMaxMessageBytes;
}

void Outbox::Add(ByteView record) {
  const size_t at = message_.size();
  message_.resize(at + kRecordHeaderSize + record.size());
  ByteWriter writer(ByteSpan(message_).subspan(at));
  writer.U16Le(static_cast<uint16_t>(record.size()));
  writer.Bytes(record);
}

}  // namespace earshot
