#include "auth/database_users.hh"

#include <utility>
#include <variant>

#include <fmt/format.h>

#include "base/log.hh"

namespace opensips::auth {
namespace {

std::string as_text(const storage::Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *number);
  if (const auto* real = std::get_if<double>(&value)) return fmt::format("{}", *real);
  return std::string(storage::text_of(value));
}

}  // namespace

std::string_view UserTableOptions::secret_column() const {
  if (!password_column.empty()) return password_column;
  return calculate_ha1 ? "password" : "ha1";
}

std::string UserTableOptions::statement() const {
  std::string columns(secret_column());
  if (!calculate_ha1) columns += fmt::format(", {}, {}", sha256_column, sha512_256_column);
  for (const auto& one : extra) columns += ", " + one.column;
  auto text = fmt::format("SELECT {} FROM {} WHERE {} = ?", columns, table, user_column);
  if (use_domain) text += fmt::format(" AND {} = ?", domain_column);
  return text;
}

DatabaseUsers::DatabaseUsers(storage::Database& database, const UserTableOptions& options)
    : database_(database),
      calculate_ha1_(options.calculate_ha1),
      extra_(options.extra.size()),
      use_domain_(options.use_domain),
      cache_time_(options.cache_time),
      statement_(storage::make_statement(options.statement())),
      nobody_(nobodys_secret(calculate_ha1_ ? Kept::as_password : Kept::as_hashes)) {}

DatabaseUsers::Key DatabaseUsers::key_of(std::string_view username, std::string_view realm) const {
  return {std::string(username), use_domain_ ? std::string(realm) : std::string()};
}

std::optional<Lookup> DatabaseUsers::find(std::string_view username, std::string_view realm) {
  if (cache_time_ == Clock::duration(0)) return std::nullopt;
  if (!use_domain_) realm = {};
  const auto cache = cache_.lock();
  const auto found = cache->users.find(KeyView(username, realm));
  if (found == cache->users.end()) return std::nullopt;
  if (found->second.until <= Clock::now()) {
    cache->users.erase(found);
    return std::nullopt;
  }
  return Lookup{Lookup::State::known, found->second.secret};
}

void DatabaseUsers::fetch(std::string_view username, std::string_view realm, Done done) {
  std::vector<storage::Value> values{std::string(username)};
  if (use_domain_) values.emplace_back(std::string(realm));
  storage::Job job;
  job.queries.push_back({statement_, std::move(values)});
  job.done = [this, key = key_of(username, realm), generation = cache_.lock()->generation,
              done = std::move(done)](storage::Outcome outcome) mutable {
    done(take(std::move(key), generation, outcome));
  };
  database_.run(std::move(job));
}

Lookup DatabaseUsers::take(Key key, std::uint64_t generation, const storage::Outcome& outcome) {
  if (!outcome) {
    static base::RateLimit limit{std::chrono::seconds(10)};
    base::log_limited(limit, base::LogLevel::err, "auth: the users cannot be read: {}: {}",
                      storage::to_string(outcome.error().kind), outcome.error().text);
    return {Lookup::State::unavailable, nullptr};
  }
  if (outcome->rows.empty()) return {Lookup::State::unknown, nobody_};
  auto secret = read(outcome->rows.front());
  if (cache_time_ > Clock::duration(0)) {
    const auto cache = cache_.lock();
    if (cache->users.size() >= kMostCached) cache->users.clear();
    if (cache->generation == generation) {
      cache->users.insert_or_assign(std::move(key), Cached{secret, Clock::now() + cache_time_});
    }
  }
  return {Lookup::State::known, std::move(secret)};
}

std::shared_ptr<const Secret> DatabaseUsers::read(const storage::Row& row) const {
  auto secret = std::make_shared<Secret>();
  for (std::size_t i = row.size() - extra_; i < row.size(); ++i) {
    secret->extra.push_back(as_text(row[i]));
  }
  if (calculate_ha1_) {
    secret->password = storage::text_of(row[0]);
    return secret;
  }
  for (std::size_t i = 0; i < secret->ha1.size(); ++i) {
    secret->ha1[i] = parser::DigestHash::of_digits(storage::text_of(row[i]));
  }
  return secret;
}

void DatabaseUsers::forget() {
  const auto cache = cache_.lock();
  cache->users.clear();
  ++cache->generation;
}

std::size_t DatabaseUsers::cached() const {
  return cache_.lock()->users.size();
}

}  // namespace opensips::auth
