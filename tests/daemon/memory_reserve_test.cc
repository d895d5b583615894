#include "memory_reserve.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <new>
#include <thread>
#include <vector>

#include "sanitizers.h"

namespace earshotd {
namespace {

constexpr size_t kMiB = 1024 * 1024;
constexpr size_t kReserve = 16 * kMiB;

/// Room for `size` bytes more than this process has now.
void LimitAddressSpace(size_t size) {
  std::ifstream statm("/proc/self/statm");
  size_t pages = 0;
  statm >> pages;
  const rlim_t bytes = pages * static_cast<size_t>(sysconf(_SC_PAGESIZE)) + size;
  const rlimit limit{bytes, bytes};
  setrlimit(RLIMIT_AS, &limit);
}

/// Allocates until the reserve is given up. What is left of it then takes more.
[[noreturn]] void UseUpMemory() {
  std::vector<std::unique_ptr<char[]>> taken;
  taken.reserve(10'000);
  InstallMemoryReserve(kReserve);
  LimitAddressSpace(32 * kMiB);
  while (!TakeReserveUsed()) taken.push_back(std::make_unique<char[]>(kMiB / 2));
  // Small pieces, as a turn of a worker asks for them.
  for (int i = 0; i < 1000; ++i) taken.push_back(std::make_unique<char[]>(1000));
  taken.clear();
  TakeReserveUsed();  // has it back
  std::_Exit(TakeReserveUsed() ? 3 : 42);
}

/// On a thread, as nobody catches there what is thrown.
void UseUpEverything() {
  std::thread([] {
    std::vector<std::unique_ptr<char[]>> taken;
    taken.reserve(10'000);
    InstallMemoryReserve(kReserve);
    LimitAddressSpace(32 * kMiB);
    while (true) taken.push_back(std::make_unique<char[]>(kMiB / 2));
  }).join();
}

[[noreturn]] void AskForTooMuch() {
  InstallMemoryReserve(kReserve);
  LimitAddressSpace(32 * kMiB);
  try {
    const auto all = std::make_unique<char[]>(kMiB * 1024);
  } catch (const std::bad_alloc&) {
    std::_Exit(42);
  }
  std::_Exit(3);
}

TEST(MemoryReserveDeathTest, E2_TheReserveServesWhoFindsNoMemoryAndIsTakenBack) {
  if (kSanitized) GTEST_SKIP() << "the sanitizers need address space of their own";
  EXPECT_EXIT(UseUpMemory(), testing::ExitedWithCode(42), "");
}

TEST(MemoryReserveDeathTest, E2_WithoutAReserveTheLastWordsSayWhy) {
  if (kSanitized) GTEST_SKIP() << "the sanitizers need address space of their own";
  EXPECT_EXIT(UseUpEverything(), testing::KilledBySignal(SIGABRT), "memory has run out");
}

TEST(MemoryReserveDeathTest, E2_AskingForMoreThanThereEverWasFailsAlone) {
  if (kSanitized) GTEST_SKIP() << "the sanitizers need address space of their own";
  EXPECT_EXIT(AskForTooMuch(), testing::ExitedWithCode(42), "");
}

}  // namespace
}  // namespace earshotd
