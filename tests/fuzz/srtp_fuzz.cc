// The first byte chooses profile and protocol, two more where and how a genuine packet is changed;
// the rest is a packet. As it is, nobody with the key has sealed it: it must be refused. Sealed, it
// opens to itself, whatever forgeries came before it, and only once.

#include <algorithm>
#include <memory>
#include <vector>

#include "fuzz_check.h"
#include "transport/srtp.h"
#include "transport/srtp_packet.h"

namespace earshot {
namespace {

using Bytes = std::vector<uint8_t>;

SrtpMasterKey Key() {
  SrtpMasterKey key;
  for (size_t i = 0; i < key.key.size(); ++i) key.key[i] = static_cast<uint8_t>(3 * i + 1);
  for (size_t i = 0; i < key.salt.size(); ++i) key.salt[i] = static_cast<uint8_t>(7 * i + 2);
  return key;
}

class Session {
 public:
  Session(SrtpProfile profile, bool is_rtcp)
      : is_rtcp_(is_rtcp),
        sealer_(SrtpSealer::Create(profile, Key())),
        opener_(SrtpOpener::Create(profile, Key())) {
    FUZZ_CHECK(sealer_ && opener_);
  }

  /// Empty when it cannot be sealed.
  Bytes Seal(ByteView plain) {
    Bytes out(plain.begin(), plain.end());
    out.resize(plain.size() + kMaxSrtpOverhead);
    if (is_rtcp_) {
      out.resize(sealer_->SealRtcp(out, plain.size()));
      return out;
    }
    const auto prefix = ParseRtpPrefix(plain);
    if (!prefix) return {};
    auto unused = sealer_->TakeIndex({prefix->ssrc, prefix->sequence_number});
    FUZZ_CHECK(unused);
    out.resize(sealer_->SealRtp(out, prefix->header_size, plain.subspan(prefix->header_size),
                                *std::move(unused)));
    return out;
  }

  /// The plain packet; empty when it was dropped.
  Bytes Open(Bytes packet) {
    const auto result = is_rtcp_ ? opener_->OpenRtcp(packet) : opener_->OpenRtp(packet);
    const auto* opened = std::get_if<SrtpOpener::Opened>(&result);
    if (opened == nullptr) return {};
    FUZZ_CHECK(opened->size > 0 && opened->size < packet.size());
    packet.resize(opened->size);
    return packet;
  }

 private:
  const bool is_rtcp_;
  const std::unique_ptr<SrtpSealer> sealer_;
  const std::unique_ptr<SrtpOpener> opener_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) return 0;
  Session session(static_cast<SrtpProfile>(data[0] % 3), (data[0] & 0x80) != 0);
  const ByteView plain(data + 3, size - 3);
  FUZZ_CHECK(session.Open(Bytes(plain.begin(), plain.end())).empty());
  const Bytes sealed = session.Seal(plain);
  if (sealed.empty()) return 0;
  FUZZ_CHECK(sealed.size() > plain.size() && sealed.size() <= 1500);
  Bytes changed = sealed;
  changed[data[1] % changed.size()] ^= static_cast<uint8_t>(data[2] | 1);
  FUZZ_CHECK(session.Open(changed).empty());
  Bytes cut(sealed.begin(), sealed.end() - 1 - data[1] % static_cast<ptrdiff_t>(sealed.size()));
  FUZZ_CHECK(session.Open(cut).empty());
  const Bytes opened = session.Open(sealed);
  FUZZ_CHECK(std::equal(opened.begin(), opened.end(), plain.begin(), plain.end()));
  FUZZ_CHECK(session.Open(sealed).empty());
  return 0;
}

}  // namespace earshot
