// What a client that breaks the rules can do to the server and to others: nothing.

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <string>

#include "space_link.h"
#include "wire/rtcp.h"

namespace earshot {
namespace {

using Person = SpaceLink::Person;

std::vector<uint8_t> Payload() {
  std::vector<uint8_t> payload(40);
  WriteSyntheticPayload({.codec = Codec::kOpus, .tag = {}, .size = 40}, payload);
  return payload;
}

// A sealed packet with any header, as the client's keys make it.
std::vector<uint8_t> Seal(Person& person, const RtpHeader& header, uint64_t index,
                          const ExtensionIds& ids) {
  DatagramList out;
  person.client.transport()->SendRtp(
      [&](ByteSpan room) { return WriteRtpHeader(header, ids, room); }, Payload(),
      {header.ssrc, index}, out);
  const ByteView bytes = out[0].bytes;
  return {bytes.begin(), bytes.end()};
}

RtpHeader MicHeader(const Person& person, uint16_t sequence_number) {
  RtpHeader header;
  header.payload_type = person.client.session().numbers().opus_payload_type;
  header.sequence_number = sequence_number;
  header.ssrc = person.client.sender(SourceKind::kMic)->stream().ssrc;
  return header;
}

template <typename... Messages>
std::vector<uint8_t> Compound(const Messages&... messages) {
  std::vector<uint8_t> buffer(1200);
  ByteWriter writer(buffer);
  (Write(messages, writer), ...);
  buffer.resize(writer.size());
  return buffer;
}

void ExpectNothingLeft(const SpaceLink& link) {
  EXPECT_EQ(link.counters.participants.value(), 0u);
  for (size_t i = 0; i < kMediaKindCount; ++i) {
    EXPECT_EQ(link.counters.sources[i].value(), 0u);
    EXPECT_EQ(link.counters.slots_in_use[i].value(), 0u);
  }
  EXPECT_EQ(link.counters.invariant_violations.value(), 0u);
  EXPECT_TRUE(link.engine->NextDeadline().IsNever());
}

TEST(HostileClientTest, R4_ManySsrcsMakeNoStateAndHarmNobody) {
  SpaceLink link;
  auto& a = link.JoinSpeaker();
  auto& b = link.JoinSpeaker();
  link.Run(Duration::Seconds(1));
  for (uint32_t i = 0; i < 2000; ++i) {
    RtpHeader header = MicHeader(b, 1);
    header.ssrc = 70000 + i;
    link.Inject(b.address, Seal(b, header, 1, {}));
  }
  EXPECT_EQ(link.Drops(DropReason::kUnsignalledSsrc), 2000u);
  EXPECT_EQ(link.Drops(DropReason::kSrtpTooManySsrcs), 0u);
  link.Forget();
  link.Run(Duration::Seconds(1));
  EXPECT_GT(a.CountFrom(b), 40u);
}

TEST(HostileClientTest, R5_AnUnsignalledSsrcIsDropped) {
  SpaceLink link;
  link.JoinSpeaker();
  auto& b = link.JoinSpeaker();
  RtpHeader header = MicHeader(b, 1);
  header.ssrc ^= 0x40000000;
  link.Inject(b.address, Seal(b, header, 1, {}));
  EXPECT_EQ(link.Drops(DropReason::kUnsignalledSsrc), 1u);
}

TEST(HostileClientTest, R5_AnUnsignalledPayloadTypeIsDropped) {
  SpaceLink link;
  auto& b = link.Join({});
  RtpHeader header = MicHeader(b, 1);
  header.payload_type = 77;
  link.Inject(b.address, Seal(b, header, 1, {}));
  EXPECT_EQ(link.Drops(DropReason::kUnsignalledPayloadType), 1u);
}

TEST(HostileClientTest, R5_AnUnsignalledMidBindsNothing) {
  ClientOptions options;
  options.offer.announces_ssrcs = false;
  SpaceLink link;
  auto& b = link.Join({}, options);
  RtpHeader header = MicHeader(b, 1);
  header.mid = "elsewhere";
  link.Inject(b.address, Seal(b, header, 1, options.offer.numbers.extensions));
  EXPECT_EQ(link.Drops(DropReason::kUnsignalledMid), 1u);
}

// Here 4 is the MID of audio; in sections of video it is something else, which happens to say "s0".
TEST(HostileClientTest, R5_WhatReadsAsTheMidOfAnotherSectionBindsNothingThere) {
  ClientOptions options;
  options.offer.announces_ssrcs = false;
  SpaceLink link;
  link.edit_offer = [](std::string offer) {
    const std::string mid = " urn:ietf:params:rtp-hdrext:sdes:mid";
    for (size_t at = 0; (at = offer.find("m=video", at)) != std::string::npos; ++at) {
      offer.replace(offer.find("a=extmap:4" + mid, at), 10, "a=extmap:5");
    }
    return offer;
  };
  auto& b = link.Join({}, options);
  RtpHeader header;
  header.payload_type = options.offer.numbers.vp8_payload_type;
  header.ssrc = 12345;
  header.sequence_number = 1;
  header.mid = b.client.sender(SourceKind::kCamera)->stream().mid;
  header.rid = b.client.sender(SourceKind::kMic)->stream().mid;
  link.Inject(b.address, Seal(b, header, 1, {.mid = 5, .rid = 4}));
  EXPECT_EQ(link.Drops(DropReason::kUnsignalledPayloadType), 0u);
  EXPECT_EQ(link.Drops(DropReason::kSourceSwitchedOff), 1u);
}

TEST(HostileClientTest, R5_ASecondSsrcForOneMidIsDropped) {
  ClientOptions options;
  options.offer.announces_ssrcs = false;
  SpaceLink link;
  auto& a = link.Join({});
  auto& b = link.Join(SpaceLink::Only(SourceKind::kMic), options);
  link.Run(Duration::Seconds(1));
  ASSERT_GT(a.CountFrom(b), 40u);
  RtpHeader header = MicHeader(b, 1);
  header.ssrc ^= 0x40000000;
  header.mid = b.client.sender(SourceKind::kMic)->stream().mid;
  link.Inject(b.address, Seal(b, header, 1, options.offer.numbers.extensions));
  EXPECT_EQ(link.Drops(DropReason::kUnsignalledSsrc), 1u);
}

// The golden packet: exactly these elements, with these ids, whatever the sender put in.
TEST(HostileClientTest, R8_ReceiversSeeOnlyWhatTheyNegotiatedAndWrittenByUs) {
  ClientOptions options;
  options.offer.numbers.extensions = {.mid = 9, .audio_level = 10, .abs_send_time = 11};
  SpaceLink link;
  auto& a = link.Join({}, options);
  auto& b = link.Join({});
  std::array<uint8_t, 8> buffer;
  ByteWriter on(buffer);
  WriteIPublish(SpaceLink::Only(SourceKind::kMic), on);
  link.SendOnEvents(b, on.written());
  link.Run(Duration::Millis(50));
  // Another's MID, a time that is wrong, a sequence number nobody asked for.
  RtpHeader header = MicHeader(b, 1);
  header.mid = "a3";
  header.audio_level = AudioLevel{true, 25};
  header.abs_send_time = 0x123456;
  header.transport_sequence = 99;
  header.csrc = 4711;
  ExtensionIds ids = b.client.session().numbers().extensions;
  ids.transport_sequence = 12;
  const Timestamp sent = link.now;
  link.Inject(b.address, Seal(b, header, 1, ids));
  link.Run(Duration::Millis(20));
  ASSERT_EQ(a.received.size(), 1u);
  const auto view = RtpView::Parse(a.received[0].packet);
  EXPECT_EQ(view->csrc_count(), 1u);
  EXPECT_EQ(view->csrc(0), SourceId(b.id, SourceKind::kMic).value());
  EXPECT_EQ(ParseStreamId(*view->Extension(9)), "a0");
  EXPECT_EQ(ParseAudioLevel(*view->Extension(10))->level, 25);
  EXPECT_EQ(ParseAbsSendTime(*view->Extension(11)), AbsSendTimeAt(sent));
  for (uint8_t id = 1; id < 15; ++id) {
    const bool is_ours = id >= 9 && id <= 11;
    EXPECT_EQ(view->Extension(id).has_value(), is_ours) << int{id};
  }
}

TEST(HostileClientTest, C2_NacksCannotMakeTheServerSendMuchMore) {
  SpaceLink link;
  link.Join(SpaceLink::Only(SourceKind::kCamera));
  auto& b = link.Join({});
  link.Run(Duration::Seconds(1));
  ASSERT_FALSE(b.received.empty());
  const SlotReceiver* slot = nullptr;
  for (const SlotReceiver& one : b.client.slots()) {
    if (one.stream().ref == b.received.back().media.slot) slot = &one;
  }
  const uint64_t forwarded_before = link.counters.rtp_forwarded.value();
  // A thousand times, everything of the last second.
  for (int i = 0; i < 1000; ++i) {
    Nack nack{1, slot->stream().ssrc, {}};
    const auto newest = static_cast<uint16_t>(b.received.back().media.extended_sequence);
    for (uint16_t back = 20; back > 0; --back) {
      nack.sequence_numbers.push_back(static_cast<uint16_t>(newest - back));
    }
    link.SendRtcp(b, Compound(nack));
    link.Run(Duration::Millis(10));
  }
  // Ten seconds: 125 kB by time, 32 kB to begin with, a quarter of what is sent anyhow.
  const uint64_t forwarded = link.counters.rtp_forwarded.value() - forwarded_before;
  const uint64_t bytes = (125 + 32) * 1000 + forwarded * 400 / 4;
  EXPECT_GT(link.counters.rtp_retransmitted.value(), 100u);
  EXPECT_LT(link.counters.rtp_retransmitted.value() * 250, bytes);
  EXPECT_GT(link.Drops(DropReason::kEgressQueueFull), 0u);
}

TEST(HostileClientTest, C6_FeedbackForWhatIsNotOnesOwnIsIgnored) {
  SpaceLink link;
  auto& a = link.Join(SpaceLink::Only(SourceKind::kCamera));
  auto& b = link.Join({});
  auto& c = link.Join({});
  link.Run(Duration::Seconds(1));
  const SentStream& camera = a.client.sender(SourceKind::kCamera)->stream();
  const uint32_t slot_of_c = c.client.slots()[24].stream().ssrc;
  const uint64_t requests = a.client.keyframe_requests_received();
  for (const uint32_t ssrc : {camera.ssrc, camera.rtx_ssrc, slot_of_c, 1u}) {
    ReceiverReport report{1, {}};
    report.reports.push_back({.ssrc = ssrc});
    link.SendRtcp(b, Compound(report, Bye{{ssrc}}));
    link.SendRtcp(b, Compound(Pli{1, ssrc}, Nack{1, ssrc, {1, 2, 3}}));
  }
  link.Forget();
  link.Run(Duration::Seconds(1));
  EXPECT_EQ(a.client.keyframe_requests_received(), requests);
  EXPECT_EQ(link.counters.rtp_retransmitted.value(), 0u);
  EXPECT_GT(c.CountFrom(a, SourceKind::kCamera), 10u);
  EXPECT_GT(b.CountFrom(a, SourceKind::kCamera), 10u);
}

TEST(HostileClientTest, MessagesThatAreNoneAreCountedAndIgnored) {
  SpaceLink link;
  auto& a = link.JoinSpeaker();
  auto& b = link.JoinSpeaker();
  const std::vector<std::vector<uint8_t>> bad = {
      {0x81}, {0x81, 1, 2}, {0x91}, {0xff, 1}, std::vector<uint8_t>(500, 0x81)};
  for (const auto& message : bad) link.SendOnEvents(b, message);
  link.Run(Duration::Seconds(1));
  EXPECT_EQ(link.Drops(DropReason::kMessageMalformed), bad.size());
  EXPECT_GT(a.CountFrom(b), 40u);
}

TEST(HostileClientTest, BrokenCopiesOfRealDatagramsHarmNobody) {
  SpaceLink link;
  auto& a = link.JoinSpeaker();
  std::vector<std::pair<SocketAddress, std::vector<uint8_t>>> seen;
  std::array<size_t, 5> kept{};
  link.keeps_to_server = [&](const SocketAddress& from, std::vector<uint8_t>& bytes) {
    // Some of each kind.
    size_t& count = kept[static_cast<size_t>(ClassifyPacket(bytes))];
    if (count++ < 8) seen.push_back({from, bytes});
    return false;
  };
  auto& b = link.Join(SpaceLink::Only(SourceKind::kCamera));
  link.Move(b, {{50, 51}, 0});
  link.Run(Duration::Seconds(3));
  link.keeps_to_server = nullptr;
  for (const PacketKind kind :
       {PacketKind::kStun, PacketKind::kDtls, PacketKind::kRtp, PacketKind::kRtcp}) {
    EXPECT_GT(kept[static_cast<size_t>(kind)], 0u);
  }
  for (const auto& [from, bytes] : seen) {
    for (size_t size = 0; size < bytes.size(); ++size) {
      link.Inject(from, {bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size)});
    }
    for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      std::vector<uint8_t> flipped = bytes;
      flipped[bit / 8] ^= static_cast<uint8_t>(1u << (bit % 8));
      link.Inject(from, std::move(flipped));
    }
  }
  link.Forget();
  link.Run(Duration::Seconds(3));
  EXPECT_TRUE(link.closed.empty());
  EXPECT_GT(a.CountFrom(b, SourceKind::kCamera), 30u);
  EXPECT_EQ(link.counters.invariant_violations.value(), 0u);
}

