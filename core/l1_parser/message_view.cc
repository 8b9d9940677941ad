#include "l1_parser/message_view.hh"

#include <algorithm>

#include "l1_parser/chars.hh"

namespace opensips::parser {
namespace {

using Edit = Edits::Edit;
using Kind = Edits::Edit::Kind;

std::optional<EffectiveHeader> find_effective(const Message& message, std::string_view name,
                                              std::size_t nth) {
  EffectiveHeaders headers(message);
  auto found = headers.next(name);
  while (found && nth-- > 0) found = headers.next(name);
  return found;
}

base::Result<void> check(std::string_view name, std::string_view value) {
  constexpr std::size_t kMaxLine = Limits{}.line;
  if (!chars::is_token(name) || !is_header_text(value)) {
    return base::Failure(base::Error::malformed);
  }
  // ": " and CRLF are four bytes.
  if (name.size() > kMaxLine || value.size() + name.size() + 4 > kMaxLine) {
    return base::Failure(base::Error::too_large);
  }
  if (header_name_of(name) == HeaderName::content_length) {
    return base::Failure(base::Error::refused);
  }
  return {};
}

// The lists are the message's own: what is const seen through it may be changed through it.
Edit& editable(Message& message, const Edit* edit) {
  Edit* own = message.edits().first();
  while (own != edit) own = own->next;
  return *own;
}

void remove_one(Message& message, const EffectiveHeader& header) {
  if (header.edit && header.edit->kind == Kind::insert) {
    message.edits().undo(editable(message, header.edit));
  } else {
    message.edits().remove(message.arena(), header.place);
  }
}

}  // namespace

std::optional<EffectiveHeader> EffectiveHeaders::next() {
  const auto headers = message_.headers();
  for (;;) {
    if (edit_ && (edit_->place <= place_ || place_ >= headers.size())) {
      const Edit* const edit = edit_;
      edit_ = edit->next;
      const std::size_t place = place_;
      if (edit->kind != Kind::insert) ++place_;
      if (edit->kind == Kind::remove) continue;
      return EffectiveHeader{edit->name, edit->name_text, edit->value, place, edit};
    }
    if (place_ >= headers.size()) return std::nullopt;
    const Header& header = headers[place_];
    return EffectiveHeader{header.name, message_.name(header), message_.value(header), place_++,
                           nullptr};
  }
}

std::optional<EffectiveHeader> EffectiveHeaders::next(std::string_view name) {
  const auto known = header_name_of(name);
  for (;;) {
    if (!edit_) {  // behind the last edit they are as they came
      place_ =
          known != HeaderName::other ? message_.find(known, place_) : message_.find(name, place_);
    }
    const auto header = next();
    if (!header) return std::nullopt;
    if (header->name != known) continue;
    if (known != HeaderName::other || same_header(header->name_text, name)) return header;
  }
}

std::optional<std::string_view> header(const Message& message, std::string_view name,
                                       std::size_t nth) {
  const auto found = find_effective(message, name, nth);
  if (!found) return std::nullopt;
  return found->value;
}

base::Result<void> set_header(Message& message, std::string_view name, std::string_view value,
                              std::size_t nth) {
  if (const auto checked = check(name, value); !checked) return checked;
  const auto found = find_effective(message, name, nth);
  if (!found) return base::Failure(base::Error::missing);
  const auto copy = message.arena().copy(value);
  if (found->edit) {
    editable(message, found->edit).value = copy;
  } else {
    message.edits().replace(message.arena(), found->place, found->name_text, copy);
  }
  return {};
}

base::Result<void> add_header(Message& message, std::string_view name, std::string_view value) {
  if (const auto checked = check(name, value); !checked) return checked;
  auto& arena = message.arena();
  message.edits().insert(arena, message.headers().size(), arena.copy(name), arena.copy(value));
  return {};
}

base::Result<void> prepend_header(Message& message, std::string_view name, std::string_view value) {
  if (const auto checked = check(name, value); !checked) return checked;
  auto& arena = message.arena();
  const auto first = find_effective(message, name, 0);
  message.edits().insert_first(arena, first ? first->place : 0, arena.copy(name),
                               arena.copy(value));
  return {};
}

base::Result<void> remove_header(Message& message, std::string_view name, std::size_t nth) {
  if (header_name_of(name) == HeaderName::content_length) {
    return base::Failure(base::Error::refused);
  }
  const auto found = find_effective(message, name, nth);
  if (!found) return base::Failure(base::Error::missing);
  remove_one(message, *found);
  return {};
}

std::size_t remove_headers(Message& message, std::string_view name) {
  std::size_t count = 0;
  while (remove_header(message, name)) ++count;
  return count;
}

std::string_view effective_uri(const Message& message) {
  const auto edited = message.edits().uri();
  return edited.empty() ? message.uri().text : edited;
}

std::string_view effective_method(const Message& message) {
  const auto edited = message.edits().method();
  return edited.empty() ? message.method_text() : edited;
}

std::string_view effective_body(const Message& message) {
  return message.edits().has_body() ? message.edits().body() : message.body();
}

bool is_header_text(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

std::string_view unfold(base::Arena& arena, std::string_view value) {
  if (value.find_first_of("\r\n") == std::string_view::npos) return value;
  constexpr std::string_view kSpace = " \t\r\n";
  char* const begin = arena.text(value.size());
  char* at = begin;
  while (!value.empty()) {
    const auto space = std::min(value.find_first_of(kSpace), value.size());
    at = std::copy_n(value.data(), space, at);
    const auto behind = std::min(value.find_first_not_of(kSpace, space), value.size());
    const auto run = value.substr(space, behind - space);
    if (run.find_first_of("\r\n") != std::string_view::npos) {
      *at++ = ' ';
    } else {
      at = std::copy_n(run.data(), run.size(), at);
    }
    value.remove_prefix(behind);
  }
  arena.trim(at);
  return chars::between(begin, at);
}

}  // namespace opensips::parser
