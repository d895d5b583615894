#pragma once

// Holds what one participant sends to IngressLimits (threat rows R14, T10 and S10): all of its
// media, reports, data and checks before anything is decrypted, each source by itself before
// anybody gets it, and what its messages cause by what is told because of them. Only what was
// authenticated counts, so that nobody uses up what is another's by forging its address; checks
// count in any case, as they are what authenticates. One thread.

#include <array>
#include <optional>
#include <vector>

#include "base/drop_reason.h"
#include "base/rate_policer.h"
#include "space/negotiation.h"
#include "wire/demux.h"

namespace earshot {

class IngressPolicer {
 public:
  IngressPolicer(const IngressLimits& limits, const std::vector<NegotiatedSource>& sources);

  /// Why a datagram of the kind must be dropped unread, if it must. `from_stranger`: nothing
  /// but checks has come from its address yet.
  std::optional<DropReason> Check(PacketKind kind, bool from_stranger, Timestamp now) const {
    switch (kind) {
      case PacketKind::kRtp:
        return Unless(media_.Conforms(now), DropReason::kMediaRateLimited);
      case PacketKind::kRtcp:
        return Unless(rtcp_.Conforms(now), DropReason::kRtcpRateLimited);
      case PacketKind::kDtls:
        return Unless(data_.Conforms(now), DropReason::kDataRateLimited);
      case PacketKind::kStun:
        return Unless(Checks(from_stranger).Conforms(now), DropReason::kStunRateLimited);
      case PacketKind::kUnknown:
        break;
    }
    return std::nullopt;
  }
  /// It was authenticated, or is a check.
  void Count(PacketKind kind, bool from_stranger, size_t size, Timestamp now) {
    switch (kind) {
      case PacketKind::kRtp:
        return media_.Count(size, now);
      case PacketKind::kRtcp:
        return rtcp_.Count(size, now);
      case PacketKind::kDtls:
        return data_.Count(size, now);
      case PacketKind::kStun:
        return (from_stranger ? strange_checks_ : checks_).Count(1, now);
      case PacketKind::kUnknown:
        break;
    }
  }
  /// Whether a packet of a source's layer may be used; if so, it is counted.
  bool Admit(SourceKind kind, size_t layer, size_t size, Timestamp now) {
    RatePolicer& source = sources_[static_cast<size_t>(kind)];
    if (!source.Conforms(now)) return false;
    if (is_simulcast_ && kind == SourceKind::kCamera) {
      if (!layers_[layer].Conforms(now)) return false;
      layers_[layer].Count(size, now);
    }
    source.Count(size, now);
    return true;
  }

  /// Records told to anybody because of what this participant asked for. While it does not conform,
  /// what it asks for waits, and of that the last counts.
  RateMeter told;

 private:
  static std::optional<DropReason> Unless(bool conforms, DropReason reason) {
    return conforms ? std::nullopt : std::optional(reason);
  }
  const RateMeter& Checks(bool from_stranger) const {
    return from_stranger ? strange_checks_ : checks_;
  }

  RatePolicer media_;
  RatePolicer rtcp_;
  RatePolicer data_;
  RateMeter checks_;
  RateMeter strange_checks_;
  std::array<RatePolicer, kSourceKindCount> sources_;
  std::array<RatePolicer, kMaxLayers> layers_;  // of the camera
  bool is_simulcast_;
};

}  // namespace earshot
