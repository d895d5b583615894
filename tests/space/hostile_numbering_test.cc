// Whatever numbers a client gives to what it sends, nobody gets two packets sealed under the same
// key, SSRC and index: with AES-GCM, those would give away the key that authenticates (threat rows
// R2, R11).

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <set>
#include <string>

#include "space_link.h"
#include "wire/rtcp.h"

namespace earshot {
namespace {

using Person = SpaceLink::Person;

// What was sealed for everybody: one key for each of them, so by address, SSRC and index.
class SealedPackets {
 public:
  explicit SealedPackets(SpaceLink& link) {
    link.keeps_from_server = [this](const SocketAddress& to, std::vector<uint8_t>& bytes) {
      const PacketKind kind = ClassifyPacket(bytes);
      if (kind == PacketKind::kRtp) NoteRtp(to, bytes);
      if (kind == PacketKind::kRtcp) NoteRtcp(to, bytes);
      return false;
    };
  }

  size_t repeats() const { return repeats_; }
  size_t count() const { return count_; }
  /// No listener's estimate of the roll-over counter could follow.
  size_t leaps() const { return leaps_; }

 private:
  struct Stream {
    Unwrapper<uint16_t> sequence;
    std::set<int64_t> used;
  };

  void NoteRtp(const SocketAddress& to, ByteView bytes) {
    const auto view = RtpView::Parse(bytes);
    ASSERT_TRUE(view);
    Stream& stream = streams_[{to.port(), view->ssrc()}];
    const auto before = stream.sequence.highest();
    const int64_t index = stream.sequence.Unwrap(view->sequence_number());
    if (before && index - *before > 0x4000) ++leaps_;
    ++count_;
    if (!stream.used.insert(index).second) ++repeats_;
  }
  // SRTCP tells its index, behind everything else (RFC 7714 section 9).
  void NoteRtcp(const SocketAddress& to, ByteView bytes) {
    const auto sender = LoadBigEndian<uint32_t>(bytes.data() + 4);
    const auto index = LoadBigEndian<uint32_t>(bytes.data() + bytes.size() - 4);
    if (!rtcp_[{to.port(), sender}].insert(index).second) ++repeats_;
  }

  using Key = std::pair<uint16_t, uint32_t>;
  std::map<Key, Stream> streams_;
  std::map<Key, std::set<uint32_t>> rtcp_;
  size_t count_ = 0;
  size_t repeats_ = 0;
  size_t leaps_ = 0;
};

// A participant whose packets are all made by hand.
class Numberer {
 public:
  Numberer(SpaceLink& link, Person& person) : link_(link), person_(person) {}

  void Publish(SourceSet sources) {
    std::array<uint8_t, 8> buffer;
    ByteWriter writer(buffer);
    WriteIPublish(sources, writer);
    link_.SendOnEvents(person_, writer.written());
    link_.Run(Duration::Millis(50));
  }
  const ClientNumbers& numbers() const { return person_.client.session().numbers(); }
  RtpHeader Header(SourceKind kind, uint8_t payload_type, uint64_t index) const {
    RtpHeader header;
    header.payload_type = payload_type;
    header.sequence_number = static_cast<uint16_t>(index);
    header.timestamp = static_cast<uint32_t>(index * 960);
    header.ssrc = person_.client.sender(kind)->stream().ssrc;
    header.mid = person_.client.sender(kind)->stream().mid;
    return header;
  }
  /// Sealed as by an honest SRTP, which takes no index twice either.
  std::vector<uint8_t> Seal(const RtpHeader& header, uint64_t index, ByteView payload) {
    DatagramList out;
    person_.client.transport()->SendRtp(
        [&](ByteSpan room) { return WriteRtpHeader(header, numbers().extensions, room); }, payload,
        {header.ssrc, index}, out);
    if (out.empty()) return {};
    return {out[0].bytes.begin(), out[0].bytes.end()};
  }
  void Send(const RtpHeader& header, uint64_t index, ByteView payload) {
    std::vector<uint8_t> packet = Seal(header, index, payload);
    if (packet.empty()) return;
    sent_.push_back(packet);
    link_.Inject(person_.address, std::move(packet));
  }
  void SendOpus(uint64_t index, uint8_t fill = 0x5a) {
    const std::vector<uint8_t> payload(60, fill);
    Send(Header(SourceKind::kMic, numbers().opus_payload_type, index), index, payload);
  }
  void SendUnknown(SourceKind kind, uint64_t index) {
    Send(Header(kind, kUnknownType, index), index, std::vector<uint8_t>(10));
  }
  void Replay(size_t which) { link_.Inject(person_.address, sent_[which]); }
  size_t sent() const { return sent_.size(); }

  static constexpr uint8_t kUnknownType = 77;

