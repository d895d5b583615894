// What a flood of STUN costs the worker (threat rows S3, S4, S10), and what one join costs in SDP.

#include <benchmark/benchmark.h>

#include <array>
#include <string>
#include <vector>

#include "base/random.h"
#include "sdp/session.h"
#include "transport/ice_lite.h"

namespace earshot {
namespace {

const IceCredentials kServer{"server01", "0123456789abcdefghijklmn"};
const IceCredentials kClient{"clnt", "abcdefghijklmnopqrstuv"};

SocketAddress Peer() {
  const std::array<uint8_t, 4> host = {192, 0, 2, 1};
  return SocketAddress(host, 5000);
}

std::vector<uint8_t> Check(std::string_view ufrag, std::string_view password, Random& random) {
  StunTransactionId id;
  random.Fill(id);
  std::vector<uint8_t> bytes(256);
  StunWriter writer(bytes, StunClass::kRequest, kStunBindingMethod, id);
  writer.Username(std::string(ufrag) + ":" + kClient.ufrag);
  writer.Priority(1);
  writer.IceControlling(1);
  writer.UseCandidate();
  bytes.resize(writer.Finish(password));
  return bytes;
}

void RunChecks(benchmark::State& state, std::string_view ufrag, std::string_view password) {
  SeededRandom random(1);
  std::vector<std::vector<uint8_t>> checks;
  for (int i = 0; i < 1024; ++i) checks.push_back(Check(ufrag, password, random));
  IceLite ice(kServer, kClient, {}, Timestamp());
  DatagramList out;
  std::vector<IceEvent> events;
  size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        ice.HandleStun({Peer(), checks[next++ % checks.size()]}, Timestamp(), out, events));
    out.Clear();
  }
}

void GenuineCheck(benchmark::State& state) { RunChecks(state, kServer.ufrag, kServer.password); }
void UnknownUfrag(benchmark::State& state) { RunChecks(state, "server99", kServer.password); }
void WrongPassword(benchmark::State& state) { RunChecks(state, kServer.ufrag, "wrong"); }
BENCHMARK(GenuineCheck);
BENCHMARK(UnknownUfrag);
BENCHMARK(WrongPassword);

// Per media packet of the selected tuple.
void AuthenticatedPacket(benchmark::State& state) {
  SeededRandom random(1);
  IceLite ice(kServer, kClient, {}, Timestamp());
  DatagramList out;
  std::vector<IceEvent> events;
  const std::vector<uint8_t> check = Check(kServer.ufrag, kServer.password, random);
  ice.HandleStun({Peer(), check}, Timestamp(), out, events);
  const SocketAddress peer = Peer();
  for (auto _ : state) {
    ice.HandleAuthenticated(peer, Timestamp());
    benchmark::DoNotOptimize(ice.MaySend(peer, 1200));
  }
}
BENCHMARK(AuthenticatedPacket);

// An offer with 4 sources and a pool of receive slots, half of them video.
std::string PoolOffer(int slots) {
  sdp::OfferDescription offer;
  offer.ice_ufrag = kClient.ufrag;
  offer.ice_password = kClient.password;
  offer.fingerprint_algorithm = "sha-256";
  offer.fingerprint = "00";
  for (int i = 1; i < 32; ++i) offer.fingerprint += ":00";
  for (int i = 0; i < slots + 4; ++i) {
    sdp::MediaSection media;
    const bool video = i % 2 == 1;
    media.kind = video ? sdp::SectionKind::kVideo : sdp::SectionKind::kAudio;
    media.mid = std::to_string(i);
    media.direction = i < 4 ? sdp::Direction::kSendOnly : sdp::Direction::kRecvOnly;
    media.codecs = {{111, "opus", 48000, 2, "minptime=10;useinbandfec=1", {"transport-cc"}, {}}};
    if (video) {
      media.codecs = {
          {96, "VP8", 90000, 1, "", {"transport-cc", "ccm fir", "nack", "nack pli"}, {}},
          {97, "rtx", 90000, 1, "apt=96", {}, 96}};
    }
    media.extensions = {{4, "urn:ietf:params:rtp-hdrext:sdes:mid"}};
    offer.media.push_back(media);
  }
  return sdp::WriteOffer(offer);
}

void ParseOffer(benchmark::State& state) {
  const std::string text = PoolOffer(static_cast<int>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(sdp::ParseOffer(text));
  state.SetBytesProcessed(static_cast<int64_t>(text.size()) * state.iterations());
}
BENCHMARK(ParseOffer)->Arg(40)->Arg(128);

}  // namespace
}  // namespace earshot
