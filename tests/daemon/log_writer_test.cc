#include "log_writer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>
#include <thread>

namespace earshotd {
namespace {

using earshot::Duration;

/// A pipe of one page, as full or as empty as wanted.
class Pipe {
 public:
  Pipe() {
    EXPECT_EQ(pipe2(ends_.data(), O_CLOEXEC), 0);
    EXPECT_GT(fcntl(ends_[1], F_SETPIPE_SZ, 4096), 0);
  }
  ~Pipe() {
    close(ends_[0]);
    CloseWriteEnd();
  }
  int write_end() const { return ends_[1]; }
  void CloseWriteEnd() {
    if (ends_[1] >= 0) close(ends_[1]);
    ends_[1] = -1;
  }
  /// Nothing more fits; whoever writes waits. What it wrote is one line.
  void Fill() const {
    fcntl(write_end(), F_SETFL, O_NONBLOCK);
    while (write(write_end(), "x", 1) == 1) {
    }
    fcntl(write_end(), F_SETFL, 0);
  }
  /// What comes until `text` has come, or everything if it never does.
  std::string ReadUntil(const std::string& text) {
    std::array<char, 256> bytes{};
    while (read_.find(text) == std::string::npos) {
      const ssize_t count = read(ends_[0], bytes.data(), bytes.size());
      if (count <= 0) break;
      read_.append(bytes.data(), static_cast<size_t>(count));
    }
    return read_;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
  std::string read_;
};

std::string Notice(uint64_t lost) { return "lost " + std::to_string(lost) + "\n"; }

TEST(LogWriterTest, E5_NothingIsLostThatIsReadBeforeTheEnd) {
  Pipe pipe;
  std::string expected;
  std::thread reader;
  {
    // Generous, as the reader may be held up.
    LogWriter writer(pipe.write_end(), Notice, {.closing_time = Duration::Seconds(60)});
    pipe.Fill();
    for (int i = 0; i < 1000; ++i) {
      const std::string line = "line " + std::to_string(i) + "\n";
      writer.Write(line);
      expected += line;
    }
    reader = std::thread([&pipe] { pipe.ReadUntil("line 999\n"); });
  }
  reader.join();
  const std::string read = pipe.ReadUntil("line 999\n");
  EXPECT_EQ(read.substr(read.find("line")), expected);
}

TEST(LogWriterTest, E5_WhatNobodyReadsIsBoundedAndCountedAndToldOnceSomebodyReads) {
  Pipe pipe;
  pipe.Fill();
  LogWriter writer(pipe.write_end(), Notice, {.max_waiting_bytes = 1000});
  const std::string line = "0123456789 line\n";
  // Many more than can wait in any order of the threads: one batch is under way, one waits.
  for (int i = 0; i < 500; ++i) writer.Write(line);
  const uint64_t lost = writer.lost();
  EXPECT_GE(lost, 500 - 2 * (1000 / line.size()));
  EXPECT_LT(lost, 500u);

  const std::string read = pipe.ReadUntil("lost ");
  size_t whole = 0;
  for (size_t at = 0; (at = read.find(line, at)) != std::string::npos; at += line.size()) ++whole;
  EXPECT_GE(whole + lost, 500u) << "each line is there or counted";
  writer.Write("afterwards\n");
  const std::string all = pipe.ReadUntil("afterwards\n");
  uint64_t told = 0;
  for (size_t at = 0; (at = all.find("lost ", at)) != std::string::npos; ++at) {
    told += std::stoul(all.substr(at + 5));
  }
  EXPECT_EQ(told, lost);
}

TEST(LogWriterTest, E5_AReaderThatNeverReadsDoesNotKeepTheEndFromComing) {
  Pipe pipe;
  pipe.Fill();
  {
    LogWriter writer(pipe.write_end(), Notice, {.closing_time = Duration::Millis(1)});
    writer.Write("nobody reads this\n");
  }
  // The thread that was left behind still has what it needs.
  EXPECT_NE(pipe.ReadUntil("nobody reads this\n").find("nobody"), std::string::npos);
}

TEST(LogWriterTest, E5_AFullDiskCostsLinesAndNothingElse) {
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  if (full < 0) GTEST_SKIP() << "no /dev/full here";
  uint64_t lost = 0;
  {
    LogWriter writer(full, Notice);
    for (int i = 0; i < 10; ++i) writer.Write("line\n");
    while ((lost = writer.lost()) < 10) std::this_thread::yield();
  }
  EXPECT_EQ(lost, 10u) << "the notice itself is no line";
  close(full);
}

TEST(LogWriterTest, E5_ANonBlockingDescriptorIsWaitedFor) {
  Pipe pipe;
  pipe.Fill();
  fcntl(pipe.write_end(), F_SETFL, O_NONBLOCK);
  LogWriter writer(pipe.write_end(), Notice);
  writer.Write("waits\n");
  EXPECT_NE(pipe.ReadUntil("waits\n").find("waits"), std::string::npos);
  EXPECT_EQ(writer.lost(), 0u);
}

}  // namespace
}  // namespace earshotd
