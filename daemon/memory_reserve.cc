#include "memory_reserve.h"

#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <exception>
#include <new>
#include <string_view>

namespace earshotd {
namespace {

std::atomic<size_t> reserve_size{0};
/// Address space that nothing has touched: enough where memory is refused by address space or
/// commitment, which is the only way in which an allocation fails here.
std::atomic<void*> reserve{nullptr};
std::atomic<bool> reserve_used{false};

void* Reserve() {
  void* memory =
      mmap(nullptr, reserve_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? nullptr : memory;
}

/// Called by operator new, which tries again when it returns.
void GiveUpReserve() {
  void* memory = reserve.exchange(nullptr);
  if (memory == nullptr) throw std::bad_alloc();
  munmap(memory, reserve_size);
  reserve_used = true;
}

/// Allocates nothing.
void SayLastWords(std::string_view text) {
  if (write(STDERR_FILENO, text.data(), text.size()) < 0) return;
}

[[noreturn]] void EndForGood() {
  try {
    if (const std::exception_ptr cause = std::current_exception()) std::rethrow_exception(cause);
  } catch (const std::bad_alloc&) {
    SayLastWords("earshotd: memory has run out, and so has the reserve; this process ends\n");
  } catch (...) {
    SayLastWords("earshotd: an exception that nobody has caught ends this process\n");
  }
  std::abort();
}

}  // namespace

void InstallMemoryReserve(size_t size) {
  reserve_size = size;
  reserve = Reserve();
  std::set_new_handler(GiveUpReserve);
  std::set_terminate(EndForGood);
}

bool TakeReserveUsed() {
  if (reserve_size == 0) return false;
  if (reserve == nullptr) reserve = Reserve();
  return reserve_used.exchange(false);
}

}  // namespace earshotd
