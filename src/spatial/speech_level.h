#pragma once

// How much somebody has been talking lately: the audio level of the mic, exponentially smoothed.
// Costs a few nanoseconds per report. One thread.

#include "earshot/units.h"

namespace earshot {

class SpeechLevel {
 public:
  /// `level` in [0, 1], held since the last report but for at most 60 ms; silence is assumed for
  /// the rest of a longer gap. A level outside the range is cut to it.
  void Report(float level, Timestamp now, Duration smoothing);
  /// The smoothed level in [0, 1]; decays while no report arrives.
  float At(Timestamp now, Duration smoothing) const;

  /// Whether slots may have to be ranked anew since this last returned true: the level has changed
  /// by more than 0.1, or the person has been talking on for half a second.
  bool TakeNews(Timestamp now, Duration smoothing);

 private:
  float level_ = 0;
  float told_level_ = 0;
  Timestamp reported_at_ = Timestamp::LongAgo();
  Timestamp told_at_ = Timestamp::LongAgo();
};

}  // namespace earshot
