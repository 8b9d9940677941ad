#include "config/rows/groups.hh"
#include "config/rows/row.hh"

namespace opensips::config::rows {
namespace {

using S = Settings;
using Registrar = RegistrarSettings;
using Usrloc = UsrlocSettings;
using Domain = DomainSettings;

constexpr std::string_view kRegistrar = "registrar";
constexpr std::string_view kUsrloc = "usrloc";
constexpr std::string_view kDomain = "domain";

constexpr std::string_view kUsrlocModes[] = {
    "single-instance-no-db", "single-instance-sql-write-through", "single-instance-sql-write-back",
    "sql-only", "full-sharing-cachedb-cluster"};

constexpr Parameter kRows[] = {
    long_text(kDomain, "db_url", &at<&S::domain, &Domain::db_url>,
              "Database with the table of domains; db_default_url without it."),
    text(kDomain, "domain_table", &at<&S::domain, &Domain::table>, "Table of the domains."),
    text(kDomain, "domain_col", &at<&S::domain, &Domain::name_column>, "Its column of names."),
    text(kDomain, "attrs_col", &at<&S::domain, &Domain::attributes_column>,
         "Its column of attributes, which scripts may ask for."),
    text(kDomain, "subdomain_col", &at<&S::domain, &Domain::subdomain_column>,
         "Its column that says, with 1, that all names below a domain are ours as well."),
    no_effect(kDomain, "db_mode", Type::integer, "The domains are always kept in memory."),

    duration(kRegistrar, "default_expires", &at<&S::registrar, &Registrar::default_expires>,
             kSecond, 1, 365 * kDay, "Lifetime of a contact that asks for none; in seconds."),
    duration(kRegistrar, "min_expires", &at<&S::registrar, &Registrar::min_expires>, kSecond, 0,
             365 * kDay, "Shortest lifetime of a contact; in seconds."),
    duration(kRegistrar, "max_expires", &at<&S::registrar, &Registrar::max_expires>, kSecond, 0,
             365 * kDay, "Longest lifetime of a contact, 0 is no limit; in seconds."),
    integer(kRegistrar, "max_contacts", &at<&S::registrar, &Registrar::max_contacts>, 0, 1000,
            "Most contacts of one address of record, 0 is no limit."),
    integer(kRegistrar, "default_q", &at<&S::registrar, &Registrar::default_q>, -1, 1000,
            "q of a contact that has none, in thousandths; -1 is none."),
    long_text(
        kRegistrar, "domains", &at<&S::registrar, &Registrar::domains>,
        "Domains whose users the location layer registers by itself, before the script and without "
        "a password; divided by commas."),
    boolean(kRegistrar, "disable_gruu", &at<&S::registrar, &Registrar::disable_gruu>,
            "Give no client a GRUU (RFC 5627)."),
    integer(kRegistrar, "outbound_mode", &at<&S::registrar, &Registrar::outbound_mode>, 0, 2,
            "Flows to clients (RFC 5626): 0 is off, 1 is for clients that support them, 2 refuses "
            "others with 421."),
    duration(kRegistrar, "flow_timer", &at<&S::registrar, &Registrar::flow_timer>, kSecond, 0, kDay,
             "How often a client is told to keep its flow alive, 0 is not at all; in seconds."),
    no_effect(kRegistrar, "tcp_persistent_flag", Type::any,
              "Connections of registered contacts are kept."),
    no_effect(kRegistrar, "received_avp", Type::any,
              "The source of a REGISTER is kept with its contacts."),

    no_effect(kUsrloc, "nat_bflag", Type::any, "The NAT layer marks contacts itself."),
    choice(kUsrloc, "working_mode_preset", &at<&S::usrloc, &Usrloc::working_mode>, kUsrlocModes,
           "Where contacts are: in memory; in memory and a database, which has them before a "
           "REGISTER is answered (write-through) or later (write-back); in a database alone; in a "
           "Redis that several servers share."),
    long_text(kUsrloc, "db_url", &at<&S::usrloc, &Usrloc::db_url>,
              "Database that contacts are kept in; db_default_url without it."),
    long_text(
        kUsrloc, "cachedb_url", &at<&S::usrloc, &Usrloc::cachedb_url>,
        "The Redis that full-sharing-cachedb-cluster keeps contacts in, redis://HOST[:PORT]."),
    duration(kUsrloc, "timer_interval", &at<&S::usrloc, &Usrloc::timer_interval>, kSecond, 1, 3600,
             "How often contacts are written, with write-back; in seconds."),
};

}  // namespace

std::span<const Parameter> of_location() {
  return kRows;
}

}  // namespace opensips::config::rows
