#include "cachedb_redis/connection.hh"

#include <strings.h>

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "storage/reply_tree.hh"

namespace opensips::cachedb_redis {
namespace {

using storage::Error;
using storage::Outcome;
using storage::Value;

constexpr unsigned kMostRedirections = 5;
constexpr std::uint16_t kSentinelPort = 26379;

/// They change what the connection is for all who share it, or hold it up.
constexpr std::string_view kForbidden[] = {
    "ASKING",   "AUTH",       "BLMOVE",    "BLMPOP",  "BLPOP",    "BRPOP", "BRPOPLPUSH",
    "BZMPOP",   "BZPOPMAX",   "BZPOPMIN",  "DISCARD", "EXEC",     "HELLO", "MONITOR",
    "MULTI",    "PSUBSCRIBE", "PSYNC",     "QUIT",    "READONLY", "RESET", "SELECT",
    "SHUTDOWN", "SSUBSCRIBE", "SUBSCRIBE", "SYNC",    "WAIT",     "WATCH"};

bool is_forbidden(std::string_view command) {
  return std::ranges::any_of(kForbidden, [&](std::string_view one) {
    return one.size() == command.size() &&
           ::strncasecmp(one.data(), command.data(), one.size()) == 0;
  });
}

bool is_number(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::string word_of(const Value& value) {
  if (const auto* const number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* const number = std::get_if<double>(&value)) return fmt::format("{}", *number);
  return std::string(storage::text_of(value));
}

/// What a command is about: its first argument, but of EVAL, which has the script and a number in
/// front.
std::optional<std::string_view> key_in(std::span<const std::string_view> words) {
  constexpr std::string_view kEval = "EVAL";
  const bool is_script = words[0].size() == kEval.size() &&
                         ::strncasecmp(words[0].data(), kEval.data(), kEval.size()) == 0;
  const std::size_t place = is_script ? 3 : 1;
  if (place >= words.size()) return std::nullopt;
  return words[place];
}

std::vector<Server> servers_of(const storage::Url& url, std::uint16_t port) {
  std::vector<Server> servers{{url.host, url.port}};
  servers.insert(servers.end(), url.more.begin(), url.more.end());
  for (Server& one : servers) {
    if (one.port == 0) one.port = port;
  }
  return servers;
}

/// Of what a server refuses: its state, and not the command, is to blame.
bool is_passing(std::string_view error) {
  constexpr std::string_view kPassing[] = {"LOADING ",    "CLUSTERDOWN ", "MASTERDOWN ",
                                           "TRYAGAIN ",   "BUSY ",        "NOAUTH ",
                                           "NOREPLICAS ", "UNKILLABLE "};
  return std::ranges::any_of(kPassing, [&](auto begin) { return error.starts_with(begin); });
}

}  // namespace

std::expected<std::unique_ptr<Connection>, Error> Connection::open(
    const storage::Url& url, const storage::Backend::ConnectOptions& options,
    std::chrono::milliseconds answer_limit) {
  if (options.create) return std::unexpected(Error{Error::Kind::statement, "it has no tables"});
  const auto place = url.database();
  const bool by_sentinels = !is_number(place);
  std::unique_ptr<Connection> made(
      new Connection({.user = url.user,
                      .password = url.password,
                      .database = by_sentinels ? "" : std::string(place),
                      .limit = std::min(options.limit, answer_limit)}));
  std::string why;
  for (const Server& server : servers_of(url, by_sentinels ? kSentinelPort : kPort)) {
    const auto to = by_sentinels ? made->ask_sentinel(server, place, why) : server;
    if (to && made->connect_to(*to, why) && (!by_sentinels || made->is_master(why))) return made;
  }
  return std::unexpected(Error{Error::Kind::unavailable, why, true});
}

bool Connection::connect_to(const Server& server, std::string& why) {
  auto link = Link::open(server, options_, interruption_);
  if (!link) {
    why = link.error().text;
    return false;
  }
  home_ = server;
  links_.clear();
  links_.emplace(name_of(server), std::move(*link));
  return true;
}

std::optional<Server> Connection::ask_sentinel(const Server& sentinel, std::string_view master,
                                               std::string& why) {
  const auto link =
      Link::open(sentinel, {.user = {}, .password = {}, .limit = options_.limit}, interruption_);
  if (!link) {
    why = link.error().text;
    return std::nullopt;
  }
  const std::string_view words[] = {"SENTINEL", "get-master-addr-by-name", master};
  const auto reply = (*link)->ask(words);
  if (!reply) {
    why = reply.error().text;
    return std::nullopt;
  }
  why = fmt::format("{}: it knows no master {}", name_of(sentinel), master);
  const auto& rows = reply->rows;
  if (reply->error || rows.size() != 3 || storage::list_size(rows[0]) != 2) return std::nullopt;
  const auto port = storage::integer_of(rows[2][0]);
  if (!port || *port <= 0 || *port > 0xffff) return std::nullopt;
  return Server{std::string(storage::text_of(rows[1][0])), static_cast<std::uint16_t>(*port)};
}

/// A Sentinel may not have heard yet that it is none any more.
bool Connection::is_master(std::string& why) {
  const std::string_view words[] = {"ROLE"};
  const auto reply = ask_at(home_, words, false);
  const bool good = reply && !reply->error && reply->rows.size() > 1 &&
                    storage::text_of(reply->rows[1][0]) == "master";
  if (!good) why = name_of(home_) + ": it is not the master";
  return good;
}

std::expected<void, Error> Connection::transaction(Step) {
  return std::unexpected(Error{Error::Kind::statement, "Redis has no such transactions"});
}

Outcome Connection::execute(const storage::Statement& statement, std::span<const Value> values) {
  if (is_forbidden(statement.text)) {
    return std::unexpected(Error{Error::Kind::statement, statement.text + " is refused"});
  }
  std::vector<std::string> texts;
  for (const Value& value : values) texts.push_back(word_of(value));
  std::vector<std::string_view> words{statement.text};
  words.insert(words.end(), texts.begin(), texts.end());

  const auto key = key_in(words);
  const auto known = key ? slots_.find(slot_of(*key)) : slots_.end();
  Server at = known == slots_.end() ? home_ : known->second;
  std::optional<Server> failed;
  bool asking = false;
  for (unsigned i = 0; i <= kMostRedirections; ++i) {
    auto reply = ask_at(at, words, asking);
    if (!reply) {
      forget(name_of(at));
      // Who else has it now says the one that we began with.
      if (at == home_ || failed || !reply.error().untouched) {
        if (at == home_) usable_ = false;
        return std::unexpected(std::move(reply.error()));
      }
      failed = std::exchange(at, home_);
      asking = false;
      continue;
    }
    if (!reply->error) {
      storage::Rows rows;
      rows.rows = std::move(reply->rows);
      return rows;
    }
    const auto redirection = redirection_of(*reply->error, at);
    if (!redirection) return refusal(*reply->error);
    asking = redirection->once;
    at = redirection->to;
    if (failed == at) break;
    if (!asking) slots_[redirection->slot] = at;
  }
  return std::unexpected(
      Error{Error::Kind::unavailable, name_of(at) + ": the Cluster does not know who has it"});
}

std::expected<Link*, Error> Connection::link_to(const std::string& name, const Server& server) {
  const auto found = links_.find(name);
  if (found != links_.end()) return found->second.get();
  auto made = Link::open(server, options_, interruption_);
  if (!made) return std::unexpected(std::move(made.error()));
  return links_.emplace(name, std::move(*made)).first->second.get();
}

std::expected<Reply, Error> Connection::ask_at(const Server& server, Words words, bool asking) {
  const auto link = link_to(name_of(server), server);
  if (!link) return std::unexpected(link.error());
  if (asking) {
    const std::string_view first[] = {"ASKING"};
    if (auto done = (*link)->ask(first); !done) return done;
  }
  return (*link)->ask(words);
}

void Connection::forget(const std::string& name) {
  links_.erase(name);
  std::erase_if(slots_, [&](const auto& one) { return name_of(one.second) == name; });
}

std::unexpected<Error> Connection::refusal(const std::string& text) {
  const auto line = fmt::format("{}: {}", name_of(home_), text);
  if (text.starts_with("READONLY ")) {  // it was the master
    usable_ = false;
    return std::unexpected(Error{Error::Kind::unavailable, line, true});
  }
  if (is_passing(text)) return std::unexpected(Error{Error::Kind::unavailable, line});
  if (text.starts_with("OOM ")) return std::unexpected(Error{Error::Kind::full, line});
  return std::unexpected(Error{Error::Kind::statement, text});
}

}  // namespace opensips::cachedb_redis
