#include "space/ingress_policer.h"

#include <algorithm>

namespace earshot {
namespace {

// To mute and unmute a few times before a thousand people is nothing that has to wait.
constexpr Duration kTellingBurst = Duration::Seconds(4);

const RateLimit& LimitOf(SourceKind kind, const IngressLimits& limits) {
  return MediaKindOf(kind) == MediaKind::kAudio ? limits.audio : limits.video;
}

// Who has negotiated nothing is told so packet by packet, but not at any rate.
RateLimit LimitOfAll(const std::vector<NegotiatedSource>& sources, const IngressLimits& limits) {
  RateLimit all = sources.empty() ? limits.audio : RateLimit{0, 0};
  for (const NegotiatedSource& source : sources) {
    const RateLimit& one = LimitOf(source.format.id.kind(), limits);
    all.packets_per_second += one.packets_per_second;
    all.kilobits_per_second += one.kilobits_per_second;
  }
  return all;
}

RatePolicer PolicerOf(SourceKind kind, const IngressLimits& limits) {
  return {LimitOf(kind, limits), limits.burst};
}

}  // namespace

IngressPolicer::IngressPolicer(const IngressLimits& limits,
                               const std::vector<NegotiatedSource>& sources)
    : told(limits.told_per_second, kTellingBurst),
      media_(LimitOfAll(sources, limits), limits.burst),
      rtcp_(limits.rtcp, limits.burst),
      data_(limits.data, limits.burst),
      checks_(limits.checks_per_second, limits.burst),
      strange_checks_(checks_),
      sources_{PolicerOf(SourceKind::kMic, limits), PolicerOf(SourceKind::kCamera, limits),
               PolicerOf(SourceKind::kScreen, limits), PolicerOf(SourceKind::kScreenAudio, limits)},
      layers_{RatePolicer(limits.video_layer, limits.burst),
              RatePolicer(limits.video_layer, limits.burst),
              RatePolicer(limits.video_layer, limits.burst)},
      is_simulcast_(std::any_of(sources.begin(), sources.end(), [](const NegotiatedSource& source) {
        return !source.rids.empty();
      })) {}

}  // namespace earshot
