// How much one participant can make the server do to all others, whatever it sends: hard bounds
// under virtual time (threat rows R14, T10, S10 and R9).

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <string>

#include "client/synthetic_media.h"
#include "space_link.h"
#include "wire/act_messages.h"
#include "wire/rtcp.h"

namespace earshot {
namespace {

using Person = SpaceLink::Person;

/// Some people in earshot of each other, and one of them with bad intentions.
class Crowd {
 public:
  static constexpr size_t kFriends = 8;

  explicit Crowd(const MediaOptions& media = {}, const FloorPlan& plan = TestPlan())
      : link(plan, media) {
    link.grants = {.moderator = true, .megaphone = true, .beam = true};
    for (size_t i = 0; i < kFriends; ++i) friends.push_back(&link.JoinSpeaker());
    // It sends what the tests say, not what a client would.
    hostile = &link.Join({});
    Tell(WriteIPublish, SpaceLink::Only(SourceKind::kMic));
    link.Run(Duration::Seconds(1));
    link.keeps_from_server = [this](const SocketAddress& to, std::vector<uint8_t>& bytes) {
      const bool to_hostile = to == hostile->address;
      ++(to_hostile ? to_itself : to_others);
      if (to_hostile) bytes_to_itself += bytes.size();
      return false;
    };
  }

  template <typename WriteMessage, typename... Values>
  void Tell(WriteMessage write, const Values&... values) {
    std::array<uint8_t, 64> buffer;
    ByteWriter writer(buffer);
    write(values..., writer);
    link.SendOnEvents(*hostile, writer.written());
  }
  void Act(const ActMessage& act) {
    Tell([](const ActMessage& message, ByteWriter& writer) { Write(message, writer); }, act);
  }

  /// A packet of its microphone, sealed, right into the engine.
  void SendAudio(uint8_t level = 30, size_t size = 40) {
    RtpHeader header;
    header.payload_type = hostile->client.session().numbers().opus_payload_type;
    header.sequence_number = static_cast<uint16_t>(audio_index_);
    header.timestamp = static_cast<uint32_t>(audio_index_ * 960);
    header.ssrc = hostile->client.sender(SourceKind::kMic)->stream().ssrc;
    header.audio_level = AudioLevel{true, level};
    std::vector<uint8_t> payload(size);
    WriteSyntheticPayload({.codec = Codec::kOpus, .tag = {}, .size = size}, payload);
    const ExtensionIds& ids = hostile->client.session().numbers().extensions;
    DatagramList out;
    hostile->client.transport()->SendRtp(
        [&](ByteSpan room) { return WriteRtpHeader(header, ids, room); }, payload,
        {header.ssrc, audio_index_++}, out);
    const ByteView bytes = out[0].bytes;
    link.Inject(hostile->address, {bytes.begin(), bytes.end()});
  }

  /// Calls `act(i)` a thousand times a second.
  void Flood(Duration time, const std::function<void(int)>& act) {
    for (int i = 0; i < time.millis(); ++i) {
      act(i);
      link.Run(Duration::Millis(1));
    }
  }
  /// Datagrams to all but the hostile one, per second.
  double ToOthersPerSecond(Duration time, const std::function<void(int)>& act) {
    to_others = to_itself = bytes_to_itself = 0;
    Flood(time, act);
    return static_cast<double>(to_others) / time.seconds();
  }
  /// What each friend believes of what the hostile one publishes.
  void ExpectAllBelieve(SourceSet published) {
    for (Person* one : friends) {
      ASSERT_TRUE(one->client.people().contains(hostile->id));
      EXPECT_EQ(one->client.people().at(hostile->id).published, published);
    }
  }

  SpaceLink link;
  std::vector<Person*> friends;
  Person* hostile = nullptr;
  size_t to_others = 0, to_itself = 0, bytes_to_itself = 0;

