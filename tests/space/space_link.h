#pragma once

// One engine and clients on a link with a fixed delay under virtual time: what the tests of the
// space room share. Everything that leaves the server is kept as it left, and can be altered.

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "base/counters.h"
#include "client/client.h"
#include "earshot/engine.h"
#include "transport/dtls.h"
#include "transport/egress_lanes.h"
#include "wire/demux.h"

namespace earshot {

inline const std::shared_ptr<const DtlsCertificate>& TestCertificate() {
  static const std::shared_ptr<const DtlsCertificate> certificate = DtlsCertificate::Make();
  return certificate;
}

/// 100 m by 100 m, people hear each other within 8 m; one closed room in the corner.
inline FloorPlan TestPlan() {
  FloorPlan plan;
  plan.width = 100;
  plan.height = 100;
  plan.spawn = {50, 50};
  plan.zones.push_back({"Booth", {{48, 40}, {52, 40}, {52, 44}, {48, 44}}});
  return plan;
}

class SpaceLink {
 public:
  static constexpr Duration kDelay = Duration::Millis(10);

  struct Received {
    ReceivedMedia media;
    Timestamp time;
    std::vector<uint8_t> packet;
  };
  struct Person {
    Person(const ClientOptions& options, const DtlsCertificate& certificate, Random& random)
        : client(options, certificate, random) {}
    Client client;
    ParticipantId id = kNoParticipant;
    Joined joined;
    SocketAddress address;
    bool is_silent = false;  // its datagrams get lost
    std::vector<Received> received;
    std::vector<std::vector<uint8_t>> messages;

    /// The last event of the kind, if there is one; points into `messages`.
    std::optional<EventMessage> LastEvent(EventKind kind) const {
      for (auto message = messages.rbegin(); message != messages.rend(); ++message) {
        const auto event = ParseEvent(*message);
        if (event && event->kind == kind) return event;
      }
      return std::nullopt;
    }
    size_t CountFrom(SourceId source) const {
      return static_cast<size_t>(
          std::count_if(received.begin(), received.end(),
                        [source](const Received& one) { return one.media.source == source; }));
    }
    size_t CountFrom(const Person& other, SourceKind kind = SourceKind::kMic) const {
      return CountFrom(SourceId(other.id, kind));
    }
  };

  explicit SpaceLink(const FloorPlan& plan = TestPlan(), const MediaOptions& media = {})
      : engine(std::make_unique<Engine>(MakeOptions(plan, media), TestCertificate(), random_,
                                        counters)) {}

  /// Joins, connects, and publishes.
  Person& Join(SourceSet published, const ClientOptions& options = {}) {
    Person& person = Begin(options);
    person.client.Publish(published, now, client_out_);
    Carry(person);
    Run(Duration::Millis(500));
    return person;
  }
  Person& JoinSpeaker() { return Join(Only(SourceKind::kMic)); }
  /// The join without waiting for what follows.
  Person& Begin(const ClientOptions& options = {}) { return Begin(options, random_); }
  /// A speaker whose numbers come from another generator.
  Person& JoinWith(Random& random) {
    Person& person = Begin({}, random);
    Publish(person, Only(SourceKind::kMic));
    Run(Duration::Millis(500));
    return person;
  }
  Person& Begin(const ClientOptions& options, Random& random) {
    people.push_back(std::make_unique<Person>(options, *TestCertificate(), random));
    Person& person = *people.back();
    JoinRequest request;
    request.space = "test";
    request.from = from;
    request.name = "Person " + std::to_string(people.size());
    request.offer = edit_offer ? edit_offer(person.client.Offer()) : person.client.Offer();
    request.track_mids = person.client.TrackMids();
    request.may_publish = may_publish;
    request.identities = identities;
    request.grants = grants;
    person.joined = *engine->Join(request, now);
    person.id = person.joined.participant;
    const auto number = static_cast<uint16_t>(people.size());
    person.address = *SocketAddress::FromLiteral("192.0.2.9", static_cast<uint16_t>(1000 + number));
    const auto error = person.client.Accept(person.joined.answer, person.id, now);
    if (error) std::abort();
    return person;
  }
  static SourceSet Only(SourceKind kind) {
    SourceSet set;
    set.Set(kind, true);
    return set;
  }

