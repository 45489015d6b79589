#include "posts.h"

#include <charconv>

#include <fmt/format.h>

namespace rogerthat::sim {

Post& Posts::add(Post post, std::size_t padding) {
  post.number = all_.size();
  post.text = fmt::format("{} {}", post.number, std::string(padding, '.'));
  post.body_hash = std::hash<std::string>{}(post.text + post.to);
  return all_.emplace_back(std::move(post));
}

Post* Posts::find(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end == text.data() || number >= all_.size()) return nullptr;
  return all_[number].text == text ? &all_[number] : nullptr;
}

}  // namespace rogerthat::sim
