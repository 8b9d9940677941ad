#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "l0_transport/framer.hh"

namespace opensips::transport {

/// What has come over a connection, turned into frames. A message that comes whole is framed where
/// it was read; only the beginning of one that does not is copied, and the memory for it is given
/// back when it is whole.
class StreamReader {
 public:
  explicit StreamReader(std::size_t max_message) : framer_(max_message) {}

  /// Hands every frame in what is kept and `bytes` to `take(Framer::Frame)`, in order; what follows
  /// the last is kept. Stops when `take` returns false or behind a frame that cannot be read on
  /// from; then this reader is of no more use. The bytes of a frame are there during the call only.
  template <class Take>
  bool read(std::string_view bytes, Take&& take) {
    if (kept_.empty()) {
      const auto used = frames(bytes, take);
      if (!used) return false;
      kept_.assign(bytes.substr(*used));
      return true;
    }
    kept_.append(bytes);
    const auto used = frames(kept_, take);
    if (!used) return false;
    if (*used > 0) keep_from(*used);
    return true;
  }

  /// The beginning of a message is there and waits for the rest.
  bool inside() const { return framer_.inside(); }
  /// Memory that is held for it.
  std::size_t held() const { return kept_.capacity() > kInPlace ? kept_.capacity() : 0; }

 private:
  using Kind = Framer::Frame::Kind;
  static constexpr std::size_t kInPlace = sizeof(std::string);

  template <class Take>
  std::optional<std::size_t> frames(std::string_view stream, Take& take) {
    std::size_t used = 0;
    for (;;) {
      const auto frame = framer_.next(stream.substr(used));
      used += frame.used;
      if (frame.kind == Kind::more) return used;
      if (!take(frame)) return std::nullopt;
      if (frame.kind == Kind::broken || frame.kind == Kind::garbage) return std::nullopt;
    }
  }

  /// What is left moves to memory of its own size.
  void keep_from(std::size_t used) { std::string(kept_, used).swap(kept_); }

  Framer framer_;
  std::string kept_;
};

}  // namespace opensips::transport
