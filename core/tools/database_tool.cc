#include "tools/database_tool.hh"

#include <cstdio>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "storage/create.hh"
#include "tools/report.hh"
#include "tools/tool_database.hh"

namespace opensips {
namespace {

constexpr const char* kUsage =
    "usage: opensipsctl db [-m DIRECTORY] create URL [TABLE…]\n"
    "       opensipsctl db [-m DIRECTORY] migrate URL\n"
    "       opensipsctl db [-m DIRECTORY] show URL\n"
    "  create        create the tables that are not there\n"
    "  migrate       take the rows of tables that are too old over into new ones\n"
    "  show          say which version each table is\n"
    "  -m DIRECTORY  where the modules are\n"
    "A URL is sqlite:///FILE or mysql://USER:PASSWORD@HOST/DATABASE.\n";

struct Words {
  std::vector<std::string> mpath;
  std::string action;
  std::string url;
  std::vector<std::string> tables;
};

std::optional<Words> parse(std::span<char* const> words) {
  Words parsed;
  parsed.mpath = take_mpath(words);
  if (words.size() < 2) return std::nullopt;
  parsed.action = words[0];
  parsed.url = words[1];
  parsed.tables.assign(words.begin() + 2, words.end());
  const bool is_create = parsed.action == "create";
  const bool is_known = is_create || parsed.action == "migrate" || parsed.action == "show";
  if (!is_known || (!is_create && !parsed.tables.empty())) return std::nullopt;
  return parsed;
}

storage::ToolResult carry_out(const Words& words) {
  const auto database = ToolDatabase::find(words.url, words.mpath);
  if (!database) return std::unexpected(database.error());
  auto& backend = database->backend();
  const auto& url = database->url();
  if (words.action == "create") return storage::create_tables(backend, url, words.tables);
  if (words.action == "migrate") return storage::migrate_tables(backend, url);
  return storage::show_tables(backend, url);
}

}  // namespace

int run_database_tool(std::span<char* const> words) {
  const auto parsed = parse(words);
  if (!parsed) {
    fmt::print(stderr, "{}", kUsage);
    return 2;
  }
  return report(carry_out(*parsed));
}

}  // namespace opensips
