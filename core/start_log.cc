#include "start_log.hh"

#include "base/log.hh"

namespace opensips {

std::expected<void, std::string> start_log(const config::Settings& settings) {
  base::LogOptions options;
  options.level = settings.log_level;
  options.to_stderr = settings.stderror_enabled;
  options.to_syslog = settings.syslog_enabled;
  options.syslog_facility =
      base::syslog_facility(settings.syslog_facility).value_or(options.syslog_facility);
  options.file = settings.log_file;
  auto started = base::log_start(options);
  if (!started) return std::unexpected(settings.place("log_file") + ": " + started.error());
  for (const auto& notice : settings.notices) base::log_notice("{}", notice.text());
  return {};
}

}  // namespace opensips
