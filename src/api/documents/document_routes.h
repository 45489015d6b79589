// Routes that answer with a document: the home page, llms.txt, the descriptors, the policy.
// Content types and the choice between page and JSON; the documents are made by discovery.h.
#pragma once

#include "api/http/request_context.h"

namespace rogerthat::api {

// Does this Accept header ask for JSON rather than for a page?
bool prefers_json(std::string_view accept);
// Does it name text/html, as browsers do?
bool wants_page(std::string_view accept);

void serve_home(Call& call);
void serve_llms_txt(Call& call);
void serve_llms_full_txt(Call& call);
void serve_info(Call& call);
void serve_mcp_descriptor(Call& call);
void serve_agent_card(Call& call);
void serve_openapi(Call& call);
void serve_policy(Call& call);
void serve_policy_text(Call& call);
void serve_robots(Call& call);
void redirect_to_guide(Call& call);

}  // namespace rogerthat::api
