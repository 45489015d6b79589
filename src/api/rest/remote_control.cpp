#include "api/rest/remote_control.h"

#include "api/acts/remote_control.h"
#include "api/http/told_fields.h"
#include "api/http/unknown_fields.h"

namespace rogerthat::api {

void open_remote_control(Call& call) {
  const Asker who = asker(call);
  if (auto ok = require_hub_token(who, credentials(call)); !ok) {
    return call.answer.error(ok.error());
  }
  FieldReader reader;
  RemoteWish wish;
  if (auto ok = read_body(call, reader, part(remote_fields(), wish)); !ok) {
    return call.answer.error(ok.error());
  }
  if (auto ok = take_limit(who, hub::Limited::remote_control); !ok) {
    return call.answer.error(ok.error());
  }
  View view = call.view();
  std::string origin = view.origin;
  make_remote_control(who, std::move(origin), wish,
                      [answer = std::move(call.answer),
                       view = std::move(view)](const Result<RemoteControl>& made) mutable {
                        if (!made) return answer.error(made.error());
                        std::string& text = scratch();
                        JsonWriter json(text);
                        json.begin_object();
                        write_remote_control(json, view, *made);
                        json.end_object();
                        answer.json(text);
                      });
}

}  // namespace rogerthat::api
