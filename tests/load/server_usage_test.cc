#include "server_usage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace earshot::load {
namespace {

TEST(ServerUsageTest, ProcStatIsReadBehindAnyName) {
  const auto usage = ParseProcStat(
      "4711 (a) b (c)) S 1 4711 4711 0 -1 4194560 5000 0 0 0 300 200 0 0 20 0 3 0 12345 221184000 "
      "22000 18446744073709551615 1 1");
  ASSERT_TRUE(usage);
  EXPECT_DOUBLE_EQ(usage->cpu_seconds, 500.0 / static_cast<double>(sysconf(_SC_CLK_TCK)));
  EXPECT_EQ(usage->resident_bytes, 22000u * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)));
  EXPECT_FALSE(ParseProcStat(""));
  EXPECT_FALSE(ParseProcStat("1 (x) S 2"));
}

TEST(ServerUsageTest, MetricsAreFoundByTheirWholeName) {
  const auto usage = ParseMetrics(
      "# TYPE process_cpu_seconds_total counter\nother_process_cpu_seconds_total 9\n"
      "process_cpu_seconds_total 12.5\nprocess_resident_memory_bytes 1048576\n");
  ASSERT_TRUE(usage);
  EXPECT_DOUBLE_EQ(usage->cpu_seconds, 12.5);
  EXPECT_EQ(usage->resident_bytes, 1048576u);
  EXPECT_FALSE(ParseMetrics("\nprocess_cpu_seconds_total 12.5\n"));
}

TEST(ServerUsageTest, OurOwnProcessCanBeRead) {
  const auto usage = ReadServerUsage({.pid = getpid(), .metrics = {}});
  ASSERT_TRUE(usage.ok());
  ASSERT_TRUE(usage->has_value());
  EXPECT_GT((*usage)->resident_bytes, 0u);
  const std::vector<ThreadUsage>& threads = (*usage)->threads;
  EXPECT_TRUE(std::any_of(threads.begin(), threads.end(), [](const ThreadUsage& thread) {
    return thread.id == getpid();
  })) << "the first thread has the number of its process";
}

TEST(ServerUsageTest, CountersAreReadByTheirLabel) {
  const std::string page =
      "# HELP drops_total What is dropped.\ndrops_total{reason=\"demux\"} 12\n"
      "drops_total{reason=\"empty\"} 3\ndrops_total_more{reason=\"x\"} 5\nplain 7\n";
  EXPECT_THAT(CountersIn(page, "drops_total"),
              testing::ElementsAre(testing::Pair("demux", 12), testing::Pair("empty", 3)));
  EXPECT_EQ(MetricIn(page, "plain"), 7);
  EXPECT_FALSE(MetricIn(page, "drops_total"));
  const auto times = TimesIn("#\nlag_sum 1.5\nlag_count 3\n", "lag");
  ASSERT_TRUE(times);
  EXPECT_EQ(times->count, 3u);
  EXPECT_EQ(times->sum_seconds, 1.5);
  EXPECT_FALSE(TimesIn(page, "lag"));
}

TEST(ServerUsageTest, TheBusiestThreadComesFirstAndNewOnesCountFromTheirStart) {
  const ServerUsage before{.threads = {{1, 10}, {2, 50}, {9, 4}}};
  const ServerUsage after{.threads = {{1, 11}, {2, 50.5}, {3, 2}}};
  EXPECT_THAT(SecondsOfThreads(before, after), testing::ElementsAre(2, 1, 0.5));
  EXPECT_THAT(SecondsOfThreads({}, {}), testing::IsEmpty());
}

TEST(ServerUsageTest, NothingIsReadWhenNothingIsNamedAndAMistakeIsSaid) {
  const auto nothing = ReadServerUsage({});
  ASSERT_TRUE(nothing.ok());
  EXPECT_FALSE(nothing->has_value());
  EXPECT_FALSE(ReadServerUsage({.pid = 1 << 30, .metrics = {}}).ok());
}

}  // namespace
}  // namespace earshot::load