  /// Walks in steps that the server allows.
  void Walk(Person& person, Point to) {
    for (int i = 0; i < 400; ++i) {
      person.client.Move({to, 0}, now, client_out_);
      Carry(person);
      Run(Duration::Millis(50));
      if (engine->StanceOf(person.id)->pose.position == to) return;
    }
  }
  void Publish(Person& person, SourceSet published) {
    person.client.Publish(published, now, client_out_);
    Carry(person);
  }
  void SendRtcp(Person& person, ByteView compound) {
    person.client.SendRtcp(compound, client_out_);
    Carry(person);
  }
  void SendOnEvents(Person& person, ByteView message) {
    person.client.SendOnEvents(message, now, client_out_);
    Carry(person);
  }
  /// Another channel for events, besides the one that it has.
  void OpenEventsAgain(Person& person) {
    person.client.transport()->OpenChannel(kEventsLabel, {}, now, client_out_.datagrams);
    Carry(person);
  }
  void Move(Person& person, const Pose& pose) {
    person.client.Move(pose, now, client_out_);
    Carry(person);
  }
  /// Asks, waits, and says what came of it.
  std::optional<Outcome> Ask(Person& person, ActMessage act) {
    act.number = next_act_++;
    person.client.Ask(act, now, client_out_);
    Carry(person);
    Run(kDelay + kDelay + kDelay);
    for (const std::vector<uint8_t>& message : person.messages) {
      const auto outcome = ParseOutcome(message);
      if (outcome && outcome->number == act.number && outcome->act == act.act) {
        return outcome->outcome;
      }
    }
    return std::nullopt;
  }
  void ReplacePlan(const FloorPlan& plan) {
    const auto replaced = engine->ReplacePlan("test", plan, now, engine_out_);
    if (!replaced) std::abort();
    CarryFromEngine();
  }
  void Close(Person& person) {
    person.client.Close(client_out_);
    Carry(person);
  }
  void Leave(Person& person) {
    engine->Leave(person.id, now, engine_out_);
    CarryFromEngine();
  }
  /// Hands bytes to the server as if they came from the address.
  void Inject(const SocketAddress& from, std::vector<uint8_t> bytes) {
    engine->HandleDatagram(from, bytes, now, engine_out_);
    CarryFromEngine();
  }
  /// From now on, all media is sealed apart from the engine, as other workers do.
  void ShareEgress() {
    lanes_.AddLane();
    lanes_.SetBatch(0, &batch_);
    lanes_.lane_of().fill(0);
    engine_out_.lanes = &lanes_;
  }
  void Forget() {
    for (const auto& person : people) {
      person->received.clear();
      person->messages.clear();
    }
  }
  void Run(Duration limit) {
    const Timestamp end = now + limit;
    while (Step(end)) {
    }
    now = end;
  }
  /// The server stands still, as a stopped process does, while the clients go on. Then it reads
  /// what its sockets have kept, if anything. How many datagrams it sends because time has passed.
  size_t Pause(Duration pause, bool keeps = true) {
    stands_still_ = true;
    Run(pause);
    stands_still_ = false;
    engine->HandlePause(pause);
    for (InFlight& item : std::exchange(waiting_, {})) {
      if (keeps) engine->HandleDatagram(item.client, item.bytes, now, engine_out_);
    }
    CarryFromEngine();
    engine->HandleDeadline(now, engine_out_);
    const size_t sent = engine_out_.datagrams.size();
    CarryFromEngine();
    return sent;
  }
  uint64_t Drops(DropReason reason) const {
    return counters.drops[static_cast<size_t>(reason)].value();
  }
  Person* Find(const SocketAddress& address) {
    for (const auto& person : people) {
      if (person->address == address) return person.get();
    }
    return nullptr;
  }

  Timestamp now = Timestamp::Seconds(100);
  Counters counters;
  /// Of who joins next.
  SourceSet may_publish = SourceSet::All();
  std::vector<std::string> identities;
  Grants grants;
  std::function<std::string(std::string)> edit_offer;
  /// The space that they come from.
  std::string from;
  std::vector<std::unique_ptr<Person>> people;
  std::vector<ClosedParticipant> closed;
  /// From each move to the first packet because of it.
  std::vector<Duration> cut_ins;
  bool deadlines_advance = true;
  /// Sees every datagram to the server, and may keep it.
  std::function<bool(const SocketAddress& from, std::vector<uint8_t>& bytes)> keeps_to_server;
  /// Sees every datagram from the server, and may keep it.
  std::function<bool(const SocketAddress& to, std::vector<uint8_t>& bytes)> keeps_from_server;

