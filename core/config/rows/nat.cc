#include "config/rows/groups.hh"
#include "config/rows/row.hh"

namespace opensips::config::rows {
namespace {

using S = Settings;
using Nathelper = NathelperSettings;

constexpr std::string_view kNathelper = "nathelper";

constexpr std::string_view kNatpingTypes[] = {"crlf", "stun"};

constexpr Parameter kRows[] = {
    duration(
        kNathelper, "natping_interval", &at<&S::nathelper, &Nathelper::natping_interval>, kSecond,
        0, 3600,
        "How often something is sent to each registered contact, so that a NAT does not forget "
        "it; in seconds, 0 is never."),
    boolean(kNathelper, "ping_nated_only", &at<&S::nathelper, &Nathelper::ping_nated_only>,
            "Only to contacts behind a NAT."),
    choice(kNathelper, "natping_type", &at<&S::nathelper, &Nathelper::natping_type>, kNatpingTypes,
           "What is sent: an empty line, or a Binding indication of STUN."),
    Parameter{.module = kNathelper,
              .name = "sipping_from",
              .type = Type::text,
              .doc = "From of requests that are sent instead; contacts that answer none are "
                     "dropped.",
              .target = &at<&S::nathelper, &Nathelper::sipping_from>,
              .max = 256,
              .prefix = "sip:"},
    text(kNathelper, "sipping_method", &at<&S::nathelper, &Nathelper::sipping_method>,
         "Method of these requests."),
    integer(kNathelper, "max_pings_lost", &at<&S::nathelper, &Nathelper::max_pings_lost>, 0, 1000,
            "How many of them in a row may stay without an answer, 0 is any number."),
    no_effect(kNathelper, "natping_processes", Type::any, "One worker sends them all."),
    no_effect(kNathelper, "natping_tcp", Type::any,
              "Connections are kept open by what they are of."),
    no_effect(kNathelper, "sipping_bflag", Type::any, "See sipping_from."),
    no_effect(kNathelper, "remove_on_timeout_bflag", Type::any, "See max_pings_lost."),
    no_effect(kNathelper, "received_avp", Type::any,
              "The source of a REGISTER is kept with its contacts."),
};

}  // namespace

std::span<const Parameter> of_nat() {
  return kRows;
}

}  // namespace opensips::config::rows
