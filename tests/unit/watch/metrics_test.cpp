#include "watch/metrics.h"

#include <set>
#include <sstream>

#include <gtest/gtest.h>

namespace rogerthat::watch {
namespace {

bool has_line(const std::string& page, const std::string& line) {
  return ("\n" + page).find("\n" + line + "\n") != std::string::npos;
}

TEST(Metrics, requests_are_labelled_by_route_and_status) {
  MetricsInput in;
  in.requests = {{"send", 200, 41}, {"send", 429, 2}};
  const std::string page = render_metrics(in);
  EXPECT_TRUE(has_line(page, R"(rogerthat_requests_total{route="send",status="200"} 41)"));
  EXPECT_TRUE(has_line(page, R"(rogerthat_requests_total{route="send",status="429"} 2)"));
}

TEST(Metrics, mcp_is_counted_as_a_whole) {
  MetricsInput in;
  in.mcp = {.sessions = 3, .calls = 5, .streams = 2, .subscriptions = 1};
  const std::string page = render_metrics(in);
  EXPECT_TRUE(has_line(page, "rogerthat_mcp_sessions 3"));
  EXPECT_TRUE(has_line(page, "rogerthat_mcp_calls 5"));
  EXPECT_TRUE(has_line(page, "rogerthat_mcp_streams 2"));
  EXPECT_TRUE(has_line(page, "rogerthat_mcp_subscriptions 1"));
}

TEST(Metrics, each_shard_has_a_sample) {
  MetricsInput in;
  in.shards.resize(2);
  in.shards[1].waiting_polls = 7;
  const std::string page = render_metrics(in);
  EXPECT_TRUE(has_line(page, R"(rogerthat_waiting_polls{shard="0"} 0)"));
  EXPECT_TRUE(has_line(page, R"(rogerthat_waiting_polls{shard="1"} 7)"));
}

TEST(Metrics, what_channels_hold_is_told_by_kind) {
  MetricsInput in;
  in.shards.resize(1);
  in.shards[0].held_messages = 7;
  in.shards[0].held_inboxes = 5;
  in.shards[0].memory_max = 100;
  const std::string page = render_metrics(in);
  EXPECT_TRUE(has_line(page, R"(rogerthat_held_bytes{shard="0",kind="messages"} 7)"));
  EXPECT_TRUE(has_line(page, R"(rogerthat_held_bytes{shard="0",kind="attachments"} 0)"));
  EXPECT_TRUE(has_line(page, R"(rogerthat_held_bytes{shard="0",kind="inboxes"} 5)"));
  EXPECT_TRUE(has_line(page, R"(rogerthat_held_bytes_max{shard="0"} 100)"));
}

TEST(Metrics, commit_latency_is_a_cumulative_histogram_in_seconds) {
  MetricsInput in;
  in.store.commits = 10;
  in.store.commit_latency_us = {{1000, 6}, {10'000, 3}};
  in.store.commit_latency_sum_us = 2'500'000;
  const std::string page = render_metrics(in);
  EXPECT_TRUE(has_line(page, R"(rogerthat_store_commit_seconds_bucket{le="0.001"} 6)"));
  EXPECT_TRUE(has_line(page, R"(rogerthat_store_commit_seconds_bucket{le="0.01"} 9)"));
  EXPECT_TRUE(has_line(page, R"(rogerthat_store_commit_seconds_bucket{le="+Inf"} 10)"));
  EXPECT_TRUE(has_line(page, "rogerthat_store_commit_seconds_sum 2.5"));
  EXPECT_TRUE(has_line(page, "rogerthat_store_commit_seconds_count 10"));
}

TEST(Metrics, every_sample_follows_the_help_and_type_of_its_metric_once) {
  MetricsInput in;
  in.version = "1.2.3";
  in.shards.resize(1);
  in.requests = {{"join", 200, 1}};
  in.refusals = {{"rate_limited", 3}};
  std::istringstream page(render_metrics(in));
  std::set<std::string> declared;
  std::string current;
  std::size_t samples = 0;
  for (std::string line; std::getline(page, line);) {
    std::istringstream words(line);
    std::string first, second, name;
    words >> first >> second >> name;
    if (first == "#") {
      if (second == "HELP") {
        EXPECT_TRUE(declared.insert(name).second) << name << " is declared twice";
        current = name;
      }
      EXPECT_EQ(name, current) << line;
      continue;
    }
    EXPECT_EQ(line.rfind(current, 0), 0u) << line << " does not belong to " << current;
    ++samples;
  }
  EXPECT_GT(samples, 40u);
}

TEST(ProcessStats, this_process_has_memory_files_and_threads) {
  const ProcessStats stats = read_process_stats();
  EXPECT_GT(stats.resident_bytes, 1u << 20);
  EXPECT_GE(stats.open_fds, 3u);
  EXPECT_GE(stats.max_fds, stats.open_fds);
  EXPECT_GE(stats.threads, 1u);
}

}  // namespace
}  // namespace rogerthat::watch
