#pragma once

#include <string>
#include <string_view>

#include "l1_parser/name_addr.hh"
#include "lp_routing/functions/argument.hh"
#include "module/module.hh"
#include "storage/database.hh"

namespace opensips::uri {

/// Which URIs a user may call itself by, and which users there are, as the tables `uri` and
/// `subscriber` say.
class Uri final : public modules::Module {
 public:
  std::vector<modules::Parameter> parameters() override;
  modules::Result<> check() override;
  modules::Result<> init(modules::Host& host) override;

  routing::Value check_from(routing::Call& call, routing::Object request, routing::Value::Map user);
  routing::Value check_to(routing::Call& call, routing::Object request, routing::Value::Map user);
  routing::Value check_ruri(routing::Call& call, routing::Object request, routing::Value::Map user);
  routing::Value does_exist(routing::Call& call, std::string_view uri);

 private:
  routing::Value may_use(routing::Call& call, const parser::Uri& used,
                         const routing::Value::Map& user);
  routing::Value ask(routing::Call& call, storage::StatementRef statement,
                     std::vector<storage::Value> values);

  std::string url_;
  std::string table_ = "uri";
  std::string user_column_ = "username";
  std::string domain_column_ = "domain";
  std::string uri_user_column_ = "uri_user";
  std::string subscribers_ = "subscriber";
  bool use_uri_table_ = false;
  bool use_domain_ = false;

  storage::Database* database_ = nullptr;
  storage::StatementRef may_use_;
  storage::StatementRef exists_;
};

}  // namespace opensips::uri
