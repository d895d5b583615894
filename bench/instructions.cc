// How many instructions a forwarded packet takes, without sockets: to be run under callgrind, which
// counts the same on a busy machine as on an idle one, so that a few per cent more are seen.
// Packets are made beforehand, and everybody's timers run outside of what is counted. Callgrind
// writes one file per case, described as "<case>: <forwarded packets>"; instructions.mjs reads
// them.
// `./dev instructions` runs both.

#include <valgrind/callgrind.h>

#include <cstdio>
#include <string>

#include "conference.h"
#include "forwarding/retransmission_cache.h"

namespace earshot {
namespace {

using Packets = std::vector<std::vector<uint8_t>>;

struct Case {
  const char* name;
  MediaKind kind;
  size_t listeners;
  size_t packets;  // that the speaker sends
};

constexpr Case kCases[] = {
    {"audio to 1 listener", MediaKind::kAudio, 1, 400},
    {"audio to 20 listeners", MediaKind::kAudio, 20, 400},
    {"audio to 200 listeners", MediaKind::kAudio, 200, 100},
    {"video to 20 listeners", MediaKind::kVideo, 20, 400},
};

// Until the caches of the source and the histories of the slots are full.
constexpr size_t kWarmUpPackets = 2 * RetransmissionCache::kCapacity;
static_assert(kWarmUpPackets % Conference::kPacketsPerFrame == 0);

Packets Make(Conference& conference, MediaKind kind, size_t count) {
  Packets packets(count);
  for (auto& packet : packets) {
    packet = kind == MediaKind::kAudio ? conference.MakeAudio(120) : conference.MakeVideo(1100);
  }
  return packets;
}

void Forward(Conference& conference, MediaKind kind, Packets& packets) {
  const size_t in_a_row = kind == MediaKind::kAudio ? 1 : Conference::kPacketsPerFrame;
  const Duration interval =
      kind == MediaKind::kAudio ? Duration::Millis(20) : Conference::kFrameInterval;
  for (size_t i = 0; i < packets.size(); ++i) {
    conference.FromSpeaker(packets[i]);
    conference.out.Clear();
    if ((i + 1) % in_a_row == 0) conference.now = conference.now + interval;
  }
}

// In portions, as nobody goes without timers for longer in real life either.
void WarmUp(Conference& conference, MediaKind kind) {
  constexpr size_t kPortion = 64;
  for (size_t i = 0; i < kWarmUpPackets; i += kPortion) {
    Packets packets = Make(conference, kind, kPortion);
    Forward(conference, kind, packets);
    conference.Run(Duration::Zero());
  }
}

bool Count(const Case& one) {
  Conference conference(one.listeners);
  if (!conference.IsComplete()) return false;
  WarmUp(conference, one.kind);
  Packets packets = Make(conference, one.kind, one.packets);
  const uint64_t before = conference.counters.rtp_forwarded.value();
  CALLGRIND_START_INSTRUMENTATION;
  Forward(conference, one.kind, packets);
  CALLGRIND_STOP_INSTRUMENTATION;
  const uint64_t forwarded = conference.counters.rtp_forwarded.value() - before;
  const std::string description = one.name + (": " + std::to_string(forwarded));
  CALLGRIND_DUMP_STATS_AT(description.c_str());
  return forwarded == one.packets * one.listeners;
}

}  // namespace
}  // namespace earshot

int main() {
  if (RUNNING_ON_VALGRIND == 0) {
    std::fputs("This counts nothing unless callgrind runs it: ./dev instructions\n", stderr);
    return 64;
  }
  for (const earshot::Case& one : earshot::kCases) {
    std::printf("%s\n", one.name);
    std::fflush(stdout);
    if (!earshot::Count(one)) {
      std::fprintf(stderr, "%s: not everything was forwarded\n", one.name);
      return 1;
    }
  }
}
