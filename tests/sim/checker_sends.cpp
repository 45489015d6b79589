// What is promised to senders: ids that rise, one message for one client_id, nothing altered.
#include <algorithm>

#include "checker.h"

namespace rogerthat::sim {

std::size_t Checker::add_channel(std::string id, const core::ChannelOptions& options) {
  ChannelFacts& facts = channels_.emplace_back();
  facts.id = std::move(id);
  facts.options = options;
  return channels_.size() - 1;
}

void Checker::joined(std::size_t channel, const std::string& callsign, bool explicit_ack) {
  ChannelFacts& facts = channels_[channel];
  CallsignFacts& who = facts.callsigns[callsign];
  who.explicit_ack = who.explicit_ack || explicit_ack;
  const bool anew = !who.joined || (!facts.options.durable && who.life != life_);
  if (!anew) return;
  who.joined = true;
  who.life = life_;
  who.first_join_turn = turn_;
}

void Checker::asks_to_join(const Request& request) {
  ChannelFacts& facts = channels_[request.channel];
  const auto holders = facts.holders.find(request.session_id);
  if (!request.proves || !facts.options.has_owner_password || holders == facts.holders.end())
    return;
  const auto holder = holders->second.find(request.program);
  if (holder != holders->second.end()) holder->second = true;
}

// A proof belongs to who has given it: nobody is told that it has proved what it has not, and a
// session counts as proved only while all who have been given it have.
void Checker::proof(const Request& request, const Proof& proof) {
  ChannelFacts& facts = channels_[request.channel];
  if (proof.adopted) facts.brought.insert(proof.session_id);
  if (facts.brought.contains(proof.session_id)) return;
  auto& holders = facts.holders[proof.session_id];
  bool& proved = holders[request.program];
  const bool protects = facts.options.has_owner_password;
  proved = proved || (request.proves && protects);
  const auto broken = [&](std::string_view what) {
    world_.violate("a proof belongs to who has given it",
                   fmt::format("{}, program {}: {}", request.callsign, request.program, what));
  };
  if (proof.told && !proved) broken("is told that it has proved itself");
  if (request.proves && protects && !proof.told) broken("has proved itself and is not told so");
  if (!proof.counts) return;
  for (const auto& [program, has_proved] : holders) {
    if (!has_proved)
      broken(fmt::format("its session counts as proved, and program {} has it", program));
  }
}

void Checker::submitted(Post& post) {
  post.last_turn = ++turn_;
  if (post.first_turn == 0) {
    post.first_turn = post.last_turn;
    if (!post.client_id.empty()) {
      channels_[post.channel].client_ids[{post.from, post.client_id}].push_back(post.number);
    }
  }
}

bool Checker::lost_in_memory(const Post& post) const {
  return post.life != life_ && !channels_[post.channel].options.durable;
}

bool Checker::forgotten_client_id(const Post& post) const {
  return lost_in_memory(post) || world_.now().wall - post.at >= core::kClientIdMemory;
}

// The post is a message under that id: from now on, and it has been under no other.
void Checker::learn_id(Post& post, MessageId id, Millis at) {
  ChannelFacts& facts = channels_[post.channel];
  if (post.id == id) return;
  const bool again = post.id != 0 && !forgotten_client_id(post);
  if (again) {
    world_.violate(post.client_id.empty() ? "the same content has the same id"
                                          : "a client_id is delivered once",
                   fmt::format("post {} is message {} and {}", post.number, post.id, id));
    return;
  }
  const auto [there, fresh] = facts.posts.emplace(id, post.number);
  if (!fresh && there->second != post.number) {
    world_.violate("the same id is the same content",
                   fmt::format("message {} is post {} and {}", id, there->second, post.number));
    return;
  }
  post.id = id;
  post.at = at;
  post.life = life_;
  facts.highest_id = std::max(facts.highest_id, id);
  if (post.client_id.empty()) return;
  for (const std::size_t number : facts.client_ids[{post.from, post.client_id}]) {
    const Post& other = posts_.at(number);
    if (number == post.number || other.id == 0 || forgotten_client_id(other)) continue;
    world_.violate("a client_id is delivered once",
                   fmt::format("posts {} and {} share {} and are messages {} and {}", number,
                               post.number, post.client_id, other.id, id));
  }
}

void Checker::answered(Post& post, const Answer& answer, MessageId highest_before) {
  ChannelFacts& facts = channels_[post.channel];
  if (answer.error) {
    if (*answer.error == ErrorCode::conflict) {
      const auto& sharing = facts.client_ids[{post.from, post.client_id}];
      if (sharing.size() < 2) {
        world_.violate("a conflict is told where another body was sent, and only there",
                       fmt::format("post {}", post.number));
      }
    }
    if (*answer.error == ErrorCode::invalid && post.reply_to != 0) {
      const auto target = facts.posts.find(post.reply_to);
      if (target == facts.posts.end()) return;
      const Post& answered = posts_.at(target->second);
      const bool meant = answered.kind == core::Kind::message && answered.accepted_turn != 0 &&
                         (addressed(answered, post.from) || answered.from == post.from);
      if (meant && !lost_in_memory(answered) && !facts.ids_forgotten && post.to == "all") {
        world_.violate("reply_to takes the id of a message that one may see",
                       fmt::format("post {} to message {}", post.number, post.reply_to));
      }
    } else if (*answer.error == ErrorCode::invalid) {
      const auto to = facts.callsigns.find(post.to);
      const bool known = post.to == "all" || (to != facts.callsigns.end() && to->second.joined &&
                                              (facts.options.durable || to->second.life == life_));
      if (known) {
        world_.violate("a send to who has ever joined is accepted",
                       fmt::format("post {} to {}", post.number, post.to));
      }
    }
    return;
  }
  if (answer.duplicate) {
    if (post.id != 0 && post.id != answer.id && !forgotten_client_id(post)) {
      world_.violate("a duplicate answers the first result",
                     fmt::format("post {} was {} and is now {}", post.number, post.id, answer.id));
    }
  } else {
    if (answer.id <= highest_before) {
      world_.violate("ids rise strictly, also across restarts and clocks that step back",
                     fmt::format("post {} got {}, {} had been given before it was sent",
                                 post.number, answer.id, highest_before));
    }
    if (answer.id >= MessageId{1} << 53) {
      world_.violate("ids are below 2^53", fmt::format("{}", answer.id));
    }
  }
  learn_id(post, answer.id, post.at == 0 ? world_.now().wall : post.at);
  if (post.accepted_turn == 0 || post.life != life_) post.accepted_turn = ++turn_;
}

bool Checker::may_be_dropped(const Post& post) const {
  if (post.id != 0 && post.id <= channels_[post.channel].evicted_through) return true;
  const core::ChannelOptions& options = channels_[post.channel].options;
  std::size_t later = 0;
  std::size_t bytes = post.text.size();
  for (std::size_t i = 0; i < posts_.size(); ++i) {
    const Post& other = posts_.at(i);
    if (other.channel != post.channel || other.kind == core::Kind::status) continue;
    if (other.number == post.number || other.last_turn <= post.first_turn) continue;
    ++later;
    bytes += other.text.size() + 512;  // more than a message weighs beside its text
  }
  return later >= options.ring_size || bytes > options.ring_bytes;
}

bool Checker::addressed(const Post& post, const std::string& callsign) const {
  return post.from != callsign && (post.to == "all" || post.to == callsign);
}

}  // namespace rogerthat::sim
