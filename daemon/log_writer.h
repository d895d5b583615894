#pragma once

// Writes lines to a descriptor on a thread of its own, so that a pipe that nobody reads, or a disk
// that is full, holds up nobody else (threat E5). What waits is bounded; lines beyond it are lost,
// and a line says how many once writing goes on. Any thread.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "earshot/units.h"

namespace earshotd {

struct LogWriterOptions {
  /// Half a minute of the most that the log lets through; written or not, this much is kept twice
  /// at most.
  size_t max_waiting_bytes = 1024 * 1024;
  /// How long the destructor waits for lines that have not been written.
  earshot::Duration closing_time = earshot::Duration::Seconds(2);
};

class LogWriter {
 public:
  /// Makes the line that says how many are missing, on the writer's thread.
  using LossNotice = std::function<std::string(uint64_t lost)>;

  /// Does not close `descriptor`. Where the system has no thread left, throws std::system_error.
  LogWriter(int descriptor, LossNotice notice, const LogWriterOptions& options = {});
  /// Everything that the reader takes within the closing time is written. A thread that still
  /// waits for a reader then stays behind, with all that it needs.
  ~LogWriter();

  /// `line` ends in a line feed. Never waits for the reader.
  void Write(std::string line);
  /// Lines that were never written, so far.
  uint64_t lost() const;

 private:
  class Queue;
  std::shared_ptr<Queue> queue_;
};

}  // namespace earshotd