 private:
  SpaceLink& link_;
  Person& person_;
  std::vector<std::vector<uint8_t>> sent_;
};

enum class Sealing : uint8_t { kOwn, kShared, kLibsrtp };

class HostileNumberingTest : public testing::TestWithParam<Sealing> {
 protected:
  void SetUp() override {
    if (!HasSrtpBackend(options().srtp_backend)) GTEST_SKIP() << "no libsrtp here";
    if (GetParam() == Sealing::kShared) link_.ShareEgress();
  }
  MediaOptions options() const {
    MediaOptions options;
    if (GetParam() == Sealing::kLibsrtp) options.srtp_backend = SrtpBackend::kLibsrtp;
    return options;
  }
  SpaceLink link_{TestPlan(), options()};
};

std::string NameOf(const testing::TestParamInfo<Sealing>& info) {
  constexpr std::array<const char*, 3> kNames = {"Here", "Elsewhere", "ByLibsrtp"};
  return kNames[static_cast<size_t>(info.param)];
}

INSTANTIATE_TEST_SUITE_P(Sealed, HostileNumberingTest,
                         testing::Values(Sealing::kOwn, Sealing::kShared, Sealing::kLibsrtp),
                         NameOf);

// Packets of an unknown payload type carry SRTP's index on, unseen by whoever forwards. A numbering
// of our own would take the second packet for the first one again, and seal another payload under
// its index.
TEST_P(HostileNumberingTest, R11_AnUnknownPayloadTypeCannotMakeAnIndexServeTwice) {
  link_.JoinSpeaker();
  Person& hostile = link_.Join({});
  SealedPackets sealed(link_);
  Numberer numberer(link_, hostile);
  numberer.Publish(SpaceLink::Only(SourceKind::kMic));
  constexpr uint64_t kIndex = 100;
  for (uint64_t round = 0; round < 6; ++round) {
    const uint64_t first = kIndex + round * 65536;
    numberer.SendOpus(first, static_cast<uint8_t>(round));
    link_.Run(Duration::Millis(20));
    numberer.SendUnknown(SourceKind::kMic, first + 30000);
    numberer.SendUnknown(SourceKind::kMic, first + 60000);
  }
  EXPECT_EQ(link_.Drops(DropReason::kUnsignalledPayloadType), 12u);
  EXPECT_EQ(sealed.repeats(), 0u);
  EXPECT_EQ(link_.Drops(DropReason::kEgressIndexUsed), 0u) << "not even tried";
  EXPECT_GE(link_.people[0]->CountFrom(hostile), 5u) << "six packets, of which one is on the way";
}

TEST_P(HostileNumberingTest, R13_RetransmissionsOfAudioAreNotTaken) {
  constexpr int kRtx = 112;
  ClientNumbers numbers;
  link_.edit_offer = [&](std::string offer) {
    const std::string opus =
        "a=rtpmap:" + std::to_string(numbers.opus_payload_type) + " opus/48000/2\r\n";
    const std::string rtx =
        "a=rtpmap:112 rtx/48000\r\na=fmtp:112 apt=" + std::to_string(numbers.opus_payload_type) +
        "\r\n";
    const std::string types = "SAVPF " + std::to_string(numbers.opus_payload_type) + "\r\n";
    for (size_t at = 0; (at = offer.find(types, at)) != std::string::npos; at += types.size()) {
      offer.insert(at + types.size() - 2, " 112");
    }
    for (size_t at = 0; (at = offer.find(opus, at)) != std::string::npos; at += opus.size()) {
      offer.insert(at + opus.size(), rtx);
    }
    EXPECT_NE(offer.find(" 112\r\n"), std::string::npos);
    return offer;
  };
  Person& hostile = link_.Join({});
  EXPECT_EQ(hostile.joined.answer.find("rtx/48000"), std::string::npos);
  link_.edit_offer = nullptr;
  link_.JoinSpeaker();
  SealedPackets sealed(link_);
  Numberer numberer(link_, hostile);
  numberer.Publish(SpaceLink::Only(SourceKind::kMic));
  numberer.SendOpus(100);
  for (uint64_t index = 1; index <= 3; ++index) {
    RtpHeader header = numberer.Header(SourceKind::kMic, kRtx, index);
    header.ssrc ^= 0x40000000;
    std::vector<uint8_t> payload(60, static_cast<uint8_t>(index));
    StoreBigEndian<uint16_t>(payload.data(), 100);
    numberer.Send(header, index, payload);
  }
  EXPECT_EQ(sealed.repeats(), 0u);
  link_.Run(Duration::Millis(100));
  EXPECT_EQ(link_.people[1]->CountFrom(hostile), 1u);
}

// Random numbering of audio and video, repairs and padding, known and unknown payload types,
// replays, switches and walks, while the listener asks for anything again.
class Chaos {
 public:
  Chaos(SpaceLink& link, uint64_t seed)
      : random_(seed), link_(link), listener_(link.JoinSpeaker()), hostile_(link.Join({})) {}

