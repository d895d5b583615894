#pragma once

// One thread with one libuv loop, one UDP socket and one Engine: the only place where wall time,
// sockets and the sans-IO core meet. Its public methods may be called from any thread; what they
// hand in runs on the worker's own.

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/counters.h"
#include "earshot/engine.h"
#include "earshot/result.h"

namespace earshot {

struct WorkerOptions {
  EngineOptions engine;
  std::string bind_address;
  uint16_t port = 0;
  /// Literal addresses to announce; the port is the socket's. None: those that the host has when
  /// somebody joins.
  std::vector<std::string> announced_addresses;
  /// The processor that the thread is bound to, of those that the process may use.
  std::optional<size_t> processor;
};

class Worker {
 public:
  /// Called on the worker's thread.
  using ClosedHandler = std::function<void(const ClosedParticipant&)>;
  /// A piece of work for the engine, run on the worker's thread; its output is sent.
  using Task = std::function<void(Engine&, Timestamp now, EngineOutput& out)>;

  /// Binds and starts the thread. Error code "bind-failed", or "start-failed" where the system has
  /// no descriptor or thread left.
  static Result<std::unique_ptr<Worker>> Start(const WorkerOptions& options,
                                               std::shared_ptr<const DtlsCertificate> certificate,
                                               ClosedHandler on_closed);
  /// Stops.
  ~Worker();

  /// Never blocks on the loop. Tasks run in the order they were posted. False once Stop has begun:
  /// the task is then dropped. It must not throw.
  bool Post(Task task);
  /// Runs the tasks posted before, ends every participant (kShuttingDown), stops the loop and joins
  /// the thread. Not from the worker's own thread; a second call does nothing.
  void Stop();
  const Counters& counters() const;
  uint16_t port() const;
  /// Whether clients can come at present (InterfaceAddresses), as of a few seconds ago at most.
  bool is_reachable() const;
  /// From now on `other` seals and sends for some of this worker's listeners, while this one is
  /// busier. Both ways takes two calls. Both must be stopped before either is destroyed.
  void ShareWith(Worker& other);
  /// Time since the loop last turned.
  Duration SinceLastTurn() const;

 private:
  class Impl;
  explicit Worker(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace earshot
