// Random streams of VP8 through the rewriter: frames of several packets on a steady clock, padding,
// loss and reordering, and switches between sources. What comes out must be one stream.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "forwarding/rtp_rewriter.h"

namespace earshot {
namespace {

constexpr Duration kFrame = Duration::Micros(33333);
constexpr uint32_t kFrameUnits = 3000;

struct Inbound {
  InboundPosition position;
  bool is_padding = false;
  Timestamp sent;
  uint32_t order = 0;  // of arrival
};

// One publisher's camera: `frames` frames, every tenth a keyframe.
std::vector<Inbound> MakeStream(Random& random, Timestamp start, int frames) {
  std::vector<Inbound> packets;
  int64_t sequence = 65536 + random.Below(65536);
  uint32_t timestamp = random.U32();
  Vp8Descriptor vp8;
  vp8.picture_id_bits = 15;
  vp8.picture_id = static_cast<uint16_t>(random.Below(0x8000));
  vp8.tl0_pic_idx = static_cast<uint8_t>(random.U32());
  const uint32_t keyframe_phase = random.Below(10);
  for (int frame = 0; frame < frames; ++frame) {
    const Timestamp now = start + kFrame * frame;
    const uint32_t count = 1 + random.Below(4);
    for (uint32_t i = 0; i < count; ++i) {
      const bool keyframe = i == 0 && (static_cast<uint32_t>(frame) + keyframe_phase) % 10 == 0;
      packets.push_back(
          {{sequence++, timestamp, Codec::kVp8, {keyframe, i == 0, vp8}}, false, now, 0});
    }
    const uint32_t padding = random.Below(5) == 0 ? 1 + random.Below(3) : 0;
    for (uint32_t i = 0; i < padding; ++i) {
      packets.push_back({{sequence++, timestamp, Codec::kVp8, {}}, true, now, 0});
    }
    timestamp += kFrameUnits;
    vp8.picture_id = static_cast<uint16_t>((vp8.picture_id + 1) & 0x7fff);
    ++vp8.tl0_pic_idx;
  }
  return packets;
}

// Loses 3 % and delays some by up to five places.
std::vector<Inbound> Disturb(Random& random, std::vector<Inbound> packets) {
  std::erase_if(packets, [&](const Inbound&) { return random.Below(100) < 3; });
  for (uint32_t i = 0; i < packets.size(); ++i) {
    packets[i].order = i + (random.Below(5) == 0 ? random.Below(6) : 0);
  }
  std::stable_sort(packets.begin(), packets.end(),
                   [](const Inbound& a, const Inbound& b) { return a.order < b.order; });
  return packets;
}

// What one source put into the slot.
struct Run {
  int64_t first_sequence = 0;
  int64_t last_sequence = 0;  // the highest that arrived
  uint64_t first_index = 0;
  uint32_t timestamp_offset = 0;
  std::set<int64_t> arrived;  // from first_sequence on
  size_t sent = 0;
  size_t closed = 0;  // padding that left no gap
};

class Listener {
 public:
  explicit Listener(Random& random) : rewriter_(RtpOrigin::Draw(random)) {}

  void Switch() { rewriter_.BeginSource(); }

  void Receive(const Inbound& in, Timestamp now) {
    const int64_t sequence = in.position.extended_sequence;
    if (in.is_padding && rewriter_.Skip(sequence)) {
      if (!rewriter_.waiting()) NoteArrival(sequence, &Run::closed);
      return;
    }
    const bool waited = rewriter_.waiting();
    const auto out = rewriter_.Rewrite(in.position, now);
    if (!out) {
      if (!waited) NoteArrival(sequence, nullptr);
      return;
    }
    EXPECT_EQ(out->starts_source, waited);
    if (out->starts_source) Begin(in, *out, now);
    EXPECT_EQ(out->timestamp - in.position.timestamp, runs_.back().timestamp_offset);
    EXPECT_TRUE(sent_.try_emplace(out->packet_index, *out).second) << "an index served twice";
    if (!in.is_padding) media_.push_back(*out);
    NoteArrival(sequence, &Run::sent);
    if (out->packet_index == sent_.rbegin()->first) newest_ = now;
  }

  void CheckStream() {
    std::sort(media_.begin(), media_.end(),
              [](const auto& a, const auto& b) { return a.packet_index < b.packet_index; });
    for (size_t i = 1; i < media_.size(); ++i) CheckStep(media_[i - 1], media_[i]);
    // The numbers of a run are those of its packets and of what was lost, no more and no less.
    for (size_t i = 0; i + 1 < runs_.size(); ++i) {
      const Run& run = runs_[i];
      const auto lost =
          static_cast<size_t>(run.last_sequence - run.first_sequence + 1) - run.arrived.size();
      EXPECT_EQ(run.arrived.size(), run.sent + run.closed) << "all that arrives is of use";
      EXPECT_EQ(runs_[i + 1].first_index - run.first_index, run.sent + lost);
    }
  }
  size_t runs() const { return runs_.size(); }

 private:
  void Begin(const Inbound& in, const OutboundPosition& out, Timestamp now) {
    EXPECT_TRUE(in.position.frame.starts_keyframe);
    if (!sent_.empty()) {
      const uint32_t passed = static_cast<uint32_t>((now - newest_).micros() * 9 / 100);
      EXPECT_EQ(out.timestamp - sent_.rbegin()->second.timestamp, std::max(passed, kFrameUnits));
    }
    Run run;
    run.first_sequence = run.last_sequence = in.position.extended_sequence;
    run.first_index = out.packet_index;
    run.timestamp_offset = out.timestamp - in.position.timestamp;
    runs_.push_back(run);
  }
  void NoteArrival(int64_t sequence, size_t Run::*count) {
    Run& run = runs_.back();
    if (sequence < run.first_sequence) return;
    run.last_sequence = std::max(run.last_sequence, sequence);
    run.arrived.insert(sequence);
    if (count != nullptr) ++(run.*count);
  }
  // Time and picture ids never go back, and ids never jump ahead of the packets.
  static void CheckStep(const OutboundPosition& last, const OutboundPosition& next) {
    const uint64_t step = next.packet_index - last.packet_index;
    EXPECT_LT(step, 0x8000u);
    EXPECT_GE(static_cast<int32_t>(next.timestamp - last.timestamp), 0);
    EXPECT_LE((next.picture_id - last.picture_id) & 0x7fff, static_cast<int>(step));
    EXPECT_LE(static_cast<uint8_t>(next.tl0_pic_idx - last.tl0_pic_idx), step);
  }

  RtpRewriter rewriter_;
  std::map<uint64_t, OutboundPosition> sent_;
  std::vector<OutboundPosition> media_;  // of `sent_`, without padding
  Timestamp newest_;                     // when the highest index was sent
  std::vector<Run> runs_;
};

TEST(RtpRewriterPropertyTest, Vp8OfManySourcesComesOutAsOneStream) {
  for (uint64_t seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE(seed);
    SeededRandom random(seed);
    Listener listener(random);
    Timestamp now = Timestamp::Seconds(100);
    for (int source = 0; source < 8; ++source) {
      listener.Switch();
      for (const Inbound& in : Disturb(random, MakeStream(random, now, 40))) {
        now = std::max(now, in.sent);
        listener.Receive(in, now);
      }
      now = now + Duration::Millis(random.Below(200));
    }
    listener.CheckStream();
    ASSERT_EQ(listener.runs(), 8u);
    ASSERT_FALSE(testing::Test::HasFailure());
  }
}

}  // namespace
}  // namespace earshot
