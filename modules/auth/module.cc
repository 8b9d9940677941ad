#include "auth/module.hh"

#include <algorithm>
#include <span>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "auth/user_table.hh"
#include "base/clock.hh"
#include "base/log.hh"
#include "l1_parser/chars.hh"
#include "lp_routing/functions/answering.hh"
#include "lp_routing/functions/waiting.hh"
#include "module/tables.hh"

namespace opensips::routing {

template <>
struct OptionTable<auth::AskOptions> {
  using Options = auth::AskOptions;
  using Text = std::optional<std::string_view>;
  static constexpr std::tuple fields{
      Option<Options, std::optional<Line>>{
          "realm", &Options::realm,
          "whose users; else the parameter says it, else the host of To (in a REGISTER) or From"},
      Option<Options, Text>{"qop", &Options::qop,
                            "\"auth\", \"auth-int\", \"auth,auth-int\" or \"\""},
      Option<Options, Text>{"algorithms", &Options::algorithms,
                            "\"SHA-256, MD5\": the preferred one first"},
      Option<Options, Text>{"password", &Options::password,
                            "the password that is to be proved, whoever keeps it"},
      Option<Options, Text>{"ha1", &Options::ha1, "the same as a hash of the algorithm asked for"},
      Option<Options, std::optional<bool>>{"stale", &Options::stale,
                                           "of a challenge: only the nonce was too old"}};
};

}  // namespace opensips::routing

