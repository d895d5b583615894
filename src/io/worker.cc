#include "io/worker.h"

#include <sched.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <uv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/random.h"
#include "io/clock.h"
#include "io/interface_addresses.h"
#include "io/shared_egress.h"
#include "io/udp_socket.h"

namespace earshot {
namespace {

// The heartbeat also bounds how late the loop lag is noticed.
constexpr uint64_t kHeartbeatMillis = 500;
// How soon addresses of the host that come and go are noticed, in heartbeats (threat row S20).
constexpr int kHeartbeatsPerReview = 4;
constexpr Duration kPatience = Duration::Millis(10);
// After so much time with tasks, sockets and timers have their turn, however many tasks there are.
constexpr Duration kTaskTime = Duration::Millis(1);
// The loop turns with each heartbeat at least. If it has not for so long, the process stood still,
// or its machine did (threat row L2).
constexpr Duration kShortestPause = Duration::Seconds(2);

// Zero if the process may open as many descriptors as a loop needs, else the error. Asked before,
// as uv_loop_init of libuv 1.44 leaves its epoll descriptor open when the next one cannot be had.
int CheckDescriptorsLeft() {
  std::array<int, 4> descriptors;  // epoll, eventfd and the two ends of the pipe for signals
  int error = 0;
  for (int& descriptor : descriptors) {
    descriptor = eventfd(0, EFD_CLOEXEC);
    if (descriptor < 0) error = uv_translate_sys_error(errno);
  }
  for (const int descriptor : descriptors) {
    if (descriptor >= 0) close(descriptor);
  }
  return error;
}

// Of this thread.
Duration ProcessorTime() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return Duration::Micros(int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1000);
}

// The nth of the processors that the process may use, counted around; without, the system decides.
void BindTo(size_t nth) {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return;
  nth %= static_cast<size_t>(CPU_COUNT(&allowed));
  for (size_t processor = 0; processor < CPU_SETSIZE; ++processor) {
    if (!CPU_ISSET(processor, &allowed) || nth-- > 0) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(processor, &one);
    sched_setaffinity(0, sizeof(one), &one);
    return;
  }
}

Error StartError(const std::string& reason) {
  return Error{"start-failed", "Cannot start a worker: " + reason + "."};
}

}  // namespace

class Worker::Impl {
 public:
  explicit Impl(ClosedHandler on_closed) : on_closed_(std::move(on_closed)) {}
  ~Impl();

  std::optional<Error> Start(const WorkerOptions& options,
                             std::shared_ptr<const DtlsCertificate> certificate);
  bool Post(Task task);
  void Stop();
  void ShareWith(Impl& other);
  const Counters& counters() const { return counters_; }
  uint16_t port() const { return port_; }
  bool is_reachable() const { return is_reachable_.load(std::memory_order_relaxed); }
  Duration SinceLastTurn() const {
    return Now() - Timestamp::Micros(last_turn_.load(std::memory_order_relaxed));
  }

 private:
  int InitLoop();
  void CloseHandles();
  void Wake();
  void Measure(Timestamp now);
  Task TakeTask(bool& stop);
  Timestamp BeginTurn();
  void ReadWhatWaits();
  void ReviewAddresses();
  void RunTasks();
  void HandleTimer();
  void HandleHeartbeat();
  void FinishTurn();
  void NoteFirstPackets();
  void ArmTimer();

  ClosedHandler on_closed_;
  Counters counters_;
  SecureRandom random_;
  uv_loop_t loop_;
  uv_async_t wake_;
  uv_timer_t timer_;
  uv_timer_t heartbeat_;
  bool loop_ready_ = false;
  // Of all sockets in the loop.
  std::shared_ptr<UdpSocket::Buffers> buffers_ = UdpSocket::MakeBuffers();
  std::unique_ptr<UdpSocket> socket_;
  std::vector<std::unique_ptr<UdpSocket>> patient_sockets_;  // of all that is no media
  std::unique_ptr<Engine> engine_;
  EngineOutput output_;
  SharedEgress egress_{counters_};
  Timestamp awake_;            // when the loop was last seen to turn
  bool waits_unread_ = false;  // since a pause
  Timestamp measured_;
  Duration processor_time_;  // at that time
  Timestamp armed_ = Timestamp::Never();
  Timestamp due_;  // when the timer is to run for it: not before it was armed
  Timestamp heartbeat_due_;
  uint16_t port_ = 0;
  std::atomic<int64_t> last_turn_{0};
  std::optional<InterfaceAddresses> addresses_;
  std::atomic<bool> is_reachable_{true};
  int heartbeats_ = 0;  // since the last review
  std::thread thread_;

  std::mutex tasks_mutex_;
  std::deque<Task> tasks_;
  bool stopping_ = false;
};

