#pragma once

// A worker under test, and joining it. Test code only.

#include <future>
#include <memory>
#include <mutex>
#include <vector>

#include "io/udp_peer.h"
#include "io/worker.h"
#include "offers.h"
#include "transport/dtls.h"

namespace earshot {

inline const std::shared_ptr<const DtlsCertificate>& Certificate() {
  static const std::shared_ptr<const DtlsCertificate> made = DtlsCertificate::Make();
  return made;
}

/// A worker with one space "hall" on a free port, and what it reported as closed.
class RunningWorker {
 public:
  explicit RunningWorker(const std::string& bind_address = "127.0.0.1") {
    WorkerOptions options;
    options.bind_address = bind_address;
    options.engine.spaces.push_back({"hall", {}});
    worker_ = std::move(*Worker::Start(options, Certificate(), [this](const auto& closed) {
      const std::lock_guard lock(mutex_);
      closed_.push_back(closed);
    }));
  }

  Worker& operator*() { return *worker_; }
  Worker* operator->() { return worker_.get(); }
  SocketAddress address() const {
    return *SocketAddress::FromLiteral("127.0.0.1", worker_->port());
  }
  uint64_t dropped(DropReason reason) const {
    return worker_->counters().drops[static_cast<size_t>(reason)].value();
  }
  uint64_t handled() const {
    return worker_->counters().packets_in.value() + dropped(DropReason::kTruncated);
  }
  std::vector<ClosedParticipant> closed() {
    const std::lock_guard lock(mutex_);
    return closed_;
  }
  /// Joins at `ago` before now.
  ParticipantId Join(Duration ago = Duration::Zero()) {
    return Join(ChromiumJoin("hall"), ago).participant;
  }
  /// Of kNoParticipant if it was refused.
  Joined Join(const JoinRequest& request, Duration ago = Duration::Zero()) {
    std::promise<Joined> joined;
    worker_->Post([&](Engine& engine, Timestamp now, EngineOutput&) {
      const auto result = engine.Join(request, now - ago);
      joined.set_value(result ? *result : Joined{});
    });
    return joined.get_future().get();
  }
  /// The answer; empty if it was refused.
  std::string RestartIce(ParticipantId participant, const std::string& offer) {
    std::promise<std::string> answer;
    worker_->Post([&](Engine& engine, Timestamp now, EngineOutput&) {
      const auto result = engine.RestartIce(participant, offer, now);
      answer.set_value(result ? *result : "");
    });
    return answer.get_future().get();
  }
  void Stop() { worker_->Stop(); }

 private:
  std::mutex mutex_;
  std::vector<ClosedParticipant> closed_;
  std::unique_ptr<Worker> worker_;
};

}  // namespace earshot
