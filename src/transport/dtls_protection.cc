#include "transport/dtls_protection.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <memory>

#include "transport/aead_cipher.h"

namespace earshot {
namespace {

constexpr uint16_t kEpoch = 1;
constexpr size_t kExplicitNonceSize = 8;
constexpr size_t kAssociatedDataSize = 13;
constexpr uint64_t kMaxSequence = (uint64_t{1} << 48) - 1;
static_assert(DtlsRecord::kMinProtectedSize == kExplicitNonceSize + AeadCipher::kTagSize);

// The expanded key takes a kilobyte and less than a microsecond to make: messages are rare enough
// that nobody keeps one.
std::unique_ptr<AeadCipher> MakeCipher(const DtlsTrafficKey& key) {
  return AeadCipher::Create(AeadCipher::BestBackend(), ByteView(key.key).first(key.size));
}

// RFC 5288 section 3: the salt is secret and fixed, the rest travels in the record.
AeadCipher::Nonce MakeNonce(const DtlsTrafficKey& key, ByteView explicit_part) {
  AeadCipher::Nonce nonce;
  std::ranges::copy(key.salt, nonce.begin());
  std::ranges::copy(explicit_part, nonce.begin() + DtlsTrafficKey::kSaltSize);
  return nonce;
}

// RFC 5246 section 6.2.3.3: epoch and sequence number, type, version and size of the plaintext;
// the first three are a permutation of the record's header.
std::array<uint8_t, kAssociatedDataSize> MakeAssociatedData(ByteView header, size_t size) {
  std::array<uint8_t, kAssociatedDataSize> data;
  std::ranges::copy(header.subspan(3, 8), data.begin());
  std::ranges::copy(header.first(3), data.begin() + 8);
  StoreBigEndian(data.data() + 11, static_cast<uint16_t>(size));
  return data;
}

}  // namespace

DtlsTrafficKey::~DtlsTrafficKey() {
  OPENSSL_cleanse(key.data(), key.size());
  OPENSSL_cleanse(salt.data(), salt.size());
}

std::optional<DtlsProtection> DtlsProtection::TakeOver(const DtlsTrafficKeys& keys,
                                                       const PacketList& last_flight) {
  DtlsProtection protection(keys);
  for (size_t i = 0; i < last_flight.size(); ++i) {
    ByteView rest = last_flight[i];
    while (const auto record = DtlsRecord::Parse(rest)) {
      rest = rest.subspan(record->bytes.size());
      if (record->epoch != kEpoch || record->body.size() < kExplicitNonceSize) continue;
      protection.next_sequence_ = record->sequence_number + 1;
      protection.next_nonce_ = LoadBigEndian<uint64_t>(record->body.data()) + 1;
    }
  }
  if (protection.next_sequence_ == 0) return std::nullopt;
  return protection;
}

bool DtlsProtection::Seal(DtlsContentType type, ByteView message, PacketList& out) {
  if (next_sequence_ > kMaxSequence) return false;
  const auto cipher = MakeCipher(keys_.local);
  if (cipher == nullptr) return false;
  const ByteSpan room = out.Reserve(message.size() + kOverhead);
  ByteWriter writer(room);
  writer.U8(static_cast<uint8_t>(type));
  writer.U16(DtlsRecord::kVersion);
  writer.U64(uint64_t{kEpoch} << 48 | next_sequence_++);
  writer.U16(static_cast<uint16_t>(message.size() + DtlsRecord::kMinProtectedSize));
  writer.U64(next_nonce_++);
  const ByteView explicit_nonce = ByteView(room).subspan(DtlsRecord::kHeaderSize).first(8);
  const auto data = MakeAssociatedData(room, message.size());
  if (!cipher->Seal(MakeNonce(keys_.local, explicit_nonce), data, message,
                    room.subspan(writer.size()))) {
    return false;
  }
  out.Commit(room.size());
  return true;
}

std::optional<ByteView> DtlsProtection::Open(const DtlsRecord& record, PacketList& out) {
  if (record.epoch != kEpoch || record.body.size() < DtlsRecord::kMinProtectedSize) {
    return std::nullopt;
  }
  if (!received_.IsFresh(record.sequence_number)) return std::nullopt;
  const auto cipher = MakeCipher(keys_.remote);
  if (cipher == nullptr) return std::nullopt;
  const ByteView explicit_nonce = record.body.first(kExplicitNonceSize);
  const ByteView sealed = record.body.subspan(kExplicitNonceSize);
  const size_t size = sealed.size() - AeadCipher::kTagSize;
  const auto data = MakeAssociatedData(record.bytes, size);
  const ByteSpan room = out.Reserve(sealed.size());
  std::ranges::copy(sealed, room.begin());
  if (!cipher->Open(MakeNonce(keys_.remote, explicit_nonce), data, room)) return std::nullopt;
  received_.Accept(record.sequence_number);
  return room.first(size);
}

}  // namespace earshot
