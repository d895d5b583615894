// A space with two people who behave and one who does not, all connected: the bytes choose what the
// third sends, sealed with its keys or not, what is changed and repeated, and how time goes on. The
// two stay connected and hear each other whatever comes, no packet of theirs is sealed under an
// index that was used before, and deadlines advance.

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "fuzz_check.h"
#include "fuzz_input.h"
#include "randomness.h"
#include "space/space_link.h"
#include "wire/rtp_packet.h"

namespace earshot {
namespace {

constexpr size_t kMaxSteps = 100;
constexpr size_t kMaxPeople = 6;
constexpr size_t kMaxRemembered = 200;

// Each packet that leaves takes the index next to the highest one, as an opener counts it.
class IndexLog {
 public:
  void Note(const SocketAddress& to, ByteView packet) {
    if (packet.size() < kRtpFixedHeaderSize || ClassifyPacket(packet) != PacketKind::kRtp) return;
    Stream& stream = streams_[{to.port(), LoadBigEndian<uint32_t>(packet.data() + 8)}];
    const uint16_t sequence = LoadBigEndian<uint16_t>(packet.data() + 2);
    if (stream.used.empty()) stream.highest = sequence;
    const int64_t index = stream.highest + static_cast<int16_t>(sequence - stream.highest);
    FUZZ_CHECK(stream.used.insert(index).second);
    stream.highest = std::max(stream.highest, index);
  }

 private:
  struct Stream {
    int64_t highest = 0;
    std::set<int64_t> used;
  };
  std::map<std::pair<uint16_t, uint32_t>, Stream> streams_;
};

class Room {
 public:
  explicit Room(FuzzInput& input) : input_(input) {
    link_.keeps_from_server = [this](const SocketAddress& to, std::vector<uint8_t>& bytes) {
      FUZZ_CHECK(bytes.size() <= 1500);
      indices_.Note(to, bytes);
      return false;
    };
    listener_ = &link_.JoinSpeaker();
    speaker_ = &link_.JoinSpeaker();
    hostile_ = &link_.Join(SourceSet::All());
    link_.keeps_to_server = [this](const SocketAddress& from, std::vector<uint8_t>& bytes) {
      return OnTheWay(from, bytes);
    };
  }

  void Step() {
    switch (input_.Below(10)) {
      case 0:
        return link_.Run(Duration::Millis(5) * (1 + input_.Byte()));
      case 1:
        return link_.Inject(AnyAddress(), input_.Bytes());
      case 2:
      case 3:
        return SendRtp();
      case 4:
        return SendRtcp();
      case 5:
        return SendMessage();
      case 6:
        return Act();
      case 7:
        changes_ = 1 + input_.Below(16);
        return;
      case 8:
        return Repeat();
      default:
        return ComeAndGo();
    }
  }

  /// The two have lost nothing by what happened.
  void Check() {
    changes_ = 0;
    link_.Forget();
    link_.Run(Duration::Seconds(2));
    for (const ClosedParticipant& one : link_.closed) {
      FUZZ_CHECK(one.participant != listener_->id && one.participant != speaker_->id);
    }
    FUZZ_CHECK(listener_->client.connected() && speaker_->client.connected());
    FUZZ_CHECK(listener_->CountFrom(*speaker_) > 0 && speaker_->CountFrom(*listener_) > 0);
    FUZZ_CHECK(link_.deadlines_advance);
  }

 private:
  SocketAddress AnyAddress() {
    const size_t which = input_.Below(8);
    if (which < link_.people.size()) return link_.people[which]->address;
    return *SocketAddress::FromLiteral("198.51.100.3", static_cast<uint16_t>(1000 + which));
  }

  bool OnTheWay(const SocketAddress& from, std::vector<uint8_t>& bytes) {
    if (from == listener_->address || from == speaker_->address) return false;
    if (remembered_.size() < kMaxRemembered) remembered_.push_back(bytes);
    if (changes_ == 0) return false;
    --changes_;
    const uint8_t fate = input_.Byte();
    if (fate < 150) input_.Corrupt(bytes);
    if (fate > 230) link_.Inject(from, bytes);
    return fate >= 150 && fate < 180;
  }

  template <typename Send>
  void Sealed(Send send) {
    ClientTransport* const transport = hostile_->client.transport();
    if (transport == nullptr) return;
    DatagramList out;
    send(*transport, out);
    for (size_t i = 0; i < out.size(); ++i) {
      std::vector<uint8_t> bytes(out[i].bytes.begin(), out[i].bytes.end());
      if (!OnTheWay(hostile_->address, bytes)) link_.Inject(hostile_->address, bytes);
    }
  }

