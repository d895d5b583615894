#pragma once

// An engine in a process of its own, driven over a pair of sockets: what that process has allocated
// is the server's alone (usrsctp, which is global to a process, included), and so is its time.
// Only what happens inside the engine is timed, not the way there. The processes for all engines
// are made together, before clients have touched usrsctp, of which the child has a copy.

#include <malloc.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/counters.h"
#include "base/random.h"
#include "client/client.h"
#include "cpu_time.h"
#include "earshot/engine.h"
#include "transport/dtls.h"

namespace earshot {

/// Integers and bytes, one behind the other; what goes between the two processes.
class Block {
 public:
  void Clear() { bytes_.clear(), position_ = 0; }
  template <typename T>
  void Put(T value) {
    const auto* raw = reinterpret_cast<const uint8_t*>(&value);
    bytes_.insert(bytes_.end(), raw, raw + sizeof(value));
  }
  template <typename Bytes>
  void PutBytes(const Bytes& bytes) {
    Put(static_cast<uint32_t>(bytes.size()));
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  template <typename T>
  T Take() {
    T value{};
    std::memcpy(&value, bytes_.data() + position_, sizeof(value));
    position_ += sizeof(value);
    return value;
  }
  ByteSpan TakeBytes() {
    const auto size = Take<uint32_t>();
    position_ += size;
    return ByteSpan(bytes_).subspan(position_ - size, size);
  }
  bool at_end() const { return position_ >= bytes_.size(); }

  bool Send(int socket) const {
    const auto size = static_cast<uint32_t>(bytes_.size());
    return Whole(::write, socket, reinterpret_cast<const uint8_t*>(&size), sizeof(size)) &&
           Whole(::write, socket, bytes_.data(), size);
  }
  bool Receive(int socket) {
    uint32_t size = 0;
    if (!Whole(::read, socket, reinterpret_cast<uint8_t*>(&size), sizeof(size))) return false;
    Clear();
    bytes_.resize(size);
    return Whole(::read, socket, bytes_.data(), size);
  }

 private:
  template <typename Call, typename Byte>
  static bool Whole(Call call, int socket, Byte* bytes, size_t size) {
    while (size > 0) {
      const ssize_t done = call(socket, bytes, size);
      if (done <= 0) return false;
      bytes += done;
      size -= static_cast<size_t>(done);
    }
    return true;
  }

  std::vector<uint8_t> bytes_;
  size_t position_ = 0;
};

struct EngineCosts {
  int64_t cpu_nanos = 0;  // inside the engine, since they were taken last
  int64_t heap_bytes = 0;
  int64_t resident_bytes = 0;
};

/// The person with this number sits behind this address.
inline SocketAddress AddressOfPerson(uint16_t person) {
  static constexpr std::array<uint8_t, 4> kHost = {192, 0, 2, 77};
  return SocketAddress(kHost, static_cast<uint16_t>(person + 1));
}

enum class EngineRequest : uint8_t { kStart, kJoin, kTurn, kCosts };

/// The engine for so many people; all join its first space.
using MakeEngineOptions = EngineOptions (*)(uint16_t people);

/// The child's side.
class EngineProcess {
 public:
  EngineProcess(MakeEngineOptions make_options, int socket)
      : make_options_(make_options), socket_(socket) {}

  void Run() {
    while (request_.Receive(socket_)) {
      reply_.Clear();
      const auto kind = request_.Take<EngineRequest>();
      const auto now = Timestamp::Micros(request_.Take<int64_t>());
      if (kind == EngineRequest::kStart) Start();
      if (kind == EngineRequest::kJoin) Join(now);
      if (kind == EngineRequest::kTurn) Turn(now);
      if (kind == EngineRequest::kCosts) TellCosts();
      if (!reply_.Send(socket_)) return;
    }
  }

 private:
  void Start() {
    const EngineOptions options = make_options_(request_.Take<uint16_t>());
    const auto certificate = DtlsCertificate::Make();
    space_ = options.spaces.front().id;
    mids_ = Client({}, *certificate, random_).TrackMids();
    engine_ = std::make_unique<Engine>(options, certificate, random_, counters_);
  }

  void Join(Timestamp now) {
    const ByteView offer = request_.TakeBytes();
    JoinRequest request;
    request.space = space_;
    request.name = "Somebody Silent";
    request.offer.assign(offer.begin(), offer.end());
    request.track_mids = mids_;
    const int64_t before = CpuNanos();
    const Result<Joined> joined = engine_->Join(request, now);
    cpu_nanos_ += CpuNanos() - before;
    reply_.Put(engine_->NextDeadline().micros());
    reply_.Put(joined ? joined->participant : kNoParticipant);
    if (joined) reply_.PutBytes(joined->answer);
  }

