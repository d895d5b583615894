#include "server/placement.h"

#include <utility>

namespace earshot {
namespace {

// How busy a worker is says what it did half a second ago, and nothing of those who have come since
// or are only listening. So each has a price besides, in thousandths of a core: a participant that
// of somebody in an office day, a space that of the few who follow the first. Both are small, so
// that the measured difference decides where there is one.
constexpr uint64_t kParticipantPrice = 2;
constexpr uint64_t kSpacePrice = 10;

}  // namespace

void Placement::Add(SpaceOptions space) {
  std::string id = space.id;
  spaces_.emplace(std::move(id), Entry{std::move(space), std::nullopt, 0});
}

Placement::Destination Placement::Visit(std::string_view space, std::span<const Load> loads) {
  Entry& entry = Find(space)->second;
  std::optional<SpaceOptions> opens;
  if (!entry.worker) {
    entry.worker = LeastLoaded(loads);
    ++workers_[*entry.worker].spaces;
    opens = std::move(entry.options);
  }
  ++entry.visits;
  ++workers_[*entry.worker].visits;
  return {*entry.worker, std::move(opens)};
}

void Placement::EndVisit(std::string_view space) {
  Entry& entry = Find(space)->second;
  --entry.visits;
  --workers_[*entry.worker].visits;
}

void Placement::Vacate(SpaceOptions space) {
  Entry& entry = Find(space.id)->second;
  --workers_[*entry.worker].spaces;
  entry.worker.reset();
  entry.options = std::move(space);
}

// The first of those that are equal.
size_t Placement::LeastLoaded(std::span<const Load> loads) const {
  size_t least = 0;
  uint64_t least_price = ~uint64_t{0};
  for (size_t i = 0; i < workers_.size(); ++i) {
    const uint64_t participants = loads[i].participants + workers_[i].visits;
    const uint64_t price =
        loads[i].busy + kParticipantPrice * participants + kSpacePrice * workers_[i].spaces;
    if (price >= least_price) continue;
    least = i;
    least_price = price;
  }
  return least;
}

}  // namespace earshot
