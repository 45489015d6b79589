#include "watch/process_stats.h"

#include <cstdio>
#include <memory>

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

namespace rogerthat::watch {

namespace {

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
struct DirectoryCloser {
  void operator()(DIR* directory) const { closedir(directory); }
};

std::uint64_t count_entries(const char* path) {
  const std::unique_ptr<DIR, DirectoryCloser> directory(opendir(path));
  if (!directory) return 0;
  std::uint64_t entries = 0;
  while (const dirent* entry = readdir(directory.get())) entries += entry->d_name[0] != '.';
  return entries;
}

double seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

}  // namespace

std::uint64_t read_resident_bytes() {
  const std::unique_ptr<std::FILE, FileCloser> file(std::fopen("/proc/self/statm", "re"));
  unsigned long long size_pages = 0;
  unsigned long long resident_pages = 0;
  if (!file || std::fscanf(file.get(), "%llu %llu", &size_pages, &resident_pages) != 2) return 0;
  return resident_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

ProcessStats read_process_stats() {
  ProcessStats stats;
  stats.resident_bytes = read_resident_bytes();
  stats.open_fds = count_entries("/proc/self/fd");
  if (stats.open_fds > 0) --stats.open_fds;  // the one that was just used to count
  stats.threads = count_entries("/proc/self/task");
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) stats.max_fds = files.rlim_cur;
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    stats.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  }
  return stats;
}

}  // namespace rogerthat::watch
