#include "server.h"

#include <algorithm>
#include <limits>

#include "hub/recovery.h"
#include "receiver.h"

namespace rogerthat::sim {

namespace {
constexpr int kAsksOfAWait = 2;  // more than a receive asks that does not wait
}  // namespace

Server::Server(Surroundings surroundings, unsigned life)
    : s_(std::move(surroundings)),
      life_(life),
      random_(s_.world.random().next()),
      store_(s_.world, s_.disk, s_.codec, s_.plant, s_.crash_here),
      round_planned_(s_.shards, false),
      wake_at_(s_.shards, std::numeric_limits<Millis>::max()) {
  for (std::uint32_t n = 0; n < s_.shards; ++n) {
    shards_.push_back(std::make_unique<hub::Shard>(n, s_.shards, store_, s_.codec, random_));
    shards_.back()->set_stream_backlog_max(s_.stream_backlog_max);
    if (s_.memory_max > 0) shards_.back()->set_memory_max(s_.memory_max);
  }
}

Server::~Server() = default;

// The same steps as Hub::start, without its threads.
bool Server::start() {
  hub::Rebuilder rebuilder(s_.shards, s_.world.now());
  if (auto loaded = store_.load(rebuilder); !loaded) {
    s_.world.violate("what was written can be read again", loaded.error().message);
    return false;
  }
  std::vector<std::string> bands;
  for (const core::ChannelRecord& record : s_.channels) {
    if (record.options.band) bands.push_back(record.id);
  }
  rebuilder.add_bands(bands);
  store_.start(*this);
  s_.checker.started(life_);
  s_.world.trace("life {} begins, {} rows", life_, rebuilder.rows());
  for (std::uint32_t n = 0; n < s_.shards; ++n) {
    shards_[n]->set_now(s_.world.now());
    shards_[n]->adopt(rebuilder.take(n), rebuilder.id_ceiling(), rebuilder.last_seq());
    end_of_round(n);
  }
  check_memory();
  return true;
}

void Server::create(std::size_t channel) {
  enter(channel).create(s_.channels[channel], [this](Result<hub::ChannelEntry*> created) {
    if (!created) s_.world.violate("a channel can be created", created.error().message);
  });
}

void Server::connected(std::shared_ptr<Link> link) {
  const std::uint64_t number = link->number();
  connections_[number].link = std::move(link);
}

void Server::crash(bool machine_too) {
  alive_.reset();
  for (auto& [number, connection] : connections_) connection.link->server_dies(machine_too);
}

void Server::drain() {
  s_.checker.drains();
  draining_ = true;
  for (std::uint32_t n = 0; n < s_.shards; ++n) {
    shards_[n]->set_now(s_.world.now());
    shards_[n]->drain();
    end_of_round(n);
  }
}

hub::Shard& Server::shard_of(std::size_t channel) {
  return *shards_[hub::shard_of(s_.channels[channel].id, s_.shards)];
}

hub::Shard& Server::enter(std::size_t channel) {
  hub::Shard& shard = shard_of(channel);
  shard.set_now(s_.world.now());
  const std::uint32_t n = shard.number();
  if (!round_planned_[n]) {
    round_planned_[n] = true;
    s_.world.after(s_.world.between(0, 1), alive_, [this, n] { end_of_round(n); });
  }
  return shard;
}

// As a loop does after each turn: timers, then everything journalled goes to the store.
void Server::end_of_round(std::uint32_t n) {
  round_planned_[n] = false;
  const Now now = s_.world.now();
  const Millis next = shards_[n]->run_timers(now);
  shards_[n]->flush();
  if (next == std::numeric_limits<Millis>::max()) return;
  const Millis wake = s_.world.time() + std::max<Millis>(1, next - now.steady);
  if (wake_at_[n] > s_.world.time() && wake_at_[n] <= wake) return;
  wake_at_[n] = wake;
  s_.world.after(wake - s_.world.time(), alive_, [this, n, wake] {
    if (wake_at_[n] == wake) end_of_round(n);
  });
}

hub::ChannelEntry* Server::find(std::size_t channel) {
  hub::ChannelEntry* entry = shard_of(channel).find(s_.channels[channel].id);
  if (entry == nullptr) {
    s_.world.violate("a channel survives restarts", s_.channels[channel].id);
  }
  return entry;
}

void Server::answer(const std::shared_ptr<Link>& link, Answer answer) {
  if (connections_.contains(link->number())) link->write(std::move(answer));
}

void Server::request_arrived(Link& from, Request request) {
  const auto found = connections_.find(from.number());
  if (found == connections_.end()) return;
  Connection& connection = found->second;
  const std::shared_ptr<Link> link = connection.link;
  s_.world.trace("link {}: {}", from.number(), describe(request));
  hub::Shard& shard = enter(request.channel);
  if (find(request.channel) == nullptr) return;
  if (connection.receiver) {  // the client has read the answer before this request
    s_.checker.next_request(connection.receiver->reader());
    enter(connection.receiver->channel).reader_next_request(connection.receiver->handle);
    connection.receiver.reset();
    shard.set_now(s_.world.now());
  }
  switch (request.verb) {
    case Verb::join:
      join(link, request);
      break;
    case Verb::send:
      connection.awaits_on.reset();
      if (request.await != hub::AwaitFor::nothing) connection.awaits_on = request.channel;
      send(link, request);
      break;
    case Verb::receive:
      receive(connection, request);
      break;
    case Verb::leave:
      leave(link, request);
      break;
    case Verb::history:
      history(link, request);
      break;
    case Verb::receipts:
      receipts(link, request);
      break;
  }
  check_bounds();
}

void Server::drained(Link& link) {
  const auto found = connections_.find(link.number());
  if (found == connections_.end() || !found->second.receiver) return;
  SimReceiver& receiver = *found->second.receiver;
  enter(receiver.channel).reader_drained(receiver.handle);
}

void Server::closed(Link& link) {
  const auto found = connections_.find(link.number());
  if (found == connections_.end()) return;
  s_.world.trace("link {}: closed, {}", link.number(),
                 link.acknowledged() ? "everything arrived" : "not everything arrived");
  if (found->second.receiver) {
    SimReceiver& receiver = *found->second.receiver;
    s_.checker.closed(receiver.reader());
    const bool in_the_wait = receiver.asked() > kAsksOfAWait;
    const bool handed = link.acknowledged() || s_.plant == Plant::close_is_handover ||
                        (s_.plant == Plant::hope && in_the_wait);
    enter(receiver.channel).reader_closed(receiver.handle, handed);
  }
  if (found->second.awaits_on) {
    hub::ChannelEntry* entry = find(*found->second.awaits_on);
    if (entry != nullptr) {
      enter(*found->second.awaits_on).give_up_await(entry->handle, found->second.await_id);
    }
  }
  connections_.erase(found);
}

void Server::committed(std::uint32_t shard, store::Ticket ticket) {
  shards_[shard]->set_now(s_.world.now());
  shards_[shard]->committed(ticket);
  end_of_round(shard);
  check_memory();
}

void Server::failing(const std::string& reason) {
  for (const auto& shard : shards_) {
    shard->set_now(s_.world.now());
    shard->store_failing(reason);
  }
}

void Server::recovered() {
  for (const auto& shard : shards_) {
    shard->set_now(s_.world.now());
    shard->store_recovered();
    end_of_round(shard->number());
  }
}

// What the shards say that channels hold is what they hold, and no more than they may.
void Server::check_memory() {
  for (const auto& shard : shards_) {
    std::size_t sum = 0;
    shard->each_channel([&](hub::ChannelEntry& entry) { sum += entry.channel.ring().bytes(); });
    const std::size_t said = shard->holdings().total();
    if (sum != said || (s_.memory_max > 0 && sum > s_.memory_max)) {
      s_.world.violate("channels hold what is counted, and no more than they may",
                       fmt::format("{} bytes, {} counted, {} allowed", sum, said, s_.memory_max));
    }
  }
  note_evictions();
}

// Which rings let go is the hub's choice: the checker sees to it that their readers are told.
void Server::note_evictions() {
  if (s_.memory_max == 0) return;
  for (std::size_t i = 0; i < s_.channels.size(); ++i) {
    const hub::ChannelEntry* const entry = shard_of(i).find(s_.channels[i].id);
    if (entry == nullptr) continue;
    MessageId& evicted = s_.checker.channel(i).evicted_through;
    evicted = std::max(evicted, entry->channel.ring().dropped_through());
  }
}

// Every bound of the channel holds at every moment.
void Server::check_bounds() {
  check_memory();
  for (const auto& shard : shards_) {
    shard->each_channel([this](hub::ChannelEntry& entry) {
      const core::ChannelOptions& options = entry.record.options;
      const core::Ring& ring = entry.channel.ring();
      const bool over =
          ring.size() > options.ring_size || (ring.size() > 1 && ring.bytes() > options.ring_bytes);
      if (over) {
        s_.world.violate(
            "the ring is bounded in number and bytes",
            fmt::format("{}: {} messages, {} bytes", entry.record.id, ring.size(), ring.bytes()));
      }
    });
  }
}

}  // namespace rogerthat::sim
