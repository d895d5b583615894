// Offers as clients send them, with addresses replaced: each is taken, and answered by the rules.
// Safari's is written by what it is known to send, all others are recorded.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <string>

#include "answer_rules.h"
#include "offers.h"
#include "sdp/session.h"
#include "space/space_link.h"

namespace earshot {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Recorded {
  const char* file;
  int audio_slots;
  int video_slots;
  bool has_camera;
  bool has_repair;  // RTX
};

// The first section of each kind that is sent.
JoinRequest RequestFor(const std::string& text) {
  JoinRequest request;
  request.space = "test";
  request.name = "Ada";
  request.offer = text;
  const auto offer = sdp::ParseOffer(text);
  if (!offer) return request;
  for (const sdp::MediaSection& media : offer->media) {
    if (media.direction != sdp::Direction::kSendOnly) continue;
    const bool is_audio = media.kind == sdp::SectionKind::kAudio;
    auto& mid =
        request.track_mids[static_cast<size_t>(is_audio ? SourceKind::kMic : SourceKind::kCamera)];
    if (!mid) mid = media.mid;
  }
  return request;
}

class RecordedOfferTest : public testing::TestWithParam<Recorded> {};

TEST_P(RecordedOfferTest, IsTakenWithAllThatItOffers) {
  SpaceLink link;
  const std::string text = ReadData("offers/" + std::string(GetParam().file));
  const auto joined = link.engine->Join(RequestFor(text), link.now);
  ASSERT_TRUE(joined) << joined.error().message;
  EXPECT_EQ(joined->audio_slots, GetParam().audio_slots);
  EXPECT_EQ(joined->video_slots, GetParam().video_slots);
  EXPECT_THAT(joined->notices, IsEmpty());
  EXPECT_EQ(AnswerRules::Broken(text, joined->answer), "");
  const auto answer = sdp::ParseAnswer(joined->answer);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(std::count_if(answer->media.begin(), answer->media.end(),
                          [](const auto& one) {
                            return one.direction == sdp::Direction::kRecvOnly && one.is_usable();
                          }),
            GetParam().has_camera ? 2 : 1);
}

TEST_P(RecordedOfferTest, PacketsAreRepairedByWhatItNames) {
  SpaceLink link;
  const std::string text = ReadData("offers/" + std::string(GetParam().file));
  const auto joined = link.engine->Join(RequestFor(text), link.now);
  ASSERT_TRUE(joined);
  const auto answer = sdp::ParseAnswer(joined->answer);
  ASSERT_TRUE(answer);
  for (const sdp::MediaSection& media : answer->media) {
    if (media.kind != sdp::SectionKind::kVideo || media.direction == sdp::Direction::kInactive) {
      continue;
    }
    const bool sends = media.direction == sdp::Direction::kSendOnly;
    EXPECT_EQ(media.rtx_ssrc.has_value(), sends && GetParam().has_repair) << media.mid;
    EXPECT_THAT(media.codecs[0].feedback, testing::Contains("nack pli"));
  }
}

TEST_P(RecordedOfferTest, RestartsIce) {
  SpaceLink link;
  const std::string text = ReadData("offers/" + std::string(GetParam().file));
  const auto joined = link.engine->Join(RequestFor(text), link.now);
  ASSERT_TRUE(joined);
  const auto answer = link.engine->RestartIce(joined->participant, text, link.now);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(AnswerRules::Broken(text, *answer), "");
}

INSTANTIATE_TEST_SUITE_P(Clients, RecordedOfferTest,
                         testing::Values(Recorded{"aiortc-1.4.0.sdp", 8, 8, true, true},
                                         Recorded{"chromium-156.sdp", 6, 6, true, true},
                                         Recorded{"firefox-153.sdp", 6, 6, true, true},
                                         Recorded{"gstreamer-1.22-webrtcbin.sdp", 8, 8, true,
                                                  false},
                                         Recorded{"node-datachannel-0.33.sdp", 8, 8, true, false},
                                         Recorded{"pion-3.1.56.sdp", 8, 8, true, true},
                                         Recorded{"roamhq-wrtc-0.10.sdp", 8, 8, true, true},
                                         Recorded{"safari.sdp", 8, 8, true, true},
                                         Recorded{"werift-0.24.4.sdp", 8, 8, true, false}),
                         [](const auto& row) {
                           std::string name = row.param.file;
                           std::erase_if(name, [](unsigned char c) { return !std::isalnum(c); });
                           return name;
                         });

// They write ids for audio and video apart: 2 is the level of a voice here and a time there.
TEST(RecordedOfferTest, OfAiortcIsAnsweredWithTheExtensionsOfEachSection) {
  SpaceLink link;
  const auto joined = link.engine->Join(RequestFor(ReadData("offers/aiortc-1.4.0.sdp")), link.now);
  ASSERT_TRUE(joined) << joined.error().message;
  const auto answer = sdp::ParseAnswer(joined->answer);
  ASSERT_TRUE(answer);
  const auto uri_of_2 = [&](size_t section) {
    for (const auto& one : answer->media[section].extensions) {
      if (one.id == 2) return one.uri;
    }
    return std::string();
  };
  EXPECT_THAT(uri_of_2(0), HasSubstr("ssrc-audio-level"));
  EXPECT_THAT(uri_of_2(1), HasSubstr("abs-send-time"));
}

}  // namespace
}  // namespace earshot