  void Run(Numberer& numberer, int steps) {
    numberer.Publish(SourceSet::All());
    for (int step = 0; step < steps; ++step) {
      const uint32_t what = random_.Below(100);
      if (what < 30) {
        numberer.SendOpus(Next(mic_), static_cast<uint8_t>(step));
      } else if (what < 60) {
        SendVideo(numberer);
      } else if (what < 70) {
        numberer.SendUnknown(SourceKind::kMic, Next(mic_));
        numberer.SendUnknown(SourceKind::kCamera, Next(camera_));
      } else if (what < 80) {
        SendRtx(numberer);
      } else if (what < 88) {
        if (numberer.sent() > 0) {
          numberer.Replay(random_.Below(static_cast<uint32_t>(numberer.sent())));
        }
      } else if (what < 92) {
        AskAgain();
      } else if (what < 93) {
        numberer.Publish(SourceSet(static_cast<uint8_t>(random_.Below(16))));
        numberer.Publish(SourceSet::All());
      } else if (what < 94) {
        link_.Walk(hostile_, {50, random_.Below(2) == 0 ? 51.0f : 70.0f});
      } else {
        link_.Run(Duration::Millis(random_.Below(60)));
      }
    }
  }
  const Person& listener() const { return listener_; }

 private:
  // Of what comes next: mostly one more, sometimes far ahead, late, or what was before.
  uint64_t Next(uint64_t& highest) {
    constexpr std::array<uint64_t, 8> kJumps = {1, 1, 1, 2, 300, 2999, 3001, 32767};
    const uint32_t what = random_.Below(10);
    if (what == 0) return highest - std::min<uint64_t>(highest, random_.Below(1100));
    if (what == 1) return highest;
    highest += kJumps[random_.Below(kJumps.size())];
    return highest;
  }
  std::vector<uint8_t> VideoPayload() {
    std::vector<uint8_t> payload(random_.Below(8) == 0 ? 0 : 40);
    if (payload.empty()) return payload;
    random_.Fill(payload);
    payload[0] = 0x90;
    payload[1] = 0xc0;
    payload[2] |= 0x80;
    payload[5] = static_cast<uint8_t>(random_.Below(3) == 0 ? 0x10 : 0x11);
    return payload;
  }
  void SendVideo(Numberer& numberer) {
    const uint64_t index = Next(camera_);
    RtpHeader header =
        numberer.Header(SourceKind::kCamera, numberer.numbers().vp8_payload_type, index);
    if (random_.Below(4) == 0) header.timestamp = random_.U32();
    numberer.Send(header, index, VideoPayload());
  }
  void SendRtx(Numberer& numberer) {
    const uint64_t index = ++rtx_;
    RtpHeader header =
        numberer.Header(SourceKind::kCamera, numberer.numbers().vp8_rtx_payload_type, index);
    header.ssrc = hostile_.client.sender(SourceKind::kCamera)->stream().rtx_ssrc;
    std::vector<uint8_t> payload(2);
    StoreBigEndian(payload.data(), static_cast<uint16_t>(camera_ - random_.Below(600)));
    const std::vector<uint8_t> original = VideoPayload();
    payload.insert(payload.end(), original.begin(), original.end());
    numberer.Send(header, index, payload);
  }
  void AskAgain() {
    std::vector<uint8_t> buffer(1200);
    ByteWriter writer(buffer);
    for (const SlotReceiver& slot : listener_.client.slots()) {
      if (slot.stream().ref.kind != MediaKind::kVideo || slot.stream().ref.index > 1) continue;
      Nack nack{1, slot.stream().ssrc, {}};
      const auto first = static_cast<uint16_t>(random_.U32());
      for (uint16_t i = 0; i < 200; ++i) nack.sequence_numbers.push_back(first + i);
      for (const auto& one : listener_.received) {
        if (one.media.slot != slot.stream().ref) continue;
        nack.sequence_numbers.push_back(static_cast<uint16_t>(one.media.extended_sequence));
      }
      std::sort(nack.sequence_numbers.begin(), nack.sequence_numbers.end());
      if (nack.sequence_numbers.size() > 250) nack.sequence_numbers.resize(250);
      Write(nack, writer);
    }
    if (writer.ok()) link_.SendRtcp(listener_, writer.written());
  }

  SeededRandom random_;
  SpaceLink& link_;
  Person& listener_;

 public:
  Person& hostile_;

 private:
  uint64_t mic_ = 100;
  uint64_t camera_ = 30000;
  uint64_t rtx_ = 1;
};

TEST_P(HostileNumberingTest, R11_NoNumberingMakesAnIndexServeTwice) {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    SpaceLink link(TestPlan(), options());
    if (GetParam() == Sealing::kShared) link.ShareEgress();
    Chaos chaos(link, seed);
    SealedPackets sealed(link);
    Numberer numberer(link, chaos.hostile_);
    chaos.Run(numberer, 3000);
    EXPECT_EQ(sealed.repeats(), 0u) << seed;
    EXPECT_EQ(sealed.leaps(), 0u) << seed;
    EXPECT_GT(sealed.count(), 500u) << seed;
    EXPECT_EQ(link.Drops(DropReason::kEgressIndexUsed), 0u) << "the last line is not needed";
    EXPECT_GT(chaos.listener().CountFrom(chaos.hostile_), 100u);
  }
}

}  // namespace
}  // namespace earshot
