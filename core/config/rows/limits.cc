#include "config/rows/groups.hh"
#include "config/rows/row.hh"

namespace opensips::config::rows {
namespace {

using S = Settings;

constexpr Parameter kRows[] = {
    integer("", "inbox_limit", &at<&S::inbox_limit>, 64, 16'777'216,
            "Messages that may wait for one worker."),
    duration(
        "", "overload_limit", &at<&S::overload_limit>, kMs, 0, 60'000,
        "Refuse new requests while a worker needs longer than that for what waits for it; 0 is "
        "never; in milliseconds."),
    integer("", "memory_limit", &at<&S::memory_limit>, 0, 16'777'216,
            "Memory that the server may use, in MB; 0: what its control group allows, or else all "
            "that the machine has. New requests are refused from nine tenths of it on."),
    integer("", "source_limit", &at<&S::source_limit>, 0, 16'777'216,
            "Most messages of one source within source_limit_unit; 0 is no limit."),
    duration("", "source_limit_unit", &at<&S::source_limit_unit>, kMs, 100, 60'000,
             "Time in which source_limit counts; in milliseconds."),
    list("source_limit_exempt", Type::prefix, "Addresses to which source_limit does not apply."),
    integer(
        "", "gather_time", &at<&S::gather_time>, 0, 10'000,
        "Most microseconds from one look at the network to the next while messages come in quick "
        "succession, so that they are worked off together; 0: each as it comes."),
};

}  // namespace

std::span<const Parameter> of_limits() {
  return kRows;
}

}  // namespace opensips::config::rows
