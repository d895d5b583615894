#pragma once

// What an operator or integrator can set, as plain values with their defaults. Any thread.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/floor_plan.h"
#include "earshot/media.h"
#include "earshot/units.h"

namespace earshot {

/// One floor. Ids are 1 to 64 characters of [a-z0-9-].
struct SpaceOptions {
  std::string id;
  FloorPlan plan;
};

/// Neither may be zero.
struct RateLimit {
  uint32_t packets_per_second;
  uint32_t kilobits_per_second;
};

/// What one participant may send. What exceeds it is dropped before anybody gets it, and counted
/// (DropReason). Several times what browsers send at their best, repairs and all.
struct IngressLimits {
  /// A microphone, or the sound of a screen.
  RateLimit audio{200, 640};
  /// A camera or a screen: all layers together, and each layer of simulcast.
  RateLimit video{2500, 20'000};
  RateLimit video_layer{1500, 12'000};
  /// Reports and requests of repair for everything that it receives.
  RateLimit rtcp{1000, 1000};
  /// Data channels: messages and acknowledgements.
  RateLimit data{300, 512};
  /// Connectivity checks; as many again from addresses that no check has come from before.
  uint32_t checks_per_second = 100;
  /// What has been held up on the way comes at once: so much time's worth of each is let through.
  Duration burst = Duration::Seconds(1);
  /// How much its messages may make the server tell people, counted in what each of them is told.
  /// Of more, the last state is told as soon as it may, and acts are refused (kTooOften).
  uint32_t told_per_second = 1000;
};

/// What seals and opens media.
enum class SrtpBackend : uint8_t {
  kBuiltIn,  // the quickest that the build and the processor have
  kLibsrtp,  // the audited library, several times slower; every worker seals all its own media
};
/// Whether this build has it.
bool HasSrtpBackend(SrtpBackend backend);

/// Limits and timers of the media side, the same for all spaces.
struct MediaOptions {
  /// Receive slots that a listener may have, at most kMaxSlotsPerKind each.
  uint8_t audio_slots = 24;
  uint8_t video_slots = 16;
  /// Joins beyond these are refused with "limit-reached".
  uint32_t max_participants_per_space = 1000;
  /// Sending stops this long after the last sign of life from the address that it goes to: an ICE
  /// check, or anything that DTLS or SRTP authenticates (RFC 7675); 5 to 60 s.
  Duration consent_timeout = Duration::Seconds(30);
  /// Larger datagrams are dropped unread; 1200 to 2000.
  uint32_t max_datagram_size = 1500;
  /// Speed limit of an avatar in metres per second.
  float max_speed = 12.0f;
  IngressLimits ingress = {};
  SrtpBackend srtp_backend = SrtpBackend::kBuiltIn;
};

enum class LogLevel : uint8_t { kDebug, kInfo, kWarning, kError };

struct ServerOptions {
  /// Threads with one event loop each; a space is on one of them while somebody is in it, on the
  /// one that has least to do when the first comes. 1 to 256.
  uint32_t workers = 1;
  /// Whether a worker whose spaces keep it busy has others that are less busy seal and send for
  /// some of its listeners.
  bool share_egress = true;
  /// Whether each worker stays on a processor of its own, as far as there are enough.
  bool pin_workers = false;
  /// Literal address to bind; "::" takes IPv4 and IPv6, and falls back to IPv4 where the host has
  /// no IPv6.
  std::string bind_address = "::";
  /// Worker n listens on UDP port `base_port` + n. Zero lets the system choose (tests).
  uint16_t base_port = 40000;
  /// Literal addresses told to clients as ICE candidates, best first. Empty: every address of the
  /// host's interfaces, as they are when somebody joins; 64 at most.
  std::vector<std::string> announced_addresses;
  MediaOptions media;
  std::vector<SpaceOptions> spaces;
  /// Called from any worker thread; must be thread-safe and quick. No personal data is ever passed.
  std::function<void(LogLevel, std::string_view)> log;
};

}  // namespace earshot
