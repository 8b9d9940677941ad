#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace opensips::routing::lua {

/// Lua's patterns (reference manual 5.4.1), with a limit: some patterns take longer than the age of
/// the universe for a short text, and Lua's own matcher cannot be interrupted.
class Pattern {
 public:
  enum class Fault : std::uint8_t {
    none,
    malformed,    ///< the pattern is none; see why()
    interrupted,  ///< `interrupt` said so
  };
  struct Capture {
    static constexpr std::ptrdiff_t kOpen = -1;
    static constexpr std::ptrdiff_t kPosition = -2;  ///< "()": the place itself
    const char* begin = nullptr;
    std::ptrdiff_t size = kOpen;
  };
  using Interrupt = bool (*)(void* context);

  /// `interrupt` is asked now and then. Both texts must outlive the pattern.
  Pattern(std::string_view pattern, std::string_view subject, Interrupt interrupt, void* context);

  /// Matches from `offset` on, at that place only. The end of the match, or nullptr.
  const char* match_at(std::size_t offset);
  /// Goes on from `offset` to where it matches; with '^' only there. False if nowhere.
  bool search(std::size_t offset);

  const char* begin() const { return match_begin_; }
  const char* end() const { return match_end_; }
  /// A '^' at the beginning stands for itself (string.gmatch).
  void take_anchor_literally() {
    if (anchored_) --pattern_begin_;
    anchored_ = false;
  }
  bool anchored() const { return anchored_; }
  Fault fault() const { return fault_; }
  const char* why() const { return why_; }

  std::size_t captures() const { return level_; }
  const Capture& capture(std::size_t index) const { return captures_[index]; }

 private:
  static constexpr std::size_t kMaxCaptures = 32;
  static constexpr unsigned kMaxDepth = 200;

  const char* match(const char* at, const char* item);
  const char* match_item(const char* at, const char* item, const char* item_end);
  const char* match_most(const char* at, const char* item, const char* item_end);
  const char* match_least(const char* at, const char* item, const char* item_end);
  const char* open_capture(const char* at, const char* item, std::ptrdiff_t size);
  const char* close_capture(const char* at, const char* item);
  const char* match_balance(const char* at, const char* item);
  const char* match_frontier(const char* at, const char* item);
  const char* match_again(const char* at, const char* item);
  const char* item_end(const char* item);
  bool fits(const char* at, const char* item, const char* item_end) const;
  bool in_set(unsigned char c, const char* set, const char* last) const;
  const char* fail(const char* why);
  bool tick();

  const char* pattern_end_;
  const char* pattern_begin_;
  std::string_view subject_;
  Interrupt interrupt_;
  void* context_;
  std::array<Capture, kMaxCaptures> captures_;
  std::size_t level_ = 0;
  unsigned depth_ = 0;
  unsigned ticks_ = 0;
  bool anchored_ = false;
  Fault fault_ = Fault::none;
  const char* why_ = "";
  const char* match_begin_ = nullptr;
  const char* match_end_ = nullptr;
};

}  // namespace opensips::routing::lua
