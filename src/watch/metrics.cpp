#include "watch/metrics.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace rogerthat::watch {

namespace {

class Page {
 public:
  // Starts a metric; its samples follow.
  Page& metric(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    fmt::format_to(std::back_inserter(text_), "# HELP rogerthat_{} {}\n# TYPE rogerthat_{} {}\n",
                   name, help, name, type);
    return *this;
  }
  Page& counter(std::string_view name, std::string_view help) {
    return metric(name, "counter", help);
  }
  Page& gauge(std::string_view name, std::string_view help) { return metric(name, "gauge", help); }

  // `labels`: {route="send"}, or nothing. Their values are words of ours: nothing to escape.
  template <class Number>
  Page& sample(Number value, std::string_view labels = {}, std::string_view suffix = {}) {
    fmt::format_to(std::back_inserter(text_), "rogerthat_{}{}{} {}\n", name_, suffix, labels,
                   value);
    return *this;
  }

  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  std::string_view name_;
};

void write_process(Page& page, const MetricsInput& in) {
  page.gauge("build_info", "Always 1; the label says which version runs.")
      .sample(1, fmt::format("{{version=\"{}\"}}", in.version));
  page.gauge("uptime_seconds", "Time since the start of the process.")
      .sample(static_cast<double>(in.uptime) / kSecond);
  page.gauge("ready", "1 when the hub has read its store and answers.").sample(in.ready ? 1 : 0);
  page.gauge("draining", "1 while the hub is going down.").sample(in.draining ? 1 : 0);
  page.gauge("process_resident_bytes", "Memory of the process in RAM.")
      .sample(in.process.resident_bytes);
  page.gauge("process_open_fds", "Open file descriptors.").sample(in.process.open_fds);
  page.gauge("process_max_fds", "Limit of open file descriptors.").sample(in.process.max_fds);
  page.gauge("process_threads", "Threads of the process.").sample(in.process.threads);
  page.counter("process_cpu_seconds_total", "Processor time used.").sample(in.process.cpu_seconds);
}

void write_http(Page& page, const MetricsInput& in) {
  const net::ServerCounters& http = in.http;
  const net::ServerOptions& bounds = in.http_options;
  page.counter("connections_accepted_total", "Connections accepted.").sample(http.accepted);
  page.counter("connections_closed_total", "Connections closed.").sample(http.closed);
  page.gauge("connections_open", "Connections open now.").sample(http.open);
  page.gauge("connections_max", "How many may be open: --connections-max, or what the files allow.")
      .sample(bounds.connections_max);
  page.gauge("connections_per_address_max", "... from one address.")
      .sample(bounds.connections_per_address_max);
  page.counter("connections_refused_total", "Connections over a limit.")
      .sample(http.refused_connections);
  page.counter("connections_ended_for_room_total",
               "Connections of the address with most of them, ended for one of another address.")
      .sample(http.ended_for_room);
  page.counter("accept_failures_total", "Failed accepts, mostly for want of file descriptors.")
      .sample(http.accept_failures);
  page.counter("tls_failures_total", "Failed TLS handshakes.").sample(http.tls_failures);
  page.counter("timeouts_total", "Connections closed for a header, body, idle or write time.")
      .sample(http.timeouts);
  page.gauge("kept_request_bytes", "Requests that are incomplete or wait behind another.")
      .sample(http.kept_input_bytes);
  page.gauge("kept_request_bytes_max", "Beyond it, who keeps most is answered 503.")
      .sample(bounds.kept_input_bytes_max);
  page.gauge("kept_answer_bytes",
             "Answers that their readers have not taken yet, with what their sockets hold.")
      .sample(http.kept_output_bytes);
  page.gauge("kept_answer_bytes_max", "Beyond it, who keeps most is cut off.")
      .sample(bounds.kept_output_bytes_max);
  page.counter("cut_off_for_memory_total", "Connections that kept most when too much was kept.")
      .sample(http.cut_off_for_memory);
  page.counter("received_bytes_total", "Bytes read from connections.").sample(http.bytes_in);
  page.counter("sent_bytes_total", "Bytes written to connections.").sample(http.bytes_out);
  page.counter("http_requests_total", "Requests that reached the HTTP layer.")
      .sample(http.requests);
  page.counter("http_requests_refused_total", "Requests refused before they reached a route.")
      .sample(http.refused_requests);
  page.counter("requests_total", "Requests answered, by route and status.");
  for (const RequestCount& request : in.requests) {
    page.sample(request.count,
                fmt::format("{{route=\"{}\",status=\"{}\"}}", request.route, request.status));
  }
  page.counter("refusals_total", "Requests refused, by reason.");
  for (const RefusalCount& refusal : in.refusals) {
    page.sample(refusal.count, fmt::format("{{reason=\"{}\"}}", refusal.reason));
  }
}

// One metric with a sample for each shard.
template <class Number>
void write_per_shard(Page& page, const std::vector<hub::ShardStats>& shards,
                     Number hub::ShardStats::* member) {
  for (std::size_t i = 0; i < shards.size(); ++i) {
    page.sample(shards[i].*member, fmt::format("{{shard=\"{}\"}}", i));
  }
}

void write_hub(Page& page, const MetricsInput& in) {
  using S = hub::ShardStats;
  const auto gauge = [&](std::string_view name, std::string_view help, auto member) {
    page.gauge(name, help);
    write_per_shard(page, in.shards, member);
  };
  const auto counter = [&](std::string_view name, std::string_view help, auto member) {
    page.counter(name, help);
    write_per_shard(page, in.shards, member);
  };
  gauge("channels", "Channels.", &S::channels);
  gauge("sessions", "Live sessions.", &S::sessions);
  gauge("waiting_polls", "Long polls that wait for a message.", &S::waiting_polls);
  gauge("open_streams", "Open event streams.", &S::open_streams);
  gauge("waiting_awaits", "Senders that wait for a receipt or a reply.", &S::awaits);
  gauge("waiting_for_commit", "Answers that wait for the disk.", &S::waiting_for_commit);
  counter("messages_total", "Messages sent.", &S::messages);
  counter("deliveries_total", "Messages given to receivers.", &S::deliveries);
  counter("redelivered_total", "Messages given again: their first answer was lost.",
          &S::redelivered);
  counter("handed_over_total", "Messages known to have arrived.", &S::handed_over);
  counter("joins_total", "Joins.", &S::joins);
  counter("slow_streams_cut_total", "Streams ended because their reader was too slow.",
          &S::slow_streams_cut);
  page.gauge("held_bytes",
             "What channels hold in memory: messages, what is attached to them, inboxes.");
  for (std::size_t i = 0; i < in.shards.size(); ++i) {
    const auto held = [&](std::string_view kind, std::size_t bytes) {
      page.sample(bytes, fmt::format("{{shard=\"{}\",kind=\"{}\"}}", i, kind));
    };
    held("messages", in.shards[i].held_messages);
    held("attachments", in.shards[i].held_attachments);
    held("inboxes", in.shards[i].held_inboxes);
  }
  gauge("held_bytes_max", "How much that may be (--memory-max).", &S::memory_max);
  counter("evicted_messages_total", "Messages let go because channels held too much.",
          &S::evicted_messages);
  counter("evicted_attachments_total", "Attachments of idle channels let go for the same reason.",
          &S::evicted_attachments);
  page.gauge("webhooks", "Webhooks of all channels and accounts.").sample(in.webhooks);
  gauge("webhook_deliveries_waiting", "Webhook deliveries that wait for their turn.",
        &S::hooks_waiting);
  gauge("webhook_bytes_waiting", "Size of their bodies.", &S::hooks_waiting_bytes);
  gauge("webhook_attempts_under_way", "Requests to receivers of webhooks that run.",
        &S::hooks_under_way);
  counter("webhook_attempts_total", "Requests to receivers of webhooks.", &S::hook_attempts);
  counter("webhook_deliveries_total", "Webhook deliveries that arrived.", &S::hook_deliveries);
  counter("webhook_evictions_total", "Webhook deliveries dropped: too many waited.",
          &S::hook_evictions);
  page.gauge("worker_jobs_queued", "Slow jobs (password hashes, reads from disk) that wait.")
      .sample(in.worker_jobs_queued);
  page.counter("lifetime_channels_created_total", "Channels created since the first start.")
      .sample(in.lifetime.channels_created);
  page.counter("lifetime_joins_total", "Joins since the first start.")
      .sample(in.lifetime.joins_total);
  page.counter("lifetime_messages_total", "Messages since the first start.")
      .sample(in.lifetime.messages_total);
}

void write_mcp(Page& page, const mcp::HttpStats& mcp) {
  page.gauge("mcp_sessions", "Sessions of legacy MCP clients.").sample(mcp.sessions);
  page.gauge("mcp_calls", "MCP calls that have not been answered yet.").sample(mcp.calls);
  page.gauge("mcp_streams", "Open event streams of MCP clients.").sample(mcp.streams);
  page.gauge("mcp_subscriptions", "Open subscriptions of modern MCP clients.")
      .sample(mcp.subscriptions);
}

void write_store(Page& page, const MetricsInput& in) {
  const store::StoreStats& store = in.store;
  page.gauge("store_healthy", "0 while the disk refuses what the hub writes.")
      .sample(in.store_healthy ? 1 : 0);
  page.counter("store_commits_total", "Commits to disk.").sample(store.commits);
  page.counter("store_rows_total", "Journal rows written.").sample(store.rows);
  page.counter("store_forgotten_total", "Journal rows that nothing needed any more.")
      .sample(store.forgotten);
  page.counter("store_failures_total", "Commits that the disk refused.").sample(store.failures);
  page.gauge("store_queued_batches", "Batches that wait for a commit.")
      .sample(store.queued_batches);
  page.gauge("store_queued_bytes", "Bytes that wait for a commit.").sample(store.queued_bytes);
  page.gauge("store_disk_bytes", "Size of the database and its log.").sample(store.disk_bytes);

  page.metric("store_commit_seconds", "histogram", "Time of a commit.");
  std::uint64_t cumulative = 0;
  for (const auto& [upper_us, count] : store.commit_latency_us) {
    cumulative += count;
    const double upper = static_cast<double>(upper_us) / 1e6;
    page.sample(cumulative, fmt::format("{{le=\"{}\"}}", upper), "_bucket");
  }
  // What took longer than the last bound is known from the number of commits alone.
  const std::uint64_t all = std::max(cumulative, store.commits);
  page.sample(all, "{le=\"+Inf\"}", "_bucket");
  page.sample(static_cast<double>(store.commit_latency_sum_us) / 1e6, {}, "_sum");
  page.sample(all, {}, "_count");
}

}  // namespace

std::string render_metrics(const MetricsInput& input) {
  Page page;
  write_process(page, input);
  write_http(page, input);
  write_hub(page, input);
  write_mcp(page, input.mcp);
  write_store(page, input);
  return page.take();
}

}  // namespace rogerthat::watch
