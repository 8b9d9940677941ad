#include "l6_location/stored_registrar.hh"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "l6_location/contact_row.hh"

namespace opensips::location {
namespace {

using storage::Error;

/// Seconds after which a client may try again: they do not all come at once.
constexpr unsigned kShortestRetry = 2;
constexpr unsigned kLongestRetry = 9;

/// All that leads to a contact: in Redis it is JSON, which other bytes do not fit in.
bool is_utf8(const RegisterRequest& asked, const parser::Message& request) {
  const auto is_valid = [](std::string_view text) { return as_utf8(text) == text; };
  return is_valid(request.call_id()) && is_valid(asked.path) &&
         std::ranges::all_of(asked.contacts, is_valid,
                             [](const auto& contact) { return contact.uri.text; });
}

}  // namespace

StoredRegistrar::StoredRegistrar(loop::Context& context, std::shared_ptr<loop::Mailbox> me,
                                 Registrar& registrar, ContactStore& store)
    : context_(context),
      me_(std::move(me)),
      registrar_(registrar),
      store_(store),
      counters_(context.statistics),
      self_(std::make_shared<StoredRegistrar*>(this)) {}

std::optional<StoredRegistrar::Outcome> StoredRegistrar::save(
    const base::Ref<parser::Message>& request, std::string_view aor, const SaveOptions& options,
    const std::function<Saved()>& later) {
  auto asked = registrar_.read(*request, options);
  if (asked && store_.shared() && !is_utf8(*asked, *request)) {
    asked = std::unexpected(RegisterRequest::Refusal{400, "Contact Not In UTF-8", {}});
  }
  const bool is_known = knows(aor);
  if (is_known && (!asked || store_.options().mode == StoreMode::write_back)) {
    return registrar_.process(*request, aor, options, context_.now());
  }
  if (!asked) return registrar_.refuse(std::move(asked.error()), {});
  if (is_known && asked->is_query()) {
    return registrar_.accept(*asked, store_.table().find(aor), context_.now());
  }
  Task task{.aor = std::string(aor), .until = context_.now() + store_.options().query_limit_ms};
  task.request = request;
  task.asked = std::move(*asked);
  task.options = options;
  task.saved = later();
  begin(std::move(task));
  return std::nullopt;
}

void StoredRegistrar::find(std::string_view aor, Found later) {
  Task task{.aor = std::string(aor), .until = context_.now() + store_.options().query_limit_ms};
  task.found = std::move(later);
  begin(std::move(task));
}

void StoredRegistrar::begin(Task task) {
  const Key key = ++last_;
  auto aor = task.aor;
  const bool only_looks = !task.request && !in_memory();
  tasks_.emplace(key, std::make_unique<Task>(std::move(task)));
  if (only_looks) return read(key);
  const bool waits =
      store_.turns().take(std::move(aor), me_, [this, alive = self_, key](AorTurns::Turn turn) {
        if (*alive) has_turn(key, std::move(turn));
      });
  if (!waits) fail(key, {Error::Kind::busy, "too many wait for one address of record", true});
}

void StoredRegistrar::has_turn(Key key, AorTurns::Turn turn) {
  Task& task = *tasks_[key];
  task.turn.emplace(std::move(turn));
  if (!in_memory() || store_.claim(task.aor)) return read(key);
  work_out(key);
}

void StoredRegistrar::read(Key key) {
  const auto& aor = tasks_[key]->aor;
  const auto* const shared = store_.shared();
  run(key, {shared ? shared->reading(aor) : store_.query_for(aor)}, &StoredRegistrar::has_read);
}

void StoredRegistrar::has_read(Key key, const storage::Outcome& rows) {
  if (!rows) return fail(key, rows.error());
  Task& task = *tasks_[key];
  if (in_memory()) {
    store_.adopt(task.aor, *rows);
  } else {
    BindingSetEdit edit({});
    for (auto& binding : contacts_of(task, *rows)) edit.insert(std::move(binding));
    task.before = set_of(task.aor, edit);
  }
  work_out(key);
}

std::vector<BindingRef> StoredRegistrar::contacts_of(Task& task, const storage::Rows& rows) const {
  if (!store_.shared()) return store_.contacts_of(task.aor, rows);
  auto held = store_.shared()->read(task.aor, rows);
  task.version = std::move(held.version);
  return std::move(held.contacts);
}

/// Memory knows the AoR, or `before` does.
void StoredRegistrar::work_out(Key key) {
  Task& task = *tasks_[key];
  auto before = in_memory() ? store_.table().find(task.aor) : task.before;
  if (!task.request) {
    auto found = std::move(task.found);
    tasks_.erase(key);
    return found(std::move(before));
  }
  task.edit = std::make_unique<BindingSetEdit>(before);
  const auto now = context_.now();
  auto refusal = registrar_.apply(task.asked, *task.request, task.options, now, *task.edit);
  if (refusal) return finish(key, registrar_.refuse(std::move(*refusal), std::move(before)));
  if (task.edit->changes().empty()) {
    return finish(key, registrar_.accept(task.asked, std::move(before), now));
  }
  if (store_.options().mode != StoreMode::write_back) return write(key);
  finish(key,
         registrar_.accept(task.asked, store_.repeat(task.aor, *task.edit, Origin::here), now));
}

void StoredRegistrar::write(Key key) {
  const Task& task = *tasks_[key];
  std::vector<storage::Query> queries;
  if (const auto* const shared = store_.shared()) {
    queries.push_back(shared->writing(task.aor, task.version, *task.edit));
  } else {
    queries = store_.queries_for(task.aor, task.edit->changes());
  }
  run(key, std::move(queries), &StoredRegistrar::written);
}

void StoredRegistrar::written(Key key, const storage::Outcome& outcome) {
  Task& task = *tasks_[key];
  if (!outcome) {
    if (in_memory() && !outcome.error().untouched) {
      for (const auto& change : task.edit->changes()) store_.note(task.aor, change.binding->id());
    }
    return fail(key, outcome.error());
  }
  if (store_.shared() && !SharedContacts::is_written(*outcome)) return read(key);
  end_written(key);
}

void StoredRegistrar::end_written(Key key) {
  Task& task = *tasks_[key];
  BindingSetRef after;
  if (in_memory() || store_.shared()) after = store_.repeat(task.aor, *task.edit);
  if (!in_memory()) after = set_of(task.aor, *task.edit);
  finish(key, registrar_.accept(task.asked, std::move(after), context_.now()));
}

void StoredRegistrar::finish(Key key, Outcome outcome) {
  const auto task = std::move(tasks_[key]);
  tasks_.erase(key);
  task->saved(std::move(outcome));
}

void StoredRegistrar::fail(Key key, const Error& error) {
  const auto task = std::move(tasks_[key]);
  tasks_.erase(key);
  context_.stats.add(counters_.unavailable);
  base::log_limited(trouble_, base::LogLevel::err, "contacts of {}: {}", task->aor, error.text);
  if (!task->request) return task->found(std::unexpected(error));
  auto bindings = in_memory() ? store_.table().find(task->aor) : nullptr;
  if (is_temporary(error.kind) || error.kind == Error::Kind::missing) {
    const unsigned seconds =
        kShortestRetry + static_cast<unsigned>(key) % (kLongestRetry - kShortestRetry + 1);
    return task->saved(
        registrar_.refuse({503, "Service Unavailable", fmt::format("Retry-After: {}\r\n", seconds)},
                          std::move(bindings)));
  }
  // It is this registration that the database does not take.
  task->saved(registrar_.refuse({500, "Server Internal Error", {}}, std::move(bindings)));
}

/// Within the time of the task.
void StoredRegistrar::run(Key key, std::vector<storage::Query> queries, Then then) {
  const auto until = tasks_[key]->until;
  if (until <= context_.now()) {
    return fail(key, {Error::Kind::timed_out, "no time was left for it", true});
  }
  store_.database().run({.queries = std::move(queries),
                         .limit = std::chrono::milliseconds(until - context_.now()),
                         .to = me_,
                         .done = [this, alive = self_, key, then](const storage::Outcome& outcome) {
                           if (*alive) (this->*then)(key, outcome);
                         }});
}

}  // namespace opensips::location
