#include "support/process.h"

#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <fmt/core.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/loop.h"

namespace rogerthat::bench {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<pid_t> with_children(pid_t pid) {
  std::vector<pid_t> all = {pid};
  std::istringstream children(read_file(fmt::format("/proc/{0}/task/{0}/children", pid)));
  for (pid_t child = 0; children >> child;) all.push_back(child);
  return all;
}

// The sum of the lines "<name>: <n> kB" whose name is one of `names`, in bytes.
std::int64_t sum_of_fields(const std::string& text, const std::vector<std::string>& names) {
  std::istringstream lines(text);
  std::int64_t kilobytes = 0;
  for (std::string line; std::getline(lines, line);) {
    for (const std::string& name : names) {
      if (line.starts_with(name + ":")) kilobytes += std::stoll(line.substr(name.size() + 1));
    }
  }
  return kilobytes * 1024;
}

std::int64_t socket_buffer_bytes() {
  std::istringstream lines(read_file("/proc/net/sockstat"));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t at = line.find(" mem ");
    if (!line.starts_with("TCP:") || at == std::string::npos) continue;
    return std::stoll(line.substr(at + 5)) * sysconf(_SC_PAGESIZE);
  }
  return 0;
}

double core_busy_seconds(int core) {
  std::istringstream lines(read_file("/proc/stat"));
  const std::string wanted = fmt::format("cpu{} ", core);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(wanted)) continue;
    std::istringstream fields(line.substr(wanted.size()));
    // user nice system idle iowait irq softirq steal
    double busy = 0;
    double ticks = 0;
    for (int i = 0; i < 8 && fields >> ticks; i++) {
      if (i != 3 && i != 4) busy += ticks;
    }
    return busy / static_cast<double>(sysconf(_SC_CLK_TCK));
  }
  return 0;
}

}  // namespace

CpuTime read_cpu_time(pid_t pid, int core) {
  CpuTime sum;
  sum.at = now_ns();
  for (pid_t one : with_children(pid)) {
    const std::string stat = read_file(fmt::format("/proc/{}/stat", one));
    const std::size_t name_end = stat.rfind(')');
    if (name_end == std::string::npos) continue;
    std::istringstream fields(stat.substr(name_end + 1));
    std::string skipped;
    for (int i = 0; i < 11; i++) fields >> skipped;
    double user = 0;
    double system = 0;
    fields >> user >> system;
    sum.user_seconds += user / static_cast<double>(sysconf(_SC_CLK_TCK));
    sum.system_seconds += system / static_cast<double>(sysconf(_SC_CLK_TCK));
  }
  timespec own{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own);
  sum.own_seconds = double(own.tv_sec) + double(own.tv_nsec) / double(kNanosPerSecond);
  sum.own_core_busy_seconds = core_busy_seconds(sched_getcpu());
  if (core >= 0) sum.core_busy_seconds = core_busy_seconds(core);
  return sum;
}

MemoryUse read_memory_use(pid_t pid) {
  MemoryUse use;
  for (pid_t one : with_children(pid)) {
    const std::string rollup = read_file(fmt::format("/proc/{}/smaps_rollup", one));
    use.resident_bytes += sum_of_fields(rollup, {"Rss"});
    use.private_bytes += sum_of_fields(rollup, {"Pss_Anon", "Pss_Shmem"});
  }
  use.kernel_bytes = sum_of_fields(read_file("/proc/meminfo"), {"SUnreclaim", "PageTables"}) +
                     socket_buffer_bytes();
  return use;
}

Child::Child(const std::vector<std::string>& argv, int core) {
  std::vector<char*> raw;
  raw.reserve(argv.size() + 1);
  for (const std::string& argument : argv) raw.push_back(const_cast<char*>(argument.c_str()));
  raw.push_back(nullptr);
  pid_ = fork();
  if (pid_ < 0) throw Failure("cannot fork");
  if (pid_ > 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (core >= 0) {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(static_cast<std::size_t>(core), &cores);
    sched_setaffinity(0, sizeof cores, &cores);
  }
  const int null = open("/dev/null", O_RDWR);
  dup2(null, STDIN_FILENO);
  dup2(null, STDOUT_FILENO);
  execvp(raw[0], raw.data());
  _exit(127);
}

Child::~Child() {
  kill_now();
}

bool Child::ended() {
  if (pid_ > 0 && waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = -1;
  return pid_ < 0;
}

void Child::kill_now() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

bool Child::stop(Nanos patience) {
  if (pid_ < 0) return true;
  ::kill(pid_, SIGTERM);
  const Nanos deadline = now_ns() + patience;
  while (now_ns() < deadline) {
    if (ended()) return true;
    usleep(1000);
  }
  kill_now();
  return false;
}

}  // namespace rogerthat::bench
