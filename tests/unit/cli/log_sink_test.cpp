#include "cli/log_sink.h"

#include <array>
#include <sstream>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

namespace rogerthat::cli {
namespace {

// What a sink writes, read back from a pipe once the writing end is closed.
class Written {
 public:
  Written() { EXPECT_EQ(pipe(ends_.data()), 0); }
  ~Written() {
    close(ends_[0]);
    if (ends_[1] >= 0) close(ends_[1]);
  }
  Written(const Written&) = delete;
  Written& operator=(const Written&) = delete;
  int fd() const { return ends_[1]; }
  std::string text() {
    close(ends_[1]);
    ends_[1] = -1;
    std::string all;
    char buffer[4096];
    for (ssize_t n; (n = read(ends_[0], buffer, sizeof buffer)) > 0;) {
      all.append(buffer, static_cast<std::size_t>(n));
    }
    return all;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

TEST(LogSink, json_is_one_object_a_line) {
  Written out;
  make_log_sink(out.fd(), {.json = true})({LogLevel::info, "listening", {{"port", 7424}}});
  const std::string text = out.text();
  EXPECT_TRUE(text.starts_with("{\"ts\":")) << text;
  EXPECT_TRUE(text.ends_with("\"event\":\"listening\",\"port\":7424}\n")) << text;
}

TEST(LogSink, records_below_the_level_are_left_out) {
  Written out;
  const LogSink sink = make_log_sink(out.fd(), {.level = LogLevel::warning});
  sink({LogLevel::info, "quiet", {}});
  sink({LogLevel::error, "loud", {}});
  const std::string text = out.text();
  EXPECT_EQ(text.find("quiet"), std::string::npos);
  EXPECT_NE(text.find("error: loud"), std::string::npos);
}

TEST(LogSink, a_field_cannot_start_a_line_or_steer_the_terminal) {
  Written out;
  make_log_sink(out.fd(), {})({LogLevel::info, "odd", {{"path", "a\nb\x1b[2J"}}});
  const std::string text = out.text();
  EXPECT_NE(text.find("path=a?b?[2J\n"), std::string::npos) << text;
}

TEST(LogSink, colours_only_where_asked_for) {
  Written plain;
  make_log_sink(plain.fd(), {})({LogLevel::error, "x", {}});
  EXPECT_EQ(plain.text().find('\x1b'), std::string::npos);
  Written coloured;
  make_log_sink(coloured.fd(), {.colours = true})({LogLevel::error, "x", {}});
  EXPECT_NE(coloured.text().find('\x1b'), std::string::npos);
}

TEST(LogSink, records_of_several_threads_do_not_mix) {
  Written out;
  const LogSink sink = make_log_sink(out.fd(), {.json = true});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&sink] {
      for (int n = 0; n < 50; ++n) sink({LogLevel::info, "e", {{"n", n}}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::istringstream lines(out.text());
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    EXPECT_TRUE(line.starts_with("{\"ts\":") && line.ends_with("}")) << line;
  }
  EXPECT_EQ(count, 200);
}

}  // namespace
}  // namespace rogerthat::cli
