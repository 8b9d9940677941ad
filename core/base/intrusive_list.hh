#pragma once

#include <cstddef>
#include <iterator>

namespace opensips::base {

template <class T, class Tag>
class IntrusiveList;

/// What an object inherits to be an element of a list; once per list it can be in, each with a
/// `Tag` of its own. It leaves its list in O(1) without knowing which one that is, and its
/// destructor does so by itself: a list never holds a dead object.
template <class Tag = void>
class ListHook {
 public:
  ListHook() = default;
  ListHook(const ListHook&) = delete;
  ListHook& operator=(const ListHook&) = delete;
  ~ListHook() { unlink(); }

  bool linked() const { return next_ != nullptr; }

  /// Leaves the list; nothing happens to an object that is in none.
  void unlink() {
    if (!linked()) return;
    next_->previous_ = previous_;
    previous_->next_ = next_;
    next_ = previous_ = nullptr;
  }

 private:
  template <class T, class ListTag>
  friend class IntrusiveList;

  void link_before(ListHook& next) {
    next_ = &next;
    previous_ = next.previous_;
    previous_->next_ = this;
    next.previous_ = this;
  }

  ListHook* next_ = nullptr;
  ListHook* previous_ = nullptr;
};

/// A doubly linked list through the hooks of its elements. It owns none of them and allocates
/// nothing. There is no size(): unlinking without the list could not keep it. All of it belongs to
/// one thread.
template <class T, class Tag = void>
class IntrusiveList {
  using Hook = ListHook<Tag>;

 public:
  class iterator {
   public:
    using iterator_category = std::bidirectional_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = T*;
    using reference = T&;

    iterator() = default;
    T& operator*() const { return element(*at_); }
    T* operator->() const { return &element(*at_); }
    iterator& operator++() {
      at_ = at_->next_;
      return *this;
    }
    iterator& operator--() {
      at_ = at_->previous_;
      return *this;
    }
    iterator operator++(int) {
      const iterator before = *this;
      ++*this;
      return before;
    }
    iterator operator--(int) {
      const iterator before = *this;
      --*this;
      return before;
    }
    bool operator==(const iterator&) const = default;

   private:
    friend class IntrusiveList;
    explicit iterator(Hook& at) : at_(&at) {}
    Hook* at_ = nullptr;
  };

  /// The end is a hook in the circle, so that no link is ever null inside a list.
  IntrusiveList() { end_.next_ = end_.previous_ = &end_; }
  IntrusiveList(const IntrusiveList&) = delete;
  IntrusiveList& operator=(const IntrusiveList&) = delete;
  ~IntrusiveList() { clear(); }

  bool empty() const { return end_.next_ == &end_; }

  /// Of a list that is not empty.
  T& front() { return element(*end_.next_); }
  T& back() { return element(*end_.previous_); }

  /// Of an object that is in no list with this Tag.
  void push_back(T& object) { hook(object).link_before(end_); }
  void push_front(T& object) { hook(object).link_before(*end_.next_); }

  /// Takes the first element out; nullptr when there is none.
  T* pop_front() {
    if (empty()) return nullptr;
    T& first = front();
    hook(first).unlink();
    return &first;
  }

  /// Moves everything from `other`, in its order, behind what is here. O(1).
  void splice_back(IntrusiveList& other) {
    if (other.empty()) return;
    Hook* const first = other.end_.next_;
    Hook* const last = other.end_.previous_;
    other.end_.next_ = other.end_.previous_ = &other.end_;
    first->previous_ = end_.previous_;
    end_.previous_->next_ = first;
    last->next_ = &end_;
    end_.previous_ = last;
  }

  /// Lets go of every element.
  void clear() {
    while (pop_front() != nullptr) {
    }
  }

  /// An element may leave while the list is walked once the iterator has passed it.
  iterator begin() { return iterator(*end_.next_); }
  iterator end() { return iterator(end_); }

 private:
  static Hook& hook(T& object) { return object; }
  static T& element(Hook& at) { return static_cast<T&>(at); }

  Hook end_;
};

}  // namespace opensips::base
