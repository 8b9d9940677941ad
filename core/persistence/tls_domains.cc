#include "persistence/tls_domains.hh"

#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/log.hh"
#include "storage/versions.hh"

namespace opensips {
namespace {

using Problem = std::unexpected<std::string>;
using TlsProblem = transport::tls::Problem;

constexpr std::chrono::seconds kRetry{2};
constexpr std::int64_t kClient = 1;
constexpr std::int64_t kServer = 2;

/// The parameter that names the table.
std::string_view named_by(const config::Settings& settings) {
  return settings.tls_table.db_url.empty() ? "tls_mgm:db_table" : "tls_mgm:db_url";
}

/// What is wrong, behind the place where it stands: in the configuration or in a row.
auto lines_of(const config::Settings& settings) {
  return [files = settings.files](const TlsProblem& problem) {
    if (!problem.row.empty()) return problem.row + ": " + problem.text;
    config::Settings names;
    names.files = files;
    return names.place(problem.at) + ": " + problem.text;
  };
}

/// The first name of a table or column that is none, since it would be SQL of another kind; empty:
/// all are good.
std::string_view bad_name(const config::TlsTable& table) {
  using storage::is_table_name;
  if (!is_table_name(table.name)) return table.name;
  if (!is_table_name(table.domain)) return table.domain;
  for (const auto& column : config::tls_columns()) {
    if (!is_table_name(table.*column.name)) return table.*column.name;
  }
  return {};
}

storage::StatementRef select_from(const config::TlsTable& table) {
  auto text = fmt::format("SELECT id, type, {}", table.domain);
  for (const auto& column : config::tls_columns()) text += ", " + table.*column.name;
  return storage::make_statement(text + fmt::format(" FROM {} ORDER BY id", table.name));
}

std::string as_text(const storage::Value& value) {
  if (const auto* const number = std::get_if<std::int64_t>(&value)) return fmt::to_string(*number);
  return std::string(storage::text_of(value));
}

/// A row that has what select_from() asks for.
std::expected<config::TlsDomain, std::string> domain_of(const storage::Row& row,
                                                        const config::TlsTable& table) {
  config::TlsDomain domain;
  domain.row = fmt::format("table {}, row {}", table.name, as_text(row[0]));
  domain.name = as_text(row[2]);
  const auto wrong = [&](std::string_view column, const std::string& text,
                         std::string_view expected) {
    return Problem(fmt::format("{}: {} is {}, {}", domain.row, column,
                               config::in_quotes(text.substr(0, 64)), expected));
  };
  if (domain.name.empty()) return wrong(table.domain, domain.name, "expected a name");
  const auto type = storage::integer_of(row[1]);
  if (type != kClient && type != kServer) {
    return wrong("type", as_text(row[1]), "expected 1 (a client domain) or 2 (a server domain)");
  }
  domain.server = type == kServer;
  for (std::size_t i = 0; i < config::tls_columns().size(); ++i) {
    const auto& column = config::tls_columns()[i];
    const auto text = as_text(row[3 + i]);
    if (text.empty()) continue;  // as when a parameter is not given
    const bool is_directory = column.parameter.ends_with("_dir");
    if (is_directory && text[0] != '/') {
      return wrong(table.*column.name, text, "expected a path that begins with /");
    }
    if (const auto expected = config::set_tls_value(domain, column.parameter, text)) {
      return wrong(table.*column.name, text, *expected);
    }
  }
  return domain;
}

}  // namespace

TlsDomains::TlsDomains(const config::Settings& settings, transport::tls::Service& tls,
                       const transport::Sockets& sockets, loop::Control& control)
    : table_(settings.tls_table),
      line_of_(lines_of(settings)),
      tls_(tls),
      sockets_(sockets),
      control_(control),
      waits_(config::has_tls_table(settings)) {}

std::expected<void, std::string> TlsDomains::read_files() {
  auto domains = tls_.read();
  if (!domains) return Problem(line_of_(domains.error()));
  tls_.use(std::move(*domains));
  return {};
}

std::expected<void, std::string> TlsDomains::open(const config::Settings& settings,
                                                  storage::Storage& databases,
                                                  modules::Host& host) {
  if (!waits_) return {};
  const auto place = settings.place(named_by(settings));
  const auto refuse = [&](std::string_view why) {
    return Problem(fmt::format("{}: {}", place, why));
  };
  if (const auto bad = bad_name(table_); !bad.empty()) {
    return refuse(fmt::format("\"{:.64}\" is no name of a table or column", bad));
  }
  const auto database = storage::open_tables(
      databases, table_.db_url.empty() ? databases.default_url() : table_.db_url,
      {{"tls_mgm", table_.name}}, "the table of TLS domains is not checked");
  if (!database) return refuse(database.error());
  database_ = *database;
  select_ = select_from(table_);
  const auto rows = read_table();
  if (rows) {
    const auto used = use(*rows);
    return used ? used : refuse(used.error());
  }
  if (!storage::is_temporary(rows.error().kind)) return refuse(rows.error().text);
  base::log_error("the table of TLS domains is read later: {}", rows.error().text);
  retries_ = control_.every(kRetry, [this, &host] { read_later(host); });
  return {};
}

/// Waits for the database.
storage::Outcome TlsDomains::read_table() const {
  return database_->wait({{select_, {}}});
}

std::expected<void, std::string> TlsDomains::use(const storage::Rows& rows) {
  std::vector<config::TlsDomain> more;
  for (const auto& row : rows.rows) {
    auto domain = domain_of(row, table_);
    if (!domain) return Problem(std::move(domain.error()));
    more.push_back(std::move(*domain));
  }
  auto domains = tls_.read(more);
  if (!domains) return Problem(line_of_(domains.error()));
  if (auto problem = uncovered_by(**domains); !problem.empty()) return Problem(std::move(problem));
  tls_.use(std::move(*domains));
  waits_ = false;
  return {};
}

/// Empty, or which socket would refuse everybody.
std::string TlsDomains::uncovered_by(const transport::tls::Domains& domains) const {
  for (std::size_t i = 0; i < sockets_.size(); ++i) {
    const auto place = static_cast<std::uint16_t>(i);
    const auto& socket = sockets_.at(place);
    if (!sockets_.is_open(place) || !base::is_secure(socket.transport)) continue;
    if (domains.any_for(socket.address)) continue;
    return fmt::format("no TLS domain is for {}, expected a server domain in table {}",
                       socket.address.to_string(), table_.name);
  }
  return {};
}

std::expected<void, std::string> TlsDomains::reload() {
  if (!database_) return read_files();
  const auto rows = read_table();
  if (!rows) return Problem(rows.error().text);
  return use(*rows);
}

/// The control thread does not wait for a database that may be frozen.
void TlsDomains::read_later(modules::Host& host) {
  if (!waits_) {  // a reload was faster
    retries_ = {};
    return;
  }
  if (is_reading_) return;
  is_reading_ = host.in_background([this] { return read_table(); },
                                   [this](const loop::Outcome<storage::Outcome>& rows) {
                                     is_reading_ = false;
                                     if (rows && waits_) has_read(*rows);
                                   });
}

void TlsDomains::has_read(const storage::Outcome& rows) {
  if (!rows && storage::is_temporary(rows.error().kind)) return;
  retries_ = {};
  const auto used = rows ? use(*rows) : Problem(rows.error().text);
  if (used) return base::log_notice("the table of TLS domains has been read");
  base::log_error("the table of TLS domains is not used until tls_mgm:reload: {}", used.error());
}

}  // namespace opensips
