// What sealing and opening one RTP packet costs, per profile and per library, so that the choice of
// backend can be read from one run. Predicts the cipher's share of a forwarded packet: one open per
// inbound packet and one seal per listener. 160 B is an Opus packet, 1188 B a full video packet.
// Opening includes a copy of the packet to where it is decrypted in place.

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "transport/srtp_aead.h"
#include "transport/srtp_cm.h"
#include "transport/srtp_libsrtp.h"

namespace earshot {
namespace {

constexpr size_t kHeaderSize = 12;
constexpr uint32_t kSsrc = 0x12345678;

enum class Library : uint8_t { kIpsecMb, kOpenSsl, kLibsrtp };

struct Setting {
  Library library;
  SrtpProfile profile;
};

// The same key for both halves, so that the opener accepts what the sealer made.
SrtpMasterKey FixedMasterKey() {
  SrtpMasterKey key;
  SeededRandom random(1);
  random.Fill(key.key);
  random.Fill(key.salt);
  return key;
}

AeadBackend BackendOf(Library library) {
  return library == Library::kIpsecMb ? AeadBackend::kIpsecMb : AeadBackend::kOpenSsl;
}

std::unique_ptr<SrtpSealer> MakeSealer(const Setting& setting) {
  const SrtpMasterKey key = FixedMasterKey();
  if (setting.library == Library::kLibsrtp) return CreateLibsrtpSealer(setting.profile, key);
  if (setting.profile == SrtpProfile::kAes128CmHmacSha1_80) {
    return CreateCmSealer(CmSessionKeys::Derive(key));
  }
  return CreateAeadSealer(BackendOf(setting.library),
                          AeadSessionKeys::Derive(setting.profile, key));
}

std::unique_ptr<SrtpOpener> MakeOpener(const Setting& setting) {
  const SrtpMasterKey key = FixedMasterKey();
  if (setting.library == Library::kLibsrtp) return CreateLibsrtpOpener(setting.profile, key);
  if (setting.profile == SrtpProfile::kAes128CmHmacSha1_80) {
    return CreateCmOpener(CmSessionKeys::Derive(key));
  }
  return CreateAeadOpener(BackendOf(setting.library),
                          AeadSessionKeys::Derive(setting.profile, key));
}

void WriteHeader(ByteSpan out, uint64_t index) {
  out[0] = 0x80;
  out[1] = 96;
  StoreBigEndian(out.data() + 2, static_cast<uint16_t>(index));
  StoreBigEndian(out.data() + 8, kSsrc);
}

void SealRtp(benchmark::State& state, const Setting& setting) {
  const auto sealer = MakeSealer(setting);
  if (sealer == nullptr) {
    state.SkipWithError("not available");
    return;
  }
  const std::vector<uint8_t> payload(static_cast<size_t>(state.range(0)), 0x5a);
  std::vector<uint8_t> out(1500);
  uint64_t index = 0;
  for (auto _ : state) {
    WriteHeader(out, index);
    const size_t size =
        sealer->SealRtp(out, kHeaderSize, payload, *sealer->TakeIndex({kSsrc, index++}));
    if (size == 0) {
      state.SkipWithError("not sealed");
      break;
    }
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations());
}

// An opener takes each packet once: so many are sealed beforehand, and when they are used up the
// opener forgets that it saw them.
void OpenRtp(benchmark::State& state, const Setting& setting) {
  constexpr size_t kPackets = 1024;
  const auto sealer = MakeSealer(setting);
  const auto opener = MakeOpener(setting);
  if (sealer == nullptr || opener == nullptr) {
    state.SkipWithError("not available");
    return;
  }
  const std::vector<uint8_t> payload(static_cast<size_t>(state.range(0)), 0x5a);
  std::vector<std::vector<uint8_t>> sealed(kPackets);
  for (size_t i = 0; i < kPackets; ++i) {
    sealed[i].resize(1500);
    WriteHeader(sealed[i], i);
    sealed[i].resize(
        sealer->SealRtp(sealed[i], kHeaderSize, payload, *sealer->TakeIndex({kSsrc, i})));
  }
  std::vector<uint8_t> packet(1500);
  size_t next = 0;
  for (auto _ : state) {
    if (next == kPackets) {
      opener->RemoveSsrc(kSsrc);
      next = 0;
    }
    const std::vector<uint8_t>& source = sealed[next++];
    std::copy(source.begin(), source.end(), packet.begin());
    const auto result = opener->OpenRtp(ByteSpan(packet).first(source.size()));
    if (!std::holds_alternative<SrtpOpener::Opened>(result)) {
      state.SkipWithError("not opened");
      break;
    }
    benchmark::DoNotOptimize(packet.data());
  }
  state.SetItemsProcessed(state.iterations());
}

// What a packet with a bad tag costs (threat row R1), of a known SSRC.
void OpenForgedRtp(benchmark::State& state, const Setting& setting) {
  const auto sealer = MakeSealer(setting);
  const auto opener = MakeOpener(setting);
  if (sealer == nullptr || opener == nullptr) {
    state.SkipWithError("not available");
    return;
  }
  const std::vector<uint8_t> payload(static_cast<size_t>(state.range(0)), 0x5a);
  std::vector<uint8_t> packet(1500);
  WriteHeader(packet, 1);
  const size_t size = sealer->SealRtp(packet, kHeaderSize, payload, *sealer->TakeIndex({kSsrc, 1}));
  if (!std::holds_alternative<SrtpOpener::Opened>(opener->OpenRtp(ByteSpan(packet).first(size)))) {
    state.SkipWithError("not opened");
    return;
  }
  WriteHeader(packet, 2);
  for (auto _ : state) {
    const auto result = opener->OpenRtp(ByteSpan(packet).first(size));
    benchmark::DoNotOptimize(&result);
  }
  state.SetItemsProcessed(state.iterations());
}

struct NamedSetting {
  const char* name;
  Setting setting;
};

constexpr NamedSetting kSettings[] = {
    {"gcm128/ipsec-mb", {Library::kIpsecMb, SrtpProfile::kAeadAes128Gcm}},
    {"gcm128/openssl", {Library::kOpenSsl, SrtpProfile::kAeadAes128Gcm}},
    {"gcm128/libsrtp", {Library::kLibsrtp, SrtpProfile::kAeadAes128Gcm}},
    {"gcm256/ipsec-mb", {Library::kIpsecMb, SrtpProfile::kAeadAes256Gcm}},
    {"gcm256/openssl", {Library::kOpenSsl, SrtpProfile::kAeadAes256Gcm}},
    {"gcm256/libsrtp", {Library::kLibsrtp, SrtpProfile::kAeadAes256Gcm}},
    {"cm_sha1_80/openssl", {Library::kOpenSsl, SrtpProfile::kAes128CmHmacSha1_80}},
    {"cm_sha1_80/libsrtp", {Library::kLibsrtp, SrtpProfile::kAes128CmHmacSha1_80}},
};

const bool kRegistered = [] {
  for (const NamedSetting& named : kSettings) {
    const std::string name = named.name;
    const Setting setting = named.setting;
    benchmark::RegisterBenchmark(("seal/" + name).c_str(), SealRtp, setting)->Arg(160)->Arg(1188);
    benchmark::RegisterBenchmark(("open/" + name).c_str(), OpenRtp, setting)->Arg(160)->Arg(1188);
    benchmark::RegisterBenchmark(("forged/" + name).c_str(), OpenForgedRtp, setting)->Arg(1188);
  }
  // libipsec-mb resets a process-wide error cell at each call: what two workers pay for that.
  benchmark::RegisterBenchmark("seal_on_two_threads/gcm128/ipsec-mb", SealRtp, kSettings[0].setting)
      ->Arg(160)
      ->Arg(1188)
      ->Threads(2)
      ->UseRealTime();
  return true;
}();

}  // namespace
}  // namespace earshot
