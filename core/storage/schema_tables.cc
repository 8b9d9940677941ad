// The tables of OpenSIPS that this server reads or writes: columns, their types, and versions.
#include <algorithm>
#include <array>

#include "storage/schema.hh"

namespace opensips::storage {
namespace {

using enum ColumnType;

constexpr std::string_view kEmpty = "''";
constexpr std::string_view kZero = "0";
constexpr std::string_view kOne = "1";
constexpr std::string_view kLongAgo = "'1900-01-01 00:00:01'";

constexpr Column serial_id() {
  return {.name = "id", .type = serial, .is_key = true};
}
/// A column in which each row says something, or `otherwise` for it.
constexpr Column filled(std::string_view name, ColumnType type, unsigned size = 0,
                        std::string_view otherwise = {}) {
  return {.name = name, .type = type, .size = size, .otherwise = otherwise};
}
constexpr Column optional(std::string_view name, ColumnType type, unsigned size = 0,
                          std::string_view otherwise = {}) {
  return {.name = name, .type = type, .size = size, .nullable = true, .otherwise = otherwise};
}

constexpr std::array kVersion{
    filled("table_name", text, 32),
    filled("table_version", natural, 0, kZero),
};

constexpr std::array kDialog{
    Column{.name = "dlg_id", .type = bigint, .is_key = true},
    filled("callid", text, 255),
    filled("from_uri", text, 255),
    filled("from_tag", text, 64),
    filled("to_uri", text, 255),
    filled("to_tag", text, 64),
    optional("mangled_from_uri", text, 255),
    optional("mangled_to_uri", text, 255),
    filled("caller_cseq", text, 11),
    filled("callee_cseq", text, 11),
    filled("caller_ping_cseq", natural),
    filled("callee_ping_cseq", natural),
    optional("caller_route_set", long_text),
    optional("callee_route_set", long_text),
    optional("caller_contact", text, 255),
    optional("callee_contact", text, 255),
    filled("caller_sock", text, 64),
    filled("callee_sock", text, 64),
    filled("state", natural),
    filled("start_time", natural),
    filled("timeout", natural),
    optional("vars", blob),
    optional("profiles", long_text),
    optional("script_flags", text, 255),
    filled("module_flags", natural, 0, kZero),
    filled("flags", natural, 0, kZero),
    optional("rt_on_answer", text, 64),
    optional("rt_on_timeout", text, 64),
    optional("rt_on_hangup", text, 64),
};

constexpr std::array kLocation{
    Column{.name = "contact_id", .type = bigint, .is_key = true},
    filled("username", text, 64, kEmpty),
    optional("domain", text, 64),
    filled("contact", text, 255, kEmpty),
    optional("received", text, 255),
    optional("path", text, 255),
    filled("expires", natural),
    filled("q", real, 0, "1.0"),
    filled("callid", text, 255, "'Default-Call-ID'"),
    filled("cseq", integer, 0, "13"),
    filled("last_modified", datetime, 0, kLongAgo),
    filled("flags", integer, 0, kZero),
    optional("cflags", text, 255),
    filled("user_agent", text, 255, kEmpty),
    optional("socket", text, 64),
    optional("methods", integer),
    optional("sip_instance", text, 255),
    optional("kv_store", long_text),
    optional("attr", text, 255),
};

constexpr std::array kSubscriber{
    serial_id(),
    filled("username", text, 64, kEmpty),
    filled("domain", text, 64, kEmpty),
    filled("password", text, 25, kEmpty),
    filled("ha1", text, 64, kEmpty),
    filled("ha1_sha256", text, 64, kEmpty),
    filled("ha1_sha512t256", text, 64, kEmpty),
};

constexpr std::array kUri{
    serial_id(),
    filled("username", text, 64, kEmpty),
    filled("domain", text, 64, kEmpty),
    filled("uri_user", text, 64, kEmpty),
    filled("last_modified", datetime, 0, kLongAgo),
};

constexpr std::array kAliases{
    serial_id(),
    filled("alias_username", text, 64, kEmpty),
    filled("alias_domain", text, 64, kEmpty),
    filled("username", text, 64, kEmpty),
    filled("domain", text, 64, kEmpty),
};

constexpr std::array kDomain{
    serial_id(),
    filled("domain", text, 64, kEmpty),
    optional("attrs", text, 255),
    filled("accept_subdomain", integer, 0, kZero),
    filled("last_modified", datetime, 0, kLongAgo),
};

constexpr std::array kDialplan{
    serial_id(),
    filled("dpid", integer),
    filled("pr", integer, 0, kZero),
    filled("match_op", integer),
    filled("match_exp", text, 64),
    filled("match_flags", integer, 0, kZero),
    optional("subst_exp", text, 64),
    optional("repl_exp", text, 32),
    optional("timerec", text, 255),
    filled("disabled", integer, 0, kZero),
    optional("attrs", text, 255),
};

constexpr std::array kTls{
    serial_id(),
    filled("domain", text, 64),
    optional("match_ip_address", text, 255),
    optional("match_sip_domain", text, 255),
    filled("type", integer, 0, kOne),
    optional("method", text, 16, "'SSLv23'"),
    optional("verify_cert", integer, 0, kOne),
    optional("require_cert", integer, 0, kOne),
    optional("certificate", blob),
    optional("private_key", blob),
    optional("crl_check_all", integer, 0, kZero),
    optional("crl_dir", text, 255),
    optional("ca_list", blob),
    optional("ca_dir", text, 255),
    optional("cipher_list", text, 255),
    optional("dh_params", blob),
    optional("ec_curve", text, 255),
};

constexpr std::array kAddress{
    serial_id(),
    filled("grp", natural, 0, kZero),
    filled("ip", text, 50),
    filled("mask", natural, 0, "32"),
    filled("port", natural, 0, kZero),
    filled("proto", text, 4, "'any'"),
    optional("pattern", text, 64),
    optional("context_info", text, 32),
};

constexpr std::array<Table, 10> kTables{{
    {kVersionTable, 1, kVersion, "table_name"},
    {"dialog", 12, kDialog},
    {"location", 1013, kLocation, "", "username, domain"},
    {"subscriber", 8, kSubscriber, "username, domain"},
    {"uri", 2, kUri, "username, domain, uri_user"},
    {"dbaliases", 2, kAliases, "alias_username, alias_domain"},
    {"domain", 4, kDomain, "domain"},
    {"dialplan", 5, kDialplan},
    {"tls_mgm", 3, kTls, "domain, type"},
    {"address", 5, kAddress},
}};

}  // namespace

std::span<const Table> tables() {
  return kTables;
}

const Table* find_table(std::string_view name) {
  const auto* const found = std::ranges::find(kTables, name, &Table::name);
  return found == kTables.end() ? nullptr : found;
}

}  // namespace opensips::storage
