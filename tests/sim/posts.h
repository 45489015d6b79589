// What agents want to say: each post has a text of its own, by which it is known wherever it turns
// up. A post may be submitted several times (with a client_id); it must become one message at most.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "core/types.h"

namespace rogerthat::sim {

struct Post {
  std::size_t number = 0;
  std::size_t channel = 0;
  std::string from;
  std::string to;  // callsign or "all"
  std::string text;
  std::string client_id;
  core::Kind kind = core::Kind::message;
  core::MessageId reply_to = 0;
  std::uint64_t body_hash = 0;

  // --- What the checker knows. Turns count submissions on all channels.
  std::uint64_t first_turn = 0;
  std::uint64_t last_turn = 0;
  std::uint64_t accepted_turn = 0;  // 0: no 200 has been given
  core::MessageId id = 0;           // 0: not known
  Millis at = 0;                    // wall; of the send that became the message
  unsigned life = 0;                // of the process that gave the id
};

class Posts {
 public:
  // Gives it its number and its text.
  Post& add(Post post, std::size_t padding);
  Post& at(std::size_t number) { return all_[number]; }
  const Post& at(std::size_t number) const { return all_[number]; }
  std::size_t size() const { return all_.size(); }
  // The post that a text belongs to; null: nobody has ever written that.
  Post* find(std::string_view text);

 private:
  std::deque<Post> all_;
};

}  // namespace rogerthat::sim
