#pragma once

#include <functional>
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lp_routing/checks/finding.hh"
#include "lp_routing/checks/syntax.hh"
#include "lp_routing/functions/table.hh"

namespace opensips::routing::checks {

/// Where the text of a script and of what it requires comes from.
struct Sources {
  std::string script;  ///< the file
  std::string path;    ///< where require looks: lua::search_path()
  const FunctionTable* functions = nullptr;
  /// A file's text, which stays; nullptr: it cannot be read.
  std::function<const std::string*(const std::string& file)> read;
};

struct File {
  std::string path;
  Tree tree;
};

/// A script and all the files that it requires by a name that stands in it.
class Program {
 public:
  explicit Program(const Sources& sources);

  const std::list<File>& files() const { return files_; }
  const Globals& globals() const { return globals_; }
  const FunctionTable& functions() const { return *sources_.functions; }
  /// What `require` gives by that name, of the server and its modules.
  const ObjectKind* table(std::string_view name) const;
  /// Whether a file that it requires was not found, or what it requires is not to be seen.
  bool is_complete() const { return is_complete_; }
  /// Whether its names may mean something else than they say: it makes programs of texts, or
  /// reaches for its globals in other ways than by name.
  bool is_dynamic() const { return is_dynamic_; }
  /// What is wrong with files and require.
  const std::vector<Finding>& findings() const { return findings_; }

 private:
  void add(const std::string& path, const std::string& text);
  void require_all(const File& file);
  void require(const File& file, const Expression& call, const Expression& name, bool is_guarded);
  void look_for_dynamics();

  Sources sources_;
  Globals globals_;
  std::list<File> files_;
  std::map<std::string, ObjectKind, std::less<>> tables_;
  std::vector<Finding> findings_;
  bool is_complete_ = true;
  bool is_dynamic_ = false;
};

/// Whether it is the global of that name, which the program does not change.
bool is_own_global(const Expression& expression, std::string_view name);

}  // namespace opensips::routing::checks
