#include "l6_location/shared_contacts.hh"

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <span>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/clock.hh"
#include "l6_location/contact_row.hh"
#include "storage/reply_tree.hh"
#include "storage/schema.hh"

namespace opensips::location {
namespace {

using storage::Row;
using storage::Value;

constexpr std::string_view kVersion = "version";
constexpr const char* kHome = "home";

/// A moment more than the last contact has: it is Redis that counts.
constexpr std::uint64_t kGraceMs = 1000;

/// KEYS: the AoR. ARGV: the version that was read, the next one, the milliseconds that it lasts, 0
/// if nothing is left; then fields and what they are from now on, nothing for those that go.
constexpr std::string_view kWrite =
    "if (redis.call('HGET', KEYS[1], 'version') or '') ~= ARGV[1] then return 0 end "
    "if ARGV[3] == '0' then redis.call('DEL', KEYS[1]) return 1 end "
    "redis.call('HSET', KEYS[1], 'version', ARGV[2]) "
    "for i = 4, #ARGV, 2 do "
    "if ARGV[i + 1] == '' then redis.call('HDEL', KEYS[1], ARGV[i]) "
    "else redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end "
    "end "
    "redis.call('PEXPIRE', KEYS[1], ARGV[3]) "
    "return 1";

/// KEYS: the AoR. ARGV: the contact's field, the Call-ID and CSeq that it had, the next version.
constexpr std::string_view kDrop =
    "local text = redis.call('HGET', KEYS[1], ARGV[1]) "
    "if not text then return 0 end "
    "local contact = cjson.decode(text) "
    "if contact.callid ~= ARGV[2] or contact.cseq ~= tonumber(ARGV[3]) then return 0 end "
    "redis.call('HDEL', KEYS[1], ARGV[1]) "
    "if redis.call('HLEN', KEYS[1]) == 1 then redis.call('DEL', KEYS[1]) "
    "else redis.call('HSET', KEYS[1], 'version', ARGV[4]) end "
    "return 1";

std::string new_version() {
  return fmt::format("{:x}", new_contact_id());
}

/// The columns that a field of its own says, or its key.
constexpr std::size_t kSaidElsewhere = 3;  // contact_id, username, domain

std::string key_of(std::string_view aor) {
  return fmt::format("usrloc:{}", aor);
}

/// The columns of the table, but for those that are said elsewhere.
std::span<const storage::Column> columns() {
  return std::span(storage::find_table("location")->columns).subspan(kSaidElsewhere);
}

nlohmann::json json_of(const Value& value) {
  if (const auto* const number = std::get_if<std::int64_t>(&value)) return *number;
  if (const auto* const real = std::get_if<double>(&value)) return *real;
  return storage::text_of(value);
}

Value value_of(const nlohmann::json& json) {
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (json.is_number()) return json.get<double>();
  if (json.is_string()) return json.get<std::string>();
  return {};
}

std::optional<std::int64_t> id_of(std::string_view field) {
  std::int64_t id = 0;
  const auto* const end = field.data() + field.size();
  const auto [at, error] = std::from_chars(field.data(), end, id);
  if (error != std::errc() || at != end || id <= 0) return std::nullopt;
  return id;
}

/// How long the last of those that are left lasts.
std::uint64_t lasts_ms(const BindingSetEdit& edit) {
  std::uint64_t ends = 0;
  for (const auto& binding : edit.places()) {
    if (binding) ends = std::max(ends, binding->expires_at());
  }
  const auto now = base::monotonic_ms();
  return (ends > now ? ends - now : 0) + kGraceMs;
}

}  // namespace

SharedContacts::SharedContacts(const transport::Sockets& sockets, Homes homes)
    : sockets_(sockets),
      homes_(homes),
      read_(std::make_shared<storage::Statement>("HGETALL", false)),
      // What is kept by a key is one command here: nothing for a transaction, which Redis has not.
      write_(std::make_shared<storage::Statement>("EVAL", false)) {}

storage::Query SharedContacts::reading(std::string_view aor) const {
  return {read_, {key_of(aor)}};
}

SharedContacts::Held SharedContacts::read(std::string_view aor, const storage::Rows& reply) const {
  Held held;
  const auto& rows = reply.rows;  // the list, then names and values in turn
  for (std::size_t i = 1; i + 1 < rows.size(); i += 2) {
    const auto name = storage::text_of(rows[i][0]), text = storage::text_of(rows[i + 1][0]);
    if (name == kVersion) {
      held.version = text;
    } else if (const auto id = id_of(name)) {
      if (auto contact = contact_of(aor, *id, text)) held.contacts.push_back(std::move(contact));
    }
  }
  return held;
}

storage::Query SharedContacts::writing(std::string_view aor, std::string_view version,
                                       const BindingSetEdit& edit) const {
  using Kind = BindingSetEdit::Kind;
  std::vector<Value> values{std::string(kWrite), std::int64_t{1}, key_of(aor), std::string(version),
                            fmt::format("{:x}", new_contact_id())};
  values.emplace_back(static_cast<std::int64_t>(edit.size() == 0 ? 0 : lasts_ms(edit)));
  for (const auto& [kind, binding] : edit.changes()) {
    const bool goes = kind == Kind::removed || kind == Kind::expired;
    values.emplace_back(static_cast<std::int64_t>(binding->id()));
    values.emplace_back(goes ? std::string() : text_of(aor, *binding));
  }
  return {write_, std::move(values)};
}

storage::Query SharedContacts::dropping(std::string_view aor, const Binding& binding) const {
  return {write_,
          {std::string(kDrop), std::int64_t{1}, key_of(aor),
           static_cast<std::int64_t>(binding.id()), std::string(binding.call_id()),
           std::int64_t{static_cast<std::int32_t>(binding.cseq())}, new_version()}};
}

bool SharedContacts::is_written(const storage::Rows& reply) {
  return !reply.rows.empty() && storage::integer_of(reply.rows[0][0]) == 1;
}

std::string SharedContacts::text_of(std::string_view aor, const Binding& binding) const {
  const auto row = row_of(aor, binding, Moment::now(), sockets_);
  auto json = nlohmann::json::object();
  for (std::size_t i = 0; i < columns().size(); ++i) {
    const auto& value = row[kSaidElsewhere + i];
    if (!storage::is_null(value)) json[std::string(columns()[i].name)] = json_of(value);
  }
  if (auto home = homes_.home_of(binding); !home.empty()) json[kHome] = std::move(home);
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

BindingRef SharedContacts::contact_of(std::string_view aor, std::int64_t id,
                                      std::string_view text) const {
  auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return {};
  if (const auto home = json.find(kHome); home != json.end() && home->is_string()) {
    // Only that server reaches it: by way of it, and from nowhere else.
    if (auto route = home->get<std::string>(); !homes_.is_here(route)) {
      json["path"] = std::move(route);
      json.erase("received");
    }
  }
  const auto [user, host] = parts_of(aor);
  Row row{id, std::string(user), std::string(host)};
  for (const auto& column : columns()) {
    const auto found = json.find(std::string(column.name));
    row.push_back(found == json.end() ? Value() : value_of(*found));
  }
  auto contact = contact_from(row, Moment::now(), sockets_);
  return contact ? std::move(contact->binding) : BindingRef();
}

}  // namespace opensips::location
