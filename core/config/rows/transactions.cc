#include "config/rows/groups.hh"
#include "config/rows/row.hh"

namespace opensips::config::rows {
namespace {

using S = Settings;
using Tm = TmSettings;

constexpr std::string_view kTm = "tm";

constexpr Parameter kRows[] = {
    duration(kTm, "T1_timer", &at<&S::tm, &Tm::t1>, kMs, 10, 60'000,
             "RFC 3261 T1, the estimate of the round trip; in milliseconds."),
    duration(kTm, "T2_timer", &at<&S::tm, &Tm::t2>, kMs, 10, 600'000,
             "RFC 3261 T2, the longest interval between retransmissions; in milliseconds."),
    duration(kTm, "T4_timer", &at<&S::tm, &Tm::t4>, kMs, 10, 600'000,
             "RFC 3261 T4, how long a message stays in the network; in milliseconds."),
    duration(kTm, "fr_timeout", &at<&S::tm, &Tm::fr_timeout>, kSecond, 1, 3600,
             "Wait for a response to a request: RFC 3261 timers B and F; in seconds."),
    duration(kTm, "fr_inv_timeout", &at<&S::tm, &Tm::fr_inv_timeout>, kSecond, 1, kDay,
             "Wait for the final response to an INVITE after a provisional one: RFC 3261 timer C; "
             "in seconds."),
    duration(kTm, "timer_d", &at<&S::tm, &Tm::timer_d>, kSecond, 1, 3600,
             "RFC 3261 timer D, how long a client INVITE transaction absorbs retransmitted "
             "responses; in seconds."),
    duration(kTm, "wt_timer", &at<&S::tm, &Tm::wt_timer>, kSecond, 1, 3600,
             "How long an answered transaction is remembered: RFC 3261 timers H and J, RFC 6026 L "
             "and M; in seconds."),
    boolean(kTm, "auto_100trying", &at<&S::tm, &Tm::auto_100trying>,
            "Answer an INVITE with 100 at once."),
    integer(kTm, "max_branches", &at<&S::tm, &Tm::max_branches>, 1, 64,
            "Most branches of one request."),
    integer(kTm, "max_forwards_default", &at<&S::tm, &Tm::max_forwards_default>, 1, 255,
            "Max-Forwards of a request that has none."),
    boolean(kTm, "disable_6xx_block", &at<&S::tm, &Tm::disable_6xx_block>,
            "Take a 6xx as the refusal of one branch, which ends no other."),
    no_effect(kTm, "ruri_matching", Type::boolean, "A branch names its transaction."),
    no_effect(kTm, "via1_matching", Type::boolean, "The whole Via is compared."),
    no_effect(kTm, "delete_timer", Type::integer, "What has ended is freed at once."),
    no_effect(kTm, "pass_provisional_replies", Type::boolean, "They are passed."),
    no_effect(kTm, "syn_branch", Type::boolean, "Branches are made by the server's own rule."),
    no_effect(kTm, "minor_branch_flag", Type::any, "A script forks in rounds."),
    no_effect(kTm, "enable_stats", Type::boolean, "Statistics are always there."),
    no_effect(kTm, "timer_partitions", Type::integer, "Each worker has its own timers."),
    no_effect(kTm, "own_timer_proc", Type::boolean, "Each worker has its own timers."),
    no_effect(kTm, "restart_fr_on_each_reply", Type::boolean, "Timer C restarts as RFC 3261 says."),
    no_effect(kTm, "onreply_avp_mode", Type::boolean,
              "Variables of a script live as long as the call it handles."),
};

}  // namespace

std::span<const Parameter> of_transactions() {
  return kRows;
}

}  // namespace opensips::config::rows
