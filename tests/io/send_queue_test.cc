#include "io/send_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/random.h"

namespace earshot {
namespace {

using testing::ElementsAre;

SocketAddress Peer(uint16_t port) { return *SocketAddress::FromLiteral("192.0.2.1", port); }

class SendQueueTest : public testing::Test {
 protected:
  void Push(Precedence precedence, std::string_view text, const SocketAddress& peer = Peer(1)) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
    queue_.Push({peer, {bytes, text.size()}, precedence}, now_);
  }
  void Push(size_t count, Precedence precedence, std::string_view text,
            const SocketAddress& peer = Peer(1)) {
    for (size_t i = 0; i < count; ++i) Push(precedence, text, peer);
  }
  std::string Pop() {
    const std::span<const uint8_t> bytes = queue_.Front().bytes;
    const std::string text(bytes.begin(), bytes.end());
    queue_.PopFront();
    return text;
  }
  std::vector<std::string> PopAll() {
    std::vector<std::string> all;
    while (!queue_.empty()) all.push_back(Pop());
    return all;
  }
  std::map<std::string, size_t> CountAll() {
    std::map<std::string, size_t> count;
    while (!queue_.empty()) ++count[Pop()];
    return count;
  }
  uint64_t dropped(DropReason reason) const {
    return counters_.drops[static_cast<size_t>(reason)].value();
  }

