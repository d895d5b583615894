#pragma once

// What must hold for those who behave, whatever others do: each packet that reaches them is
// authentic, comes under an index of its own, is from whom it says, is whole, and from nobody who
// is elsewhere, gone, or out of earshot. Sees what the people see, and knows where they are. One
// thread.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/replay_window.h"
#include "base/sequence.h"
#include "client/slot_receiver.h"
#include "earshot/units.h"
#include "meter.h"

namespace earshot::load {

enum class Breach : uint8_t {
  kUnauthenticated,  // a packet of media that the receiver's keys do not open
  kIndexTwice,       // two packets of one SSRC under one index
  kUnknownSender,    // from nobody who has ever joined
  kWrongSender,      // names another than who sent it, or the listener itself
  kPayloadChanged,
  kOtherSpace,
  kGone,          // from somebody who left a while ago
  kOutOfEarshot,  // for a while, from somebody who is too far away
  kCount
};
inline constexpr size_t kBreachCount = static_cast<size_t>(Breach::kCount);
std::string_view BreachName(Breach breach);

class Oracle {
 public:
  /// What is on its way, or held back for people who lag behind, for so long.
  static constexpr Duration kPatience = Duration::Seconds(2);

  explicit Oracle(size_t people) : people_(people) {}

  void Enter(size_t person, ParticipantId participant, size_t space);
  void Leave(size_t person, Timestamp now);
  void AddHostile(ParticipantId participant, size_t space);

  /// As it came, sealed.
  void HandleDatagram(size_t person, ByteView datagram);
  void HandleDrop(DropReason reason);
  /// Who sent a packet of media, if it is one of those who behave.
  std::optional<size_t> SenderOf(const ReceivedMedia& media) const;
  /// `is_near` tells whether the two may know of each other where they stand.
  void HandleMedia(size_t person, const ReceivedMedia& media, bool is_near, Timestamp now);

  /// Of those who behave only: what others leave out of their numbers is no loss.
  const Loss& loss() const { return loss_; }
  uint64_t count(Breach breach) const { return counts_[static_cast<size_t>(breach)]; }
  uint64_t breaches() const;
  /// By name; all of them.
  std::map<std::string, uint64_t> counts() const;
  /// So that nobody can take silence for order.
  uint64_t checked() const { return checked_; }

 private:
  struct Identity {
    size_t space = 0;
    /// Of those who behave.
    std::optional<size_t> person = std::nullopt;
    std::optional<Timestamp> left = std::nullopt;
  };
  struct Stream {
    Unwrapper<uint16_t> sequence;
    ReplayWindow<1024> used;
  };
  /// Packets without a longer pause from somebody who is too far away.
  struct Streak {
    Timestamp first;
    Timestamp last;
  };
  /// What came last in a slot.
  struct Latest {
    SourceId source;
    int64_t sequence = 0;
  };
  struct Person {
    ParticipantId participant = kNoParticipant;
    size_t space = 0;
    std::map<uint32_t, Stream> streams;
    std::map<uint32_t, Streak> far;                          // by source
    std::map<std::pair<MediaKind, uint8_t>, Latest> latest;  // by slot
  };

  void Note(Breach breach) { ++counts_[static_cast<size_t>(breach)]; }
  void CheckContent(const Person& listener, const ReceivedMedia& media);
  void CountLoss(Person& listener, const ReceivedMedia& media, bool behaves);
  void CheckDistance(Person& listener, SourceId source, bool is_near, Timestamp now);

  std::vector<Person> people_;
  std::unordered_map<uint32_t, Identity> identities_;
  std::array<uint64_t, kBreachCount> counts_{};
  Loss loss_;
  uint64_t checked_ = 0;
};

}  // namespace earshot::load
