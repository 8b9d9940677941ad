// Every function of the table with values that do not fit, made from the table itself: an error or
// a refusal, nothing sent, nothing broken.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "l1_parser/draft.hh"
#include "l1_parser/writer.hh"
#include "lp_routing/functions/function.hh"
#include "unit/lp_routing/script_test.hh"
#include "unit/storage/fake_backend.hh"

namespace opensips::routing {
namespace {

/// What no function takes for what it wants, whatever that is.
constexpr const char* kValues[] = {"nil",
                                   "true",
                                   "-1",
                                   "1e300",
                                   "0/0",
                                   "1.5",
                                   "''",
                                   "'a\\r\\nX-Evil: y'",
                                   "'sip:a@b\\r\\nX-Evil: y'",
                                   "'http://127.0.0.1/\\r\\nX-Evil: y'",
                                   "'a\\nX-Evil: y'",
                                   "'a\\rX-Evil: y'",
                                   "'a\\0X-Evil: y'",
                                   "('x'):rep(100000)",
                                   "('x'):rep(2000000)",
                                   "{}",
                                   "{1, 2, {3}}",
                                   "{x = 1}",
                                   "{['X-Evil: y\\r\\n'] = 'x'}",
                                   "{'a\\r\\nX-Evil: y'}",
                                   "{x = 'a\\r\\nX-Evil: y'}",
                                   "{[1] = 1, x = 2}",
                                   "{{{{{{{{{{{{{{{{{{1}}}}}}}}}}}}}}}}}}",
                                   "print",
                                   "req",
                                   "req.source",
                                   "sip",
                                   "coroutine.create(print)"};

/// How a script gets an object of that kind.
std::string object_of(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::request: return "req";
    case ObjectKind::response: return "res";
    case ObjectKind::uri: return "req.ruri";
    case ObjectKind::name_addr: return "req.from";
    case ObjectKind::source: return "req.source";
    case ObjectKind::location: return "sip.location";
    case ObjectKind::shared: return "sip.shared('table')";
    case ObjectKind::dialog: return "req.dialog";
    case ObjectKind::variables: return "req.dialog.vars";
    case ObjectKind::sql: return "sip.sql('fake://host/db')";
    case ObjectKind::redis: return "sip.redis('redis://host')";
    default: return is_core_table(kind) ? std::string(to_string(kind)) : "";
  }
}

/// Something that an argument of that type may be.
std::string good_value(std::string_view type) {
  static const std::map<std::string_view, std::string> kGood = {
      {"boolean", "true"},  {"integer", "200"},      {"number", "1"},
      {"duration", "'1s'"}, {"function", "print"},   {"table", "{}"},
      {"any", "'x'"},       {"string[]", "{'x'}"},   {"string|string[]", "'192.0.2.0/24'"},
      {"string", "'x/y'"},  {"target", "'sip:a@b'"}, {"target|target[]", "'sip:a@b'"}};
  const auto found = kGood.find(type);
  return found == kGood.end() ? "'x'" : found->second;
}

/// How a script calls the row with those arguments.
std::string call_of(const Function& function, const std::string& arguments) {
  const std::string object = object_of(function.object);
  const std::string name(function.name);
  switch (function.kind) {
    case Function::Kind::function: return "return " + object + "." + name + "(" + arguments + ")";
    case Function::Kind::method: return "return " + object + ":" + name + "(" + arguments + ")";
    case Function::Kind::getter: return "return " + object + "." + name;
    case Function::Kind::setter: return object + "." + name + " = " + arguments;
    case Function::Kind::text: return "return tostring(" + object + ")";
    case Function::Kind::element: return "return " + object + "[" + arguments + "]";
    case Function::Kind::set_element: {
      const auto key = good_value(function.types.front().type);
      if (!arguments.starts_with(key + ", ")) return object + "[" + arguments + "] = 'x'";
      return object + "[" + key + "] = " + arguments.substr(key.size() + 2);
    }
  }
  return {};
}

/// What has to come of a call.
enum class Outcome {
  any,      ///< nothing that breaks: the value may be good for it
  refusal,  ///< an error, or nil and why, or "no"
  error,    ///< an error
};

struct Misuse {
  std::string call;
  Outcome outcome = Outcome::any;
};

/// It ends a line of a message, or the message.
bool breaks_a_line(std::string_view value) {
  return (value.find("\\r") != std::string_view::npos ||
          value.find("\\n") != std::string_view::npos ||
          value.find("\\0") != std::string_view::npos);
}

/// Longer than any line may be, and than any body.
bool is_endless(std::string_view value) {
  return value.ends_with(":rep(2000000)");
}

/// What is only looked at, or goes to where bytes are bytes: into no line of a message.
bool takes_any_text(const Function& function, std::string_view argument) {
  static const std::set<std::string_view> kObjects = {"sip.parse", "sip.encode", "sip.decode",
                                                      "sip.hash",  "sip.regex",  "shared",
                                                      "sql",       "redis",      "variables"};
  static const std::set<std::string_view> kArguments = {"body",   "password", "ha1",   "text",
                                                        "fields", "filter",   "prefix"};
  static const std::set<std::string> kFunctions = {"sip.shared",         "sip.dialog.profile_size",
                                                   "dialog:set_profile", "dialog:unset_profile",
                                                   "request.body",       "response.body"};
  return kObjects.contains(function.object_name()) || kArguments.contains(argument) ||
         kFunctions.contains(function.full_name());
}

/// What the function has to make of that value as one of its arguments, or as an option.
Outcome outcome_of(const Function& function, std::string_view argument, std::string_view type,
                   std::string_view value) {
  const bool assigns =
      function.kind == Function::Kind::setter || function.kind == Function::Kind::set_element;
  const bool takes_functions = type == "function" || type == "any" || type.ends_with("_handler");
  if (value.starts_with("coroutine")) return assigns ? Outcome::error : Outcome::refusal;
  if (value == "print" && !takes_functions) return assigns ? Outcome::error : Outcome::refusal;
  const bool is_bad_text = breaks_a_line(value) || is_endless(value);
  if (value.starts_with('{') && argument != "headers") return Outcome::any;
  if (!is_bad_text || type == "any" || takes_any_text(function, argument)) return Outcome::any;
  return assigns ? Outcome::error : Outcome::refusal;
}

/// All calls of the row with one value of the list in one place: as each of its arguments, and as
/// each option of each of its tables.
std::vector<Misuse> misuses(const Function& function) {
  std::vector<Misuse> all;
  std::string before;
  for (std::size_t i = 0; i < function.types.size(); ++i) {
    const ArgumentType& type = function.types[i];
    const std::string_view of = type.rest ? "any" : type.type;
    for (const std::string_view value : kValues) {
      all.push_back({call_of(function, before + std::string(value)),
                     outcome_of(function, function.argument(i), of, value)});
      for (const OptionText& option : type.options) {
        const auto table = "{" + std::string(option.name) + " = " + std::string(value) + "}";
        all.push_back({call_of(function, before + table),
                       outcome_of(function, option.name, option.type, value)});
      }
    }
    before += good_value(type.type) + ", ";
  }
  const bool takes_more = !function.types.empty() && function.types.back().rest;
  if (function.kind == Function::Kind::function || function.kind == Function::Kind::method) {
    all.push_back({call_of(function, before + "1, 2"), takes_more ? Outcome::any : Outcome::error});
  } else if (function.types.empty()) {
    all.push_back({call_of(function, ""), Outcome::any});
  }
  return all;
}

class EveryMisuse : public ScriptTest {
 protected:
  EveryMisuse() {
    settings.limits.time = settings.load_time = std::chrono::seconds(60);
    base::log_set_level(-3);
    keep_dialog();
    databases.add(backend);
    databases.add(without_sql);
    services.databases = &databases;
  }
  ~EveryMisuse() override { base::log_set_level(static_cast<int>(base::LogLevel::notice)); }

