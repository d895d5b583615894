#include "results.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace earshot::load {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Results GoodResults() {
  Results results;
  results.scenario = "meeting";
  results.target = "localhost:8080";
  results.people = results.people_here = results.joins = 10;
  results.expects_media = true;
  results.measured = Duration::Seconds(10);
  results.sent = 1000;
  results.meter.received = 9000;
  results.loss = {10000, 25};
  results.meter.latency[0].Add(Duration::Millis(2));
  results.server_before = ServerUsage{1.0, 0, {{7, 0.2}, {8, 0.3}}};
  results.server_after = ServerUsage{1.5, 64 * 1024 * 1024, {{7, 0.25}, {8, 0.7}}};
  results.generator_cpu_seconds = 2.5;
  return results;
}

TEST(ResultsTest, JsonHoldsTheNumbers) {
  const auto json = nlohmann::json::parse(ResultsAsJson(GoodResults()));
  EXPECT_EQ(json["failure"], "");
  EXPECT_EQ(json["packets"]["received"], 9000);
  EXPECT_EQ(json["packets"]["received_per_second"], 900);
  EXPECT_EQ(json["packets"]["received_for_each_sent"], 9);
  EXPECT_EQ(json["loss"]["percent"], 0.25);
  EXPECT_EQ(json["latency_ms"]["audio"]["p99"], 2);
  EXPECT_EQ(json["latency_ms"]["all"]["count"], 1);
  EXPECT_NEAR(json["server"]["cores"].get<double>(), 0.05, 1e-9);
  EXPECT_NEAR(json["server"]["us_per_forwarded_packet"].get<double>(), 0.5e6 / 9000, 1e-6);
  EXPECT_EQ(json["server"]["resident_mib"], 64);
  EXPECT_NEAR(json["server"]["busiest_thread_cores"].get<double>(), 0.04, 1e-9);
  EXPECT_EQ(json["server"]["thread_cores"].size(), 2u);
  EXPECT_EQ(json["generator"]["cores"], 0.25);
}

TEST(ResultsTest, TheTableHasARowForEachThatWasMeasured) {
  Results results = GoodResults();
  EXPECT_THAT(ResultsAsTable(results), HasSubstr("audio latency"));
  EXPECT_THAT(ResultsAsTable(results), Not(HasSubstr("video latency")));
  EXPECT_THAT(ResultsAsTable(results), HasSubstr("us per forwarded packet"));
  EXPECT_THAT(ResultsAsTable(results), HasSubstr("busiest thread   0.04 cores"));
  results.server_after->threads.clear();
  EXPECT_THAT(ResultsAsTable(results), Not(HasSubstr("busiest thread")));
  results.server_after.reset();
  EXPECT_THAT(ResultsAsTable(results), Not(HasSubstr("us per forwarded packet")));
}

TEST(ResultsTest, FailuresAreNamed) {
  EXPECT_THAT(FailureOf(GoodResults()), IsEmpty());
  Results results = GoodResults();
  results.meter.received = 0;
  EXPECT_THAT(FailureOf(results), HasSubstr("100 %"));
  results.sent = 0;
  EXPECT_THAT(FailureOf(results), HasSubstr("Nothing was sent"));
  results.expects_media = false;
  EXPECT_THAT(FailureOf(results), IsEmpty());
  results.meter.silent_slots[0] = 3;
  EXPECT_THAT(FailureOf(results), HasSubstr("3 audio slots"));
  results.joins_failed = 2;
  results.first_problem = "The space is full. (limit-reached)";
  EXPECT_THAT(FailureOf(results), HasSubstr("2 could not join."));
  EXPECT_THAT(FailureOf(results), HasSubstr("limit-reached"));
}

}  // namespace
}  // namespace earshot::load
