#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "l1_parser/uri.hh"
#include "lp_routing/functions/argument.hh"
#include "module/module.hh"
#include "storage/database.hh"

namespace opensips::alias_db {

/// What a program may say of a look-up.
struct LookupOptions {
  bool any_domain = false;
};

/// Other names of users, by the table `dbaliases`.
class AliasDb final : public modules::Module {
 public:
  std::vector<modules::Parameter> parameters() override;
  modules::Result<> check() override;
  modules::Result<> init(modules::Host& host) override;

  routing::Value lookup(routing::Call& call, routing::Object request,
                        std::optional<LookupOptions> options);
  routing::Value find(routing::Call& call, std::string_view uri,
                      std::optional<LookupOptions> options);
  routing::Value find_aliases(routing::Call& call, std::string_view uri);

 private:
  /// Asked of the database: the statement and its values.
  storage::Query query_of(const parser::Uri& uri, const LookupOptions& options) const;
  std::string without_prefix(std::string_view host) const;
  routing::Value rewrite(routing::Call& call, const storage::Outcome& outcome) const;
  void make_statements();

  std::string url_;
  std::string table_ = "dbaliases";
  std::string user_column_ = "username";
  std::string domain_column_ = "domain";
  std::string alias_user_column_ = "alias_username";
  std::string alias_domain_column_ = "alias_domain";
  std::string domain_prefix_;

  storage::Database* database_ = nullptr;
  storage::StatementRef by_alias_;       // of a name in a domain
  storage::StatementRef by_alias_name_;  // of a name in any
  storage::StatementRef by_user_;
};

}  // namespace opensips::alias_db
