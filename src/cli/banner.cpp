#include "cli/banner.h"

#include <fmt/format.h>

#include "base/version.h"

namespace rogerthat::cli {

namespace {

std::string listening_url(const Settings& s, int port) {
  const bool literal_v6 = s.http.host.find(':') != std::string::npos && s.http.host[0] != '[';
  return fmt::format("{}://{}{}{}:{}", s.http.tls_certificate_file.empty() ? "http" : "https",
                     literal_v6 ? "[" : "", s.http.host, literal_v6 ? "]" : "", port);
}

// The address that works from a shell on this machine.
std::string local_url(const Settings& s, int port) {
  Settings local = s;
  if (s.http.host == "0.0.0.0") local.http.host = "127.0.0.1";
  if (s.http.host == "::") local.http.host = "::1";
  return s.origin.empty() ? listening_url(local, port) : s.origin;
}

std::string_view who_may_create(const Settings& s) {
  if (s.token) return "creating channels needs the hub token";
  if (s.bound_to_loopback()) return "no hub token: whoever is on this machine may create channels";
  return "no hub token: whoever reaches this port may create channels (--insecure-open)";
}

std::string_view who_may_read_metrics(const Settings& s) {
  if (s.this_machine_only()) {
    return s.admin_token ? "on this machine or with the admin token" : "on this machine only";
  }
  return s.admin_token ? "with the admin token" : "closed: no admin token";
}

}  // namespace

std::string banner(const Settings& s, int port) {
  const std::string_view credential =
      !s.token ? "" : " -H \"Authorization: Bearer $ROGERTHAT_TOKEN\"";
  return fmt::format(
      "RogerThat {} listens on {}\n"
      "  data:  {}\n"
      "  auth:  {}; /metrics {}\n"
      "  start: curl -s {}/api/channels -d '{{}}'{}\n"
      "         creates a channel and answers with the invitation for the other agent\n"
      "  MCP:   claude mcp add --transport http rogerthat {}/mcp{}\n",
      version(), listening_url(s, port), s.data_dir, who_may_create(s), who_may_read_metrics(s),
      local_url(s, port), credential, local_url(s, port),
      !s.token ? "" : " --header \"Authorization: Bearer $ROGERTHAT_TOKEN\"");
}

}  // namespace rogerthat::cli
