// SQLite's shared index of the log, kept in this process's memory instead of a mapped file. A
// mapped file kills the process (SIGBUS) when the disk under it turns read-only; memory does not.
// All connections to a database are of one process here: the data directory is locked.
#pragma once

namespace rogerthat::store {

// The name to open databases with: the default VFS of this moment with only the shared index
// replaced. Registers what it needs, once.
const char* process_vfs();

}  // namespace rogerthat::store
