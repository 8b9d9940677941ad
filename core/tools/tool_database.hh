#pragma once

#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "module/module.hh"
#include "storage/backend.hh"

namespace opensips {

/// The database that a tool of the command line works on: its URL, and the module that knows it.
class ToolDatabase {
 public:
  /// `mpath`: where modules are; none: as installed, or as built, beside this program. The error is
  /// for the operator.
  static std::expected<ToolDatabase, std::string> find(std::string_view url,
                                                       std::vector<std::string> mpath);

  storage::Backend& backend() const { return *module_->backend(); }
  const storage::Url& url() const { return url_; }
  /// A connection, made within ten seconds. The error is for the operator.
  std::expected<std::unique_ptr<storage::Connection>, std::string> connect() const;

 private:
  ToolDatabase(storage::Url url, std::unique_ptr<modules::Module> module)
      : url_(std::move(url)), module_(std::move(module)) {}

  storage::Url url_;
  std::unique_ptr<modules::Module> module_;
};

/// Where modules are if nobody says: as installed, or as built, beside this program.
std::vector<std::string> usual_mpath();

/// Takes "-m DIRECTORY" off the words of a tool, as often as it is there.
std::vector<std::string> take_mpath(std::span<char* const>& words);

}  // namespace opensips
