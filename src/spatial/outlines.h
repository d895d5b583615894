#pragma once

// Checks on outlines and lines that a plan must pass before anybody walks in it. Slow (quadratic
// in corners) and meant for start-up. Pure functions, any thread.

#include <span>

#include "earshot/floor_plan.h"
#include "spatial/geometry.h"

namespace earshot {

/// Whether no edge crosses or touches another (but for neighbours in their common corner) and no
/// corner repeats.
bool IsSimple(std::span<const Point> outline);

/// Whether two simple outlines have more in common than a millimetre of their edges.
bool OutlinesOverlap(std::span<const Point> a, std::span<const Point> b);

/// Whether both ends of `part` lie on `whole`, to a millimetre.
bool LiesOn(const Segment& part, const Segment& whole);

/// Whether `part` misses lying on `whole` by no more than a centimetre: meant to, most likely.
bool NarrowlyMisses(const Segment& part, const Segment& whole);

/// Whether the two lie on one line and share more than a centimetre of it.
bool RunTogether(const Segment& a, const Segment& b);

}  // namespace earshot
