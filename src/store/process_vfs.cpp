#include "store/process_vfs.h"

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include <sqlite3.h>

namespace rogerthat::store {

namespace {

// The index of one database file: what its connections map and how they hold its locks.
struct Index {
  std::vector<std::unique_ptr<std::uint64_t[]>> regions;
  std::array<int, SQLITE_SHM_NLOCK> holders{};  // shared holders of each lock; -1: exclusive
};

struct Connection {
  const sqlite3_io_methods* base = nullptr;
  sqlite3_io_methods methods{};  // those of the base with our index
  std::string path;
  std::shared_ptr<Index> index;  // null until it is mapped first
  std::uint32_t shared = 0;      // locks it holds, as bits
  std::uint32_t exclusive = 0;
};

// SQLite calls these a few times a transaction: one lock for all is not felt.
struct Registry {
  std::mutex mutex;
  std::unordered_map<sqlite3_file*, Connection> connections;
  std::unordered_map<std::string, std::weak_ptr<Index>> indexes;
};

Registry& registry() {
  static Registry instance;
  return instance;
}

int map_region(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  Connection& connection = all.connections.at(file);
  if (!connection.index) {
    std::weak_ptr<Index>& known = all.indexes[connection.path];
    connection.index = known.lock();
    if (!connection.index) known = connection.index = std::make_shared<Index>();
  }
  auto& regions = connection.index->regions;
  const auto wanted = static_cast<std::size_t>(region);
  *out = nullptr;
  if (wanted >= regions.size() && extend == 0) return SQLITE_OK;
  while (wanted >= regions.size()) {
    const std::size_t words = static_cast<std::size_t>(size) / sizeof(std::uint64_t);
    regions.push_back(std::make_unique<std::uint64_t[]>(words));
  }
  *out = regions[wanted].get();
  return SQLITE_OK;
}

int lock_index(sqlite3_file* file, int offset, int count, int flags) {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  Connection& mine = all.connections.at(file);
  auto& holders = mine.index->holders;
  const auto mask = static_cast<std::uint32_t>((1u << (offset + count)) - (1u << offset));
  if ((flags & SQLITE_SHM_UNLOCK) != 0) {
    for (int i = offset; i < offset + count; ++i) {
      const std::uint32_t bit = 1u << i;
      if ((mine.exclusive & bit) != 0) holders[i] = 0;
      if ((mine.shared & bit) != 0) --holders[i];
    }
    mine.exclusive &= ~mask;
    mine.shared &= ~mask;
    return SQLITE_OK;
  }
  const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  for (int i = offset; i < offset + count; ++i) {
    const bool own_shared = (mine.shared & 1u << i) != 0;
    if (!exclusive && own_shared) return SQLITE_OK;
    if (exclusive ? holders[i] != 0 : holders[i] < 0) return SQLITE_BUSY;
  }
  for (int i = offset; i < offset + count; ++i) holders[i] = exclusive ? -1 : holders[i] + 1;
  (exclusive ? mine.exclusive : mine.shared) |= mask;
  return SQLITE_OK;
}

void barrier(sqlite3_file*) {
  const std::lock_guard lock(registry().mutex);  // a mutex is a barrier
}

int unmap(sqlite3_file* file, int) {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  const auto found = all.connections.find(file);
  if (found == all.connections.end()) return SQLITE_OK;
  found->second.index.reset();
  return SQLITE_OK;
}

// A VFS that was the default when a database was opened, and its twin with our index.
struct Twin {
  sqlite3_vfs* base = nullptr;
  sqlite3_vfs vfs{};
  std::string name;
};

int close_file(sqlite3_file* file) {
  const sqlite3_io_methods* base = nullptr;
  {
    const std::lock_guard lock(registry().mutex);
    const auto found = registry().connections.find(file);
    base = found->second.base;
    file->pMethods = base;
    registry().connections.erase(found);
  }
  return base->xClose(file);
}

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  sqlite3_vfs* const base = static_cast<Twin*>(vfs->pAppData)->base;
  const int code = base->xOpen(base, name, file, flags, out_flags);
  const bool database = (flags & SQLITE_OPEN_MAIN_DB) != 0 && name != nullptr;
  if (code != SQLITE_OK || !database || file->pMethods == nullptr) return code;
  const std::lock_guard lock(registry().mutex);
  Connection& connection = registry().connections[file];
  connection.path = name;
  connection.base = file->pMethods;
  connection.methods = *file->pMethods;
  connection.methods.xClose = close_file;
  connection.methods.xShmMap = map_region;
  connection.methods.xShmLock = lock_index;
  connection.methods.xShmBarrier = barrier;
  connection.methods.xShmUnmap = unmap;
  file->pMethods = &connection.methods;
  return code;
}

}  // namespace

const char* process_vfs() {
  static std::mutex mutex;
  static std::vector<std::unique_ptr<Twin>> twins;
  const std::lock_guard lock(mutex);
  sqlite3_vfs* const base = sqlite3_vfs_find(nullptr);
  for (const auto& twin : twins) {
    if (twin->base == base) return twin->name.c_str();
  }
  Twin& twin = *twins.emplace_back(std::make_unique<Twin>());
  twin.base = base;
  twin.name = std::string(base->zName) + "-index-in-process";
  twin.vfs = *base;
  twin.vfs.pNext = nullptr;
  twin.vfs.zName = twin.name.c_str();
  twin.vfs.xOpen = open_file;
  twin.vfs.pAppData = &twin;
  sqlite3_vfs_register(&twin.vfs, 0);
  return twin.name.c_str();
}

}  // namespace rogerthat::store
