// No allocation on the path of a packet, from the datagram that comes to those that go: the whole
// engine with real connections, under a global operator new that counts.

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "conference.h"
#include "forwarding/retransmission_cache.h"

namespace {

size_t allocations = 0;
size_t deallocations = 0;

void* Allocate(size_t size, size_t alignment) {
  ++allocations;
  // aligned_alloc wants a multiple of the alignment.
  void* memory = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (memory == nullptr) std::abort();
  return memory;
}

void Free(void* memory) {
  if (memory != nullptr) ++deallocations;
  std::free(memory);
}

}  // namespace

// All other forms (array, nothrow, sized) end in these by default.
void* operator new(size_t size) { return Allocate(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__); }
void* operator new(size_t size, std::align_val_t alignment) {
  return Allocate(size, static_cast<size_t>(alignment));
}
void operator delete(void* memory) noexcept { Free(memory); }
void operator delete(void* memory, size_t) noexcept { Free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { Free(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { Free(memory); }

namespace earshot {
namespace {

/// What was allocated and freed while it lived.
class AllocationCount {
 public:
  size_t allocated() const { return allocations - allocated_before_; }
  size_t freed() const { return deallocations - freed_before_; }

 private:
  const size_t allocated_before_ = allocations;
  const size_t freed_before_ = deallocations;
};

constexpr size_t kListeners = 5;
constexpr size_t kLargestPayload = 1200;

class ForwardingAllocationTest : public testing::Test {
 protected:
  // Past the retransmission cache and the slots' history, with the largest payload.
  void WarmUp() {
    ASSERT_TRUE(conference_.IsComplete());
    for (size_t i = 0; i < RetransmissionCache::kCapacity * 2; ++i) {
      Handle(conference_.MakeVideo(kLargestPayload));
      if (i % Conference::kPacketsPerFrame == 3) {
        Handle(conference_.MakeAudio());
        conference_.Run(Conference::kFrameInterval);
      }
    }
    for (size_t i = 0; i < kListeners; ++i) Nack(i);
  }
  // The allocations of handling this one datagram; what it caused is delivered outside the count.
  size_t Handle(std::vector<uint8_t> datagram) {
    const AllocationCount count;
    conference_.FromSpeaker(datagram);
    return Finish(count);
  }
  size_t Nack(size_t listener) {
    std::vector<uint8_t> nack = conference_.MakeNack(listener);
    const AllocationCount count;
    conference_.FromListener(listener, nack);
    return Finish(count);
  }

  Conference conference_{kListeners};
  size_t sent_ = 0;  // datagrams that the last call caused

 private:
  size_t Finish(const AllocationCount& count) {
    const size_t allocated = count.allocated() + count.freed();
    sent_ = conference_.out.datagrams.size();
    conference_.Exchange();
    return allocated;
  }
};

TEST_F(ForwardingAllocationTest, TheCounterCounts) {
  WarmUp();
  std::vector<uint8_t> datagram = conference_.MakeAudio();
  const AllocationCount count;
  // What would be an allocation per packet on the path.
  const auto copy = std::make_unique<std::vector<uint8_t>>(datagram);
  conference_.FromSpeaker(datagram);
  EXPECT_EQ(count.allocated(), 2u) << copy->size();
}

TEST_F(ForwardingAllocationTest, AudioIsForwardedWithoutAllocation) {
  WarmUp();
  for (int i = 0; i < 500; ++i) {
    ASSERT_EQ(Handle(conference_.MakeAudio()), 0u) << i;
    ASSERT_EQ(sent_, kListeners);
    conference_.Run(Duration::Millis(20));
  }
}

TEST_F(ForwardingAllocationTest, VideoIsForwardedWithoutAllocation) {
  WarmUp();
  for (size_t i = 0; i < 3 * RetransmissionCache::kCapacity; ++i) {
    ASSERT_EQ(Handle(conference_.MakeVideo(kLargestPayload)), 0u) << i;
    ASSERT_EQ(sent_, kListeners);
    if (i % Conference::kPacketsPerFrame == 3) conference_.Run(Conference::kFrameInterval);
  }
}

TEST_F(ForwardingAllocationTest, ANackIsAnsweredWithoutAllocation) {
  WarmUp();
  for (size_t i = 0; i < 100; ++i) {
    Handle(conference_.MakeVideo(kLargestPayload));
    ASSERT_EQ(Nack(i % kListeners), 0u) << i;
    ASSERT_EQ(sent_, 1u) << "one retransmission";
    conference_.Run(Conference::kFrameInterval);
  }
  EXPECT_EQ(conference_.counters.rtp_retransmitted.value(), 100 + kListeners);
}

TEST_F(ForwardingAllocationTest, EverybodyGotEverything) {
  WarmUp();
  for (size_t i = 0; i < kListeners; ++i) {
    EXPECT_EQ(conference_.received(i), RetransmissionCache::kCapacity * 5 / 2 + 1);
  }
}

}  // namespace
}  // namespace earshot
