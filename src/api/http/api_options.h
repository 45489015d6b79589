// What the operator decides about the HTTP side of the hub. Values only: the command line fills
// them once, before the first request. Secrets come as hashes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/http/site.h"
#include "base/crypto.h"
#include "core/directory.h"
#include "net/address.h"
#include "net/smtp.h"

namespace rogerthat::api {

struct ApiOptions {
  Site site;
  std::optional<Digest> hub_token;    // sha256 of --token; absent: everybody may create
  std::optional<Digest> admin_token;  // sha256 of --admin-token
  Digest key{};                       // of the data directory: what is minted is derived from it
  core::HandlePolicy handles = core::HandlePolicy::free;  // --handles
  std::vector<net::IpNetwork> webhook_allow;  // --webhook-allow: beside public addresses
  std::optional<net::SmtpServer> smtp;        // --smtp; absent: no mail is sent
  std::vector<std::string> allowed_hosts;     // --allowed-host: further names of this server
  std::vector<std::string> cors_origins;      // "https://app.example", or "*"
};

}  // namespace rogerthat::api
