#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <span>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <getopt.h>

#include "config.h"
#include "ctl/client.hh"
#include "ctl/complete.hh"
#include "ctl/server_tool.hh"
#include "ctl/show.hh"
#include "ctl/words.hh"

namespace {

using namespace opensips::ctl;

enum Status { kDone = 0, kRefused = 1, kMisused = 2, kUnreachable = 3 };

struct Arguments {
  std::string socket;
  bool json = false;
  bool complete = false;
  std::vector<std::string> words;
};

constexpr const char* kUsage =
    "usage: opensipsctl [-s SOCKET] [-j] [COMMAND [PARAMETER…]]\n"
    "  -s, --socket SOCKET  the server's control_socket (default " OPENSIPS_RUN_DIR
    "/opensips.sock)\n"
    "  -j, --json           print the result as JSON\n"
    "  -V, --version        print the version, then leave\n"
    "  -h, --help           print this, then leave\n"
    "Parameters are values in their order, or all of them name=value.\n"
    "Without a command, commands are read from standard input, one a line.\n"
    "`opensipsctl help` lists the commands, `opensipsctl help COMMAND` explains one.\n"
    "`opensipsctl db` and `opensipsctl user` need no server: they create the tables of a database, "
    "and users in it.\n";

Arguments parse(int argc, char** argv) {
  static constexpr option kOptions[] = {
      {"socket", required_argument, nullptr, 's'}, {"json", no_argument, nullptr, 'j'},
      {"complete", no_argument, nullptr, 'c'},     {"version", no_argument, nullptr, 'V'},
      {"help", no_argument, nullptr, 'h'},         {}};
  Arguments arguments;
  // "+": what follows the command is its own, also if it begins with '-'.
  for (int option; (option = getopt_long(argc, argv, "+s:jVh", kOptions, nullptr)) != -1;) {
    switch (option) {
      case 's': arguments.socket = optarg; break;
      case 'j': arguments.json = true; break;
      case 'c': arguments.complete = true; break;
      case 'V': fmt::print("OpenSIPS {}\n", OPENSIPS_VERSION); std::exit(kDone);
      case 'h': fmt::print("{}", kUsage); std::exit(kDone);
      default: fmt::print(stderr, "{}", kUsage); std::exit(kMisused);
    }
  }
  arguments.words.assign(argv + optind, argv + argc);
  return arguments;
}

int fail(Status status, const std::string& message) {
  fmt::print(stderr, "opensipsctl: {}\n", message);
  return status;
}

int fail(const Failure& failure) {
  return fail(failure.kind == Failure::Kind::refused ? kRefused : kUnreachable, failure.message);
}

int run(Client& client, std::span<const std::string> words, bool json) {
  const auto params = params_of(words.subspan(1));
  if (!params) return fail(kMisused, params.error());
  if (json) {
    const auto called = client.call(words[0], *params, [](std::string_view piece) {
      std::fwrite(piece.data(), 1, piece.size(), stdout);
    });
    if (!called) return fail(called.error());
    fmt::print("\n");
  } else {
    const auto result = client.call(words[0], *params);
    if (!result) return fail(result.error());
    fmt::print("{}", show(*result));
  }
  return std::fflush(stdout) == 0 ? kDone : fail(kMisused, "cannot write the result");
}

/// Commands from standard input; the status of the last one that failed.
int run_lines(Client& client, bool json) {
  const bool prompts = ::isatty(STDIN_FILENO) != 0;
  int status = kDone;
  for (std::string line;;) {
    if (prompts) fmt::print("opensips> "), std::fflush(stdout);
    if (!std::getline(std::cin, line)) break;
    const auto words = split(line);
    if (words && words->empty()) continue;
    if (const int ended = words ? run(client, *words, json) : fail(kMisused, words.error())) {
      status = ended;
      if (ended == kUnreachable) break;
    }
  }
  if (prompts) fmt::print("\n");
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  const auto arguments = parse(argc, argv);
  if (!arguments.complete && !arguments.words.empty() && is_server_tool(arguments.words[0])) {
    return fail(kMisused, become_server_tool(arguments.words));
  }
  auto client = Client::connect(arguments.socket);
  if (arguments.complete) {
    if (!client) return kUnreachable;
    for (const auto& word : complete(*client, arguments.words)) fmt::print("{}\n", word);
    return kDone;
  }
  if (!client) return fail(client.error());
  if (arguments.words.empty()) return run_lines(*client, arguments.json);
  return run(*client, arguments.words, arguments.json);
}
