#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "module/module.hh"
#include "storage/database.hh"
#include "storage/versions.hh"

/// For modules that work with tables of a database which the operator names.
namespace opensips::modules {

/// What a parameter says a table or a column is called.
struct NamedByParameter {
  std::string_view parameter;
  std::string_view name;
};
/// A name that is none would be SQL of another kind: the parameter is to blame. For
/// Module::check().
Result<> check_names(std::initializer_list<NamedByParameter> names);

/// The database at `url`, the value of the module's db_url, or if that is empty at db_default_url.
/// Its tables are of the versions expected, unless it cannot be reached: then the log says so, and
/// it is a database all the same. Waits: for Module::init().
Result<storage::Database*> open_tables(Host& host, std::string_view module, std::string_view url,
                                       std::initializer_list<storage::UsedTable> tables);

}  // namespace opensips::modules
