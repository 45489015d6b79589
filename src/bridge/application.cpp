#include "bridge/application.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "api/tools/resources.h"
#include "bridge/info.h"

namespace rogerthat::bridge {

Application::Application(client::HubLink& link, net::Timers& timers, const Settings& settings)
    : link_(link),
      timers_(timers),
      settings_(settings),
      info_(bridge_info(settings)),
      tools_(bridge_tools()) {}

Application::~Application() = default;

JoinedChannel* Application::joined(std::string_view id) const {
  const auto found =
      std::ranges::find(channels_, id, [](const auto& c) { return c->channel().id(); });
  return found == channels_.end() ? nullptr : found->get();
}

client::Channel* Application::find(std::string_view id) const {
  JoinedChannel* const found = joined(id);
  return found == nullptr ? nullptr : &found->channel();
}

client::Channel* Application::current() const {
  return channels_.empty() ? nullptr : &channels_.back()->channel();
}

client::Channel& Application::add(const std::string& id) {
  channels_.push_back(
      std::make_unique<JoinedChannel>(link_, timers_, *this, id, settings_.directory));
  channels_.back()->channel().set_token(token_for(id));
  return channels_.back()->channel();
}

void Application::remove(std::string_view id) {
  std::erase_if(channels_, [id](const auto& one) { return one->channel().id() == id; });
}

std::string Application::token_for(std::string_view channel) const {
  if (channel == settings_.channel) return settings_.token;
  const auto created = tokens_.find(std::string(channel));
  return created == tokens_.end() ? std::string() : created->second;
}

void Application::push(const std::string& params) {
  if (notify_) notify_("notifications/claude/channel", params);
}

void Application::happened(std::string_view channel, Happened what) {
  watches_->tell(channel, what);
}

void Application::joined_at_start(const client::Channel&, std::string text) {
  start_was_told_ = true;
  notice_ = "Joined for you at the start. " + std::move(text);
}

std::string Application::take_notice() {
  if (!start_was_told_ && !settings_.channel.empty()) {
    const client::Channel* const channel = find(settings_.channel);
    if (channel != nullptr && !channel->is_joined() && !channel->trouble().empty()) {
      start_was_told_ = true;
      return fmt::format(
          "Joining {} at the start {}. {}", settings_.channel,
          channel->is_given_up() ? "is refused" : "has not worked yet; it is tried again",
          channel->trouble());
    }
  }
  return std::exchange(notice_, {});
}

std::unique_ptr<mcp::SessionState> Application::begin_session(const mcp::Caller&) {
  if (!settings_.channel.empty()) add(settings_.channel).join_at_start(settings_.callsign);
  return nullptr;
}

void Application::leave_all(Millis patience, std::function<void()> done) {
  auto left = std::make_shared<std::size_t>(1);
  const auto one_less = [left, done = std::move(done)] {
    if (--*left == 0) done();
  };
  for (const auto& one : channels_) {
    client::Channel* const channel = &one->channel();
    if (!channel->is_joined()) continue;
    ++*left;
    net::ClientRequest request =
        link_.plain_request(fmt::format("/api/channels/{}/leave", channel->id()), channel->token());
    request.method = "POST";
    request.repeatable = true;
    request.total_max = patience;
    request.headers.emplace_back("X-Session-Id", channel->session());
    link_.http().send(std::move(request), [one_less, channel](auto answer) {
      // Where the hub could not be told, the handle stays for the next start.
      if (answer && answer->head.status == 200) channel->left();
      one_less();
    });
  }
  one_less();
}

std::string_view Application::resource_templates() const {
  return api::resource_templates_json();
}

std::unique_ptr<mcp::Watch> Application::watch(const mcp::Request&, std::string_view uri,
                                               std::shared_ptr<mcp::WatchSink> sink) {
  return watches_->add(uri, std::move(sink));
}

}  // namespace rogerthat::bridge
