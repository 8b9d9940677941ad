#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string_view>

#include "base/text_error.hh"

struct pcre2_real_code_8;

namespace opensips::base {

/// A compiled regular expression (PCRE2, bytes). Immutable once it is optimized, shared by all
/// threads; what a match needs besides belongs to the thread.
class Regex {
 public:
  static constexpr std::size_t kMaxText = 4096;  ///< bytes of the expression

  /// What the groups matched: the whole at 0, then \1 to \9. They are parts of the subject; one
  /// that took no part is null.
  using Groups = std::array<std::string_view, 10>;

  /// `limit`: the subject cost more steps than any match may. Whether it matches is not known.
  enum class Outcome : std::uint8_t { no, yes, limit };

  /// The message is PCRE2's; the offset counts bytes of `text`.
  static std::expected<Regex, TextError> compile(std::string_view text, bool ignore_case);

  /// Makes machine code of it, where the system lets: some 5 µs and 1 KB. Not while another thread
  /// matches.
  void optimize();

  Outcome match(std::string_view subject) const;
  /// Fills in `groups` when it matches; looks at the bytes of `subject` at and behind `from`, which
  /// is not behind its end.
  Outcome match(std::string_view subject, Groups& groups, std::size_t from = 0) const;

  /// How many groups it has, the whole not counted.
  unsigned group_count() const;

 private:
  struct Free {
    void operator()(pcre2_real_code_8* code) const;
  };
  explicit Regex(pcre2_real_code_8* code) : code_(code) {}

  std::unique_ptr<pcre2_real_code_8, Free> code_;
};

}  // namespace opensips::base
