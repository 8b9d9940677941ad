#include "tools/subscribers.hh"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/utf8.hh"
#include "l1_parser/chars.hh"
#include "l1_parser/digest_hash.hh"
#include "storage/schema.hh"

namespace opensips {
namespace {

using parser::DigestAlgorithm;
using storage::Value;
using Problem = std::unexpected<std::string>;

// As the columns have room, in characters.
constexpr std::size_t kLongestName = 64;
constexpr std::size_t kLongestKeptPassword = 25;

std::size_t characters_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

bool is_printable(std::string_view text) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; };
  return base::is_utf8(text) && std::ranges::none_of(text, is_control);
}

std::vector<Value> hashes_of(const SubscriberName& name, const NewPassword& password) {
  const auto& realm = password.realm.empty() ? name.domain : password.realm;
  std::vector<Value> hashes;
  for (const auto algorithm :
       {DigestAlgorithm::md5, DigestAlgorithm::sha256, DigestAlgorithm::sha512_256}) {
    const auto ha1 = parser::digest_ha1(algorithm, name.user, realm, password.text);
    hashes.emplace_back(std::string(ha1.text()));
  }
  return hashes;
}

std::string nobody(const SubscriberName& name) {
  return fmt::format("there is no user {}", name.text());
}

}  // namespace

std::expected<SubscriberName, std::string> SubscriberName::parse(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == text.npos || at == 0 || at + 1 == text.size()) {
    return Problem("expected NAME@DOMAIN, as in alice@example.com");
  }
  SubscriberName name{std::string(text.substr(0, at)), std::string(text.substr(at + 1))};
  // Digest authentication puts a ':' behind the name (RFC 7616 3.4.2).
  if (!is_printable(text) || name.user.find(':') != std::string::npos) {
    return Problem("expected a name in UTF-8, without ':' and control characters");
  }
  if (std::max(characters_of(name.user), characters_of(name.domain)) > kLongestName) {
    return Problem(
        fmt::format("expected a name and a domain of up to {} characters", kLongestName));
  }
  std::ranges::transform(name.domain, name.domain.begin(),
                         [](char c) { return parser::chars::lower(c); });
  return name;
}

std::optional<std::string> problem_of(const NewPassword& password) {
  if (password.text.empty()) return "expected a password";
  if (!is_printable(password.text)) {
    return "expected a password in UTF-8, without control characters";
  }
  if (password.is_kept && characters_of(password.text) > kLongestKeptPassword) {
    return fmt::format("a password that is kept has up to {} characters", kLongestKeptPassword);
  }
  return std::nullopt;
}

std::expected<storage::Rows, std::string> Subscribers::run(std::string text,
                                                           std::vector<Value> values) {
  auto outcome = connection_.execute(*storage::make_statement(std::move(text)), values);
  if (!outcome) return Problem(outcome.error().text);
  return std::move(*outcome);
}

Subscribers::Result Subscribers::check() {
  const auto& table = *storage::find_table("subscriber");
  const auto rows =
      run(fmt::format("SELECT table_version FROM {} WHERE table_name = ?", storage::kVersionTable),
          {std::string(table.name)});
  if (!rows) return Problem(rows.error() + " (`opensipsctl db create` makes the tables)");
  const auto version = rows->rows.empty() ? 0 : storage::integer_of(rows->rows[0][0]).value_or(0);
  if (version == table.version) return {};
  if (version == 0)
    return Problem("there is no table subscriber: `opensipsctl db create` makes it");
  return Problem(fmt::format("table subscriber is version {}, expected {}{}", version,
                             table.version,
                             version < table.version ? ": run `opensipsctl db migrate`" : ""));
}

Subscribers::Result Subscribers::add(const SubscriberName& name, const NewPassword& password) {
  const auto found =
      run("SELECT id FROM subscriber WHERE username = ? AND domain = ?", {name.user, name.domain});
  if (!found) return Problem(found.error());
  if (!found->rows.empty()) return Problem(fmt::format("{} is there already", name.text()));
  std::vector<Value> values{name.user, name.domain, password.is_kept ? password.text : ""};
  std::ranges::move(hashes_of(name, password), std::back_inserter(values));
  const auto done =
      run("INSERT INTO subscriber (username, domain, password, ha1, ha1_sha256, ha1_sha512t256) "
          "VALUES (?, ?, ?, ?, ?, ?)",
          std::move(values));
  if (!done) return Problem(done.error());
  return {};
}

Subscribers::Result Subscribers::set_password(const SubscriberName& name, NewPassword password) {
  const auto found = run("SELECT password FROM subscriber WHERE username = ? AND domain = ?",
                         {name.user, name.domain});
  if (!found) return Problem(found.error());
  if (found->rows.empty()) return Problem(nobody(name));
  if (!storage::text_of(found->rows[0][0]).empty()) password.is_kept = true;
  if (auto problem = problem_of(password)) return Problem(*problem);
  std::vector<Value> values{password.is_kept ? password.text : ""};
  std::ranges::move(hashes_of(name, password), std::back_inserter(values));
  values.emplace_back(name.user);
  values.emplace_back(name.domain);
  const auto done =
      run("UPDATE subscriber SET password = ?, ha1 = ?, ha1_sha256 = ?, ha1_sha512t256 = ? "
          "WHERE username = ? AND domain = ?",
          std::move(values));
  if (!done) return Problem(done.error());
  return {};
}

Subscribers::Result Subscribers::remove(const SubscriberName& name) {
  const auto done =
      run("DELETE FROM subscriber WHERE username = ? AND domain = ?", {name.user, name.domain});
  if (!done) return Problem(done.error());
  if (done->affected == 0) return Problem(nobody(name));
  return {};
}

std::expected<std::vector<std::string>, std::string> Subscribers::list(std::string_view domain) {
  const auto rows =
      domain.empty() ? run("SELECT username, domain FROM subscriber ORDER BY domain, username", {})
                     : run("SELECT username, domain FROM subscriber WHERE domain = ? "
                           "ORDER BY username",
                           {std::string(domain)});
  if (!rows) return Problem(rows.error());
  std::vector<std::string> lines;
  for (const auto& row : rows->rows) {
    lines.push_back(fmt::format("{}@{}", storage::text_of(row[0]), storage::text_of(row[1])));
  }
  return lines;
}

}  // namespace opensips
