#include "l6_location/shared_access.hh"

#include <utility>

namespace opensips::location {
namespace {

/// Another server may be faster so often in turn.
constexpr unsigned kMostTries = 8;

}  // namespace

std::expected<storage::Rows, std::string> SharedAccess::ask(storage::Query query) const {
  std::vector<storage::Query> queries;
  queries.push_back(std::move(query));
  auto outcome = store_.database().wait(std::move(queries));
  if (!outcome) return std::unexpected(std::move(outcome.error().text));
  return std::move(*outcome);
}

std::expected<SharedAccess::Held, std::string> SharedAccess::read(std::string_view aor) const {
  const auto rows = ask(store_.shared()->reading(aor));
  if (!rows) return std::unexpected(rows.error());
  auto held = store_.shared()->read(aor, *rows);
  BindingSetEdit edit({});
  for (auto& binding : held.contacts) edit.insert(std::move(binding));
  return Held{std::move(held.version), set_of(aor, edit)};
}

std::expected<BindingSetRef, std::string> SharedAccess::find(std::string_view aor) const {
  auto held = read(aor);
  if (!held) return std::unexpected(std::move(held.error()));
  return std::move(held->contacts);
}

std::expected<void, std::string> SharedAccess::update(std::string_view aor,
                                                      const Edit& edit) const {
  for (unsigned tries = 0; tries < kMostTries; ++tries) {
    const auto held = read(aor);
    if (!held) return std::unexpected(held.error());
    BindingSetEdit next(held->contacts);
    if (!edit(next) || next.changes().empty()) return {};
    const auto reply = ask(store_.shared()->writing(aor, held->version, next));
    if (!reply) return std::unexpected(reply.error());
    if (!SharedContacts::is_written(*reply)) continue;
    store_.repeat(aor, next);
    return {};
  }
  return std::unexpected("other servers change it all the time");
}

}  // namespace opensips::location
