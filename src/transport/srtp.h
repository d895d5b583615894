#pragma once

// SRTP and SRTCP of one transport (RFC 3711, RFC 7714): the two halves behind one small interface,
// so that all profiles and backends look the same from outside. Keys are derived here and wiped at
// the end. Knows nothing of DTLS, sources or slots. One thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <variant>

#include "base/bytes.h"
#include "base/drop_reason.h"
#include "earshot/options.h"
#include "transport/used_indices.h"

namespace earshot {

enum class SrtpProfile : uint8_t { kAes128CmHmacSha1_80, kAeadAes128Gcm, kAeadAes256Gcm };

size_t MasterKeySize(SrtpProfile profile);
size_t MasterSaltSize(SrtpProfile profile);

/// How many bytes sealing adds at most: the tag, and for RTCP the index.
inline constexpr size_t kMaxSrtpOverhead = 16 + 4;

inline constexpr uint32_t kMaxSrtcpIndex = 0x7fffffff;

/// Wiped when destroyed.
struct SrtpMasterKey {
  SrtpMasterKey() = default;
  SrtpMasterKey(const SrtpMasterKey&) = default;
  SrtpMasterKey& operator=(const SrtpMasterKey&) = default;
  ~SrtpMasterKey();
  std::array<uint8_t, 32> key{};
  std::array<uint8_t, 14> salt{};
};

/// The outbound half. The caller numbers the packets of each SSRC; no number serves twice.
class SrtpSealer {
 public:
  /// Null when the backend is not there.
  static std::unique_ptr<SrtpSealer> Create(SrtpProfile profile, const SrtpMasterKey& key,
                                            SrtpBackend backend = SrtpBackend::kBuiltIn);
  virtual ~SrtpSealer() = default;

  /// Whether another thread may call SealRtp, even at the same time as this one: nothing changes in
  /// it, and what it adds is the tag of AEAD.
  virtual bool MaySealElsewhere() const { return false; }

  /// What a packet needs to be sealed; nothing for an index that another one has had. Stays with
  /// the connection's thread, wherever packets are sealed.
  [[nodiscard]] std::optional<UnusedIndex> TakeIndex(const RtpIndex& index) {
    return used_.Take(index);
  }
  /// `out` starts with a finished RTP header of `header_size` bytes. The payload is encrypted from
  /// where it lies, which may not be inside `out`, to behind the header. Returns the size of the
  /// whole packet, or zero when `out` is too small, when the packet would exceed 1500 bytes, and
  /// when the header has another size, SSRC or sequence number than said.
  virtual size_t SealRtp(ByteSpan out, size_t header_size, ByteView payload, UnusedIndex index) = 0;
  /// `out` starts with a compound packet of `size` bytes, which is sealed in place with an index
  /// that is kept here. Returns the size of the whole packet, or zero when `out` is too small, when
  /// the packet would exceed 1500 bytes, and after 2^31 packets.
  virtual size_t SealRtcp(ByteSpan out, size_t size) = 0;
  /// RFC 3711 section 9.2: after 2^31 packets of RTCP there must be other keys, or the session
  /// ends.
  bool keys_are_spent() const { return next_rtcp_index_ > kMaxSrtcpIndex; }
  /// As if they had been sealed.
  void SkipRtcpIndices(uint32_t count) { next_rtcp_index_ += count; }

 protected:
  uint32_t next_rtcp_index_ = 0;

 private:
  UsedIndices used_;
};

/// The inbound half: estimates the roll-over counter, refuses replays before decrypting, and
/// changes its state only after authentication.
class SrtpOpener {
 public:
  /// Threat row R4: more SSRCs than these are dropped before any state is made for them.
  static constexpr size_t kMaxSsrcs = 32;
  /// RTCP comes from more: some browsers report with an SSRC of its own for each receiving m-line,
  /// of which there may be 64 + 64.
  static constexpr size_t kMaxRtcpSsrcs = kMaxSsrcs + 128;
  /// What a client receives: 64 + 64 slots, and repairs of one half of them.
  static constexpr size_t kMaxSlotSsrcs = 3 * 64;

  struct Opened {
    /// Of the plain packet, which lies at the start of the span given in.
    size_t size;
    /// The 48-bit index (RFC 3711 section 3.3.1); zero for RTCP.
    uint64_t packet_index;
  };
  using Result = std::variant<Opened, DropReason>;

  /// `max_ssrcs` send RTP. Null when the backend is not there.
  static std::unique_ptr<SrtpOpener> Create(SrtpProfile profile, const SrtpMasterKey& key,
                                            size_t max_ssrcs = kMaxSsrcs,
                                            SrtpBackend backend = SrtpBackend::kBuiltIn);
  virtual ~SrtpOpener() = default;

  /// Both open in place. After a drop the bytes are unspecified.
  virtual Result OpenRtp(ByteSpan packet) = 0;
  virtual Result OpenRtcp(ByteSpan packet) = 0;
  /// Forgets an SSRC that RTP came from and its replay window, which makes room for another. For
  /// what nothing was made of.
  virtual void RemoveSsrc(uint32_t ssrc) = 0;
  /// The same for a stream that has ended: should it come back, nothing of it opens again.
  virtual void RetireSsrc(uint32_t ssrc) = 0;
};

}  // namespace earshot
