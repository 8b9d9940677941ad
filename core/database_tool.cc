#include "database_tool.hh"

#include <cstdio>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "config/settings.hh"
#include "module/library.hh"
#include "module/module.hh"
#include "storage/create.hh"

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
  while (words.size() > 1 && std::string_view(words[0]) == "-m") {
    parsed.mpath.emplace_back(words[1]);
    words = words.subspan(2);
  }
  if (words.size() < 2) return std::nullopt;
  parsed.action = words[0];
  parsed.url = words[1];
  parsed.tables.assign(words.begin() + 2, words.end());
  const bool is_create = parsed.action == "create";
  const bool is_known = is_create || parsed.action == "migrate" || parsed.action == "show";
  if (!is_known || (!is_create && !parsed.tables.empty())) return std::nullopt;
  return parsed;
}

/// Where modules are: as installed, or as built, beside this program.
std::vector<std::string> usual_mpath() {
  std::error_code ignored;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", ignored);
  return {config::installed_module_path(), self.parent_path() / "modules"};
}

std::expected<std::unique_ptr<modules::Module>, std::string> load(const storage::Url& url,
                                                                  const Words& words) {
  const auto mpath = words.mpath.empty() ? usual_mpath() : words.mpath;
  const auto path = modules::find_library("db_" + url.scheme, mpath);
  if (!path) return std::unexpected(path.error());
  const auto descriptor = modules::open_library(*path);
  if (!descriptor) return std::unexpected(descriptor.error());
  auto module = (*descriptor)->make();
  if (!module->backend()) return std::unexpected(fmt::format("'{}' is no database", *path));
  return module;
}

storage::ToolResult carry_out(const Words& words) {
  const auto url = storage::Url::parse(words.url);
  if (!url) return std::unexpected(url.error());
  const auto module = load(*url, words);
  if (!module) return std::unexpected(module.error());
  auto& backend = *(*module)->backend();
  if (words.action == "create") return storage::create_tables(backend, *url, words.tables);
  if (words.action == "migrate") return storage::migrate_tables(backend, *url);
  return storage::show_tables(backend, *url);
}

}  // namespace

int run_database_tool(std::span<char* const> words) {
  const auto parsed = parse(words);
  if (!parsed) {
    fmt::print(stderr, "{}", kUsage);
    return 2;
  }
  const auto done = carry_out(*parsed);
  if (!done) {
    fmt::print(stderr, "opensipsctl: {}\n", done.error());
    return 1;
  }
  for (const auto& line : *done) fmt::print("{}\n", line);
  return 0;
}

}  // namespace opensips
