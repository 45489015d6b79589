// Routes that answer with a document: the home page, llms.txt, the descriptors, the policy. Lives
// here: content types and the choice between page and JSON; the documents are made by discovery.h.
#pragma once

#include "api/http/request_context.h"

namespace rogerthat::api {

// Does this Accept header ask for JSON rather than for a page?
bool prefers_json(std::string_view accept);
// Does it name text/html, as browsers do?
bool wants_page(std::string_view accept);

void document(Call& call);  // any of them, by the route of the call

}  // namespace rogerthat::api
