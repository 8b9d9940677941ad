#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/result.hh"
#include "l1_parser/message.hh"

namespace opensips::parser {

/// A header as Message::edits() leaves it.
struct EffectiveHeader {
  HeaderName name = HeaderName::other;
  std::string_view name_text;
  std::string_view value;
  std::size_t place = 0;              ///< in Message::headers(), or where it is inserted
  const Edits::Edit* edit = nullptr;  ///< nullptr: it stands as it came
};

/// Walks the headers as they would go out, in order. Edits made meanwhile may or may not be seen.
class EffectiveHeaders {
 public:
  explicit EffectiveHeaders(const Message& message)
      : message_(message), edit_(message.edits().first()) {}
  std::optional<EffectiveHeader> next();
  /// The next one of that name, in whatever spelling.
  std::optional<EffectiveHeader> next(std::string_view name);

 private:
  const Message& message_;
  const Edits::Edit* edit_;
  std::size_t place_ = 0;
};

/// The value of the nth header line of that name, from 0. The value of an unknown header may hold
/// folds: see unfold().
std::optional<std::string_view> header(const Message& message, std::string_view name,
                                       std::size_t nth = 0);

/// Changes to message.edits() by name. Texts are copied to the message's arena. Errors: malformed
/// for a name that is no token or a value with CR, LF or NUL; too_large for a line that parse()
/// would refuse; refused for Content-Length, which follows the body; missing if there is no nth
/// header of that name.
base::Result<void> set_header(Message& message, std::string_view name, std::string_view value,
                              std::size_t nth = 0);
/// Behind the last header.
base::Result<void> add_header(Message& message, std::string_view name, std::string_view value);
/// Before the first header of that name; before all headers if there is none.
base::Result<void> prepend_header(Message& message, std::string_view name, std::string_view value);
base::Result<void> remove_header(Message& message, std::string_view name, std::size_t nth = 0);
/// All of that name; says how many there were. Content-Length is refused (0).
std::size_t remove_headers(Message& message, std::string_view name);

std::string_view effective_uri(const Message& message);
std::string_view effective_method(const Message& message);
std::string_view effective_body(const Message& message);

/// True for text that may be written into a header: no CR, LF or NUL.
bool is_header_text(std::string_view text);

/// A fold and the white space around it become one blank (RFC 3261 7.3.1); a value without one is
/// returned as it is.
std::string_view unfold(base::Arena& arena, std::string_view value);

}  // namespace opensips::parser
