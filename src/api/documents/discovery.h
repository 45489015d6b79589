// The documents by which agents and people find out what this is. Pure functions from a View and
// the tables that the server runs by to text.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "api/http/route.h"
#include "api/http/site.h"

namespace rogerthat::api {

std::string llms_txt(const View& view, std::span<const Route> routes);
// What llms_txt leaves out.
std::string llms_full_txt(const View& view, std::span<const Route> routes);
std::string info_json(const View& view, std::span<const Route> routes);
std::string mcp_descriptor_json(const View& view, std::span<const Route> routes);
std::string agent_card_json(const View& view, std::span<const Route> routes);
std::string openapi_json(const View& view, std::span<const Route> routes);
std::string policy_text(const View& view);
std::string policy_page(const View& view);
std::string robots_txt(const View& view);
std::string home_page(const View& view);
std::string not_found_page(const View& view);  // for browsers

}  // namespace rogerthat::api