  storage::FakeBackend backend;
  storage::FakeBackend without_sql = storage::FakeBackend::without_sql("redis");
  storage::Storage databases;

  /// Nothing that was to be sent has a line that the script has slipped in.
  void expect_nothing_slipped_in() {
    const auto expect_clean = [](std::string_view text, std::string_view what) {
      EXPECT_EQ(text.find_first_of(std::string_view("\r\n\0", 3)), std::string::npos)
          << what << ": " << text;
    };
    const auto expect_clean_lines = [](const std::string& lines) {
      EXPECT_EQ(lines.find("X-Evil"), std::string::npos) << lines;
      EXPECT_EQ(lines.find('\0'), std::string::npos) << lines;
    };
    for (const auto& reply : services.replies) {
      expect_clean(reply.reason, "reason");
      expect_clean(reply.content_type, "content type");
      expect_clean_lines(reply.headers);
    }
    for (const auto& fork : services.forks) {
      for (const auto& uri : fork.uris) expect_clean(uri, "target");
      for (const auto& hop : fork.next_hops) expect_clean(hop, "next hop");
    }
    for (const auto& request : services.http_requests) {
      expect_clean(request.method, "method");
      expect_clean(request.url, "url");
      for (const auto& line : request.headers) expect_clean(line, "header");
    }
    for (const auto& reason : services.cancels) expect_clean_lines(reason);
    for (const auto& inside : services.inside) {
      expect_clean(inside.method, "method");
      expect_clean_lines(inside.headers);
    }
    for (const auto& own : services.requests) {
      for (const auto* const text : {&own.method, &own.uri, &own.from, &own.to, &own.route,
                                     &own.content_type, &own.user, &own.next_hop}) {
        expect_clean(*text, "of a request of our own");
      }
      expect_clean_lines(own.headers);
    }
    for (const auto& aor : services.saved) expect_clean(aor, "AoR");
    for (const auto& question : services.questions) expect_clean(question.name, "question");
    for (routing::Run& one : runs) {
      one.request->edits().set_body({});
      parser::Draft draft;
      const std::string text(parser::write(*one.request, draft)->view());
      EXPECT_EQ(text.find("\nX-Evil"), std::string::npos) << text;
      EXPECT_EQ(text.find("\rX-Evil"), std::string::npos) << text;
      EXPECT_EQ(text.find('\0'), std::string::npos) << text;
    }
  }
};

TEST_F(EveryMisuse, IsAnErrorAndSendsNothing) {
  std::string script =
      "local sip, wrong = require 'sip', {}\n"
      "local function try(what, outcome, call)\n"
      "  local ran, first = pcall(call)\n"
      "  local passes = outcome > 0 and ran and (outcome > 1 or first)\n"
      "  if passes then wrong[#wrong + 1] = what end\n"
      "end\n"
      "local tests = {}\n";
  std::set<std::string> covered;
  std::string at_the_top;  // behind the handler: there is one already
  std::size_t calls = 0;
  for (const Function& function : functions()) {
    ASSERT_NE(object_of(function.object), "") << function.full_name();
    if (function.waits) continue;  // below
    script += "tests[#tests + 1] = function(req, res)\n";
    for (const Misuse& misuse : misuses(function)) {
      script += fmt::format("try([==[{0}]==], {1}, function() {0} end)\n", misuse.call,
                            static_cast<int>(misuse.outcome));
      ++calls;
    }
    script += "end\n";
    if (function.places == kTopLevel)
      at_the_top += fmt::format("tests[{}]()\n", covered.size() + 1);
    covered.insert(function.full_name() + (function.kind == Function::Kind::setter ? "=" : ""));
  }
  script +=
      "sip.on_request(function(req)\n"
      "  local res = req:fork('sip:a@192.0.2.1')\n"
      "  for _, test in ipairs(tests) do test(req, res) end\n"
      "  sip.shared('result'):set('wrong', table.concat(wrong, '\\n'):sub(1, 60000))\n"
      "end)\n" +
      at_the_top;
  EXPECT_GT(calls, 2'000U);
  ASSERT_EQ(load(script), "");
  ASSERT_EQ(start(), Progress::waiting);
  EXPECT_EQ(engine->resume(run(), message_of(response_bytes(404))), Progress::finished);
  EXPECT_EQ(services.tables.table("result").get("wrong", 0),
            base::SharedTable::Value(std::string()))
      << "these should have failed";
  expect_nothing_slipped_in();
}

TEST_F(EveryMisuse, OfAFunctionThatWaitsIsOneToo) {
  for (const Function& function : functions()) {
    if (!function.waits) continue;
    const auto all = misuses(function);
    std::string script = "local sip, next = require 'sip', 0\nlocal calls = {\n";
    for (const Misuse& misuse : all) {
      script += "function(req) " + misuse.call + " end,\n";
    }
    script +=
        "}\nsip.on_request(function(req) next = next + 1 "
        "local ran, first = pcall(calls[next], req) "
        "req:reply(ran and first and 299 or 599) end)";
    ASSERT_EQ(load(script), "") << function.full_name();
    for (const Misuse& misuse : all) {
      services.replies.clear();
      const Progress progress = start();
      if (progress == Progress::waiting) {
        EXPECT_EQ(misuse.outcome, Outcome::any) << misuse.call;
        engine->abandon(run());
        continue;
      }
      ASSERT_EQ(progress, Progress::finished) << misuse.call;
      ASSERT_EQ(services.replies.size(), 1U) << misuse.call;
      if (misuse.outcome != Outcome::any) {
        EXPECT_EQ(services.replies[0].code, 599U) << misuse.call;
      }
    }
  }
  EXPECT_FALSE(services.forks.empty());  // some of it was good
  expect_nothing_slipped_in();
}

}  // namespace
}  // namespace opensips::routing
