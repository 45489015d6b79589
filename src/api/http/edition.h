// Which edition a caller asks for: by the host, by /m/<name>/ or by ?preset=. The order
// of precedence, and nothing of what an edition means (core/presets.h).
#pragma once

#include <string>
#include <string_view>

#include "core/presets.h"

namespace rogerthat::api {

// A name that is not known is the default edition.
core::Edition edition_named(std::string_view name);

std::string edition_names();  // of modes and harnesses, for a sentence

// `by` names what a more general choice left open: a path prefix goes over the host.
core::Edition overlay(core::Edition base, core::Edition by);

}  // namespace rogerthat::api
