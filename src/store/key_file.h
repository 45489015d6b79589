// The secret of a data directory. Making, reading and judging the key file. What is
// sealed under the key is the business of the codec.
#pragma once

#include <string>

#include "base/crypto.h"
#include "base/error.h"
#include "base/random.h"

namespace rogerthat::store {

inline constexpr const char* kKeyFileName = "key";

// Call with the directory locked (data_dir.h): two processes must not both make a key. Refuses a
// key that others can read, or one of the wrong size.
Result<Digest> load_or_create_key(const std::string& dir, Random& random);

}  // namespace rogerthat::store
