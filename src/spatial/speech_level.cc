#include "spatial/speech_level.h"

#include <algorithm>
#include <cmath>

namespace earshot {
namespace {

// The longest packet time in use with Opus.
constexpr Duration kMaxReportLength = Duration::Millis(60);
constexpr float kNewsworthyChange = 0.1f;
constexpr Duration kTalkingOnInterval = Duration::Millis(500);
// Below this, people are silent and cost no exponential.
constexpr float kSilence = 1e-3f;

float DecayOver(Duration elapsed, Duration smoothing) {
  const double constant = std::max(smoothing.seconds(), 1e-6);
  return static_cast<float>(std::exp(-std::max(elapsed.seconds(), 0.0) / constant));
}

}  // namespace

void SpeechLevel::Report(float level, Timestamp now, Duration smoothing) {
  // Not std::clamp, which lets NaN through.
  const float heard = level > 0 ? std::min(level, 1.0f) : 0.0f;
  const float before = At(now, smoothing);
  const Duration length = std::min(now - reported_at_, kMaxReportLength);
  level_ = std::min(before + heard * (1 - DecayOver(length, smoothing)), 1.0f);
  reported_at_ = now;
}

float SpeechLevel::At(Timestamp now, Duration smoothing) const {
  if (level_ < kSilence) return 0;
  return level_ * DecayOver(now - reported_at_, smoothing);
}

bool SpeechLevel::TakeNews(Timestamp now, Duration smoothing) {
  const float level = At(now, smoothing);
  const bool is_talking_on = level > kNewsworthyChange && now - told_at_ >= kTalkingOnInterval;
  if (std::abs(level - told_level_) <= kNewsworthyChange && !is_talking_on) return false;
  told_level_ = level;
  told_at_ = now;
  return true;
}

}  // namespace earshot
