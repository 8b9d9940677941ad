#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace opensips::transport {

/// What has come over a transport that keeps messages apart by itself: puts one that comes in
/// pieces together. One that comes whole is not copied; the memory for another is given back when
/// it is whole. Of one that is too long the beginning is kept, and a byte more than it may have:
/// enough for L1 to see it, and for an answer.
class RecordReader {
 public:
  explicit RecordReader(std::size_t max_message) : max_message_(max_message) {}

  /// Hands the message, if `bytes` end it, to `take(std::string_view)`; it is there during the call
  /// only.
  template <class Take>
  void read(std::string_view bytes, bool ends_message, Take&& take) {
    inside_ = !ends_message;
    if (ends_message && kept_.empty()) return take(bytes.substr(0, max_message_ + 1));
    kept_.append(bytes.substr(0, max_message_ + 1 - kept_.size()));
    if (!ends_message) return;
    std::string message;
    message.swap(kept_);
    take(std::string_view(message));
  }

  /// The beginning of a message is there and waits for the rest.
  bool inside() const { return inside_; }

 private:
  std::size_t max_message_;
  std::string kept_;
  bool inside_ = false;
};

}  // namespace opensips::transport
