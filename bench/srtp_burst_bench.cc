// What AES128_CM_HMAC_SHA1_80 costs by the multi-buffer jobs of libipsec-mb, which hash up to 16
// packets side by side, next to what we do (seal/cm_sha1_80/openssl in srtp_bench). A burst is what
// one packet to so many listeners, or one turn, could hand over at once. "wide" is the library's
// own choice for the processor; "narrow" hashes two at a time, by the SHA instructions where there
// are any. Predicts what it would bring to seal at the end of the turn.

#include <benchmark/benchmark.h>

#include "transport/cm_cipher.h"

#if EARSHOT_HAVE_IPSEC_MB

// Or else the library defines SHA1, which OpenSSL does, too.
#define NO_COMPAT_IMB_API_053
#include <intel-ipsec-mb.h>

#include <algorithm>
#include <vector>

namespace earshot {
namespace {

constexpr size_t kHeaderSize = 12;
constexpr size_t kRolloverCounterSize = 4;
constexpr uint32_t kMaxBurst = 32;

constexpr CmCipher::Key kKey = {1, 2, 3};
constexpr CmCipher::AuthenticationKey kAuthenticationKey = {4, 5, 6};
constexpr CmCipher::Counter kCounter = {7, 8, 9};

// The roll-over counter has to lie behind the payload. The library writes the tag of IPsec, which
// is cut to 96 bits.
struct Packet {
  std::array<uint8_t, 1500> bytes{};
  std::array<uint8_t, 12> tag{};
};

class Jobs {
 public:
  explicit Jobs(bool wide) : manager_(alloc_mb_mgr(0)) {
    if (wide) {
      init_mb_mgr_auto(manager_, nullptr);
    } else {
      init_mb_mgr_sse(manager_);
    }
    alignas(16) std::array<uint8_t, sizeof(expanded_)> unused;
    IMB_AES_KEYEXP_128(manager_, kKey.data(), expanded_.data(), unused.data());
    HashKey(0x36, inner_);
    HashKey(0x5c, outer_);
  }
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;
  ~Jobs() { free_mb_mgr(manager_); }

  bool Seal(std::vector<Packet>& packets, size_t payload_size) {
    const auto count = static_cast<uint32_t>(packets.size());
    std::array<IMB_JOB*, kMaxBurst> jobs;
    if (IMB_GET_NEXT_BURST(manager_, count, jobs.data()) != count) return false;
    for (uint32_t i = 0; i < count; ++i) Fill(*jobs[i], packets[i], payload_size);
    uint32_t done = IMB_SUBMIT_BURST_NOCHECK(manager_, count, jobs.data());
    while (done < count) {
      const uint32_t flushed = IMB_FLUSH_BURST(manager_, count - done, jobs.data());
      if (flushed == 0) return false;
      done += flushed;
    }
    return true;
  }

 private:
  void HashKey(uint8_t pad, std::array<uint8_t, 20>& out) {
    std::array<uint8_t, 64> block;
    block.fill(pad);
    for (size_t i = 0; i < kAuthenticationKey.size(); ++i) block[i] ^= kAuthenticationKey[i];
    IMB_SHA1_ONE_BLOCK(manager_, block.data(), out.data());
  }

  void Fill(IMB_JOB& job, Packet& packet, size_t payload_size) {
    job.cipher_mode = IMB_CIPHER_CNTR;
    job.cipher_direction = IMB_DIR_ENCRYPT;
    job.chain_order = IMB_ORDER_CIPHER_HASH;
    job.hash_alg = IMB_AUTH_HMAC_SHA_1;
    job.enc_keys = expanded_.data();
    job.key_len_in_bytes = kKey.size();
    job.iv = kCounter.data();
    job.iv_len_in_bytes = kCounter.size();
    job.src = packet.bytes.data();
    job.dst = packet.bytes.data() + kHeaderSize;
    job.cipher_start_src_offset_in_bytes = kHeaderSize;
    job.msg_len_to_cipher_in_bytes = payload_size;
    job.hash_start_src_offset_in_bytes = 0;
    job.msg_len_to_hash_in_bytes = kHeaderSize + payload_size + kRolloverCounterSize;
    job.u.HMAC._hashed_auth_key_xor_ipad = inner_.data();
    job.u.HMAC._hashed_auth_key_xor_opad = outer_.data();
    job.auth_tag_output = packet.tag.data();
    job.auth_tag_output_len_in_bytes = packet.tag.size();
  }

  IMB_MGR* manager_;
  alignas(16) std::array<uint8_t, 16 * 11> expanded_;
  alignas(16) std::array<uint8_t, 20> inner_;
  alignas(16) std::array<uint8_t, 20> outer_;
};

// That the jobs do what is claimed.
bool IsSealedAsByUs(const Packet& packet, size_t payload_size) {
  const auto cipher = CmCipher::Create(kKey, kAuthenticationKey);
  Packet expected;
  const ByteSpan payload = ByteSpan(expected.bytes).subspan(kHeaderSize, payload_size);
  if (!cipher->Crypt(kCounter, payload, payload)) return false;
  const ByteView hashed(expected.bytes.data(), kHeaderSize + payload_size + kRolloverCounterSize);
  const CmCipher::Tag tag = cipher->Authenticate(hashed, {});
  return packet.bytes == expected.bytes && std::equal(tag.begin(), tag.end(), packet.tag.begin());
}

void SealBurst(benchmark::State& state, bool wide) {
  const auto payload_size = static_cast<size_t>(state.range(0));
  std::vector<Packet> packets(static_cast<size_t>(state.range(1)));
  Jobs jobs(wide);
  if (!jobs.Seal(packets, payload_size) || !IsSealedAsByUs(packets.back(), payload_size)) {
    state.SkipWithError("not sealed");
    return;
  }
  for (auto _ : state) benchmark::DoNotOptimize(jobs.Seal(packets, payload_size));
  state.SetItemsProcessed(state.iterations() * state.range(1));
}

BENCHMARK_CAPTURE(SealBurst, wide, true)->ArgsProduct({{160, 1188}, {1, 4, 8, 16, kMaxBurst}});
BENCHMARK_CAPTURE(SealBurst, narrow, false)->ArgsProduct({{160, 1188}, {1, 4, 8, 16, kMaxBurst}});

}  // namespace
}  // namespace earshot

#endif