std::optional<Error> Worker::Impl::Start(const WorkerOptions& options,
                                         std::shared_ptr<const DtlsCertificate> certificate) {
  if (const int error = InitLoop(); error != 0) return StartError(uv_strerror(error));
  auto socket = UdpSocket::Bind(loop_, options.bind_address, options.port, counters_, buffers_);
  if (!socket) return socket.error();
  socket_ = std::move(*socket);
  port_ = socket_->port();

  addresses_.emplace(options.bind_address, options.announced_addresses, port_);
  if (addresses_->covers_all()) socket_->TellLocalsApart();
  engine_ = std::make_unique<Engine>(options.engine, std::move(certificate), random_, counters_);
  ReviewAddresses();
  patient_sockets_ = socket_->SplitOff(loop_);
  const auto receive = [this](const SocketAddress& peer, std::span<uint8_t> bytes) {
    engine_->HandleDatagram(peer, bytes, BeginTurn(), output_);
  };
  const auto finish = [this] { FinishTurn(); };
  socket_->Start(receive, finish);
  for (auto& patient : patient_sockets_) patient->Start(receive, finish, kPatience);
  last_turn_ = Now().micros();
  measured_ = awake_ = Now();
  try {
    thread_ = std::thread([this, processor = options.processor] {
      if (processor) BindTo(*processor);
      uv_run(&loop_, UV_RUN_DEFAULT);
    });
  } catch (const std::system_error& error) {
    return StartError(error.what());
  }
  return std::nullopt;
}

// Zero, or libuv's error; nothing is left open then.
int Worker::Impl::InitLoop() {
  if (const int error = CheckDescriptorsLeft(); error != 0) return error;
  if (const int error = uv_loop_init(&loop_); error != 0) return error;
  const int error = uv_async_init(
      &loop_, &wake_, [](uv_async_t* handle) { static_cast<Impl*>(handle->data)->RunTasks(); });
  if (error != 0) {
    uv_loop_close(&loop_);
    return error;
  }
  loop_ready_ = true;
  uv_timer_init(&loop_, &timer_);
  uv_timer_init(&loop_, &heartbeat_);
  wake_.data = timer_.data = heartbeat_.data = this;
  heartbeat_due_ = Now() + Duration::Millis(kHeartbeatMillis);
  uv_timer_start(
      &heartbeat_, [](uv_timer_t* handle) { static_cast<Impl*>(handle->data)->HandleHeartbeat(); },
      kHeartbeatMillis, 0);
  return 0;
}

void Worker::Impl::CloseHandles() {
  socket_.reset();
  patient_sockets_.clear();
  egress_.Close();
  for (uv_handle_t* handle :
       {reinterpret_cast<uv_handle_t*>(&wake_), reinterpret_cast<uv_handle_t*>(&timer_),
        reinterpret_cast<uv_handle_t*>(&heartbeat_)}) {
    if (!uv_is_closing(handle)) uv_close(handle, nullptr);
  }
}

Worker::Impl::~Impl() {
  Stop();
  if (!loop_ready_) return;
  // Only where the thread never ran are they still open.
  CloseHandles();
  uv_run(&loop_, UV_RUN_DEFAULT);
  uv_loop_close(&loop_);
}

void Worker::Impl::Stop() {
  if (!thread_.joinable()) return;
  {
    std::lock_guard lock(tasks_mutex_);
    stopping_ = true;
  }
  uv_async_send(&wake_);
  thread_.join();
}

// From any thread; nothing once the loop may be gone.
void Worker::Impl::Wake() {
  std::lock_guard lock(tasks_mutex_);
  if (!stopping_) uv_async_send(&wake_);
}

// Each thread does its own part; the other worker may be stopping already. Nothing is handed over
// before the other has what it takes to send it.
void Worker::Impl::ShareWith(Impl& other) {
  Post([this, &other](Engine&, Timestamp, EngineOutput&) {
    const UdpSocket::SamePort same = socket_->Duplicate();
    if (same.descriptor < 0) return;
    const bool posted = other.Post([this, &other, same](Engine&, Timestamp, EngineOutput&) {
      auto socket = UdpSocket::Adopt(same, other.loop_, other.counters_, other.buffers_);
      if (socket == nullptr) return;
      auto lane = std::make_shared<Lane>();
      other.egress_.AddInbound(lane, std::move(socket));
      Post([this, &other, lane](Engine&, Timestamp, EngineOutput& out) {
        egress_.AddOutbound(
            lane, [&other] { other.Wake(); }, other.counters_.busyness);
        out.lanes = egress_.lanes();
      });
    });
    if (!posted) close(same.descriptor);
  });
}

bool Worker::Impl::Post(Task task) {
  {
    std::lock_guard lock(tasks_mutex_);
    if (stopping_) return false;
    tasks_.push_back(std::move(task));
  }
  uv_async_send(&wake_);
  return true;
}

// The next one, if there is one; and whether all are to be run, since no more will come.
Worker::Task Worker::Impl::TakeTask(bool& stop) {
  std::lock_guard lock(tasks_mutex_);
  stop = stopping_;
  if (tasks_.empty()) return nullptr;
  Task task = std::move(tasks_.front());
  tasks_.pop_front();
  return task;
}

// Says what time it is. Peers had no way to be heard during a pause, so they are given its length.
Timestamp Worker::Impl::BeginTurn() {
  const Timestamp now = Now();
  const Duration since = now - std::exchange(awake_, now);
  if (since >= kShortestPause) {
    engine_->HandlePause(since);
    waits_unread_ = true;
  }
  return now;
}