 private:
  uint64_t audio_index_ = 40'000;
};

TEST(FloodTest, R14_AFloodOfAudioIsDroppedBeforeAnybodyGetsIt) {
  Crowd crowd;
  crowd.link.Forget();
  for (int i = 0; i < 1000; ++i) {
    for (int packet = 0; packet < 80; ++packet) crowd.SendAudio();
    crowd.link.Run(Duration::Millis(1));
  }
  crowd.link.Run(Duration::Millis(100));
  const IngressLimits limits;
  for (Person* one : crowd.friends) {
    EXPECT_LE(one->CountFrom(*crowd.hostile), 2 * limits.audio.packets_per_second + 1);
    EXPECT_GE(one->CountFrom(*crowd.hostile), limits.audio.packets_per_second);
  }
  EXPECT_GT(crowd.link.Drops(DropReason::kMediaRateLimited), 79'000u);
  // The others talk on.
  EXPECT_GE(crowd.friends[1]->CountFrom(*crowd.friends[0]), 50u);
}

TEST(FloodTest, R14_LargeAudioIsHeldToItsBitRate) {
  Crowd crowd;
  crowd.link.Forget();
  for (int i = 0; i < 2000; ++i) {
    crowd.SendAudio(30, 1000);
    crowd.link.Run(Duration::Millis(1));
  }
  // 640 kbit/s, and a burst of a second: 240 packets of 1 KB in two seconds.
  EXPECT_LE(crowd.friends[0]->CountFrom(*crowd.hostile), 240u);
  EXPECT_GE(crowd.friends[0]->CountFrom(*crowd.hostile), 180u);
}

TEST(FloodTest, R14_WhoSwitchesTheSourceOffIsHeldToTheRateBeforeAnythingIsDecrypted) {
  Crowd crowd;
  crowd.Tell(WriteIPublish, SourceSet());
  crowd.link.Run(Duration::Millis(100));
  const uint64_t before = crowd.link.Drops(DropReason::kSourceSwitchedOff);
  for (int i = 0; i < 20'000; ++i) crowd.SendAudio();
  const IngressLimits limits;
  const uint64_t read = crowd.link.counters.rtp_in.value();
  for (int i = 0; i < 20'000; ++i) crowd.SendAudio();
  EXPECT_EQ(crowd.link.counters.rtp_in.value(), read);
  EXPECT_LE(crowd.link.Drops(DropReason::kSourceSwitchedOff) - before,
            limits.audio.packets_per_second);
}

TEST(FloodTest, R14_ForgedPacketsUseUpNobodysRate) {
  Crowd crowd;
  Person& victim = *crowd.friends[0];
  crowd.link.Forget();
  for (int i = 0; i < 1000; ++i) {
    for (int packet = 0; packet < 50; ++packet) {
      std::vector<uint8_t> forged(100, 0x55);
      forged[0] = 0x80;
      forged[1] = 111;
      StoreBigEndian(forged.data() + 8, victim.client.sender(SourceKind::kMic)->stream().ssrc);
      crowd.link.Inject(victim.address, forged);
    }
    crowd.link.Run(Duration::Millis(1));
  }
  EXPECT_EQ(crowd.link.Drops(DropReason::kMediaRateLimited), 0u);
  EXPECT_GE(crowd.friends[1]->CountFrom(victim), 49u);
}

TEST(FloodTest, C9_ReportsAndRequestsAreHeldToARate) {
  Crowd crowd;
  std::vector<uint8_t> buffer(1000);
  ByteWriter writer(buffer);
  Write(ReceiverReport{1, {}}, writer);
  for (int i = 0; i < 60; ++i) {
    Write(Pli{1, crowd.hostile->client.slots()[0].stream().ssrc}, writer);
  }
  const uint64_t handled = crowd.link.counters.nacks_in.value();
  Write(Nack{1, crowd.hostile->client.slots()[0].stream().ssrc, {1}}, writer);
  for (int i = 0; i < 10'000; ++i) crowd.link.SendRtcp(*crowd.hostile, writer.written());
  crowd.link.Run(Duration::Millis(50));
  const IngressLimits limits;
  const uint64_t compounds = crowd.link.counters.nacks_in.value() - handled;
  EXPECT_GT(compounds, 50u);
  EXPECT_LE(compounds * writer.size() * 8, (limits.rtcp.kilobits_per_second + 20) * 1000);
  EXPECT_GT(crowd.link.Drops(DropReason::kRtcpRateLimited), 9000u);
}

TEST(FloodTest, S10_ChecksAreHeldToARateAndNobodyElsesCost) {
  Crowd crowd;
  std::vector<uint8_t> check;
  crowd.link.keeps_to_server = [&](const SocketAddress& from, std::vector<uint8_t>& bytes) {
    if (from == crowd.hostile->address && ClassifyPacket(bytes) == PacketKind::kStun) check = bytes;
    return false;
  };
  crowd.link.Run(Duration::Seconds(20));
  crowd.link.keeps_to_server = nullptr;
  ASSERT_FALSE(check.empty());
  const SocketAddress stranger = *SocketAddress::FromLiteral("203.0.113.5", 7);
  crowd.link.Run(Duration::Seconds(2));
  const auto answered = [&](const SocketAddress& from, int count) {
    const uint64_t before = crowd.link.Drops(DropReason::kStunRateLimited);
    for (int i = 0; i < count; ++i) crowd.link.Inject(from, check);
    return static_cast<uint64_t>(count) - (crowd.link.Drops(DropReason::kStunRateLimited) - before);
  };
  // What strangers send in its name leaves its own checks as they are.
  EXPECT_EQ(answered(stranger, 10'000), IngressLimits().checks_per_second);
  EXPECT_EQ(answered(crowd.hostile->address, 10), 10u);
  EXPECT_LE(answered(crowd.hostile->address, 10'000), IngressLimits().checks_per_second);
  // And it stays.
  crowd.link.Run(Duration::Seconds(30));
  EXPECT_TRUE(crowd.link.closed.empty());
}

TEST(FloodTest, T10_ATogglerIsHeldToABudgetAndTheLastStateIsTold) {
  MediaOptions media;
  media.ingress.told_per_second = 100;
  Crowd crowd(media);
  const SourceSet on = SpaceLink::Only(SourceKind::kMic);
  // The burst of four seconds is used up first.
  crowd.Flood(Duration::Seconds(4),
              [&](int i) { crowd.Tell(WriteIPublish, i % 2 ? on : SourceSet()); });
  const double calm = [&] {
    Crowd other(media);
    return other.ToOthersPerSecond(Duration::Seconds(2), [](int) {});
  }();
  const double flooded = crowd.ToOthersPerSecond(
      Duration::Seconds(10), [&](int i) { crowd.Tell(WriteIPublish, i % 2 ? on : SourceSet()); });
  EXPECT_LT(flooded, calm + 2.0 * media.ingress.told_per_second);
  EXPECT_GT(crowd.link.Drops(DropReason::kMessageTooFrequent), 100u);
  for (const SourceSet last : {on, SourceSet()}) {
    crowd.Flood(Duration::Millis(501), [&](int i) {
      crowd.Tell(WriteIPublish, i == 500 ? last : i % 2 ? on : SourceSet());
    });
    crowd.link.Run(Duration::Seconds(30));
    crowd.ExpectAllBelieve(last);
  }
}

TEST(FloodTest, R19_WhoSwitchesOffIsNotForwardedWhileTheTellingHasToWait) {
  MediaOptions media;
  media.ingress.told_per_second = 100;
  Crowd crowd(media);
  const SourceSet on = SpaceLink::Only(SourceKind::kMic);
  // Far more than the budget has, so that what follows waits for seconds.
  for (int i = 0; i < 60; ++i) {
    crowd.Tell(WriteIPublish, i % 2 ? on : SourceSet());
    crowd.link.Run(Duration::Millis(10));
  }
  crowd.Tell(WriteIPublish, SourceSet());
  crowd.link.Run(Duration::Millis(50));
  crowd.link.Forget();
  for (int i = 0; i < 50; ++i) {
    crowd.SendAudio();
    crowd.link.Run(Duration::Millis(20));
  }
  for (Person* one : crowd.friends) EXPECT_EQ(one->CountFrom(*crowd.hostile), 0u);
}

/// What a participant can send a thousand times a second.
struct Kind {
  const char* name;
  std::function<void(Crowd&, int)> send;
};

ActMessage Acting(Act act, ParticipantId other, int16_t place, uint16_t value) {
  return {.act = act, .participant = other, .place = place, .value = value};
}

std::vector<Kind> EveryKind() {
  std::vector<Kind> kinds = {
      {"0x81", [](Crowd& crowd,
                  int i) { crowd.Tell(WriteIPublish, SourceSet(static_cast<uint8_t>(i % 16))); }},
      {"0x91 to and fro",
       [](Crowd& crowd, int i) {
         crowd.link.Move(*crowd.hostile, {{i / 100 % 2 ? 57.5f : 60.0f, 50}, 0});
       }},
      {"0x91 as far as it can",
       [](Crowd& crowd, int i) {
         crowd.link.Move(*crowd.hostile, {{i / 5000 % 2 ? 99.0f : 1.0f, 50}, 0});
       }},
      {"no message", [](Crowd& crowd, int) { crowd.Tell([](ByteWriter& out) { out.U8(0x7f); }); }},
      {"levels of speech",
       [](Crowd& crowd, int i) { crowd.SendAudio(i / 5 % 2 ? uint8_t{0} : uint8_t{127}); }},
      {"PLI and NACK",
       [](Crowd& crowd, int) {
         std::array<uint8_t, 200> buffer;
         ByteWriter writer(buffer);
         const uint32_t ssrc = crowd.hostile->client.slots()[0].stream().ssrc;
         Write(Pli{1, ssrc}, writer);
         Write(Nack{1, ssrc, {1, 2, 3}}, writer);
         crowd.link.SendRtcp(*crowd.hostile, writer.written());
       }},
      {"everything asked for",
       [](Crowd& crowd, int i) {
         const auto at = static_cast<size_t>(i);
         const auto act = static_cast<Act>(1 + at % kActCount);
         const Person& other = *crowd.friends[at / kActCount % Crowd::kFriends];
         crowd.Act(
             Acting(act, other.id, static_cast<int16_t>(i % 3 - 1), static_cast<uint16_t>(i % 4)));
       }},
  };
  for (size_t act = 1; act <= kActCount; ++act) {
    kinds.push_back({"act", [act](Crowd& crowd, int i) {
                       const ParticipantId other = crowd.friends[0]->id;
                       crowd.Act(Acting(static_cast<Act>(act), i % 2 ? other : kNoParticipant, 0,
                                        static_cast<uint16_t>(i % 2)));
                     }});
  }
  return kinds;
}

TEST(FloodTest, T10_WhateverOneSendsWhatOthersAreToldIsBounded) {
  MediaOptions media;
  media.ingress.told_per_second = 100;
  FloorPlan plan = TestPlan();
  plan.doors.push_back({.name = "Booth", .from = {49, 44}, .to = {51, 44}});
  plan.spawn = {50, 46};
  for (const Kind& kind : EveryKind()) {
    SCOPED_TRACE(kind.name);
    Crowd crowd(media, plan);
    const double calm = crowd.ToOthersPerSecond(Duration::Seconds(2), [](int) {});
    crowd.Flood(Duration::Seconds(2), [&](int i) { kind.send(crowd, i); });
    const double flooded =
        crowd.ToOthersPerSecond(Duration::Seconds(3), [&](int i) { kind.send(crowd, i); });
    // What is told, the ten rounds a second of positions and what else can wait, the audio that it
    // may send, and acknowledgements of them all.
    const double audio = std::string(kind.name) == "levels of speech" ? 200 : 0;
    EXPECT_LT(flooded, calm + 2.5 * media.ingress.told_per_second +
                           static_cast<double>(Crowd::kFriends) * (20 + audio));
    // To itself, not much more than it sends.
    EXPECT_LT(crowd.to_itself, 3 * 1500u);
    EXPECT_EQ(crowd.link.counters.invariant_violations.value(), 0u);
    EXPECT_TRUE(crowd.link.closed.empty());
  }
}

TEST(FloodTest, T10_WhoOpensTheEventsChannelAgainAndAgainIsToldEverythingTwiceASecond) {
  Crowd crowd;
  crowd.link.Forget();
  for (int i = 0; i < 10; ++i) {
    crowd.link.OpenEventsAgain(*crowd.hostile);
    crowd.link.Run(Duration::Millis(100));
  }
  // On a channel that the client does not know as its own, messages are left as they came.
  const std::vector<uint8_t> reset = {1, 0, static_cast<uint8_t>(MessageType::kReset)};
  const auto resets = std::ranges::count_if(crowd.hostile->messages, [&](const auto& message) {
    return message.size() >= 3 && std::equal(reset.begin(), reset.end(), message.begin());
  });
  EXPECT_GE(resets, 1);
  EXPECT_LE(resets, 3);
}

}  // namespace
}  // namespace earshot
