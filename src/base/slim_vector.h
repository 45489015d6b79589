// A vector of one word: null until it first holds something, then a pointer to its elements, with
// their number and the room for more in front of them. For things that exist by the hundred
// thousand and have many lists, most of them empty: a std::vector is three words. No more of its
// interface than is used.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace rogerthat {

template <class T>
class SlimVector {
 public:
  using value_type = T;
  using iterator = T*;
  using const_iterator = const T*;

  SlimVector() = default;
  SlimVector(SlimVector&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}
  SlimVector& operator=(SlimVector&& other) noexcept {
    SlimVector old(std::move(*this));
    data_ = std::exchange(other.data_, nullptr);
    return *this;
  }
  SlimVector(const SlimVector&) = delete;
  SlimVector& operator=(const SlimVector&) = delete;
  ~SlimVector() {
    clear();
    release();
  }

  std::size_t size() const { return data_ == nullptr ? 0 : room().size; }
  bool empty() const { return size() == 0; }
  T* begin() { return data_; }
  T* end() { return data_ + size(); }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size(); }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  T& front() { return *begin(); }
  const T& front() const { return *begin(); }
  T& back() { return *(end() - 1); }
  const T& back() const { return *(end() - 1); }

  template <class... Args>
  T& emplace_back(Args&&... args) {
    if (data_ != nullptr && room().size < room().capacity)
      return place(std::forward<Args>(args)...);
    T made(std::forward<Args>(args)...);  // of what may lie in the elements that move
    grow(size() + 1);
    return place(std::move(made));
  }
  void push_back(T value) { emplace_back(std::move(value)); }

  T* insert(const T* at, T value) {
    const std::ptrdiff_t index = at - begin();
    push_back(std::move(value));
    std::rotate(begin() + index, end() - 1, end());
    return begin() + index;
  }

  T* erase(const T* at) { return erase(at, at + 1); }
  T* erase(const T* first, const T* last) {
    T* const from = begin() + (first - begin());
    if (first != last) truncate(std::move(from + (last - first), end(), from));
    return from;
  }
  // The elements that `unwanted` picks go; the others keep their order.
  template <class Unwanted>
  void erase_if(Unwanted unwanted) {
    if (data_ != nullptr) truncate(std::remove_if(begin(), end(), unwanted));
  }
  void remove(T value) {  // every element that equals it
    erase_if([&value](const T& each) { return each == value; });
  }
  void pop_back() { truncate(end() - 1); }
  void clear() {
    if (data_ != nullptr) truncate(begin());
  }
  void resize(std::size_t size) {
    if (size < this->size()) return truncate(begin() + size);
    if (size == this->size()) return;
    if (data_ == nullptr || size > room().capacity) grow(size);
    std::uninitialized_value_construct(end(), begin() + size);
    room().size = static_cast<std::uint32_t>(size);
  }

 private:
  struct Room {
    std::uint32_t size;
    std::uint32_t capacity;
  };
  static_assert(std::is_nothrow_move_constructible_v<T>);
  static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
  static constexpr std::size_t kFront = std::max(sizeof(Room), alignof(T));

  Room& room() const { return *(reinterpret_cast<Room*>(data_) - 1); }

  template <class... Args>
  T& place(Args&&... args) {
    T* const placed = std::construct_at(end(), std::forward<Args>(args)...);
    ++room().size;
    return *placed;
  }

  void grow(std::size_t wanted) {
    const std::size_t count = size();
    const std::size_t capacity = std::max(wanted, 2 * count);
    const std::size_t bytes =
        capacity * sizeof(T);  // NOLINT(bugprone-sizeof-expression): or pointers
    auto* const block = static_cast<std::byte*>(::operator new(kFront + bytes));
    T* const elements = reinterpret_cast<T*>(block + kFront);
    std::construct_at(
        reinterpret_cast<Room*>(elements) - 1,
        Room{static_cast<std::uint32_t>(count), static_cast<std::uint32_t>(capacity)});
    std::uninitialized_move(begin(), end(), elements);
    clear();
    release();
    data_ = elements;
  }

  void truncate(T* new_end) {
    std::destroy(new_end, end());
    room().size = static_cast<std::uint32_t>(new_end - begin());
  }

  void release() {
    if (data_ != nullptr) ::operator delete(reinterpret_cast<std::byte*>(data_) - kFront);
  }

  T* data_ = nullptr;
};

}  // namespace rogerthat
