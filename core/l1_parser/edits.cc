#include "l1_parser/edits.hh"

#include "base/arena.hh"

namespace opensips::parser {
namespace {

using Edit = Edits::Edit;
using Kind = Edits::Edit::Kind;

Edit named(Kind kind, std::size_t place, std::string_view name, std::string_view value) {
  return {nullptr, static_cast<std::uint32_t>(place), kind, header_name_of(name), name, value};
}

// Behind everything that is inserted at the place.
Edit** behind_insertions(Edit** where, std::size_t place) {
  while (*where && ((*where)->place < place ||
                    ((*where)->place == place && (*where)->kind == Kind::insert))) {
    where = &(*where)->next;
  }
  return where;
}

}  // namespace

Edit& Edits::link(base::Arena& arena, Edit** where, Edit edit) {
  edit.next = *where;
  *where = arena.make<Edit>(edit);
  return **where;
}

Edit& Edits::insert(base::Arena& arena, std::size_t place, std::string_view name,
                    std::string_view value) {
  return link(arena, behind_insertions(&first_, place), named(Kind::insert, place, name, value));
}

Edit& Edits::insert_first(base::Arena& arena, std::size_t place, std::string_view name,
                          std::string_view value) {
  Edit** where = &first_;
  while (*where && (*where)->place < place) where = &(*where)->next;
  return link(arena, where, named(Kind::insert, place, name, value));
}

Edit& Edits::replace(base::Arena& arena, std::size_t place, std::string_view name,
                     std::string_view value) {
  Edit** const where = behind_insertions(&first_, place);
  Edit edit = named(Kind::replace, place, name, value);
  if (!*where || (*where)->place != place) return link(arena, where, edit);
  edit.next = (*where)->next;
  return **where = edit;
}

void Edits::remove(base::Arena& arena, std::size_t place) {
  replace(arena, place, {}, {}).kind = Kind::remove;
}

void Edits::undo(Edit& edit) {
  for (Edit** where = &first_; *where; where = &(*where)->next) {
    if (*where != &edit) continue;
    *where = edit.next;
    return;
  }
}

Edits Edits::copy(base::Arena& arena) const {
  Edits copy = *this;
  Edit** last = &copy.first_;
  for (const Edit* edit = first_; edit; edit = edit->next) {
    *last = arena.make<Edit>(*edit);
    last = &(*last)->next;
  }
  return copy;
}

const Edit* Edits::at(std::size_t place) const {
  for (const Edit* edit = first_; edit && edit->place <= place; edit = edit->next) {
    if (edit->place == place && edit->kind != Kind::insert) return edit;
  }
  return nullptr;
}

}  // namespace opensips::parser