  // Of a stream that it has offered, or of none; under an index that may come again.
  void SendRtp() {
    const ClientNumbers& numbers = hostile_->client.session().numbers();
    const auto& streams = hostile_->client.session().streams();
    const SentStream& stream = streams[input_.Below(streams.size())];
    const uint8_t what = input_.Byte();
    RtpHeader header;
    header.marker = (what & 1) != 0;
    const bool is_video = MediaKindOf(stream.kind) == MediaKind::kVideo;
    header.payload_type = is_video ? numbers.vp8_payload_type : numbers.opus_payload_type;
    if ((what & 2) != 0) header.payload_type = input_.Byte() & 0x7f;
    header.ssrc = (what & 4) != 0 && stream.rtx_ssrc != 0 ? stream.rtx_ssrc : stream.ssrc;
    if ((what & 8) != 0) header.ssrc += input_.Byte();
    if ((what & 16) != 0) header.mid = stream.mid;
    if (!is_video) header.audio_level = AudioLevel{true, 20};
    const uint64_t index = (what & 32) != 0 ? input_.U16() * 16u : next_index_ + input_.Byte();
    next_index_ = index + 1;
    header.sequence_number = static_cast<uint16_t>(index);
    header.timestamp = static_cast<uint32_t>(index * 960);
    const std::vector<uint8_t> payload = input_.Bytes();
    Sealed([&](ClientTransport& transport, DatagramList& out) {
      transport.SendRtp(
          [&](ByteSpan room) { return WriteRtpHeader(header, numbers.extensions, room); }, payload,
          {header.ssrc, index}, out);
    });
  }
  void SendRtcp() {
    std::vector<uint8_t> compound = {0x80, 200, 0, 0, 0, 0, 0, 0};
    compound[0] = static_cast<uint8_t>(0x80 | (input_.Byte() & 0x1f));
    compound[1] = static_cast<uint8_t>(200 + input_.Below(8));
    for (const uint8_t byte : input_.Bytes()) compound.push_back(byte);
    compound.resize(compound.size() & ~size_t{3});
    // Feedback on slots is what has an effect; their SSRCs are no secret to the listener.
    const auto& slots = hostile_->client.slots();
    if (compound.size() >= 12 && input_.Flag() && !slots.empty()) {
      StoreBigEndian(compound.data() + 8, slots[input_.Byte() % slots.size()].stream().ssrc);
    }
    StoreBigEndian(compound.data() + 2, static_cast<uint16_t>(compound.size() / 4 - 1));
    Sealed(
        [&](ClientTransport& transport, DatagramList& out) { transport.SendRtcp(compound, out); });
  }
  void SendMessage() {
    const auto channel = static_cast<uint16_t>(2 * input_.Below(3));
    const std::vector<uint8_t> message = input_.Bytes();
    Sealed([&](ClientTransport& transport, DatagramList& out) {
      if (input_.Below(16) == 0) transport.OpenChannel(kEventsLabel, {}, link_.now, out);
      transport.SendOnChannel(channel, message, link_.now, out);
    });
  }
  void Act() {
    ActMessage act;
    act.act = static_cast<enum Act>(1 + input_.Below(20));
    act.participant = link_.people[input_.Below(link_.people.size())]->id;
    act.place = static_cast<int16_t>(input_.Byte() - 1);
    act.value = input_.Byte();
    switch (input_.Below(3)) {
      case 0:
        return link_.Publish(*hostile_, SourceSet(input_.Byte()));
      case 1: {
        const auto x = static_cast<float>(input_.Byte());
        return link_.Move(*hostile_, {{x, static_cast<float>(input_.Byte())}, 0});
      }
      default:
        link_.Ask(*hostile_, act);
    }
  }
  void Repeat() {
    if (remembered_.empty()) return;
    link_.Inject(hostile_->address, remembered_[input_.Byte() % remembered_.size()]);
  }
  void ComeAndGo() {
    switch (input_.Below(4)) {
      case 0:
        return link_.Close(*hostile_);
      case 1:
        return link_.Leave(*hostile_);
      case 2: {
        const auto answer =
            link_.engine->RestartIce(hostile_->id, hostile_->client.RestartOffer(), link_.now);
        if (answer) hostile_->client.AcceptRestart(*answer, link_.now);
        return;
      }
      default:
        if (link_.people.size() < kMaxPeople) hostile_ = &link_.Join(SourceSet::All());
    }
  }

  FuzzInput& input_;
  SpaceLink link_;
  IndexLog indices_;
  SpaceLink::Person* listener_ = nullptr;
  SpaceLink::Person* speaker_ = nullptr;
  SpaceLink::Person* hostile_ = nullptr;
  uint64_t next_index_ = 0;
  size_t changes_ = 0;  // of the next datagrams on the way
  std::vector<std::vector<uint8_t>> remembered_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  sim::SeedLibraries(1);
  FuzzInput input(data, size);
  Room room(input);
  for (size_t step = 0; step < kMaxSteps && !input.empty(); ++step) room.Step();
  room.Check();
  return 0;
}

}  // namespace earshot
