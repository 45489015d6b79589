// The command line as a whole: which verb was meant, help and version. One file per verb does the
// rest. Exit codes: 0 success, 1 failure, 2 wrong usage.
#pragma once

namespace rogerthat::cli {

inline constexpr int kSuccess = 0;
inline constexpr int kFailure = 1;
inline constexpr int kWrongUsage = 2;

// Overwrites secrets in `argv` after reading them, so that process lists do not show them.
int run(int argc, char** argv);

}  // namespace rogerthat::cli
