#include "l0_transport/tls/commands.hh"

#include <ctime>
#include <string>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/log.hh"
#include "l0_transport/tls/certificate.hh"

namespace opensips::transport::tls {

namespace {

using manage::CommandArguments;
using manage::CommandError;
using manage::CommandResult;
using manage::Json;

constexpr int kInternalError = 500;

std::string date(std::int64_t seconds) {
  return fmt::format("{:%Y-%m-%d %H:%M:%S}Z", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

std::string_view version_name(int version) {
  switch (version) {
    case config::kTls10: return "TLSv1";
    case config::kTls11: return "TLSv1_1";
    case config::kTls12: return "TLSv1_2";
    case config::kTls13: return "TLSv1_3";
    default: return "";
  }
}

Json addresses_of(const config::TlsDomain& domain) {
  Json all = Json::array();
  for (const auto& one : domain.addresses) all.push_back(one.to_string());
  if (all.empty()) all.push_back("*");
  return all;
}

Json row(const Domain& domain) {
  const auto& setting = domain.setting;
  Json one{
      {"Name", setting.name},
      {"Type", setting.server ? "TLS_DOMAIN_SRV" : "TLS_DOMAIN_CLI"},
      {"Addresses", addresses_of(setting)},
      {"SIP domains", setting.sip_domains},
      {"Method", fmt::format("{}-{}", version_name(setting.lowest), version_name(setting.highest))},
      {"Verify", setting.verify_cert},
      {"CRL check", !setting.crl_dir.empty()}};
  if (setting.server) one["Require client certificate"] = setting.require_cert;
  if (!setting.server) one["Verify hostname"] = setting.verify_hostname;
  const X509* const certificate = SSL_CTX_get0_certificate(domain.context.get());
  if (!certificate) return one;
  TlsPeer own;
  read_certificate(certificate, own);
  const bool in_file = setting.row.empty();
  one["Certificate"] = {{in_file ? "File" : "Row", in_file ? setting.certificate : setting.row},
                        {"Subject", own.subject},
                        {"Issuer", own.issuer},
                        {"Serial", own.serial},
                        {"Valid from", date(own.not_before)},
                        {"Valid until", date(own.not_after)}};
  return one;
}

CommandResult list(const Service& tls) {
  Json all = Json::array();
  for (const auto& domain : tls.domains()->all()) all.push_back(row(domain));
  return Json{{"Domains", std::move(all)}};
}

CommandResult answer_of(const std::expected<void, std::string>& reloaded) {
  if (reloaded) {
    base::log_notice("TLS domains were read again");
    return Json("OK");
  }
  base::log_error("TLS domains stay as they are: {}", reloaded.error());
  return std::unexpected(CommandError{kInternalError, reloaded.error()});
}

}  // namespace

void add_tls_commands(manage::Commands& commands, const Service& tls,
                      std::function<std::expected<void, std::string>()> reload) {
  commands.add({.name = "tls_mgm:list",
                .old_name = "tls_list",
                .doc = "All TLS domains, with their certificates.",
                .run = [&tls](const CommandArguments&) { return list(tls); }});
  commands.add(
      {.name = "tls_mgm:reload",
       .old_name = "tls_reload",
       .doc = "Reads the files and the table of all TLS domains again, for connections made from "
              "now on.",
       .run = [reload = std::move(reload)](const CommandArguments&) {
         return answer_of(reload());
       }});
}

}  // namespace opensips::transport::tls
