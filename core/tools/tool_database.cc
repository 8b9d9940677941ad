#include "tools/tool_database.hh"

#include <chrono>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "config/settings.hh"
#include "module/library.hh"

namespace opensips {
namespace {

using Problem = std::unexpected<std::string>;

}  // namespace

std::expected<ToolDatabase, std::string> ToolDatabase::find(std::string_view text,
                                                            std::vector<std::string> mpath) {
  auto url = storage::Url::parse(text);
  if (!url) return Problem(url.error());
  if (mpath.empty()) mpath = usual_mpath();
  const auto path = modules::find_library("db_" + url->scheme, mpath);
  if (!path) return Problem(path.error());
  const auto descriptor = modules::open_library(*path);
  if (!descriptor) return Problem(descriptor.error());
  auto module = (*descriptor)->make();
  if (!module->backend()) return Problem(fmt::format("'{}' is no database", *path));
  return ToolDatabase(std::move(*url), std::move(module));
}

std::expected<std::unique_ptr<storage::Connection>, std::string> ToolDatabase::connect() const {
  auto made = backend().connect(url_, {.limit = std::chrono::seconds(10)});
  if (!made) return Problem(made.error().text);
  return std::move(*made);
}

std::vector<std::string> usual_mpath() {
  std::error_code ignored;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", ignored);
  return {config::installed_module_path(), self.parent_path() / "modules"};
}

std::vector<std::string> take_mpath(std::span<char* const>& words) {
  std::vector<std::string> mpath;
  while (words.size() > 1 && std::string_view(words[0]) == "-m") {
    mpath.emplace_back(words[1]);
    words = words.subspan(2);
  }
  return mpath;
}

}  // namespace opensips
