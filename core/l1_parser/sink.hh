#pragma once

#include <array>
#include <cassert>
#include <charconv>
#include <cstring>
#include <string_view>

#include "base/wire.hh"

namespace opensips::parser {

/// What pieces of text are put into: to be counted, or written, into room that is surely enough.
class MeasureSink {
 public:
  void put(std::string_view text) { size_ += text.size(); }
  std::size_t size() const { return size_; }

 private:
  std::size_t size_ = 0;
};

class WireSink {
 public:
  explicit WireSink(base::WireRef wire) : wire_(std::move(wire)), at_(wire_->data()) {}
  void put(std::string_view text) {
    if (text.empty()) return;
    assert(size() + text.size() <= wire_->capacity());
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }
  std::size_t size() const { return static_cast<std::size_t>(at_ - wire_->data()); }
  void set_call(std::string_view call_id) { wire_->set_call(call_id); }
  base::WireRef take() {
    wire_->resize(size());
    return std::move(wire_);
  }

 private:
  base::WireRef wire_;
  char* at_;
};

/// A number as text.
class Digits {
 public:
  explicit Digits(std::size_t number)
      : end_(std::to_chars(text_.data(), text_.data() + text_.size(), number).ptr) {}
  std::string_view view() const {
    return {text_.data(), static_cast<std::size_t>(end_ - text_.data())};
  }

 private:
  std::array<char, 20> text_;
  const char* end_;
};

}  // namespace opensips::parser