  Counters counters_;
  SendQueue queue_{counters_};
  Timestamp now_ = Timestamp::Micros(1'000'000);
};

TEST_F(SendQueueTest, EachPrecedenceKeepsItsOrder) {
  Push(Precedence::kVideo, "v1");
  Push(Precedence::kAudio, "a1", Peer(2));
  Push(Precedence::kVideo, "v2", Peer(2));
  Push(Precedence::kControl, "c1");
  Push(Precedence::kAudio, "a2");
  EXPECT_EQ(queue_.size(), 5u);
  EXPECT_EQ(queue_.Front().peer, Peer(1));
  EXPECT_THAT(PopAll(), ElementsAre("c1", "a1", "a2", "v1", "v2"));
  EXPECT_EQ(counters_.sends_delayed.value(), 5u);
}

TEST_F(SendQueueTest, P6_APeerHasAtMost1024AndItsOldestVideoGivesWay) {
  Push(1, Precedence::kVideo, "oldest");
  Push(SendQueue::kMaxPerPeer - 2, Precedence::kVideo, "video");
  Push(1, Precedence::kControl, "control");
  Push(1, Precedence::kAudio, "audio");
  EXPECT_EQ(queue_.size(), SendQueue::kMaxPerPeer);
  EXPECT_EQ(dropped(DropReason::kEgressQueueFull), 1u);
  EXPECT_EQ(CountAll(), (std::map<std::string, size_t>{
                            {"control", 1}, {"audio", 1}, {"video", SendQueue::kMaxPerPeer - 2}}));
}

TEST_F(SendQueueTest, P6_VideoTakesNoRoomFromAudioNorAudioFromControl) {
  Push(SendQueue::kMaxPerPeer, Precedence::kAudio, "audio");
  Push(10, Precedence::kVideo, "video");
  Push(SendQueue::kMaxPerPeer - 1, Precedence::kControl, "control");
  Push(10, Precedence::kVideo, "video");
  EXPECT_EQ(dropped(DropReason::kEgressQueueFull), SendQueue::kMaxPerPeer + 19);
  EXPECT_EQ(CountAll(),
            (std::map<std::string, size_t>{{"control", SendQueue::kMaxPerPeer - 1}, {"audio", 1}}));
}

TEST_F(SendQueueTest, P6_OfEqualsTheOldestGivesWay) {
  Push(1, Precedence::kControl, "oldest");
  Push(SendQueue::kMaxPerPeer, Precedence::kControl, "control");
  EXPECT_EQ(CountAll(), (std::map<std::string, size_t>{{"control", SendQueue::kMaxPerPeer}}));
}

TEST_F(SendQueueTest, P6_AFullPeerTakesNothingFromAnother) {
  Push(3, Precedence::kVideo, "of another", Peer(2));
  Push(2 * SendQueue::kMaxPerPeer, Precedence::kVideo, "video");
  EXPECT_EQ(CountAll(),
            (std::map<std::string, size_t>{{"of another", 3}, {"video", SendQueue::kMaxPerPeer}}));
}

TEST_F(SendQueueTest, P6_AllPeersTogetherAreBounded) {
  constexpr size_t kEach = 1000;
  for (uint16_t port = 1; port <= 20; ++port) Push(kEach, Precedence::kVideo, "video", Peer(port));
  EXPECT_EQ(queue_.size(), SendQueue::kMaxDatagrams);
  Push(Precedence::kControl, "control", Peer(99));
  EXPECT_EQ(queue_.size(), SendQueue::kMaxDatagrams);
  EXPECT_EQ(dropped(DropReason::kEgressQueueFull), 20 * kEach + 1 - SendQueue::kMaxDatagrams);
  EXPECT_EQ(Pop(), "control");
}

TEST_F(SendQueueTest, P6_MediaWaitsForAQuarterOfASecondAndControlForLonger) {
  Push(Precedence::kControl, "control");
  Push(Precedence::kAudio, "audio");
  Push(Precedence::kVideo, "video");
  now_ = now_ + SendQueue::kMaxMediaAge;
  Push(Precedence::kVideo, "later");
  queue_.DropStale(now_);
  EXPECT_EQ(queue_.size(), 4u);
  now_ = now_ + Duration::Millis(1);
  queue_.DropStale(now_);
  EXPECT_EQ(dropped(DropReason::kEgressTooLate), 2u);
  EXPECT_THAT(PopAll(), ElementsAre("control", "later"));
}

TEST_F(SendQueueTest, WhatIsTooLargeIsDropped) {
  Push(Precedence::kControl, std::string(SendQueue::kMaxSize + 1, 'x'));
  EXPECT_TRUE(queue_.empty());
  EXPECT_EQ(dropped(DropReason::kEgressSendFailed), 1u);
  Push(Precedence::kControl, "");
  Push(Precedence::kControl, std::string(SendQueue::kMaxSize, 'x'));
  EXPECT_EQ(Pop(), "");
  EXPECT_EQ(Pop().size(), SendQueue::kMaxSize);
}

// Against one plain list: whatever comes and goes, nothing is lost, doubled or out of order, and
// everything is counted.
TEST_F(SendQueueTest, P6_KeepsItsBooksThroughRandomTraffic) {
  SeededRandom random(1);
  std::array<uint32_t, kPrecedenceCount> last_popped{};
  uint64_t popped = 0, refused = 0;
  for (uint32_t i = 1; i <= 200'000; ++i) {
    const uint64_t delayed_before = counters_.sends_delayed.value();
    Push(static_cast<Precedence>(random.Below(3)), std::to_string(i),
         Peer(static_cast<uint16_t>(1 + random.Below(30))));
    refused += counters_.sends_delayed.value() == delayed_before ? 1 : 0;
    now_ = now_ + Duration::Micros(random.Below(40));
    if (random.Below(3) != 0 || queue_.empty()) continue;
    const auto precedence = static_cast<size_t>(queue_.Front().precedence);
    const auto number = static_cast<uint32_t>(std::stoul(Pop()));
    ASSERT_GT(number, last_popped[precedence]);
    last_popped[precedence] = number;
    ++popped;
  }
  const uint64_t gone =
      dropped(DropReason::kEgressQueueFull) + dropped(DropReason::kEgressTooLate) - refused;
  EXPECT_GT(gone, 0u);
  EXPECT_EQ(counters_.sends_delayed.value(), popped + gone + queue_.size());
}

}  // namespace
}  // namespace earshot
