#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/groups.hh"
#include "lp_routing/functions/program.hh"
#include "lp_routing/functions/services.hh"
#include "lp_routing/functions/waiting.hh"
#include "storage/reply_tree.hh"

namespace opensips::routing {
namespace {

using Arguments = std::vector<storage::Value>;

/// What a command can be given: Redis knows texts alone, and numbers as texts.
struct Datum {
  storage::Value value;
};
struct SetFields {
  std::optional<std::chrono::milliseconds> expires;
  bool only_new = false;
};

}  // namespace

template <>
struct Argument<Datum> {
  static constexpr std::string_view type = "string|number";
  static bool from(const Value& value, Datum& to, std::string&) {
    std::string_view room;
    if (const auto* const whole = value.get<std::int64_t>()) {
      to.value = *whole;
    } else if (const auto* const real = value.get<double>()) {
      to.value = *real;
    } else if (const auto* const text = value.text(room)) {
      to.value = std::string(*text);
    } else {
      return false;
    }
    return true;
  }
};
template <>
struct OptionTable<SetFields> {
  static constexpr std::tuple fields{
      Option<SetFields, std::optional<std::chrono::milliseconds>>{"expires", &SetFields::expires,
                                                                  "how long it lasts"},
      Option<SetFields, bool>{"only_new", &SetFields::only_new,
                              "leaves a value that is there: nil and \"refused\""}};
};

namespace {

Value plain(storage::Value& value) {
  if (auto* const text = std::get_if<std::string>(&value)) return std::move(*text);
  if (auto* const blob = std::get_if<storage::Blob>(&value)) return std::move(blob->bytes);
  if (const auto* const number = std::get_if<std::int64_t>(&value)) return *number;
  if (const auto* const number = std::get_if<double>(&value)) return *number;
  return {};
}

/// The value, or the list with all that is in it, which begins at that row; moves behind it.
Value tree_at(std::vector<storage::Row>& rows, std::size_t& at) {
  if (at >= rows.size()) return {};
  auto& row = rows[at++];
  const auto size = storage::list_size(row);
  if (!size) return plain(row[0]);
  Value::List list;
  for (std::size_t i = 0; i < *size && at < rows.size(); ++i) {
    Value one = tree_at(rows, at);
    list.push_back(one.is_nil() ? Value(false) : std::move(one));  // a hole would end the list
  }
  return list;
}

Value problem_of(const storage::Error& error) {
  const auto what = storage::to_string(error.kind);
  return Problem{storage::is_temporary(error.kind) ? std::string(what)
                                                   : fmt::format("{}: {}", what, error.text)};
}

Value any_of(Call&, storage::Rows& rows) {
  std::size_t at = 0;
  return tree_at(rows.rows, at);
}

Value true_of(Call& call, storage::Rows& rows) {
  if (any_of(call, rows).is_nil()) return Problem{"refused"};
  return true;
}

/// A number that says whether something was there.
Value flag_of(Call& call, storage::Rows& rows) {
  const Value given = any_of(call, rows);
  const auto* const number = given.get<std::int64_t>();
  return number && *number > 0;
}

/// A list of names and values, in turn.
Value table_of(Call& call, storage::Rows& rows) {
  Value given = any_of(call, rows);
  auto* const list = std::get_if<Value::List>(&given.any);
  Value::Map table;
  for (std::size_t i = 0; list && i + 1 < list->size(); i += 2) {
    auto* const name = std::get_if<std::string>(&(*list)[i].any);
    if (name) table.push_back({call.program.keep(std::move(*name)), std::move((*list)[i + 1])});
  }
  return table;
}

using Read = Value (*)(Call& call, storage::Rows& rows);

/// Sends a command, and makes the handler wait for what is read from the answer.
Value ask(Call& call, std::string name, Arguments arguments, Read read) {
  storage::Job job;
  const auto command = std::make_shared<storage::Statement>(std::move(name), false);
  job.queries.push_back({command, std::move(arguments)});
  job.done = [to = Continuation(call), read](storage::Outcome outcome) {
    to.go_on([outcome = std::move(outcome), read](Call& then) mutable -> Value {
      return outcome ? read(then, *outcome) : problem_of(outcome.error());
    });
  };
  call.services->storage()->at(call.self.place).run(std::move(job));
  return Value::Wait{};
}

std::int64_t milliseconds_of(std::chrono::milliseconds time) {
  return std::max<std::int64_t>(time.count(), 1);
}

Value redis(Call& call, std::string_view url) {
  auto* const databases = call.services ? call.services->storage() : nullptr;
  if (!databases) return Problem{"there are no databases here"};
  const auto opened = databases->open(url);
  if (!opened) return Misuse{fmt::format("sip.redis: {}", opened.error())};
  if ((*opened)->backend().is_sql()) {
    return Misuse{
        fmt::format("sip.redis: {} is a database of SQL, expected sip.sql", (*opened)->name())};
  }
  return Object{.kind = ObjectKind::redis,
                .place = static_cast<std::uint32_t>(databases->number_of(**opened))};
}

Value command(Call& call, Line name, std::span<const Value> values) {
  if (name.text.empty()) return Misuse{"redis:command: expected the name of a command"};
  Arguments arguments;
  for (const Value& value : values) {
    Datum datum;
    std::string why;
    if (!Argument<Datum>::from(value, datum, why)) {
      return Misuse{"redis:command: an argument is a string or a number"};
    }
    arguments.push_back(std::move(datum.value));
  }
  return ask(call, std::string(name.text), std::move(arguments), any_of);
}

Value get(Call& call, Datum key) {
  return ask(call, "GET", {std::move(key.value)}, any_of);
}

Value set(Call& call, Datum key, Datum value, std::optional<SetFields> options) {
  Arguments arguments{std::move(key.value), std::move(value.value)};
  if (options && options->expires) {
    arguments.emplace_back("PX");
    arguments.emplace_back(milliseconds_of(*options->expires));
  }
  if (options && options->only_new) arguments.emplace_back("NX");
  return ask(call, "SET", std::move(arguments), true_of);
}

Value del(Call& call, Datum key) {
  return ask(call, "DEL", {std::move(key.value)}, flag_of);
}

Value incr(Call& call, Datum key, std::optional<std::int64_t> by) {
  return ask(call, "INCRBY", {std::move(key.value), by.value_or(1)}, any_of);
}

Value expire(Call& call, Datum key, std::chrono::milliseconds time) {
  return ask(call, "PEXPIRE", {std::move(key.value), milliseconds_of(time)}, flag_of);
}

Value hget(Call& call, Datum key, Datum field) {
  return ask(call, "HGET", {std::move(key.value), std::move(field.value)}, any_of);
}

Value hset(Call& call, Datum key, Datum field, Datum value) {
  return ask(call, "HSET", {std::move(key.value), std::move(field.value), std::move(value.value)},
             true_of);
}

Value hdel(Call& call, Datum key, Datum field) {
  return ask(call, "HDEL", {std::move(key.value), std::move(field.value)}, flag_of);
}

Value hgetall(Call& call, Datum key) {
  return ask(call, "HGETALL", {std::move(key.value)}, table_of);
}

constexpr ObjectKind kRedis = ObjectKind::redis;

constexpr Function kRows[] = {
    function<redis>(
        ObjectKind::sip, "redis", "url", "redis, err", kInHandlers,
        "The server of Redis at a URL, redis://[USER:PASSWORD@]HOST[:PORT][/NUMBER]; several "
        "hosts, "
        "divided by commas, are tried in turn. With a Cluster any of its servers will do: it says "
        "which one has what. With a name in place of the number the hosts are Sentinels, which are "
        "asked which server is the master of that name. It is connected to when it is named first, "
        "and stays so."),
    waiting(method<command>(
        kRedis, "command", "name, arguments", "any, err",
        "Has a command carried out, and waits for what it gives: text, a number, nil, or a list, "
        "in "
        "which false stands for nil. err is \"timed out\" after db_query_timeout, \"unavailable\", "
        "\"busy\", or \"statement: \" with what the server says, as of all that follow. Commands "
        "that change the connection (SUBSCRIBE, MULTI, SELECT) are refused.")),
    waiting(method<get>(kRedis, "get", "key", "string, err", "What is kept by that key, or nil.")),
    waiting(method<set>(kRedis, "set", "key, value, options", "true, err", "Keeps it.")),
    waiting(method<del>(kRedis, "del", "key", "boolean, err", "Forgets it. Whether it was there.")),
    waiting(method<incr>(kRedis, "incr", "key, by", "integer, err",
                         "Adds to a number, 1 unless it is said. Gives what it is then.")),
    waiting(method<expire>(kRedis, "expire", "key, time", "boolean, err",
                           "From now on it lasts so long. Whether it was there.")),
    waiting(
        method<hget>(kRedis, "hget", "key, field", "string, err", "A field of a hash, or nil.")),
    waiting(method<hset>(kRedis, "hset", "key, field, value", "true, err", "Sets one.")),
    waiting(method<hdel>(kRedis, "hdel", "key, field", "boolean, err",
                         "Takes one away. Whether it was there.")),
    waiting(method<hgetall>(kRedis, "hgetall", "key", "table, err",
                            "All fields of a hash, by their names.")),
};

}  // namespace

std::span<const Function> redis_functions() {
  return kRows;
}

}  // namespace opensips::routing
