#include "hostile/hostiles.h"

#include <algorithm>
#include <utility>

namespace earshot::load {
namespace {

constexpr uint32_t kLongestAbsenceMillis = 3000;

}  // namespace

Hostiles::Hostiles(const Scenario& scenario, const TokenMint* mint,
                   Person::Surroundings& surroundings, Joined joined)
    : scenario_(scenario.hostile),
      spaces_(scenario.spaces),
      mint_(mint),
      surroundings_(surroundings),
      joined_(std::move(joined)),
      chance_(scenario.hostile.seed),
      turns_(scenario.hostile.turn, kCalmDown),
      seats_(scenario.hostile.people),
      run_("hostile-" + std::to_string(surroundings.random.Below(1000000)) + "-") {}

void Hostiles::Begin(Timestamp now) {
  turns_.Begin(now);
  next_ = last_step_ = now;
}

void Hostiles::End() {
  next_ = Timestamp::Never();
  for (Seat& seat : seats_) Empty(seat);
}

void Hostiles::Empty(Seat& seat) {
  if (!seat.hostile) return;
  if (!seat.hostile->is_over() && OnceIn(chance_, 2)) seat.hostile->Leave();
  acts_ += seat.hostile->acts();
  seat = {};
}

void Hostiles::HandleDeadline(Timestamp now) {
  if (now < next_) return;
  next_ = now + kStep;
  const uint32_t acts = TakeActs(now);
  for (size_t i = 0; i < seats_.size(); ++i) {
    Seat& seat = seats_[i];
    if (seat.hostile && (seat.hostile->is_over() || !turns_.IsDisturbed(now))) {
      Empty(seat);
      seat.comes = now + Duration::Millis(chance_.Below(kLongestAbsenceMillis));
    }
    if (!turns_.IsDisturbed(now)) continue;
    if (!seat.hostile && seat.comes <= now) Fill(i, now);
    if (!seat.hostile) continue;
    seat.hostile->Act(acts, now);
    if (seat.is_known || seat.hostile->participant() == kNoParticipant) continue;
    seat.is_known = true;
    joined_(seat.hostile->participant(), i % spaces_.size());
  }
}

// As many of each as its rate is, however late it comes, but not more than a tenth of a second's.
uint32_t Hostiles::TakeActs(Timestamp now) {
  const double elapsed = std::min((now - last_step_).seconds(), 0.1);
  last_step_ = now;
  acts_due_ += elapsed * scenario_.acts_per_second;
  const auto whole = static_cast<uint32_t>(acts_due_);
  acts_due_ -= whole;
  return whole;
}

// At times it takes the place of whom it was before.
void Hostiles::Fill(size_t index, Timestamp now) {
  Hostile::Options options;
  options.space = spaces_[index % spaces_.size()];
  options.name = run_ + std::to_string(OnceIn(chance_, 2) ? index : seats_.size() + joins_);
  if (mint_ != nullptr) options.token = mint_->Mint(options.name, options.space, UnixSeconds());
  ++joins_;
  Seat& seat = seats_[index];
  seat.hostile = std::make_unique<Hostile>(options, surroundings_, chance_);
  if (!seat.hostile->Join()) return;
  seat.hostile.reset();
  seat.comes = now + Duration::Seconds(1);
}

}  // namespace earshot::load
