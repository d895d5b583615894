#pragma once

// The record layer of an established association (RFC 6347 section 4.1, RFC 5288): seals, opens and
// refuses replays. It takes over from OpenSSL, whose connection object keeps 40 KB for handshakes
// that never come. Knows nothing of handshakes. One thread.

#include <array>
#include <optional>

#include "base/bytes.h"
#include "base/replay_window.h"
#include "earshot/datagrams.h"
#include "transport/dtls_record.h"

namespace earshot {

/// Of one direction. Wiped when destroyed.
struct DtlsTrafficKey {
  static constexpr size_t kSaltSize = 4;

  DtlsTrafficKey() = default;
  DtlsTrafficKey(const DtlsTrafficKey&) = default;
  DtlsTrafficKey& operator=(const DtlsTrafficKey&) = default;
  ~DtlsTrafficKey();
  std::array<uint8_t, 32> key{};
  size_t size = 0;  // of the key: 16 or 32
  std::array<uint8_t, kSaltSize> salt{};
};

struct DtlsTrafficKeys {
  DtlsTrafficKey local;   // for what we seal
  DtlsTrafficKey remote;  // for what we open
};

class DtlsProtection {
 public:
  /// What sealing adds to a message.
  static constexpr size_t kOverhead = DtlsRecord::kHeaderSize + DtlsRecord::kMinProtectedSize;

  /// Goes on after the records that OpenSSL has sealed, all of which are in `last_flight`: a
  /// sequence number or nonce that came twice would give the key away. Nothing if there is none.
  static std::optional<DtlsProtection> TakeOver(const DtlsTrafficKeys& keys,
                                                const PacketList& last_flight);

  /// Appends one record. False when it could not be sealed.
  bool Seal(DtlsContentType type, ByteView message, PacketList& out);
  /// The plaintext of a record of the protected epoch, at the end of `out` but not committed; valid
  /// until `out` changes. Nothing for what is not authentic or came before.
  std::optional<ByteView> Open(const DtlsRecord& record, PacketList& out);

 private:
  explicit DtlsProtection(const DtlsTrafficKeys& keys) : keys_(keys) {}

  DtlsTrafficKeys keys_;
  uint64_t next_sequence_ = 0;
  uint64_t next_nonce_ = 0;
  ReplayWindow<64> received_;
};

}  // namespace earshot
