#include "config/rows/groups.hh"
#include "config/rows/row.hh"

namespace opensips::config::rows {
namespace {

using S = Settings;
using Dns = DnsSettings;

constexpr Parameter kRows[] = {
    text("", "dns_servers", &at<&S::dns, &Dns::servers>,
         "Name servers to ask, as \"192.0.2.1:53, [2001:db8::1]:53\"; else those of the system."),
    path("dns_hosts_file", &at<&S::dns, &Dns::hosts_file>,
         "Names known without asking, as in hosts(5); read at start."),
    duration("", "dns_retr_time", &at<&S::dns, &Dns::retr_time>, kSecond, 1, 60,
             "Wait for a name server before the next one is asked, or all once more; twice as long "
             "each time round; in seconds."),
    integer("", "dns_retr_no", &at<&S::dns, &Dns::retr_no>, 0, 10,
            "How often the name servers are asked once more."),
    boolean("", "dns_try_naptr", &at<&S::dns, &Dns::try_naptr>,
            "Ask for NAPTR records when neither port nor transport are given."),
    boolean("", "dns_try_ipv6", &at<&S::dns, &Dns::try_ipv6>,
            "Ask for AAAA records too, where there is an IPv6 socket."),
    integer("", "dns_cache_size", &at<&S::dns, &Dns::cache_size>, 16, 1'000'000,
            "Most answers that a worker keeps."),
    duration("", "dns_cache_min_ttl", &at<&S::dns, &Dns::cache_min_ttl>, kSecond, 0, kDay,
             "An answer is kept for at least so long; in seconds."),
    duration("", "dns_cache_max_ttl", &at<&S::dns, &Dns::cache_max_ttl>, kSecond, 0, 365 * kDay,
             "An answer is kept for at most so long; in seconds."),
    duration("", "dns_cache_negative_ttl", &at<&S::dns, &Dns::cache_negative_ttl>, kSecond, 0, kDay,
             "That there is no such name, or no such record, is believed for at most so long; in "
             "seconds."),
    boolean("", "disable_dns_failover", &at<&S::dns, &Dns::disable_failover>,
            "Try only the first server of a name."),
    duration(
        "", "failed_target_time", &at<&S::dns, &Dns::failed_target_time>, kSecond, 0, kDay,
        "A server that did not answer, or with 503, comes behind the others of its name for so "
        "long; 0 is not at all; in seconds."),
    no_effect("", "dns", Type::any, "Names are looked up when they have to be."),
    no_effect("", "rev_dns", Type::any, "Addresses are not turned into names."),
    no_effect("", "dns_use_search_list", Type::boolean, "Names are asked for as they are."),
    no_effect("", "dns_servers_no", Type::integer, "All name servers of the system are asked."),
    no_effect("", "disable_dns_blacklist", Type::boolean, "See failed_target_time."),
};

}  // namespace

std::span<const Parameter> of_dns() {
  return kRows;
}

}  // namespace opensips::config::rows
