// A plan at all limits of floor_plan.h at once: who joins gets it, and who is there when it comes.

#include <gtest/gtest.h>

#include <cmath>
#include <csignal>
#include <numbers>

#include "daemon_runner.h"

namespace earshotd {
namespace {

using earshot::FloorPlan;
using earshot::Point;

/// Names that take twice as many bytes in JSON as in the plan.
const std::string kLongestName(64, '"');

/// Points of many digits around a centre.
std::vector<Point> Outline(float x, float y) {
  std::vector<Point> corners;
  for (int i = 0; i < 128; ++i) {
    const float angle = static_cast<float>(i) * std::numbers::pi_v<float> / 64;
    corners.push_back({x + 211.4567f * std::cos(angle), y + 211.4567f * std::sin(angle)});
  }
  return corners;
}

FloorPlan LargestPlan(const std::string& neighbour = "hall") {
  FloorPlan plan;
  plan.width = plan.height = 10000;
  plan.spawn = {9999, 9999};
  for (int i = 0; i < 256; ++i) {
    const auto row = static_cast<float>(i / 16);
    const auto column = static_cast<float>(i % 16);
    plan.zones.push_back({kLongestName, Outline(300.123f + 500 * column, 300.321f + 500 * row),
                          earshot::ZoneKind::kLobby});
    plan.zones.back().transmission = 0.123456789f;
  }
  for (int i = 0; i < 4096; ++i) {
    const float x = 8400.1234f + 20 * static_cast<float>(i % 64);
    const float y = 100.4321f + 150 * static_cast<float>(i / 64);
    plan.walls.push_back({{x, y}, {x + 11.111f, y}, 0.123456789f});
  }
  for (size_t i = 0; i < 1024; ++i) {
    const earshot::Wall& wall = plan.walls[i];
    plan.doors.push_back({kLongestName, wall.from, wall.to, earshot::DoorState::kLocked});
  }
  for (int i = 0; i < 64; ++i) {
    plan.portals.push_back({kLongestName, {9900.123f, 9900.321f}, 1.2345678f, neighbour});
  }
  return plan;
}

void ExpectLargest(const nlohmann::json& plan) {
  EXPECT_EQ(plan["zones"].size(), 256u);
  EXPECT_EQ(plan["zones"][255]["outline"].size(), 128u);
  EXPECT_EQ(plan["walls"].size(), 4096u);
  EXPECT_EQ(plan["doors"].size(), 1024u);
  EXPECT_EQ(plan["portals"].size(), 64u);
  const FloorPlan largest = LargestPlan();
  EXPECT_EQ(plan["walls"][4095]["line"][1][0].get<float>(), largest.walls[4095].to.x)
      << "no digit of a coordinate is lost";
}

/// Two spaces, as if read from a file that says of both plans what `version` says.
LoadedConfig Load(const std::string& web_root, const FloorPlan& hall, const std::string& version) {
  LoadedConfig loaded;
  Config& config = loaded.config;
  config.server.spaces = {{"large", LargestPlan()}, {"hall", hall}};
  config.listen = config.admin.endpoint = {"127.0.0.1", 0};
  config.server.bind_address = "127.0.0.1";
  config.server.base_port = 0;
  config.web_root = web_root;
  loaded.keys.push_back({"portal", "earshot", "", std::move(*TokenKey::FromSecret(kSecret))});
  loaded.fields = {{"spaces[0].id", FieldKind::kText, "large"},
                   {"spaces[0].plan", FieldKind::kText, version},
                   {"spaces[1].id", FieldKind::kText, "hall"},
                   {"spaces[1].plan", FieldKind::kText, version}};
  return loaded;
}

TEST(LargestPlanTest, WhatIsValidCanBeJoinedAndComesByReload) {
  ASSERT_EQ(earshot::ValidateFloorPlan(LargestPlan()), "");
  TemporaryFolder folder;
  folder.Write("index.html", "page");
  auto daemon = Daemon::Start(Load(folder.path(), {}, "1"), [&folder] {
    return earshot::Result<LoadedConfig>(Load(folder.path(), LargestPlan("large"), "2"));
  });
  ASSERT_TRUE(daemon.ok()) << daemon.error().message;
  std::thread runner([&] { (*daemon)->Run(); });
  WebSocketClient visitor((*daemon)->public_port());
  visitor.Send(JoinText(TokenFor("ada", "Ada", "large"), SmallOffer()));
  const auto joined = visitor.Read();
  EXPECT_TRUE(joined);
  EXPECT_GT(joined.value_or("").size(), 1'000'000u) << "or the limits are not reached";
  ExpectLargest(nlohmann::json::parse(joined.value_or("{}"))["plan"]);
  EXPECT_EQ(ReadMessage(visitor)["type"], "answer");

  WebSocketClient resident((*daemon)->public_port());
  resident.Send(JoinText(TokenFor("bob", "Bob"), SmallOffer()));
  EXPECT_EQ(ReadMessage(resident)["plan"]["width"], 40);
  EXPECT_EQ(ReadMessage(resident)["type"], "answer");
  std::raise(SIGHUP);
  for (WebSocketClient* client : {&visitor, &resident}) {
    const auto message = ReadMessage(*client);
    EXPECT_EQ(message["type"], "plan");
    ExpectLargest(message["plan"]);
  }
  (*daemon)->Stop();
  runner.join();
}

}  // namespace
}  // namespace earshotd
