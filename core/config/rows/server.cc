#include "config/rows/groups.hh"
#include "config/rows/row.hh"

namespace opensips::config::rows {
namespace {

using S = Settings;

constexpr std::string_view kFacilities[] = {
    "LOG_AUTH",   "LOG_AUTHPRIV", "LOG_CRON",   "LOG_DAEMON", "LOG_FTP",
    "LOG_LPR",    "LOG_MAIL",     "LOG_NEWS",   "LOG_SYSLOG", "LOG_USER",
    "LOG_UUCP",   "LOG_LOCAL0",   "LOG_LOCAL1", "LOG_LOCAL2", "LOG_LOCAL3",
    "LOG_LOCAL4", "LOG_LOCAL5",   "LOG_LOCAL6", "LOG_LOCAL7"};

constexpr Parameter with_other_name(Parameter parameter, std::string_view name,
                                    std::string_view doc) {
  parameter.instead_of = parameter.name;
  parameter.name = name;
  parameter.doc = doc;
  return parameter;
}

constexpr Parameter kWorkers =
    integer("", "workers", &at<&S::workers>, 0, 64, "Worker threads; 0 is one per core.");

constexpr Parameter kRows[] = {
    kWorkers,
    with_other_name(kWorkers, "udp_workers", "Another name of workers."),
    list("socket", Type::socket, "An address to listen on, and with as the one to tell others."),
    list("alias", Type::alias, "A name that the server is for, besides its addresses."),

    integer("", "log_level", &at<&S::log_level>, -3, 4,
            "Most talkative level that is logged, from -3 (alert) to 4 (debug)."),
    boolean("", "stderror_enabled", &at<&S::stderror_enabled>, "Log to standard error."),
    boolean("", "syslog_enabled", &at<&S::syslog_enabled>, "Log to syslog."),
    choice("", "syslog_facility", &at<&S::syslog_facility>, kFacilities,
           "Facility of lines sent to syslog."),
    path("log_file", &at<&S::log_file>, "Log to this file as well."),
    no_effect("", "xlog_level", Type::integer, "Scripts log at log_level."),

    path("script", &at<&S::script>, "Routing script: in Lua, or in Perl if its name ends in .pl."),
    path("lua_path", &at<&S::lua_path>, "Directory of the Lua library that comes with the server."),
    duration("", "script_time_limit", &at<&S::script_time_limit>, kMs, 1, 60'000,
             "Longest run of a script between two waits."),
    integer("", "script_memory_limit", &at<&S::script_memory_limit>, 8, 65'536,
            "Most memory of one Lua VM, in MB."),
    integer("", "script_shared_memory", &at<&S::script_shared_memory>, 1, 65'536,
            "Most memory of all tables that scripts share (sip.shared), in MB."),
    integer("", "script_generations_max", &at<&S::script_generations_max>, 2, 1000,
            "Most versions of the script that live at a time."),

    path("mac_key_file", &at<&S::mac_key_file>,
         "Key that proves Record-Route and Via values ours; shared by a cluster."),
    boolean("", "record_route", &at<&S::record_route>, "Stay on the path of dialogs."),
    integer("", "max_message_size", &at<&S::max_message_size>, 1024, 65'535,
            "Largest SIP message taken, in bytes."),
    header("server_header", &at<&S::server_header>,
           "Server:", "Server header of responses, with its name."),
    header("user_agent_header", &at<&S::user_agent_header>,
           "User-Agent:", "User-Agent header of our requests, with its name."),
    boolean("", "server_signature", &at<&S::server_signature>,
            "Put Server and User-Agent headers into our messages."),
    no_effect("", "auto_aliases", Type::boolean, "Only alias says names; nothing is asked of DNS."),

    path("pid_file", &at<&S::pid_file>, "File that gets the process id."),
    path("control_socket", &at<&S::control_socket>,
         "Unix stream socket for commands, which opensipsctl uses."),
    list("mpath", Type::path_list, "Directory of modules."),
};

}  // namespace

std::span<const Parameter> of_server() {
  return kRows;
}

}  // namespace opensips::config::rows
