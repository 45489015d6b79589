#include "net/output_queue.h"

#include <algorithm>

namespace rogerthat::net {

void OutputQueue::push(SharedBytes bytes, std::size_t offset) {
  const std::size_t size = bytes->size() - offset;
  if (size == 0) return;
  // Written pieces at the front go when they are as many as the rest: each is moved once.
  if (first_ > 16 && first_ * 2 > pieces_.size()) {
    pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
  // Each holder pays its share. One reference is the caller's, who lets go of it.
  const auto holders = std::max<long>(1, bytes.use_count() - 1);
  const std::size_t share = bytes->size() / static_cast<std::size_t>(holders);
  pieces_.push_back({std::move(bytes), offset, share});
  size_ += size;
  charge_.set(charged_ += share);
}

void OutputQueue::charge_to(Tally& tally) {
  charge_ = Charge(tally);
  charge_.set(charged_);
}

void OutputQueue::charge_to_nobody() {
  charge_ = Charge();
}

int OutputQueue::gather(iovec (&pieces)[kPiecesPerWrite]) const {
  const std::size_t count =
      std::min<std::size_t>(pieces_.size() - first_, static_cast<std::size_t>(kPiecesPerWrite));
  for (std::size_t i = 0; i < count; ++i) {
    const Piece& piece = pieces_[first_ + i];
    pieces[i] = {const_cast<char*>(piece.bytes->data()) + piece.offset,
                 piece.bytes->size() - piece.offset};
  }
  return static_cast<int>(count);
}

void OutputQueue::consume(std::size_t bytes) {
  size_ -= bytes;
  while (bytes > 0) {
    Piece& piece = pieces_[first_];
    const std::size_t take = std::min(bytes, piece.bytes->size() - piece.offset);
    piece.offset += take;
    bytes -= take;
    if (piece.offset == piece.bytes->size()) {
      piece.bytes.reset();
      charged_ -= piece.charged;
      ++first_;
    }
  }
  charge_.set(charged_);
}

}  // namespace rogerthat::net
