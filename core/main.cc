#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>

#include <fmt/core.h>

#include "base/log.hh"
#include "config.h"
#include "config/load.hh"
#include "daemon.hh"
#include "module/modules.hh"
#include "server.hh"
#include "start_log.hh"
#include "tools/database_tool.hh"
#include "tools/replay_tool.hh"
#include "tools/test_tool.hh"
#include "tools/user_tool.hh"

namespace {

using namespace opensips;

struct Arguments {
  std::string file = OPENSIPS_CONFIG_DIR "/opensips.cfg";
  bool check = false;
  bool foreground = false;
};

constexpr const char* kUsage =
    "usage: opensips [-f FILE] [-C] [-D] [-V] [-h]\n"
    "       opensips test [-f FILE] PATH…     run tests of a script: opensips-test(7)\n"
    "       opensips replay [-f FILE] RECORD  run recorded calls again: opensips-replay(7)\n"
    "  -f FILE  configuration (default " OPENSIPS_CONFIG_DIR
    "/opensips.cfg)\n"
    "  -C       check configuration and script, then leave\n"
    "  -D       stay in the foreground\n"
    "  -V       print the version, then leave\n"
    "  -h       print this, then leave\n";

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  for (int option; (option = getopt(argc, argv, "f:CDVh")) != -1;) {
    switch (option) {
      case 'f': arguments.file = optarg; break;
      case 'C': arguments.check = true; break;
      case 'D': arguments.foreground = true; break;
      case 'V': fmt::print("OpenSIPS {}\n", OPENSIPS_VERSION); std::exit(0);
      case 'h': fmt::print("{}", kUsage); std::exit(0);
      default: fmt::print(stderr, "{}", kUsage); std::exit(2);
    }
  }
  if (optind != argc) {
    fmt::print(stderr, "opensips: unexpected argument '{}'\n{}", argv[optind], kUsage);
    std::exit(2);
  }
  return arguments;
}

int fail(const std::string& problem) {
  fmt::print(stderr, "{}{}", problem, problem.ends_with('\n') ? "" : "\n");
  return 1;
}

int check_only(const std::string& file, const config::Settings& settings,
               const modules::Modules& modules) {
  const auto report = check(settings, modules);
  for (const auto& line : report.lines) fail(line);
  if (report.failed) return 1;
  if (report.lines.empty()) {
    fmt::print("{}: configuration and script are fine\n", file);
  } else {
    fmt::print("{}: nothing is certain to fail\n", file);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::span words(argv, static_cast<std::size_t>(argc));
  if (argc > 1 && argv[1] == kDatabaseTool) return run_database_tool(words.subspan(2));
  if (argc > 1 && argv[1] == kUserTool) return run_user_tool(words.subspan(2));
  if (argc > 1 && argv[1] == kTestTool) return run_test_tool(words.subspan(2));
  if (argc > 1 && argv[1] == kReplayTool) return run_replay_tool(words.subspan(2));
  const auto arguments = parse(argc, argv);
  modules::Modules modules;
  const auto settings = config::load(arguments.file, config::read_file, &modules);
  if (!settings) return fail(settings.error().text());
  if (arguments.check) {
    return check_only(arguments.file, *settings, modules);
  }
  Daemon daemon;
  if (!arguments.foreground) daemon.detach();
  if (const auto started = start_log(*settings); !started) return fail(started.error());
  auto server = Server::make(*settings, modules);
  if (!server) return fail(server.error());
  if (const auto written = daemon.ready(settings->pid_file); !written) return fail(written.error());
  (*server)->run();
  server->reset();
  base::log_stop();
  return 0;
}
