#include "floor/engine_half.h"

#include <sys/prctl.h>

#include "cpu_time.h"

namespace earshot {
namespace {

// Looks into the socket in which nothing was, until what was sent is taken for lost.
constexpr int kMaxIdleTurns = 1000;

Duration FrameInterval(MediaKind kind) {
  return kind == MediaKind::kVideo ? Conference::kFrameInterval : Duration::Millis(20);
}

}  // namespace

EngineHalf::EngineHalf(const Load& load, bool segments_out)
    : load_(load), sockets_(Load::kPeople, [this](size_t person, ByteSpan bytes) {
        conference_->ToClient(person, bytes);
      }) {
  uv_loop_init(&loop_);
  socket_ = std::move(*UdpSocket::Bind(loop_, "127.0.0.1", 0, socket_counters_));
  socket_->UseSegments(segments_out);
  address_ = *SocketAddress::FromLiteral("127.0.0.1", socket_->port());
  conference_.emplace(Attendance{Load::kPeople, address_, sockets_.addresses()});
  socket_->Start(
      [this](const SocketAddress& peer, ByteSpan bytes) {
        conference_->engine().HandleDatagram(peer, bytes, conference_->now, conference_->out);
      },
      [this] { Flush(); });
}

EngineHalf::~EngineHalf() {
  socket_.reset();
  uv_run(&loop_, UV_RUN_DEFAULT);
  uv_loop_close(&loop_);
}

bool EngineHalf::Turn() {
  conference_->RunClients();
  SendAnswers();
  SendFrames();
  const uint64_t forwarded = conference_->counters.rtp_forwarded.value();
  const uint64_t received = conference_->received_by_all();
  const uint64_t datagrams = socket_counters_.packets_out.value();
  // A profiler takes a thread apart by its name at the time.
  prctl(PR_SET_NAME, "server");
  const double start = CpuSeconds();
  ServerTurn();
  cost_.seconds += CpuSeconds() - start;
  prctl(PR_SET_NAME, "people");
  cost_.forwarded += conference_->counters.rtp_forwarded.value() - forwarded;
  conference_->now =
      conference_->now + Duration::Micros(FrameInterval(load_.kind).micros() *
                                          static_cast<int64_t>(load_.frames_per_turn) /
                                          static_cast<int64_t>(Load::kPeople));
  return sockets_.Receive(socket_counters_.packets_out.value() - datagrams) &&
         conference_->counters.rtp_forwarded.value() - forwarded == load_.forwarded_per_turn() &&
         conference_->received_by_all() - received == load_.forwarded_per_turn();
}

void EngineHalf::SendFrames() {
  for (size_t i = 0; i < load_.frames_per_turn; ++i) {
    const size_t person = frames_++ % Load::kPeople;
    for (size_t j = 0; j < load_.packets_per_frame(); ++j) {
      to_server_.Push(address_, load_.kind == MediaKind::kVideo
                                    ? conference_->MakeVideo(load_.payload_size(), person)
                                    : conference_->MakeAudio(load_.payload_size(), person));
    }
    sent_to_server_ += to_server_.size();
    sockets_.Send(person, to_server_);
    to_server_.Clear();
  }
}

void EngineHalf::SendAnswers() {
  for (const auto& [from, bytes] : conference_->TakeSent()) {
    to_server_.Push(address_, bytes);
    sockets_.Send(conference_->PersonAt(from), to_server_);
    to_server_.Clear();
    ++sent_to_server_;
  }
}

void EngineHalf::ServerTurn() {
  const Counter& taken = conference_->counters.packets_in;
  const uint64_t before = taken.value();
  const uint64_t expected = before + std::exchange(sent_to_server_, 0);
  for (int idle = 0; taken.value() < expected && idle < kMaxIdleTurns; ++idle) {
    uv_run(&loop_, UV_RUN_NOWAIT);
  }
  if (conference_->engine().NextDeadline() <= conference_->now) {
    conference_->engine().HandleDeadline(conference_->now, conference_->out);
    Flush();
  }
}

void EngineHalf::Flush() {
  socket_->Send(conference_->out.datagrams);
  conference_->out.Clear();
}

}  // namespace earshot
