// What becomes of fields and parameters that a route does not have: one that is like a field of the
// route is refused, because what it says would be lost; any other is accepted, and named in the
// answer. Acts of the operator refuse every one: with a slip in `channel` they would be meant for
// the whole server. The names that a route has are those of its row in the table of routes.
#pragma once

#include "api/http/body.h"
#include "api/http/request_context.h"

namespace rogerthat::api {

// The parameters of a call; and its body, where the route has no field in it.
Result<void> check_parameters(Call& call);
Result<void> check_needless_body(Call& call);

// Reads the body of a call into `parts`. Its complaints are those of JSON, of the fields and of
// names. Handlers that have more to complain of ask `reader` in the end.
Result<void> settle_unknown(Call& call, const FieldReader& reader);
template <class... In>
Result<void> read_body(Call& call, FieldReader& reader, const Part<In>&... parts) {
  const auto body = parse_body(call.request.body);
  if (!body) return std::unexpected(body.error());
  reader.read_object(*body, parts...);
  if (reader.error()) return std::unexpected(*reader.error());
  if (reader.unknown().count() == 0) return {};
  return settle_unknown(call, reader);
}

}  // namespace rogerthat::api