TEST(HostileClientTest, E10_AThousandJoinsAndLeavesLeaveNothingBehind) {
  SpaceLink link;
  const auto resident_pages = [] {
    std::ifstream statm("/proc/self/statm");
    size_t size = 0, resident = 0;
    statm >> size >> resident;
    return resident;
  };
  [[maybe_unused]] size_t after_warm_up = 0;
  for (int i = 0; i < 1000; ++i) {
    auto& person = link.Begin();
    link.Publish(person, SourceSet::All());
    link.Run(Duration::Millis(300));
    ASSERT_TRUE(person.client.connected());
    if (i % 2 == 0) {
      link.Leave(person);
    } else {
      link.Close(person);
    }
    link.Run(Duration::Millis(50));
    link.people.clear();
    if (i == 300) after_warm_up = resident_pages();
  }
  ExpectNothingLeft(link);
  EXPECT_EQ(link.counters.joins.value(), 1000u);
  EXPECT_EQ(link.counters.participants_closed.value(), 1000u);
  // Sanitizers keep what was freed.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LT(resident_pages(), after_warm_up + after_warm_up / 20 + 256);
#endif
}

TEST(HostileClientTest, K6_AnyOrderOfEverythingIsSafe) {
  SeededRandom random(6);
  SpaceLink link;
  for (int step = 0; step < 100000; ++step) {
    const uint32_t what = random.Below(1000);
    const size_t count = link.people.size();
    Person* one =
        count == 0 ? nullptr : link.people[random.Below(static_cast<uint32_t>(count))].get();
    if (one == nullptr || (what < 5 && count < 12)) {
      link.Publish(link.Begin(), SourceSet(static_cast<uint8_t>(random.Below(16))));
    } else if (what < 7) {
      link.Leave(*one);
    } else if (what < 9) {
      link.Close(*one);
    } else if (what < 10) {
      one->is_silent = true;
    } else if (what < 40) {
      link.Publish(*one, SourceSet(static_cast<uint8_t>(random.Below(16))));
    } else if (what < 300) {
      const auto metre = [&] { return 40 + 20 * static_cast<float>(random.Unit()); };
      link.Move(*one, {{metre(), metre()}, 0});
    } else if (what < 310) {
      const auto answer = link.engine->RestartIce(one->id, one->client.RestartOffer(), link.now);
      if (answer) one->client.AcceptRestart(*answer, link.now);
    } else if (what < 320) {
      link.Inject(one->address, std::vector<uint8_t>(random.Below(60), 0x80));
    } else {
      link.Run(Duration::Micros(random.Below(3000)));
    }
    std::erase_if(link.people, [&](const auto& person) { return !link.engine->Has(person->id); });
  }
  EXPECT_GT(link.counters.joins.value(), 100u);
  EXPECT_GT(link.counters.rtp_forwarded.value(), 1000u);
  EngineOutput out;
  link.engine->CloseAll(CloseReason::kShuttingDown, link.now, out);
  ExpectNothingLeft(link);
  EXPECT_TRUE(link.deadlines_advance);
}

TEST(HostileClientTest, T12_MediaGoesOnWhenTheAssociationHasGone) {
  SpaceLink link;
  Person& one = link.JoinSpeaker();
  Person& other = link.JoinSpeaker();
  // Nothing of its association arrives any more, while there is something to acknowledge.
  link.keeps_to_server = [&](const SocketAddress& from, std::vector<uint8_t>& bytes) {
    return from == one.address && ClassifyPacket(bytes) == PacketKind::kDtls;
  };
  for (int i = 0; i < 50; ++i) {
    link.Move(other, {{50 + 0.01f * static_cast<float>(i), 50}, 0});
    link.Publish(other, i % 2 == 0 ? SourceSet::All() : SpaceLink::Only(SourceKind::kMic));
    link.Run(Duration::Seconds(1));
  }
  link.Forget();
  link.Run(Duration::Seconds(1));
  EXPECT_TRUE(link.closed.empty());
  EXPECT_GT(one.CountFrom(other), 40u);
  EXPECT_GT(other.CountFrom(one), 40u);
  EXPECT_TRUE(one.messages.empty()) << "its channels are closed";
}

}  // namespace
}  // namespace earshot
