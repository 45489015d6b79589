// What a socket did not take yet. Shared bytes by reference, in order, with how much of
// the first is written. Exists only while a connection has something to keep.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <sys/uio.h>

#include "net/charge.h"
#include "net/exchange.h"

namespace rogerthat::net {

class OutputQueue {
 public:
  static constexpr int kPiecesPerWrite = 16;

  // `beside`: what is held elsewhere as long as this is not empty, and counts as well.
  explicit OutputQueue(Tally& tally, std::size_t beside = 0) : charged_(beside), charge_(tally) {
    charge_.set(beside);
  }

  void push(SharedBytes bytes, std::size_t offset);
  void charge_to(Tally& tally);  // another loop's
  void charge_to_nobody();
  int gather(iovec (&pieces)[kPiecesPerWrite]) const;  // how many
  void consume(std::size_t bytes);                     // has been written
  std::size_t size() const { return size_; }
  std::size_t charged() const { return charge_.bytes(); }
  bool empty() const { return size_ == 0; }

 private:
  struct Piece {
    SharedBytes bytes;
    std::size_t offset;
    std::size_t charged;
  };
  std::vector<Piece> pieces_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
  std::size_t charged_;
  Charge charge_;
};

}  // namespace rogerthat::net
