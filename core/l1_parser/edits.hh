#pragma once

#include <cstdint>
#include <string_view>

#include "l1_parser/header_name.hh"

namespace opensips::base {
class Arena;
}

namespace opensips::parser {

/// Changes to a message as a list, applied when the bytes are written: nothing is moved or copied
/// before. Places are places in Message::headers(); headers().size() is "behind the last". All text
/// must live as long as the message: put it in its arena. A list lives in an arena too and owns
/// nothing.
class Edits {
 public:
  struct Edit {
    enum class Kind : std::uint8_t { insert, replace, remove };
    Edit* next = nullptr;
    std::uint32_t place = 0;
    Kind kind = Kind::remove;
    HeaderName name = HeaderName::other;
    std::string_view name_text;  ///< insert and replace: the header's name …
    std::string_view value;      ///< … and value; the writer adds ": " and CRLF
  };

  /// A header before the one at `place`, behind those inserted there before.
  Edit& insert(base::Arena& arena, std::size_t place, std::string_view name,
               std::string_view value);
  /// The same, but before those inserted there.
  Edit& insert_first(base::Arena& arena, std::size_t place, std::string_view name,
                     std::string_view value);
  /// Replaces the value of the header at `place`; the last word wins. `name` is the name to write.
  Edit& replace(base::Arena& arena, std::size_t place, std::string_view name,
                std::string_view value);
  void remove(base::Arena& arena, std::size_t place);
  /// Takes back an insertion.
  void undo(Edit& edit);
  /// The same changes as a list of its own, to which others can be added.
  Edits copy(base::Arena& arena) const;

  /// The replacement or removal at a place, or nullptr if the header stands as it came.
  const Edit* at(std::size_t place) const;
  /// Sorted by place; insertions at a place come before its replacement.
  const Edit* first() const { return first_; }
  Edit* first() { return first_; }

  void set_uri(std::string_view uri) { uri_ = uri; }
  void set_method(std::string_view method) { method_ = method; }
  void set_body(std::string_view body) {
    body_ = body;
    has_body_ = true;
  }
  std::string_view uri() const { return uri_; }        ///< empty: unchanged
  std::string_view method() const { return method_; }  ///< empty: unchanged
  bool has_body() const { return has_body_; }
  std::string_view body() const { return body_; }

 private:
  Edit& link(base::Arena& arena, Edit** where, Edit edit);

  Edit* first_ = nullptr;
  std::string_view uri_;
  std::string_view method_;
  std::string_view body_;
  bool has_body_ = false;
};

}  // namespace opensips::parser
