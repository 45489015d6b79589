// How the facts of a channel become the place that snippets are written for.
#pragma once

#include "api/texts/connect.h"
#include "api/texts/snippets.h"

namespace rogerthat::api {

// The owner password goes along only where the posture depends on it.
Place place_of(const View& view, const ChannelFacts& channel);

}  // namespace rogerthat::api
