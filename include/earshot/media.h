#pragma once

// The words of the domain as values: participants, their sources, and the kinds of media.
// Any thread.

#include <compare>
#include <cstddef>
#include <cstdint>

namespace earshot {

/// A set of at most eight things that are numbered from zero, one bit for each.
template <typename Item, size_t kItems>
class SmallSet {
 public:
  constexpr SmallSet() = default;
  explicit constexpr SmallSet(uint8_t bits) : bits_(bits & kAll) {}
  static constexpr SmallSet All() { return SmallSet(kAll); }

  constexpr bool Has(Item item) const { return (bits_ >> static_cast<unsigned>(item)) & 1u; }
  constexpr void Set(Item item, bool on) {
    const auto bit = static_cast<uint8_t>(1u << static_cast<unsigned>(item));
    bits_ = static_cast<uint8_t>(on ? bits_ | bit : bits_ & ~bit);
  }
  constexpr uint8_t bits() const { return bits_; }
  constexpr bool operator==(const SmallSet&) const = default;
  constexpr SmallSet operator&(SmallSet other) const {
    return SmallSet(static_cast<uint8_t>(bits_ & other.bits_));
  }

 private:
  static_assert(kItems <= 8);
  static constexpr uint8_t kAll = (1u << kItems) - 1;
  uint8_t bits_ = 0;
};

enum class MediaKind : uint8_t { kAudio, kVideo };
inline constexpr size_t kMediaKindCount = 2;

/// What a participant can publish: one source of each kind.
enum class SourceKind : uint8_t { kMic = 0, kCamera = 1, kScreen = 2, kScreenAudio = 3 };
inline constexpr size_t kSourceKindCount = 4;

constexpr MediaKind MediaKindOf(SourceKind kind) {
  return kind == SourceKind::kMic || kind == SourceKind::kScreenAudio ? MediaKind::kAudio
                                                                      : MediaKind::kVideo;
}

/// One connection of one person. Never zero for a real participant; unique within a server's life
/// and below 2^30, so that a SourceId fits the 32 bits of a CSRC.
enum class ParticipantId : uint32_t {};
inline constexpr ParticipantId kNoParticipant{0};
inline constexpr uint32_t kMaxParticipantId = (1u << 30) - 1;

/// A source, as it travels in the CSRC list of every packet forwarded from it (RFC 3550 section
/// 5.1): the participant's id shifted left by two, plus the SourceKind.
class SourceId {
 public:
  constexpr SourceId() = default;
  constexpr SourceId(ParticipantId participant, SourceKind kind)
      : value_(static_cast<uint32_t>(participant) << 2 | static_cast<uint32_t>(kind)) {}

  constexpr uint32_t value() const { return value_; }
  constexpr ParticipantId participant() const { return ParticipantId{value_ >> 2}; }
  constexpr SourceKind kind() const { return static_cast<SourceKind>(value_ & 3u); }
  constexpr explicit operator bool() const { return participant() != kNoParticipant; }
  constexpr auto operator<=>(const SourceId&) const = default;

 private:
  uint32_t value_ = 0;
};

/// Simulcast encodings of one camera (RFC 8853), lowest first.
inline constexpr size_t kMaxLayers = 3;

/// Which of them, one bit per layer.
using LayerSet = SmallSet<size_t, kMaxLayers>;

/// How much of a camera a viewer gets: of three layers one, of two the nearer, of one that.
enum class Detail : uint8_t { kPaused, kThumbnail, kMedium, kFull };

/// One pre-negotiated receive stream of a listener: the index counts within its kind.
struct SlotRef {
  MediaKind kind = MediaKind::kAudio;
  uint8_t index = 0;
  constexpr auto operator<=>(const SlotRef&) const = default;
};

/// Hard upper bound of slots of one kind per listener.
inline constexpr size_t kMaxSlotsPerKind = 64;

/// A source is published or not, wanted or not: one bit per SourceKind.
using SourceSet = SmallSet<SourceKind, kSourceKindCount>;

}  // namespace earshot