namespace opensips::auth {
namespace {

using parser::Method;
using routing::Call;
using routing::Misuse;
using routing::Object;
using routing::Problem;
using routing::Value;

constexpr std::string_view kAllAlgorithms =
    "MD5, MD5-sess, SHA-256, SHA-256-sess, SHA-512-256, SHA-512-256-sess";
constexpr unsigned kRetryAfterSpread =
    5;  // seconds: those who are refused do not come back at once

const AskOptions& given(const std::optional<AskOptions>& options) {
  static constexpr AskOptions kNone;
  return options ? *options : kNone;
}

std::optional<Role> role_of(std::string_view text) {
  if (text == "www") return Role::www;
  if (text == "proxy") return Role::proxy;
  return std::nullopt;
}

/// The host that says whose users are asked for, in lower case; empty if there is none.
std::string_view host_of(parser::Message& request) {
  const auto& uri = request.method() == Method::register_ ? request.to_uri() : request.from_uri();
  std::string_view host = uri.is_sip() ? uri.host : std::string_view();
  if (host.empty() && request.uri().is_sip()) host = request.uri().host;
  char* const lower = request.arena().text(host.size());
  std::ranges::transform(host, lower, parser::chars::lower);
  return {lower, host.size()};
}

/// In memory of the request's.
std::span<const parser::DigestAlgorithm> kept(parser::Message& request,
                                              std::span<const parser::DigestAlgorithm> from) {
  using parser::DigestAlgorithm;
  auto* const to = static_cast<DigestAlgorithm*>(
      request.arena().allocate(from.size_bytes(), alignof(DigestAlgorithm)));
  std::ranges::copy(from, to);
  return {to, from.size()};
}

}  // namespace

std::vector<modules::Parameter> Auth::parameters() {
  constexpr int kMostNonces = 100'000'000;
  return {
      modules::duration("nonce_expire", nonce_expire_, std::chrono::seconds(1), 1, 86'400,
                        "How long a nonce is good for."),
      modules::text("secret", secret_,
                    "What nonces are made with; drawn at random without it. Servers that share it "
                    "know one another's."),
      modules::boolean("disable_nonce_check", disable_nonce_check_,
                       "Credentials may be used more than once, and on servers that share the "
                       "secret: whoever reads them can repeat the request."),
      modules::integer("nonce_table_size", nonce_table_size_, 64, kMostNonces,
                       "The most nonces in use at a time."),
      modules::text("realm", realm_,
                    "Whose users are asked for; empty: as the host of To or From says."),
      modules::text("realm_prefix", realm_prefix_, "Is taken off that host: \"sip.\"."),
      modules::calling<&Auth::set_qop>(
          "qop", this, "What is protected: \"auth\", \"auth-int\", \"auth,auth-int\" or \"\"."),
      modules::calling<&Auth::set_algorithms>(
          "algorithms", this,
          "What is asked for, the preferred one first: of SHA-512-256, SHA-256, MD5 and those with "
          "-sess."),
      modules::boolean("check_uri", check_uri_,
                       "Credentials have to name the Request-URI, parameters aside."),
      modules::calling<&Auth::add_user>(
          "user", this,
          "A user: \"NAME@REALM: password=TEXT\", or \"NAME@REALM: ha1=DIGITS\" with ha1_sha256= "
          "and ha1_sha512t256= behind semicolons."),
      modules::text("db_url", table_.url,
                    "Where more users are: sqlite:///FILE, mysql://USER:PASSWORD@HOST/NAME."),
      modules::text("table", table_.table, "Their table."),
      modules::text("user_column", table_.user_column, "Its column of names."),
      modules::text("domain_column", table_.domain_column, "Its column of realms."),
      modules::text("password_column", table_.password_column,
                    "Its column of hashes (HA1), \"ha1\"; with calculate_ha1 of passwords, "
                    "\"password\"."),
      modules::text("hash_column_sha256", table_.sha256_column, "Its column of HA1 by SHA-256."),
      modules::text("hash_column_sha512t256", table_.sha512_256_column,
                    "Its column of HA1 by SHA-512-256."),
      modules::boolean("calculate_ha1", table_.calculate_ha1,
                       "password_column has passwords, not hashes."),
      modules::boolean("use_domain", table_.use_domain,
                       "Users of one name are told apart by their realm."),
      modules::calling<&Auth::set_extra_columns>(
          "load_credentials", this,
          "More columns that are read of a user: \"rpid; $avp(mail)=email_address\"."),
      modules::duration("cache_time", table_.cache_time, std::chrono::seconds(1), 0, 86'400,
                        "How long what was read of a user is good for; 0 is not at all."),
  };
}

std::vector<modules::Statistic> Auth::statistics() {
  return {
      modules::counter("challenges", counters_.challenges, "401 and 407 sent."),
      modules::counter("succeeded", counters_.succeeded, "Requests that proved who they are from."),
      modules::counter("failed", counters_.failed,
                       "Wrong passwords, unknown users, credentials for another request."),
      modules::counter("stale_nonces", counters_.stale, "Nonces too old, or of another process."),
      modules::counter("replays", counters_.replayed, "Credentials that had been used before."),
      modules::counter("table_full", counters_.full,
                       "Good credentials refused: see nonce_table_size."),
      modules::counter("malformed", counters_.malformed, "Credentials that could not be read."),
      modules::counter("unavailable", counters_.unavailable,
                       "Requests answered 503: nobody knew the user in time."),
      modules::computed(
          "used_nonces", [this] { return used_ ? used_->size() : 0; }, "Nonces in use."),
      modules::computed(
          "cached_users", [this] { return database_ ? database_->cached() : 0; },
          "Users that are known without the database."),
  };
}

std::vector<manage::Command> Auth::commands() {
  manage::Command reload{.name = "auth:reload",
                         .old_name = "",
                         .doc = "Forgets what was read of users: the next request asks again.",
                         .run = {}};
  reload.run = [this](const manage::CommandArguments&) -> manage::CommandResult {
    if (database_) database_->forget();
    return manage::Json("OK");
  };
  return {std::move(reload)};
}

std::optional<std::string> Auth::set_algorithms(const std::string& text) {
  auto read = read_algorithms(text);
  if (!read.unknown.empty() || read.all.empty()) {
    return fmt::format("expected algorithms like \"SHA-256, MD5\", got {:.40}",
                       read.all.empty() && read.unknown.empty() ? "none" : read.unknown);
  }
  algorithms_ = std::move(read.all);
  return std::nullopt;
}

std::optional<std::string> Auth::set_qop(const std::string& text) {
  if (!is_qop(text)) return "expected \"auth\", \"auth-int\", \"auth,auth-int\" or \"\"";
  qop_ = text;
  return std::nullopt;
}

std::optional<std::string> Auth::set_extra_columns(const std::string& text) {
  auto read = read_extra_columns(text);
  if (!read) return read.error();
  table_.extra = std::move(*read);
  return std::nullopt;
}

std::optional<std::string> Auth::add_user(const std::string& text) {
  const auto added = users_.add(text);
  if (!added) return added.error();
  return std::nullopt;
}

modules::Result<> Auth::check() {
  for (const char c : realm_) {
    if (static_cast<unsigned char>(c) < ' ') {
      return modules::fail("the realm has control characters", "realm");
    }
  }
  return modules::check_names({{"table", table_.table},
                               {"user_column", table_.user_column},
                               {"domain_column", table_.domain_column},
                               {"password_column", table_.secret_column()},
                               {"hash_column_sha256", table_.sha256_column},
                               {"hash_column_sha512t256", table_.sha512_256_column}});
}

modules::Result<> Auth::init(modules::Host& host) {
  if (!table_.url.empty()) {
    const auto opened =
        modules::open_tables(host, "auth", table_.url, {{"subscriber", table_.table}});
    if (!opened) return std::unexpected(opened.error());
    database_ = std::make_unique<DatabaseUsers>(**opened, table_);
  }
  used_ = std::make_unique<UsedNonces>(static_cast<std::size_t>(nonce_table_size_),
                                       static_cast<std::uint64_t>(nonce_expire_.count()));
  wall_offset_s_ = base::wall_seconds() - static_cast<std::int64_t>(base::monotonic_ms() / 1000);
  return {};
}

modules::Result<std::unique_ptr<modules::OnWorker>> Auth::start(modules::Worker& worker) {
  if (!nonces_) {
    const auto key = secret_.empty() ? base::SipKey::random() : Nonces::key_of(secret_);
    nonces_.emplace(key, worker.context().epoch(),
                    static_cast<std::uint32_t>(nonce_expire_.count() / 1000));
  }
  return nullptr;
}

/// Seconds since 1970 by a clock that nobody sets while the server runs.
std::uint32_t Auth::seconds_of(const Call& call) const {
  return static_cast<std::uint32_t>(static_cast<std::int64_t>(call.context().now() / 1000) +
                                    wall_offset_s_);
}

std::expected<Demand, std::string> Auth::demand_of(const Call& call, const Object& request,
                                                   std::string_view role_text,
                                                   const AskOptions& options) const {
  if (request.kind != routing::ObjectKind::request || !request.run) {
    return std::unexpected("argument 1 (request): expected request");
  }
  const auto role = role_of(role_text);
  if (!role) return std::unexpected("argument 2 (role): expected \"www\" or \"proxy\"");
  Demand demand{.role = *role, .realm = realm_, .qop = qop_, .algorithms = algorithms_};
  auto& message = *call.run->request;
  auto& arena = message.arena();
  if (options.qop) {
    if (!is_qop(*options.qop))
      return std::unexpected("option qop: expected \"auth\" or \"auth-int\"");
    demand.qop = arena.copy(*options.qop);
  }
  if (options.algorithms) {
    const auto read = read_algorithms(*options.algorithms);
    if (!read.unknown.empty() || read.all.empty()) {
      return std::unexpected("option algorithms: expected names like \"SHA-256, MD5\"");
    }
    demand.algorithms = kept(message, read.all);
  }
  if (options.realm) {
    demand.realm = arena.copy(options.realm->text);
  } else if (demand.realm.empty()) {
    demand.realm = host_of(message);
    if (demand.realm.starts_with(realm_prefix_)) demand.realm.remove_prefix(realm_prefix_.size());
  }
  return demand;
}

/// What is known without waiting; nothing if the database has to be asked.
std::optional<Lookup> Auth::find_user(std::string_view username, std::string_view realm) {
  auto lookup = users_.find(username, realm);
  if (!database_ || lookup->state == Lookup::State::known) return lookup;
  return database_->find(username, realm);
}

/// The secret that the program gives itself.
std::optional<Lookup> Auth::given_secret(const AskOptions& options) const {
  if (!options.password && !options.ha1) return std::nullopt;
  auto secret = std::make_shared<Secret>();
  if (options.password) secret->password = *options.password;
  if (options.ha1) secret->ha1.fill(parser::DigestHash::of_digits(*options.ha1));
  return Lookup{Lookup::State::known, std::move(secret)};
}

/// The credentials of the request, if they have a nonce that may still be used.
std::expected<Presented, Refusal> Auth::find_fresh(const Call& call, const Demand& demand) const {
  auto presented = find_presented(*call.run->request, demand);
  if (!presented) return presented;
  const auto found = nonces_->find(presented->credentials.nonce, demand.realm, seconds_of(call));
  const bool good = found.state == Nonces::State::good ||
                    (disable_nonce_check_ && found.state == Nonces::State::earlier);
  if (!good) return std::unexpected(Refusal::stale);
  presented->nonce = found.id;
  return presented;
}

Value Auth::ask(Call& call, const Object& request, std::string_view role, const AskOptions& options,
                bool required) {
  auto demand = demand_of(call, request, role, options);
  if (!demand) return Misuse{fmt::format("{}: {}", call.function.full_name(), demand.error())};
  const Question question{*demand, required};
  const auto presented = find_fresh(call, question.demand);
  if (!presented) return refuse(call, question, presented.error());
  auto lookup = given_secret(options);
  if (!lookup) lookup = find_user(presented->username, question.demand.realm);
  if (lookup) return decide(call, question, *presented, *lookup);

  database_->fetch(presented->username, question.demand.realm,
                   [this, then = routing::Continuation(call), question](Lookup found) {
                     then.go_on([this, question, found = std::move(found)](Call& again) {
                       return go_on(again, question, found);
                     });
                   });
  return Value::Wait{};
}

/// The database has answered. The nonce is looked at again: time has passed.
Value Auth::go_on(Call& call, const Question& question, const Lookup& lookup) {
  const auto presented = find_fresh(call, question.demand);
  if (!presented) return refuse(call, question, presented.error());
  return decide(call, question, *presented, lookup);
}

/// What comes of it, now that it is known whether there is such a user.
Value Auth::decide(Call& call, const Question& question, const Presented& presented,
                   const Lookup& lookup) {
  const auto refusal = judge(call, presented, question.demand, lookup);
  if (refusal) return refuse(call, question, *refusal);
  return accept(call, question, presented, *lookup.secret);
}

std::optional<Refusal> Auth::judge(const Call& call, const Presented& presented,
                                   const Demand& demand, const Lookup& lookup) {
  if (lookup.state == Lookup::State::unavailable) return Refusal::unavailable;
  const auto& request = *call.run->request;
  const auto& credentials = presented.credentials;
  // The same steps whether the user is known or not, and has a hash of that algorithm or not.
  const auto ha1 = ha1_of(*lookup.secret, credentials.algorithm, presented.username, demand.realm);
  const bool may_be_proved = lookup.state == Lookup::State::known && !ha1.empty();
  const bool proved =
      prove(presented, request, ha1.empty() ? blank_hash(credentials.algorithm) : ha1) &&
      may_be_proved;
  if (!proved || (check_uri_ && !are_for(presented, request))) return Refusal::wrong;
  // An ACK has the credentials of its INVITE (RFC 3261 22.1), and those have been used.
  if (disable_nonce_check_ || request.method() == Method::ack) return std::nullopt;
  switch (used_->use(presented.nonce, credentials.nc.value_or(0), call.context().now())) {
    case UsedNonces::Outcome::fresh: return std::nullopt;
    case UsedNonces::Outcome::replayed: return Refusal::replayed;
    case UsedNonces::Outcome::full: break;
  }
  return Refusal::full;
}

Value Auth::accept(Call& call, const Question& question, const Presented& presented,
                   const Secret& secret) {
  call.context().stats.add(counters_.succeeded);
  // Whoever it is sent on to has no use for them (RFC 3261 22.3).
  auto& request = *call.run->request;
  if (question.required) {
    request.edits().remove(request.arena(), presented.place);
  }
  auto user = user_table(request.arena(), presented, question.demand);
  if (!secret.extra.empty()) user.push_back({"credentials", extra_table(table_.extra, secret)});
  return user;
}

/// The counters that tell an operator what goes wrong.
void Auth::count(const Call& call, Refusal refusal) {
  auto& stats = call.context().stats;
  switch (refusal) {
    case Refusal::none: break;
    case Refusal::malformed: stats.add(counters_.malformed); break;
    case Refusal::stale: stats.add(counters_.stale); break;
    case Refusal::wrong: stats.add(counters_.failed); break;
    case Refusal::replayed: stats.add(counters_.replayed); break;
    case Refusal::full: stats.add(counters_.full); break;
    case Refusal::unavailable: stats.add(counters_.unavailable); break;
  }
}

Value Auth::refuse(Call& call, const Question& question, Refusal refusal) {
  count(call, refusal);
  if (!question.required) return Problem{std::string(to_string(refusal))};
  // That nothing could be sent means that the request has its answer, or is an ACK.
  if (refusal == Refusal::malformed) {
    static_cast<void>(routing::reply(call, 400, "Malformed Credentials"));
  } else if (refusal == Refusal::unavailable) {
    const auto wait = 1 + retry_.fetch_add(1, std::memory_order_relaxed) % kRetryAfterSpread;
    static_cast<void>(routing::reply(call, 503, {}, fmt::format("Retry-After: {}\r\n", wait)));
  } else {
    const bool stale =
        refusal == Refusal::stale || refusal == Refusal::replayed || refusal == Refusal::full;
    static_cast<void>(send_challenge(call, question.demand, stale));
  }
  return Value::End{};
}

base::Result<void> Auth::send_challenge(Call& call, const Demand& demand, bool stale) {
  const auto nonce = nonces_->make(demand.realm, seconds_of(call));
  const auto lines =
      challenge_lines(call.run->request->arena(), demand, {nonce.data(), nonce.size()}, stale);
  auto sent = routing::reply(call, code_of(demand.role), {}, lines);
  if (sent) call.context().stats.add(counters_.challenges);
  return sent;
}

Value Auth::require(Call& call, Object request, std::string_view role,
                    const std::optional<AskOptions>& options) {
  return ask(call, request, role, given(options), true);
}

Value Auth::check_credentials(Call& call, Object request, std::string_view role,
                              const std::optional<AskOptions>& options) {
  return ask(call, request, role, given(options), false);
}

Value Auth::challenge(Call& call, Object request, std::string_view role,
                      const std::optional<AskOptions>& options) {
  const auto demand = demand_of(call, request, role, given(options));
  if (!demand) return Misuse{fmt::format("{}: {}", call.function.full_name(), demand.error())};
  const auto sent = send_challenge(call, *demand, given(options).stale.value_or(false));
  if (sent) return true;
  return Problem{fmt::format("not answered: {}", base::to_string(sent.error()))};
}

Value Auth::credentials(Call& call, Object request, std::string_view role,
                        const std::optional<AskOptions>& options) {
  // Of whatever kind: nothing is proved by them here.
  AskOptions any = given(options);
  if (!any.algorithms) any.algorithms = kAllAlgorithms;
  if (!any.qop) any.qop = "auth,auth-int";
  const auto demand = demand_of(call, request, role, any);
  if (!demand) return Misuse{fmt::format("{}: {}", call.function.full_name(), demand.error())};
  auto& message = *call.run->request;
  const auto presented = find_presented(message, *demand);
  if (!presented) return Problem{std::string(to_string(presented.error()))};
  return user_table(message.arena(), *presented, *demand);
}

namespace {

constexpr routing::Function kFunctions[] = {
    routing::waiting(routing::function<&Auth::require>(
        "require", "request, role, options", "table", routing::kInRequests,
        "Goes on only with a request that proves which user it is from. Others are answered, and "
        "the handler ends here: 401 (role \"www\", a server of its users) or 407 (\"proxy\") with "
        "what is asked for, 400 for credentials that cannot be read, 503 when the users cannot be "
        "asked. The result says who it is: `username`, `realm`, `aor` (\"sip:NAME@REALM\"), "
        "`algorithm` and `uri`, and in the table `credentials` what load_credentials names. The "
        "credentials are taken out of the request. Nil and "
        "\"cancelled\" if the caller has given up meanwhile.")),
    routing::waiting(routing::function<&Auth::check_credentials>(
        "check", "request, role, options", "table, err", routing::kInRequests,
        "The same without an answer, and the credentials stay. err is \"no credentials\", "
        "\"malformed credentials\", \"stale nonce\", \"wrong credentials\", \"replayed "
        "credentials\", \"too many nonces\" or \"users are not available\".")),
    routing::function<&Auth::challenge>("challenge", "request, role, options", "true, err",
                                        routing::kInRequests,
                                        "Asks for credentials: answers 401 or 407."),
    routing::function<&Auth::credentials>(
        "credentials", "request, role, options", "table, err", routing::kInRequests,
        "What the request says it is from, as `require` gives it, with nothing of it proved."),
};

}  // namespace
}  // namespace opensips::auth

OPENSIPS_MODULE(opensips::auth::Auth, .name = "auth", .version = "1.0",
                .doc = "Digest authentication of users.", .needs = {},
                .functions = opensips::auth::kFunctions);
