#include "hostile/noise.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "transport/sctp_packet.h"
#include "wire/act_messages.h"
#include "wire/demux.h"
#include "wire/messages.h"
#include "wire/rtcp.h"

namespace earshot::load {
namespace {

constexpr int kMany = 5000;

class NoiseTest : public testing::Test {
 protected:
  SeededRandom random_{7};
};

TEST_F(NoiseTest, TheSameSeedMakesTheSame) {
  SeededRandom again(7);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(DatagramNoise(random_), DatagramNoise(again));
    EXPECT_EQ(TextNoise(random_), TextNoise(again));
  }
}

TEST_F(NoiseTest, MediaIsRightAndWrongInEveryWay) {
  const ClientNumbers numbers;
  const std::vector<SentStream> streams = {
      {.kind = SourceKind::kMic, .mid = "0", .ssrc = 11},
      {.kind = SourceKind::kCamera, .mid = "1", .ssrc = 12, .rtx_ssrc = 13}};
  RtpNoiseMaker maker;
  std::set<uint32_t> ssrcs;
  std::set<uint8_t> payload_types;
  uint64_t last = 0;
  int ahead = 0, behind = 0, next = 0;
  for (int i = 0; i < kMany; ++i) {
    const RtpNoise noise = maker.Make(random_, streams, numbers);
    ssrcs.insert(noise.header.ssrc);
    payload_types.insert(noise.header.payload_type);
    EXPECT_EQ(noise.header.sequence_number, noise.index % 65536);
    if (noise.index == last + 1) ++next;
    if (noise.index > last + 40'000) ++ahead;
    if (noise.index < last) ++behind;
    last = noise.index;
    std::array<uint8_t, kMaxWrittenRtpHeaderSize> buffer;
    EXPECT_NE(WriteRtpHeader(noise.header, numbers.extensions, buffer), 0u);
  }
  for (const uint32_t ssrc : {11u, 12u, 13u}) EXPECT_TRUE(ssrcs.contains(ssrc));
  EXPECT_GT(ssrcs.size(), 100u);
  EXPECT_GT(payload_types.size(), 100u);
  EXPECT_GT(next, kMany / 2);
  EXPECT_GT(ahead, 0);
  EXPECT_GT(behind, 0);
}

TEST_F(NoiseTest, FeedbackOfEveryKindIsAmongIt) {
  const std::vector<uint32_t> targets = {0x11223344};
  std::set<size_t> kinds;
  int malformed = 0, targeted = 0;
  for (int i = 0; i < kMany; ++i) {
    const Bytes compound = RtcpNoise(random_, targets);
    ASSERT_GE(compound.size(), 8u);
    RtcpReader reader(compound);
    while (const auto message = reader.Next()) {
      kinds.insert(message->index());
      const auto* nack = std::get_if<Nack>(&*message);
      if (nack != nullptr && nack->media_ssrc == targets[0]) ++targeted;
    }
    if (reader.malformed()) ++malformed;
  }
  EXPECT_EQ(kinds.size(), std::variant_size_v<RtcpMessage>);
  EXPECT_GT(malformed, 0);
  EXPECT_GT(targeted, 0);
}

TEST_F(NoiseTest, MessagesAreOnesThatClientsSendAndOthers) {
  const std::vector<ParticipantId> people = {ParticipantId{500}};
  std::set<Act> acts;
  int published = 0, targeted = 0, broken = 0;
  for (int i = 0; i < kMany; ++i) {
    const Bytes message = MessageNoise(random_, people);
    const auto act = ParseAct(message);
    if (act) acts.insert(act->act);
    if (act && act->participant == people[0]) ++targeted;
    if (ParseIPublish(message)) ++published;
    if (!act && !ParseIPublish(message) && !ParseMyPose(message)) ++broken;
  }
  for (uint8_t act = 1; act <= 18; ++act) EXPECT_TRUE(acts.contains(static_cast<Act>(act)));
  EXPECT_GT(published, 0);
  EXPECT_GT(targeted, 0);
  EXPECT_GT(broken, 0);
}

TEST_F(NoiseTest, TextsAreJsonAndWhatIsNone) {
  int good = 0, bad = 0, joins = 0;
  for (int i = 0; i < kMany; ++i) {
    const std::string text = TextNoise(random_);
    const auto json = nlohmann::json::parse(text, nullptr, false);
    ++(json.is_discarded() ? bad : good);
    if (json.is_object() && json.value("type", nlohmann::json()) == "join") ++joins;
    EXPECT_EQ(text.find("\"leave\""), std::string::npos);
  }
  EXPECT_GT(good, 0);
  EXPECT_GT(bad, 0);
  EXPECT_GT(joins, 0);
}

TEST_F(NoiseTest, DatagramsOfEveryProtocolAreAmongIt) {
  std::set<PacketKind> kinds;
  for (int i = 0; i < kMany; ++i) {
    const Bytes bytes = DatagramNoise(random_);
    kinds.insert(ClassifyPacket(bytes));
  }
  EXPECT_EQ(kinds.size(), 5u);
}

TEST_F(NoiseTest, PacketsOfSctpPassForPacketsOften) {
  std::set<uint8_t> chunks;
  int acceptable = 0;
  for (int i = 0; i < kMany; ++i) {
    const Bytes packet = SctpNoise(random_, 99);
    if (!IsAcceptableSctpPacket(packet)) continue;
    ++acceptable;
    if (packet.size() > 12) chunks.insert(packet[12]);
  }
  EXPECT_GT(acceptable, 100);
  EXPECT_GT(chunks.size(), 5u);
}

TEST_F(NoiseTest, AMutationChangesOrCutsOrAdds) {
  std::set<size_t> sizes;
  int same = 0;
  for (int i = 0; i < 1000; ++i) {
    Bytes bytes(20, 1);
    Mutate(random_, bytes);
    sizes.insert(bytes.size());
    if (bytes == Bytes(20, 1)) ++same;
  }
  EXPECT_LT(*sizes.begin(), 20u);
  EXPECT_GT(*sizes.rbegin(), 20u);
  EXPECT_LT(same, 100);
}

}  // namespace
}  // namespace earshot::load
