// Where spaces are, and that they are whole wherever they are.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "earshot/server.h"
#include "io/udp_peer.h"
#include "offers.h"
#include "server/closed_log.h"
#include "server/running_server.h"

namespace earshot {
namespace {

using testing::SizeIs;

/// Which of the server's workers the participant was told to send to.
size_t WorkerOf(const Server& server, const Joined& joined) {
  const std::vector<uint16_t> ports = server.Ports();
  for (size_t i = 0; i < ports.size(); ++i) {
    const std::string candidate = " 127.0.0.1 " + std::to_string(ports[i]) + " typ host";
    if (joined.answer.find(candidate) != std::string::npos) return i;
  }
  ADD_FAILURE() << "no worker has the port of the answer";
  return 0;
}

void LeaveAndWait(Server& server, const ClosedLog& log, ParticipantId participant) {
  server.Leave(participant);
  EXPECT_TRUE(WaitUntil([&] { return !log.Of(participant).empty(); }));
}

TEST(ServerSpacesTest, SpacesOpenOnWorkersWithLessToDo) {
  const auto server = MustStart(SmallOptions());
  const auto hall = Join(*server, ChromiumJoin("hall"));
  const auto attic = Join(*server, ChromiumJoin("attic"));
  const auto guest = Join(*server, ChromiumJoin("hall"));
  ASSERT_TRUE(hall && attic && guest);
  EXPECT_NE(hall->participant, attic->participant);
  EXPECT_NE(WorkerOf(*server, *attic), WorkerOf(*server, *hall));
  EXPECT_EQ(WorkerOf(*server, *guest), WorkerOf(*server, *hall)) << "where the space is";
  const ServerStats stats = server->Stats();
  ASSERT_THAT(stats.workers, SizeIs(2));
  EXPECT_EQ(stats.workers[WorkerOf(*server, *hall)].participants, 2u);
  EXPECT_EQ(stats.workers[WorkerOf(*server, *attic)].participants, 1u);
}

/// Joins the space, as often as it takes until it opens on such a worker: how busy workers are on
/// top of the people there, as somebody has just joined, passes.
template <typename IsRight>
void OpenWhere(Server& server, const ClosedLog& log, const char* space, IsRight is_right) {
  EXPECT_TRUE(WaitUntil([&] {
    const auto joined = Join(server, ChromiumJoin(space));
    if (is_right(WorkerOf(server, *joined))) return true;
    LeaveAndWait(server, log, joined->participant);
    return false;
  })) << space;
}

TEST(ServerSpacesTest, AnEmptySpaceOpensWhereThereIsLeastToDoByThen) {
  ClosedLog log;
  ServerOptions options = SmallOptions();
  options.spaces.push_back({"cellar", {}});
  const auto server = MustStart(options, log.MakeHandler());
  const auto crowd = [&](const char* space, int people) {
    for (int i = 0; i < people; ++i) ASSERT_TRUE(Join(*server, ChromiumJoin(space)));
  };
  const size_t attic = WorkerOf(*server, *Join(*server, ChromiumJoin("attic")));
  crowd("attic", 5);
  const auto first = Join(*server, ChromiumJoin("hall"));
  const size_t before = WorkerOf(*server, *first);
  EXPECT_NE(before, attic);
  LeaveAndWait(*server, log, first->participant);
  OpenWhere(*server, log, "cellar", [&](size_t worker) { return worker == before; });
  crowd("cellar", 30);
  OpenWhere(*server, log, "hall", [&](size_t worker) { return worker != before; });
}

TEST(ServerSpacesTest, ASpaceThatRefusesItsFirstIsThereForTheNext) {
  const auto server = MustStart(SmallOptions());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Join(*server, JoinWith("hall", "v=0\r\n")).error().code, "offer-invalid");
  }
  EXPECT_TRUE(Join(*server, ChromiumJoin("hall")));
}

TEST(ServerSpacesTest, APlanIsReplacedWhileItIsUsed) {
  const auto server = MustStart(SmallOptions());
  FloorPlan plan;
  plan.width = 77;
  const auto replaced = ReplacePlan(*server, "attic", plan);
  ASSERT_TRUE(replaced);
  EXPECT_EQ((*replaced)->width, 77);
  const auto joined = Join(*server, ChromiumJoin("attic"));
  ASSERT_TRUE(joined) << joined.error().message;
  EXPECT_EQ(joined->plan->width, 77) << "nobody was there, and it counts nevertheless";

  EXPECT_EQ(ReplacePlan(*server, "cellar", plan).error().code, "space-unknown");
  plan.width = -1;
  EXPECT_EQ(ReplacePlan(*server, "attic", plan).error().code, "plan-invalid");
}

constexpr size_t kVisits = 10;

/// Comes and goes, and replaces the plan in between.
void HauntSpaces(Server& server, size_t thread, std::atomic<size_t>& joined) {
  for (size_t i = 0; i < kVisits; ++i) {
    const std::string space = (i + thread) % 2 == 0 ? "hall" : "attic";
    FloorPlan plan;
    plan.width = 77;
    const auto replaced = ReplacePlan(server, space, plan);
    ASSERT_TRUE(replaced) << replaced.error().message;
    const auto result = Join(server, ChromiumJoin(space));
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->plan->width, 77);
    ++joined;
    server.Leave(result->participant);
  }
}

TEST(ServerSpacesTest, SpacesThatOpenAndEmptyAllTheTimeLoseNobodyAndNoPlan) {
  constexpr size_t kThreads = 4;
  for (const uint32_t workers : {1u, 2u, 4u}) {
    ClosedLog log;
    std::atomic<size_t> joined{0};
    const auto server = MustStart(SmallOptions(workers), log.MakeHandler());
    std::vector<std::thread> threads;
    for (size_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] { HauntSpaces(*server, t, joined); });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(joined, kThreads * kVisits);
    EXPECT_TRUE(WaitUntil([&] { return log.Once().size() == joined; })) << workers;
    EXPECT_EQ(ParticipantsOf(*server), 0u);
  }
}

}  // namespace
}  // namespace earshot
