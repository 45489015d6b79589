#include "watch/overview.h"

#include <numeric>

#include "base/json.h"

namespace rogerthat::watch {

namespace {

template <class Number>
std::uint64_t sum(const std::vector<hub::ShardStats>& shards, Number hub::ShardStats::* member) {
  return std::accumulate(
      shards.begin(), shards.end(), std::uint64_t{0},
      [member](std::uint64_t all, const hub::ShardStats& shard) { return all + shard.*member; });
}

double rate(std::uint64_t before, std::uint64_t now, double seconds) {
  return static_cast<double>(now - before) / seconds;
}

void write_rates(JsonWriter& json, const Rates& rates) {
  json.key("per_second").begin_object();
  json.field("seconds", rates.seconds).field("requests", rates.requests);
  json.field("messages", rates.messages).field("deliveries", rates.deliveries);
  json.field("joins", rates.joins);
  json.field("bytes_in", rates.bytes_in).field("bytes_out", rates.bytes_out);
  json.end_object();
}

void write_connections(JsonWriter& json, const MetricsInput& in) {
  json.key("connections").begin_object();
  json.field("open", in.http.open).field("accepted", in.http.accepted);
  json.field("refused", in.http.refused_connections).field("timeouts", in.http.timeouts);
  json.end_object();
}

void write_waiting(JsonWriter& json, const MetricsInput& in) {
  using S = hub::ShardStats;
  json.field("channels", sum(in.shards, &S::channels));
  json.field("sessions", sum(in.shards, &S::sessions));
  json.field("parked_polls", sum(in.shards, &S::waiting_polls));
  json.field("streams", sum(in.shards, &S::open_streams));
  json.field("awaits", sum(in.shards, &S::awaits));
  json.key("mcp").begin_object();
  json.field("sessions", in.mcp.sessions).field("calls", in.mcp.calls);
  json.field("streams", in.mcp.streams).field("subscriptions", in.mcp.subscriptions);
  json.end_object();
}

void write_queues(JsonWriter& json, const MetricsInput& in) {
  json.key("queues").begin_object();
  json.field("waiting_for_commit", sum(in.shards, &hub::ShardStats::waiting_for_commit));
  json.field("store_batches", in.store.queued_batches);
  json.field("store_bytes", in.store.queued_bytes);
  json.field("worker_jobs", in.worker_jobs_queued);
  json.field("webhook_deliveries", sum(in.shards, &hub::ShardStats::hooks_waiting));
  json.field("webhook_bytes", sum(in.shards, &hub::ShardStats::hooks_waiting_bytes));
  json.end_object();
}

void write_process_overview(JsonWriter& json, const MetricsInput& in) {
  using S = hub::ShardStats;
  json.key("memory").begin_object();
  json.field("messages_bytes", sum(in.shards, &S::held_messages));
  json.field("attachments_bytes", sum(in.shards, &S::held_attachments));
  json.field("inboxes_bytes", sum(in.shards, &S::held_inboxes));
  json.field("held_bytes_max", sum(in.shards, &S::memory_max));
  json.field("evicted_messages", sum(in.shards, &S::evicted_messages));
  json.field("evicted_attachments", sum(in.shards, &S::evicted_attachments));
  json.field("resident_bytes", in.process.resident_bytes);
  json.field("disk_bytes", in.store.disk_bytes).end_object();
  json.key("process").begin_object();
  json.field("cpu_seconds", in.process.cpu_seconds).field("threads", in.process.threads);
  json.field("open_files", in.process.open_fds).field("open_files_max", in.process.max_fds);
  json.end_object();
}

}  // namespace

RateMeter::Sample RateMeter::sample(const MetricsInput& input, Millis at) {
  using S = hub::ShardStats;
  return {.at = at,
          .requests = input.http.requests,
          .messages = sum(input.shards, &S::messages),
          .deliveries = sum(input.shards, &S::deliveries),
          .joins = sum(input.shards, &S::joins),
          .bytes_in = input.http.bytes_in,
          .bytes_out = input.http.bytes_out};
}

Rates RateMeter::measure(const MetricsInput& input, Millis steady_now) {
  const Sample now = sample(input, steady_now);
  const std::lock_guard lock(mutex_);
  // Whoever looks often, or besides others, sees the same time.
  if (now.at - latest_.at >= kSecond) {
    earlier_ = latest_;
    latest_ = now;
  }
  const double seconds = static_cast<double>(std::max<Millis>(now.at - earlier_.at, 1)) / kSecond;
  return {.seconds = seconds,
          .requests = rate(earlier_.requests, now.requests, seconds),
          .messages = rate(earlier_.messages, now.messages, seconds),
          .deliveries = rate(earlier_.deliveries, now.deliveries, seconds),
          .joins = rate(earlier_.joins, now.joins, seconds),
          .bytes_in = rate(earlier_.bytes_in, now.bytes_in, seconds),
          .bytes_out = rate(earlier_.bytes_out, now.bytes_out, seconds)};
}

std::string overview_json(const MetricsInput& input, const Rates& rates, Millis started_at,
                          std::size_t bans) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.field("version", input.version).field("started_at", started_at);
  json.field("uptime_seconds", static_cast<double>(input.uptime) / kSecond);
  json.field("ready", input.ready).field("draining", input.draining);
  json.field("store_healthy", input.store_healthy);
  write_connections(json, input);
  write_waiting(json, input);
  write_rates(json, rates);
  write_queues(json, input);
  write_process_overview(json, input);
  json.field("bans", static_cast<std::uint64_t>(bans));
  json.key("lifetime").begin_object();
  json.field("channels_created", input.lifetime.channels_created);
  json.field("joins", input.lifetime.joins_total);
  json.field("messages", input.lifetime.messages_total).end_object();
  json.end_object();
  return out;
}

}  // namespace rogerthat::watch
