// Where a webhook may lead: what the URL of a stranger must be like, and which addresses the hub
// lets itself be sent to by one. Asked at creation, and again of the very address that is connected
// to.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "net/address.h"
#include "net/resolver.h"
#include "net/url.h"

namespace rogerthat::outbox {

// What the operator allows beside public addresses, and this machine.
std::vector<net::IpNetwork> with_this_machine(std::vector<net::IpNetwork> allowed);

// The form alone.
Result<net::Url> parse_hook_url(std::string_view url);

// Every address of a host must be one that may be reached. What is refused and what does not exist
// get the same answer: nobody shall learn the names of a private network here.
Result<void> judge_hook_host(const net::Resolver::Found& found,
                             std::span<const net::IpNetwork> allowed);
inline constexpr std::string_view kNoPublicAddress = "the host does not stand for a public address";

}  // namespace rogerthat::outbox
