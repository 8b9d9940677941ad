#include "l6_location/contact_store.hh"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/clock.hh"

namespace opensips::location {
namespace {

constexpr std::string_view kTable = "location";

std::string replacing() {
  std::string marks;
  for (auto left = std::ranges::count(contact_columns(), ',') + 1; left > 0; --left) {
    marks += marks.empty() ? "?" : ", ?";
  }
  return fmt::format("REPLACE INTO {} ({}) VALUES ({})", kTable, contact_columns(), marks);
}

std::string selecting(std::string_view which) {
  return fmt::format("SELECT {} FROM {} WHERE {}", contact_columns(), kTable, which);
}

/// Puts in what is not there.
bool insert_missing(BindingSetEdit& edit, std::span<const BindingRef> bindings) {
  bool changed = false;
  for (const auto& binding : bindings) {
    if (edit.place_of(binding->id()) < edit.places().size()) continue;
    edit.insert(binding);
    changed = true;
  }
  return changed;
}

}  // namespace

ContactStore::ContactStore(AorTable& table, const transport::Sockets& sockets,
                           storage::Database& database, const StoreOptions& options,
                           std::optional<SharedContacts> shared)
    : table_(table),
      sockets_(sockets),
      database_(database),
      options_(options),
      shared_(std::move(shared)),
      replace_(storage::make_statement(replacing())),
      erase_(storage::make_statement(fmt::format("DELETE FROM {} WHERE contact_id = ?", kTable))),
      select_(storage::make_statement(selecting("username = ? AND domain = ?"))),
      page_(storage::make_statement(
          selecting(fmt::format("contact_id > ? ORDER BY contact_id LIMIT {}", kPage)))),
      expire_(storage::make_statement(
          fmt::format("DELETE FROM {} WHERE expires > 0 AND expires < ?", kTable))),
      loading_(is_in_memory()) {
  table.listen([this](const LocationEvent& event) { follow(event); });
}

/// What happens in memory that the database has not been told of.
void ContactStore::follow(const LocationEvent& event) {
  if (!event.binding || event.origin != Origin::here) return;
  if (!shared_) return note(event.aor, event.binding->id());
  // It answers no pings any more. What has expired is nowhere by itself.
  if (event.kind != LocationEvent::Kind::contact_delete) return;
  storage::Job job;
  job.queries.push_back(shared_->dropping(event.aor, *event.binding));
  job.done = [](const storage::Outcome&) {};  // else it expires
  database_.run(std::move(job));
}

std::vector<storage::Query> ContactStore::queries_for(
    std::string_view aor, std::span<const BindingSetEdit::Change> changes) const {
  using Kind = BindingSetEdit::Kind;
  const auto moment = Moment::now();
  std::vector<storage::Query> queries;
  queries.reserve(changes.size());
  for (const auto& [kind, binding] : changes) {
    if (kind == Kind::removed || kind == Kind::expired) {
      queries.push_back({erase_, {static_cast<std::int64_t>(binding->id())}});
    } else {
      queries.push_back({replace_, row_of(aor, *binding, moment, sockets_)});
    }
  }
  return queries;
}

storage::Query ContactStore::query_for(const ContactNotes::Note& note) const {
  if (const auto set = table_.find(note.aor)) {
    for (const auto& binding : set->bindings()) {
      if (binding->id() != note.id) continue;
      return {replace_, row_of(note.aor, *binding, Moment::now(), sockets_)};
    }
  }
  return {erase_, {static_cast<std::int64_t>(note.id)}};
}

storage::Query ContactStore::query_for(std::string_view aor) const {
  const auto [user, host] = parts_of(aor);
  return {select_, {std::string(user), std::string(host)}};
}

storage::Query ContactStore::next_page(std::int64_t after) const {
  return {page_, {after}};
}

storage::Query ContactStore::expiring() const {
  return {expire_, {Moment::now().wall_ms / 1000}};
}

std::vector<BindingRef> ContactStore::contacts_of(std::string_view aor,
                                                  const storage::Rows& rows) const {
  const auto moment = Moment::now();
  std::vector<BindingRef> bindings;
  for (const auto& row : rows.rows) {
    auto contact = contact_from(row, moment, sockets_);
    // A database may take names for the same that differ in their letters' case.
    if (!contact || contact->aor != aor) continue;
    if (!contact->binding->expired(moment.monotonic_ms)) {
      bindings.push_back(std::move(contact->binding));
    }
  }
  return bindings;
}

/// Time, or an operator, may have changed the AoR since its changes were worked out.
BindingSetRef ContactStore::repeat(std::string_view aor, const BindingSetEdit& written,
                                   Origin origin) {
  return table_.update(
      aor,
      [&](BindingSetEdit& edit) {
        for (const auto& change : written.changes()) edit.repeat(change);
        return true;
      },
      origin);
}

void ContactStore::note(std::string_view aor, std::uint64_t id) {
  if (!notes_.add(id, aor, base::monotonic_ms())) lost_.fetch_add(1, std::memory_order_relaxed);
}

bool ContactStore::claim(std::string_view aor) {
  if (!is_loading()) return false;
  auto claims = claims_.lock();
  // Loading may have ended since: then there are no claims any more.
  return is_loading() && !claims->try_emplace(std::string(aor), false).first->second;
}

void ContactStore::adopt(std::string_view aor, const storage::Rows& rows) {
  auto bindings = contacts_of(aor, rows);
  // Some have been dropped from memory since, and their rows are still to go.
  std::erase_if(bindings, [this](const auto& one) { return notes_.contains(one->id()); });
  table_.update(
      aor, [&](BindingSetEdit& edit) { return insert_missing(edit, bindings); }, Origin::restored);
  auto claims = claims_.lock();
  if (is_loading()) (*claims)[std::string(aor)] = true;
}

bool ContactStore::knows(std::string_view aor) const {
  if (!is_loading()) return true;
  const auto claims = claims_.lock();
  const auto found = claims->find(std::string(aor));
  return !is_loading() || (found != claims->end() && found->second);
}

ContactStore::Loaded ContactStore::load(const storage::Rows& rows, std::int64_t& last_id) {
  const auto moment = Moment::now();
  Loaded loaded;
  for (const auto& row : rows.rows) {
    last_id = storage::integer_of(row[0]).value_or(last_id);
    const auto contact = contact_from(row, moment, sockets_);
    if (!contact) {
      ++loaded.unreadable;
    } else if (contact->binding->expired(moment.monotonic_ms)) {
      ++loaded.expired;
      note(contact->aor, contact->binding->id());
    } else {
      // Locked all the time: else somebody could claim the AoR, read it and remove this very
      // contact before it is put in here, out of a row that is no more.
      const auto claims = claims_.lock();
      if (claims->contains(contact->aor)) continue;
      table_.update(
          contact->aor,
          [&](BindingSetEdit& edit) {
            return insert_missing(edit, {&contact->binding, 1});
          },
          Origin::restored);
      ++loaded.contacts;
    }
  }
  return loaded;
}

std::optional<std::string> ContactStore::unread() const {
  for (const auto& [aor, was_read] : *claims_.lock()) {
    if (!was_read) return aor;
  }
  return std::nullopt;
}

void ContactStore::end_loading() {
  auto claims = claims_.lock();
  loading_.store(false, std::memory_order_release);
  claims->clear();
}

}  // namespace opensips::location
