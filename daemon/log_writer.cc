#include "log_writer.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace earshotd {

/// What the writing thread shares with all others.
class LogWriter::Queue {
 public:
  Queue(int descriptor, LossNotice notice, const LogWriterOptions& options)
      : descriptor_(descriptor), notice_(std::move(notice)), options_(options) {}

  void Push(std::string line) {
    const std::lock_guard lock(mutex_);
    if (waiting_bytes_ + line.size() > options_.max_waiting_bytes) return NoteLoss();
    waiting_bytes_ += line.size();
    waiting_.push_back(std::move(line));
    changed_.notify_all();
  }
  uint64_t lost() const {
    const std::lock_guard lock(mutex_);
    return lost_;
  }
  void Close() {
    std::unique_lock lock(mutex_);
    closing_ = true;
    changed_.notify_all();
    changed_.wait_for(lock, std::chrono::microseconds(options_.closing_time.micros()),
                      [this] { return done_; });
  }

  /// The writing thread, until everything is written after Close.
  void Run() {
    std::vector<std::string> lines;
    for (uint64_t lost = Take(lines); !lines.empty(); lost = Take(lines)) {
      for (const std::string& line : lines) {
        if (!WriteWhole(line)) NoteUnwritten();
      }
      // Lines are lost while others wait, so they were to come after those.
      if (lost > 0 && !WriteWhole(notice_(lost))) NoteUntold(lost);
    }
    const std::lock_guard lock(mutex_);
    done_ = true;
    changed_.notify_all();
  }

 private:
  void NoteLoss() {
    ++lost_;
    ++untold_;
  }
  void NoteUnwritten() {
    const std::lock_guard lock(mutex_);
    NoteLoss();
  }
  void NoteUntold(uint64_t lines) {
    const std::lock_guard lock(mutex_);
    untold_ += lines;
  }

  /// Waits for lines and takes them all; returns how many were lost after them. None means the end.
  uint64_t Take(std::vector<std::string>& lines) {
    lines.clear();
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
    // A loss that could not be told is told with the next line, or never.
    if (waiting_.empty()) return 0;
    lines.swap(waiting_);
    waiting_bytes_ = 0;
    return std::exchange(untold_, 0);
  }

  bool WriteWhole(std::string_view line) {
    // After a line of which only the first part could be written.
    if (broken_line_ && !WriteBytes("\n")) return false;
    broken_line_ = false;
    return WriteBytes(line);
  }
  bool WriteBytes(std::string_view bytes) {
    const size_t size = bytes.size();
    while (!bytes.empty()) {
      const ssize_t count = write(descriptor_, bytes.data(), bytes.size());
      if (count >= 0) {
        bytes.remove_prefix(static_cast<size_t>(count));
      } else if (errno == EAGAIN) {
        // Whoever started this process has made the descriptor non-blocking.
        pollfd writable{descriptor_, POLLOUT, 0};
        poll(&writable, 1, -1);
      } else if (errno != EINTR) {
        broken_line_ = bytes.size() < size;
        return false;
      }
    }
    return true;
  }

  const int descriptor_;
  const LossNotice notice_;
  const LogWriterOptions options_;
  /// Of the writing thread.
  bool broken_line_ = false;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> waiting_;
  size_t waiting_bytes_ = 0;
  uint64_t lost_ = 0;
  /// Of those, the ones that no line has told yet.
  uint64_t untold_ = 0;
  bool closing_ = false;
  bool done_ = false;
};

LogWriter::LogWriter(int descriptor, LossNotice notice, const LogWriterOptions& options)
    : queue_(std::make_shared<Queue>(descriptor, std::move(notice), options)) {
  // Nobody can interrupt a write that waits for its reader, so nobody may have to join it.
  std::thread([queue = queue_] { queue->Run(); }).detach();
}

LogWriter::~LogWriter() { queue_->Close(); }

void LogWriter::Write(std::string line) { queue_->Push(std::move(line)); }
uint64_t LogWriter::lost() const { return queue_->lost(); }

}  // namespace earshotd
