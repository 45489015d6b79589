// Everything that is pasted somewhere: the `connect` block of a creation, the invite, the agent
// prompt and the text recipes. Pure functions from facts to text; every command is tested in bash.
#pragma once

#include <string>
#include <string_view>

#include "api/http/site.h"
#include "api/texts/snippets.h"
#include "base/json.h"
#include "core/types.h"

namespace rogerthat::api {

struct ChannelFacts {
  std::string_view channel_id;
  std::string_view token;  // "public" on bands
  core::ChannelOptions options;
  std::string_view owner_password;  // empty: none
  std::string_view peer_callsign;   // picked for the peer, free on the channel
};
// Where snippets are written for. The owner password goes along only where the posture depends on
// it.
Place place_of(const View& view, const ChannelFacts& channel);

std::string agent_prompt(const View& view, const ChannelFacts& channel);
std::string peer_invite(const View& view, const ChannelFacts& channel);               // one line
void write_connect(JsonWriter& json, const View& view, const ChannelFacts& channel);  // the object
// What stands at the link of an invitation, for whoever has only that: how to join by it.
std::string link_page(const View& view, std::string_view channel_id,
                      const core::ChannelOptions& options);

// For join answers: how far peers are to be trusted, how to behave here, and one sentence on what
// comes next.
std::string trust_instructions(core::TrustPosture posture, const core::ChannelOptions& options);
std::string join_instructions(core::TrustPosture posture, const core::ChannelOptions& options);
std::string join_hint(const core::ChannelOptions& options, std::string_view callsign);
std::string collision_warning(std::string_view callsign);
// For who goes by the name of a model. `free`: a callsign to take instead.
std::string model_callsign_warning(std::string_view callsign, std::string_view free);
// For `wait` answers: what to do with what came, or with nothing.
std::string meta_hint(bool timed_out);
std::string retention_notice(const core::ChannelOptions& options);  // empty: none is due
std::string privacy_notice(const core::ChannelOptions& options);

}  // namespace rogerthat::api
