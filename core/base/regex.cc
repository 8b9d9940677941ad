#include "base/regex.hh"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>
#include <string>

namespace opensips::base {
namespace {

// What a match may take: enough for any expression that makes sense on a thousand bytes (some
// hundred steps), little enough that a hundred bad ones do not hold a worker up (20 µs each).
constexpr std::uint32_t kMatchLimit = 10'000;
// The limit holds for each place where a match may begin: in a long text each gets less.
constexpr std::size_t kAllPlaces = 20'000'000;
constexpr std::uint32_t kHeapLimit = 256;  // KiB
constexpr std::size_t kStackStart = std::size_t{32} << 10;
constexpr std::size_t kStackMost = std::size_t{256} << 10;

/// A thread's own room for matching.
class Workspace {
 public:
  Workspace()
      : data_(pcre2_match_data_create(std::tuple_size_v<Regex::Groups>, nullptr)),
        context_(pcre2_match_context_create(nullptr)),
        stack_(pcre2_jit_stack_create(kStackStart, kStackMost, nullptr)) {
    pcre2_set_heap_limit(context_, kHeapLimit);
    pcre2_jit_stack_assign(context_, nullptr, stack_);
  }
  ~Workspace() {
    pcre2_jit_stack_free(stack_);
    pcre2_match_context_free(context_);
    pcre2_match_data_free(data_);
  }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  int match(const pcre2_code* code, std::string_view subject, std::size_t from) {
    const auto room = std::max<std::size_t>(subject.size() - from, 1);
    pcre2_set_match_limit(context_, static_cast<std::uint32_t>(
                                        std::min<std::size_t>(kMatchLimit, kAllPlaces / room)));
    return pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(subject.data()), subject.size(), from, 0,
                       data_, context_);
  }
  const PCRE2_SIZE* places() const { return pcre2_get_ovector_pointer(data_); }

 private:
  pcre2_match_data* data_;
  pcre2_match_context* context_;
  pcre2_jit_stack* stack_;
};

Workspace& workspace() {
  thread_local Workspace space;
  return space;
}

Regex::Outcome outcome_of(int code) {
  if (code >= 0) return Regex::Outcome::yes;
  return code == PCRE2_ERROR_NOMATCH ? Regex::Outcome::no : Regex::Outcome::limit;
}

std::string message_of(int code) {
  std::array<PCRE2_UCHAR, 256> text;
  const int length = pcre2_get_error_message(code, text.data(), text.size());
  return {reinterpret_cast<const char*>(text.data()),
          static_cast<std::size_t>(std::max(length, 0))};
}

}  // namespace

void Regex::Free::operator()(pcre2_real_code_8* code) const {
  pcre2_code_free(code);
}

std::expected<Regex, TextError> Regex::compile(std::string_view text, bool ignore_case) {
  if (text.size() > kMaxText) {
    return std::unexpected(TextError{kMaxText, "the regular expression is too long"});
  }
  int error = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code* const code =
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                    ignore_case ? PCRE2_CASELESS : 0, &error, &offset, nullptr);
  if (!code) return std::unexpected(TextError{offset, message_of(error)});
  return Regex(code);
}

void Regex::optimize() {
  pcre2_jit_compile(code_.get(), PCRE2_JIT_COMPLETE);  // if it cannot, the pattern is interpreted
}

Regex::Outcome Regex::match(std::string_view subject) const {
  return outcome_of(workspace().match(code_.get(), subject, 0));
}

Regex::Outcome Regex::match(std::string_view subject, Groups& groups, std::size_t from) const {
  const int count = workspace().match(code_.get(), subject, from);
  if (count < 0) return outcome_of(count);
  // 0: there are more groups than room, and all of the room is filled.
  const std::size_t filled = count == 0 ? groups.size() : static_cast<std::size_t>(count);
  const PCRE2_SIZE* const places = workspace().places();
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const bool took_part = i < filled && places[2 * i] != PCRE2_UNSET;
    // Before PCRE2 10.38, \K in a lookahead may put the beginning of the whole behind its end.
    const bool in_order = took_part && places[2 * i] <= places[2 * i + 1];
    groups[i] = in_order ? subject.substr(places[2 * i], places[2 * i + 1] - places[2 * i])
                         : std::string_view();
  }
  return Outcome::yes;
}

unsigned Regex::group_count() const {
  std::uint32_t count = 0;
  pcre2_pattern_info(code_.get(), PCRE2_INFO_CAPTURECOUNT, &count);
  return count;
}

}  // namespace opensips::base