 private:
  SeededRandom random_{1};

 public:
  std::unique_ptr<Engine> engine;

 private:
  struct InFlight {
    Timestamp due;
    bool to_server;
    SocketAddress client;
    std::vector<uint8_t> bytes;
  };

  static EngineOptions MakeOptions(const FloorPlan& plan, const MediaOptions& media) {
    EngineOptions options;
    options.media = media;
    options.spaces = {{"test", plan}};
    options.candidates = {*SocketAddress::FromLiteral("192.0.2.1", 40000)};
    return options;
  }
  void Put(bool to_server, const SocketAddress& client, ByteView bytes) {
    std::vector<uint8_t> copy(bytes.begin(), bytes.end());
    const auto& keeps = to_server ? keeps_to_server : keeps_from_server;
    if (keeps && keeps(client, copy)) return;
    wire_.push_back({now + kDelay, to_server, client, std::move(copy)});
  }
  void CarryFromEngine() {
    batch_.SealAll(engine_out_.datagrams);
    batch_.Clear();
    for (size_t i = 0; i < engine_out_.datagrams.size(); ++i) {
      Put(false, engine_out_.datagrams[i].peer, engine_out_.datagrams[i].bytes);
    }
    for (const Timestamp moved : engine_out_.first_packets_of_moves) cut_ins.push_back(now - moved);
    closed.insert(closed.end(), engine_out_.closed.begin(), engine_out_.closed.end());
    engine_out_.Clear();
  }
  void Carry(Person& person) {
    if (client_out_.media) {
      const ByteView packet = client_out_.media->packet;
      person.received.push_back({*client_out_.media, now, {packet.begin(), packet.end()}});
      person.received.back().media.packet = {};
    }
    for (ChannelMessage& message : client_out_.messages) {
      person.messages.push_back(std::move(message.bytes));
    }
    for (size_t i = 0; i < client_out_.datagrams.size() && !person.is_silent; ++i) {
      Put(true, person.address, client_out_.datagrams[i].bytes);
    }
    client_out_.Clear();
  }
  Timestamp Next() const {
    Timestamp next = stands_still_ ? Timestamp::Never() : engine->NextDeadline();
    if (!wire_.empty()) next = std::min(next, wire_.front().due);
    for (const auto& person : people) next = std::min(next, person->client.NextDeadline());
    return next;
  }
  bool Step(Timestamp end) {
    const Timestamp next = Next();
    if (next > end) return false;
    now = std::max(now, next);
    if (!wire_.empty() && wire_.front().due <= now) {
      InFlight item = std::move(wire_.front());
      wire_.pop_front();
      if (item.to_server && stands_still_) {
        constexpr size_t kBuffer = 1000;  // of other kinds than checks, which have their own
        const bool is_check = ClassifyPacket(item.bytes) == PacketKind::kStun;
        if (is_check || waiting_.size() < kBuffer) waiting_.push_back(std::move(item));
      } else if (item.to_server) {
        engine->HandleDatagram(item.client, item.bytes, now, engine_out_);
        CarryFromEngine();
      } else if (Person* person = Find(item.client)) {
        const SocketAddress server = *SocketAddress::FromLiteral("192.0.2.1", 40000);
        person->client.HandleDatagram(server, item.bytes, now, client_out_);
        Carry(*person);
      }
      return true;
    }
    if (!stands_still_ && engine->NextDeadline() <= now) {
      engine->HandleDeadline(now, engine_out_);
      deadlines_advance = deadlines_advance && engine->NextDeadline() > now;
      CarryFromEngine();
    }
    for (const auto& person : people) {
      if (person->client.NextDeadline() > now) continue;
      person->client.HandleDeadline(now, client_out_);
      deadlines_advance = deadlines_advance && person->client.NextDeadline() > now;
      Carry(*person);
    }
    return true;
  }

  uint8_t next_act_ = 0;
  EngineOutput engine_out_;
  EgressLanes lanes_;
  SealingBatch batch_;
  ClientOutput client_out_;
  std::deque<InFlight> wire_;
  std::vector<InFlight> waiting_;  // to be read by the server
  bool stands_still_ = false;
};

}  // namespace earshot
