#pragma once

// What one run is about: the floor, the people's habits and the network, all drawn from one seed.
// Values only.

#include <cstdint>

#include "earshot/options.h"
#include "network.h"

namespace earshot::sim {

/// How often, on average, each person does something.
struct Habits {
  Duration talk_every = Duration::Seconds(4);
  Duration switch_every = Duration::Seconds(12);  // camera, screen, screen audio
  Duration ask_every = Duration::Seconds(4);      // something of others, or of a door
  Duration restart_ice_every = Duration::Seconds(40);
  Duration change_address_every = Duration::Zero();  // never
  Duration leave_every = Duration::Seconds(45);
  double vanishes = 0.3;  // of those who leave, without a word
  double leaps = 0.01;    // of the steps: farther than anybody walks
  float walking_speed = 2.5f;
};

struct Scenario {
  uint64_t seed = 0;
  Duration length = Duration::Seconds(60);
  size_t people = 10;
  SpaceOptions space;
  MediaOptions media;
  NetworkOptions network;
  Habits habits;
  /// Half of the listeners' media is then sealed apart from the engine, as other workers do.
  bool shares_egress = false;
  /// Every source then begins with the same sequence number, so that mixing them up would show.
  bool same_sequence_numbers = false;

  /// Of the server's clock.
  Timestamp begins_at = Timestamp::Seconds(1000);
  /// Sources then begin shortly before their sequence numbers wrap.
  bool begins_before_wraps = false;

  static Scenario FromSeed(uint64_t seed);
};

}  // namespace earshot::sim