// After a pause libuv runs what is due first, and what would have kept it from being due still
// waits in the sockets.
void Worker::Impl::ReadWhatWaits() {
  if (!std::exchange(waits_unread_, false)) return;
  socket_->ReadNow();
  for (auto& patient : patient_sockets_) patient->ReadNow();
}

// Who is connected stays, by whichever path it came.
void Worker::Impl::ReviewAddresses() {
  addresses_->Review();
  engine_->SetCandidates(addresses_->candidates());
  is_reachable_.store(addresses_->is_reachable(), std::memory_order_relaxed);
  socket_->KeepLocals(addresses_->candidates());
}

void Worker::Impl::RunTasks() {
  const Timestamp start = Now();
  bool stop = false;
  while (const Task task = TakeTask(stop)) {
    task(*engine_, BeginTurn(), output_);
    if (!stop && Now() - start >= kTaskTime) {
      uv_async_send(&wake_);
      break;
    }
  }
  if (stop) engine_->CloseAll(CloseReason::kShuttingDown, Now(), output_);
  if (egress_.Serve()) uv_async_send(&wake_);
  FinishTurn();
  if (stop) CloseHandles();
}

void Worker::Impl::HandleTimer() {
  BeginTurn();
  ReadWhatWaits();
  const Timestamp now = Now();
  if (!armed_.IsNever() && now > due_) counters_.loop_lag.Observe(now - due_);
  armed_ = Timestamp::Never();
  engine_->HandleDeadline(now, output_);
  FinishTurn();
}

void Worker::Impl::HandleHeartbeat() {
  const Timestamp now = BeginTurn();
  counters_.loop_lag.Observe(now - heartbeat_due_);
  last_turn_.store(now.micros(), std::memory_order_relaxed);
  heartbeat_due_ = now + Duration::Millis(kHeartbeatMillis);
  uv_timer_start(&heartbeat_, heartbeat_.timer_cb, kHeartbeatMillis, 0);
  Measure(now);
  egress_.Balance();
  if (++heartbeats_ < kHeartbeatsPerReview) return;
  heartbeats_ = 0;
  ReviewAddresses();
}

void Worker::Impl::Measure(Timestamp now) {
  const Duration used = ProcessorTime();
  const Duration passed = std::max(now - measured_, Duration::Micros(1));
  const int64_t thousandths = (used - processor_time_).micros() * 1000 / passed.micros();
  counters_.busyness.Set(static_cast<uint64_t>(std::clamp<int64_t>(thousandths, 0, 1000)));
  measured_ = now;
  processor_time_ = used;
}

// Everything that this turn produced leaves in one flush.
void Worker::Impl::FinishTurn() {
  egress_.Submit();
  if (socket_) socket_->Send(output_.datagrams);
  NoteFirstPackets();
  for (const ClosedParticipant& closed : output_.closed) on_closed_(closed);
  output_.Clear();
  ArmTimer();
}

// From the socket to the socket: what the turn itself takes is part of it.
void Worker::Impl::NoteFirstPackets() {
  if (output_.first_packets_of_moves.empty()) return;
  const Timestamp now = Now();
  for (const Timestamp moved : output_.first_packets_of_moves) {
    counters_.move_to_first_packet.Observe(now - moved);
  }
}

void Worker::Impl::ArmTimer() {
  const Timestamp next = engine_->NextDeadline();
  if (next == armed_) return;
  armed_ = next;
  if (next.IsNever()) {
    uv_timer_stop(&timer_);
    return;
  }
  // Engines name deadlines that have passed for what is to be done at once.
  const Timestamp now = Now();
  due_ = std::max(next, now);
  // libuv's timers have millisecond steps; rounding up keeps the engine from being woken early.
  const int64_t wait_micros = (due_ - now).micros();
  uv_update_time(&loop_);
  uv_timer_start(
      &timer_, [](uv_timer_t* handle) { static_cast<Impl*>(handle->data)->HandleTimer(); },
      static_cast<uint64_t>((wait_micros + 999) / 1000), 0);
}

Result<std::unique_ptr<Worker>> Worker::Start(const WorkerOptions& options,
                                              std::shared_ptr<const DtlsCertificate> certificate,
                                              ClosedHandler on_closed) {
  auto impl = std::make_unique<Impl>(std::move(on_closed));
  if (auto error = impl->Start(options, std::move(certificate))) return std::move(*error);
  return std::unique_ptr<Worker>(new Worker(std::move(impl)));
}

Worker::Worker(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Worker::~Worker() = default;

bool Worker::Post(Task task) { return impl_->Post(std::move(task)); }
void Worker::Stop() { impl_->Stop(); }
void Worker::ShareWith(Worker& other) { impl_->ShareWith(*other.impl_); }
const Counters& Worker::counters() const { return impl_->counters(); }
bool Worker::is_reachable() const { return impl_->is_reachable(); }
uint16_t Worker::port() const { return impl_->port(); }
Duration Worker::SinceLastTurn() const { return impl_->SinceLastTurn(); }

}  // namespace earshot
