// The notation of api/http/shapes.h, read: as a JSON schema for openapi.json, and as a list of
// names for the guides. Text that breaks the notation is a fault of a table and is thrown as such.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace rogerthat::api {

// "ok: boolean, id?: integer" -> {"type":"object","required":["ok"],"properties":{…}}. Named shapes
// become references to the components of the document.
void write_object_schema(JsonWriter& json, std::string_view fields);

// "ok: boolean, gap?: Gap, roster_all: {callsign: string}[]" -> "ok, gap?, roster_all[{callsign}]"
std::string field_names(std::string_view fields);

}  // namespace rogerthat::api
