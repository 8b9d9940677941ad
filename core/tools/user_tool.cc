#include "tools/user_tool.hh"

#include <cstdio>
#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "tools/password_prompt.hh"
#include "tools/report.hh"
#include "tools/subscribers.hh"
#include "tools/tool_database.hh"

namespace opensips {
namespace {

constexpr const char* kUsage =
    "usage: opensipsctl user [-m DIRECTORY] add URL NAME@DOMAIN [OPTION…]\n"
    "       opensipsctl user [-m DIRECTORY] passwd URL NAME@DOMAIN [OPTION…]\n"
    "       opensipsctl user [-m DIRECTORY] rm URL NAME@DOMAIN\n"
    "       opensipsctl user [-m DIRECTORY] list URL [DOMAIN]\n"
    "  add                add a user\n"
    "  passwd             give a user another password\n"
    "  rm                 remove a user\n"
    "  list               list the users, or those of a domain\n"
    "  --password TEXT    the password; else it is asked for, or read from standard input\n"
    "  --random           draw a password, and print it\n"
    "  --realm TEXT       the realm that the server asks with, if it is not the domain\n"
    "  --keep             keep the password itself too, for calculate_ha1\n"
    "  -m DIRECTORY       where the modules are\n"
    "A URL is sqlite:///FILE or mysql://USER:PASSWORD@HOST/DATABASE.\n";

using Lines = std::expected<std::vector<std::string>, std::string>;
using Problem = std::unexpected<std::string>;

struct Words {
  std::vector<std::string> mpath;
  std::string action;
  std::string url;
  std::string whom;  ///< NAME@DOMAIN, or of list: the domain
  std::optional<std::string> password;
  std::string realm;
  bool random = false;
  bool keep = false;

  bool sets_password() const { return action == "add" || action == "passwd"; }
};

/// Takes what begins with "--" off; false if that is none of ours.
bool take_options(std::span<char* const>& words, Words& to) {
  while (!words.empty()) {
    const std::string_view option = words[0];
    const bool has_value = option == "--password" || option == "--realm";
    if (has_value && words.size() < 2) return false;
    if (option == "--password") {
      to.password = words[1];
    } else if (option == "--realm") {
      to.realm = words[1];
    } else if (option == "--random") {
      to.random = true;
    } else if (option == "--keep") {
      to.keep = true;
    } else {
      return false;
    }
    words = words.subspan(has_value ? 2 : 1);
  }
  return !(to.random && to.password);
}

std::optional<Words> parse_user(std::span<char* const> words) {
  Words parsed;
  parsed.mpath = take_mpath(words);
  if (words.size() < 2) return std::nullopt;
  parsed.action = words[0];
  parsed.url = words[1];
  words = words.subspan(2);
  if (!words.empty()) {
    parsed.whom = words[0];
    words = words.subspan(1);
  }
  if (parsed.action == "list") return words.empty() ? std::optional(parsed) : std::nullopt;
  if (parsed.whom.empty()) return std::nullopt;
  if (parsed.action == "rm") return words.empty() ? std::optional(parsed) : std::nullopt;
  if (!parsed.sets_password() || !take_options(words, parsed)) return std::nullopt;
  return parsed;
}

std::expected<NewPassword, std::string> password_for(const Words& words) {
  NewPassword password{.text = {}, .realm = words.realm, .is_kept = words.keep};
  if (words.random) {
    password.text = random_password();
  } else if (words.password) {
    password.text = *words.password;
  } else {
    auto read = read_password(words.whom);
    if (!read) return Problem(read.error());
    password.text = std::move(*read);
  }
  if (auto problem = problem_of(password)) return Problem(*problem);
  return password;
}

Lines set_password(Subscribers& users, const Words& words, const SubscriberName& name) {
  const auto password = password_for(words);
  if (!password) return Problem(password.error());
  const bool is_new = words.action == "add";
  const auto done = is_new ? users.add(name, *password) : users.set_password(name, *password);
  if (!done) return Problem(done.error());
  if (words.random) return std::vector{fmt::format("{} {}", name.text(), password->text)};
  return std::vector{fmt::format("{} {}", name.text(), is_new ? "added" : "has another password")};
}

Lines carry_out(const Words& words) {
  // What is wrong with the words is said before a database is asked.
  SubscriberName name;
  if (words.action != "list") {
    auto parsed = SubscriberName::parse(words.whom);
    if (!parsed) return Problem(fmt::format("{}: {}", words.whom, parsed.error()));
    name = std::move(*parsed);
  }
  const auto database = ToolDatabase::find(words.url, words.mpath);
  if (!database) return Problem(database.error());
  const auto connection = database->connect();
  if (!connection) return Problem(connection.error());
  Subscribers users(**connection);
  if (auto checked = users.check(); !checked) return Problem(checked.error());
  if (words.action == "list") return users.list(words.whom);
  if (words.sets_password()) return set_password(users, words, name);
  if (auto removed = users.remove(name); !removed) return Problem(removed.error());
  return std::vector{fmt::format("{} removed", name.text())};
}

}  // namespace

int run_user_tool(std::span<char* const> words) {
  const auto parsed = parse_user(words);
  if (!parsed) {
    fmt::print(stderr, "{}", kUsage);
    return 2;
  }
  return report(carry_out(*parsed));
}

}  // namespace opensips
