#include <chrono>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/clock.hh"
#include "base/log.hh"
#include "config.h"
#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/groups.hh"
#include "lp_routing/functions/printed.hh"
#include "lp_routing/functions/program.hh"
#include "lp_routing/functions/services.hh"

namespace opensips::routing {
namespace {

std::optional<base::LogLevel> log_level_of(std::string_view name) {
  using base::LogLevel;
  constexpr std::pair<std::string_view, LogLevel> kLevels[] = {
      {"alert", LogLevel::alert}, {"crit", LogLevel::crit},     {"err", LogLevel::err},
      {"warn", LogLevel::warn},   {"notice", LogLevel::notice}, {"info", LogLevel::info},
      {"debug", LogLevel::debug}, {"dbg", LogLevel::debug}};
  for (const auto& [known, level] : kLevels) {
    if (name == known) return level;
  }
  return std::nullopt;
}

Value log(Call& call, std::span<const Value> text) {
  auto level = base::LogLevel::info;
  std::string_view room;
  if (text.size() > 1) {
    const auto* const first = text[0].text(room);
    if (const auto named = first ? log_level_of(*first) : std::nullopt) {
      level = *named;
      text = text.subspan(1);
    }
  }
  if (!base::log_on(level)) return {};
  std::string line;
  for (const Value& part : text) {
    if (&part != text.data()) line += ' ';
    line += printed(call, part);
  }
  base::log_write(level, line);
  return {};
}

Value sleep(Call& call, std::chrono::milliseconds time) {
  call.services->sleep(*call.run, static_cast<std::uint64_t>(time.count()));
  return Value::Wait{};
}

Value is_local(Call& call, std::string_view host) {
  return call.services->is_local(host);
}

Value domain_attributes(Call& call, std::string_view host) {
  auto attributes = call.services->domain_attributes(host);
  return attributes ? Value(std::move(*attributes)) : Value{};
}

Value now(Call&) {
  return static_cast<double>(base::monotonic_ns()) / 1e9;
}

Value version(Call&) {
  return OPENSIPS_VERSION;
}

Value generation(Call& call) {
  return call.program.generation();
}

Value location(Call&) {
  return Object{.kind = ObjectKind::location};
}

constexpr ObjectKind kSip = ObjectKind::sip;
constexpr Places kRunning = kInHandlers | place_of(Handler::startup);

constexpr Function kRows[] = {
    function<log>(
        kSip, "log", "text", "", kAnywhere,
        "Writes a line to the server's log. If there are several arguments and the first one is "
        "\"err\", \"warn\", \"notice\", \"info\" or \"debug\", it is the level; else it is "
        "\"info\". "
        "The others are joined with blanks."),
    waiting(function<sleep>(
        kSip, "sleep", "time", "", kInHandlers,
        "Lets that time pass. Ends early, with nil and \"cancelled\", when the caller gives up.")),
    function<is_local>(
        kSip, "is_local", "host", "boolean", kRunning,
        "Whether a host is one that this server is for: an address it listens on, an alias, or a "
        "domain of the table."),
    function<domain_attributes>(
        kSip, "domain_attributes", "host", "string", kRunning,
        "What the table of domains has in its column attrs for the domain that the host belongs "
        "to: an empty text if that is empty, nil if the host is in no domain of the table."),
    function<now>(kSip, "now", "", "number", kAnywhere,
                  "Seconds, with fractions, of a clock that never goes back; for measuring. The "
                  "time of day is "
                  "os.time()."),
    getter<version>(kSip, "version", "string", "The server's version.", kAnywhere),
    getter<generation>(
        kSip, "generation", "integer",
        "Which version of the script this is: 1 when the server has started, one more "
        "with each reload.",
        kAnywhere),
    getter<location>(kSip, "location", "location", "Where users are registered.", kAnywhere),
};

}  // namespace

std::span<const Function> sip_functions() {
  return kRows;
}

}  // namespace opensips::routing
