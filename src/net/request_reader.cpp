#include "net/request_reader.h"

#include <algorithm>

#include "net/server.h"

namespace rogerthat::net {

namespace {

ReadResult refused(BadRequest refusal) {
  return {ReadOutcome::refused, {}, refusal};
}

// Decides how the body is framed, and refuses one that is too large before it is sent.
bool begin_body(const Head& head, Progress& progress, const ReadLimits& limits, Handler& handler,
                BadRequest& refusal) {
  if (!head.chunked && head.length == 0) {
    progress.stage = Progress::Stage::whole;
    progress.end = progress.head_size;
    return true;
  }
  progress.body_max = std::min(limits.body_bytes_max, handler.body_limit(head.method, head.path));
  progress.continue_due = head.expects_continue;
  if (head.chunked) {
    progress.stage = Progress::Stage::chunked_body;
    return true;
  }
  if (head.length > progress.body_max) {
    refusal = {413, "The request body is too large."};
    return false;
  }
  progress.stage = Progress::Stage::sized_body;
  progress.body_size = static_cast<std::size_t>(head.length);
  progress.end = progress.head_size + progress.body_size;
  return true;
}

// True once the body is there.
bool read_body(char* data, std::size_t& size, Progress& progress, BadRequest& refusal) {
  if (progress.stage == Progress::Stage::sized_body) {
    if (size < progress.end) return false;
    progress.stage = Progress::Stage::whole;
    return true;
  }
  std::size_t body_bytes = size - progress.head_size;
  switch (
      progress.chunks.decode(data + progress.head_size, body_bytes, progress.body_max, refusal)) {
    case ChunkDecoder::Outcome::more:
      size = progress.head_size + body_bytes;
      return false;
    case ChunkDecoder::Outcome::refused:
      return false;
    case ChunkDecoder::Outcome::whole:
      break;
  }
  progress.stage = Progress::Stage::whole;
  progress.body_size = progress.chunks.joined();
  progress.end = progress.head_size + progress.chunks.used();
  return true;
}

}  // namespace

ReadResult read_request(char* data, std::size_t& size, Progress& progress, const ReadLimits& limits,
                        Handler& handler, std::vector<Header>& headers) {
  ReadResult result;
  if (progress.stage == Progress::Stage::head) {
    const HeadEnd end = find_head_end({data, size}, progress.scanned, limits.header_bytes_max);
    if (end.outcome == HeadSearch::refused) return refused(end.refusal);
    if (end.outcome == HeadSearch::more) return result;
    progress.head_size = end.size;
    const auto head = parse_head({data, end.size}, headers);
    if (!head) return refused(head.error());
    result.head = *head;
    if (!begin_body(*head, progress, limits, handler, result.refusal)) {
      return refused(result.refusal);
    }
    if (progress.stage == Progress::Stage::whole) {
      result.outcome = ReadOutcome::whole;
      return result;
    }
    if (!read_body(data, size, progress, result.refusal)) {
      if (!result.refusal.reason.empty()) return refused(result.refusal);
      return result;
    }
    result.outcome = ReadOutcome::whole;
    return result;
  }

  const bool whole =
      progress.stage == Progress::Stage::whole || read_body(data, size, progress, result.refusal);
  if (!result.refusal.reason.empty()) return refused(result.refusal);
  if (!whole && progress.admitted) return result;
  // What was parsed before viewed into a buffer that may have moved since.
  const auto head = parse_head({data, progress.head_size}, headers);
  if (!head) return refused(head.error());
  result.head = *head;
  if (whole) result.outcome = ReadOutcome::whole;
  return result;
}

std::size_t count_blank_lines(const char* data, std::size_t size) {
  std::size_t count = 0;
  while (size - count >= 2 && data[count] == '\r' && data[count + 1] == '\n') count += 2;
  return count;
}

}  // namespace rogerthat::net
