#pragma once

// Where a person would be heard, by the rules of audibility.h, as parts of the floor. For drawing
// and for words: nothing is forwarded by it. Pure, any thread while no door moves.

#include "earshot/voice_reach.h"
#include "spatial/audibility.h"
#include "spatial/premises.h"

namespace earshot {

/// Replaces `parts` by where a stranger would hear the speaker. Where more than kMaxReachParts are
/// needed, zones farther off are left out.
void FindReach(const Premises& premises, const Standing& speaker, std::vector<ReachPart>& parts);

}  // namespace earshot