  void Turn(Timestamp now) {
    const int64_t before = CpuNanos();
    while (!request_.at_end()) {
      const SocketAddress peer = AddressOfPerson(request_.Take<uint16_t>());
      engine_->HandleDatagram(peer, request_.TakeBytes(), now, out_);
    }
    if (engine_->NextDeadline() <= now) engine_->HandleDeadline(now, out_);
    cpu_nanos_ += CpuNanos() - before;
    reply_.Put(engine_->NextDeadline().micros());
    reply_.Put(static_cast<uint32_t>(out_.closed.size()));
    for (size_t i = 0; i < out_.datagrams.size(); ++i) {
      const Datagram datagram = out_.datagrams[i];
      reply_.Put(static_cast<uint16_t>(datagram.peer.port() - 1));
      reply_.PutBytes(datagram.bytes);
    }
    out_.Clear();
  }

  void TellCosts() {
    const struct mallinfo2 heap = mallinfo2();
    size_t pages = 0, resident_pages = 0;
    std::ifstream("/proc/self/statm") >> pages >> resident_pages;
    reply_.Put(EngineCosts{std::exchange(cpu_nanos_, 0),
                           static_cast<int64_t>(heap.uordblks + heap.hblkhd),
                           static_cast<int64_t>(resident_pages) * sysconf(_SC_PAGESIZE)});
  }

  SeededRandom random_{2};
  Counters counters_;
  const MakeEngineOptions make_options_;
  const int socket_;
  std::unique_ptr<Engine> engine_;
  std::string space_;
  std::array<std::optional<std::string>, kSourceKindCount> mids_;
  EngineOutput out_;
  Block request_, reply_;
  int64_t cpu_nanos_ = 0;
};

/// Processes that wait for their engine to start. They end when their sockets do.
class EngineNursery {
 public:
  explicit EngineNursery(MakeEngineOptions make_options) {
    for (size_t i = 0; i < kProcesses; ++i) {
      std::array<int, 2> sockets{-1, -1};
      if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) != 0) return;
      const pid_t child = fork();
      if (child == 0) {
        for (const auto& [socket, sibling] : waiting_) close(socket);
        close(sockets[0]);
        EngineProcess(make_options, sockets[1]).Run();
        _exit(0);
      }
      close(sockets[1]);
      if (child > 0) waiting_.emplace_back(sockets[0], child);
    }
  }
  /// Socket and process; -1 when there are no more.
  std::pair<int, pid_t> Take() {
    if (waiting_.empty()) return {-1, -1};
    const auto taken = waiting_.back();
    waiting_.pop_back();
    return taken;
  }

 private:
  static constexpr size_t kProcesses = 16;
  std::vector<std::pair<int, pid_t>> waiting_;
};

/// The parent's side.
class ForkedEngine {
 public:
  ForkedEngine(MakeEngineOptions make_options, uint16_t people) {
    static EngineNursery nursery(make_options);
    std::tie(socket_, child_) = nursery.Take();
    ok_ = socket_ >= 0;
    Begin(EngineRequest::kStart, Timestamp());
    block_.Put(people);
    Ask();
  }
  ~ForkedEngine() {
    if (socket_ < 0) return;
    close(socket_);
    waitpid(child_, nullptr, 0);
  }
  ForkedEngine(const ForkedEngine&) = delete;
  ForkedEngine& operator=(const ForkedEngine&) = delete;

  /// False once the process has gone wrong, refused a join or lost somebody.
  bool ok() const { return ok_; }
  Timestamp NextDeadline() const { return next_deadline_; }

  /// The id and the answer.
  std::pair<ParticipantId, std::string> Join(const std::string& offer, Timestamp now) {
    Begin(EngineRequest::kJoin, now);
    block_.PutBytes(offer);
    if (!Ask()) return {};
    next_deadline_ = Timestamp::Micros(block_.Take<int64_t>());
    const auto id = block_.Take<ParticipantId>();
    ok_ = id != kNoParticipant;
    if (!ok_) return {};
    const ByteView answer = block_.TakeBytes();
    return {id, std::string(answer.begin(), answer.end())};
  }

  /// Calls receive(person, bytes) with everything that the engine sends.
  struct Inbound {
    uint16_t person;
    std::vector<uint8_t> bytes;
  };
  template <typename Receive>
  void Turn(const std::vector<Inbound>& datagrams, Timestamp now, Receive&& receive) {
    Begin(EngineRequest::kTurn, now);
    for (const Inbound& datagram : datagrams) {
      block_.Put(datagram.person);
      block_.PutBytes(datagram.bytes);
    }
    if (!Ask()) return;
    next_deadline_ = Timestamp::Micros(block_.Take<int64_t>());
    ok_ = block_.Take<uint32_t>() == 0;
    while (!block_.at_end()) {
      const auto person = block_.Take<uint16_t>();
      receive(person, block_.TakeBytes());
    }
  }

  EngineCosts TakeCosts() {
    Begin(EngineRequest::kCosts, Timestamp());
    return Ask() ? block_.Take<EngineCosts>() : EngineCosts{};
  }

 private:
  void Begin(EngineRequest request, Timestamp now) {
    block_.Clear();
    block_.Put(request);
    block_.Put(now.micros());
  }
  bool Ask() {
    ok_ = ok_ && block_.Send(socket_) && block_.Receive(socket_);
    return ok_;
  }

  int socket_ = -1;
  pid_t child_ = -1;
  bool ok_ = true;
  Timestamp next_deadline_ = Timestamp::Never();
  Block block_;
};

}  // namespace earshot
