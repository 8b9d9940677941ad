#include "unit/lp_routing/misuses.hh"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "l1_parser/draft.hh"
#include "l1_parser/writer.hh"

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

/// Something that the argument may be.
std::string good_value(const Function& function, std::size_t argument) {
  static const std::map<std::string_view, std::string> kByName = {{"request", "req"},
                                                                  {"role", "'www'"},
                                                                  {"user", "{username = 'alice'}"},
                                                                  {"uri", "'sip:a@b'"}};
  const auto named = kByName.find(function.argument(argument));
  const bool of_module = function.owner.module != nullptr;  // the core's types say enough
  if (of_module && named != kByName.end()) return named->second;
  return good_value(function.types[argument].type);
}

/// How a script calls the row with those arguments.
std::string call_of(const Function& function, const std::string& arguments) {
  const std::string object = object_of(function);
  const std::string name(function.name);
  switch (function.kind) {
    case Function::Kind::function: return "return " + object + "." + name + "(" + arguments + ")";
    case Function::Kind::method: return "return " + object + ":" + name + "(" + arguments + ")";
    case Function::Kind::getter: return "return " + object + "." + name;
    case Function::Kind::setter: return object + "." + name + " = " + arguments;
    case Function::Kind::text: return "return tostring(" + object + ")";
    case Function::Kind::element: return "return " + object + "[" + arguments + "]";
    case Function::Kind::set_element: {
      const auto key = good_value(function, 0);
      if (!arguments.starts_with(key + ", ")) return object + "[" + arguments + "] = 'x'";
      return object + "[" + key + "] = " + arguments.substr(key.size() + 2);
    }
  }
  return {};
}

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

}  // namespace

std::string object_of(const Function& function) {
  if (function.owner.module) return "require '" + std::string(function.owner.object) + "'";
  switch (function.object) {
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
    default: return is_core_table(function.object) ? std::string(to_string(function.object)) : "";
  }
}

std::vector<WrongCall> misuses(const Function& function) {
  std::vector<WrongCall> all;
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
    before += good_value(function, i) + ", ";
  }
  const bool takes_more = !function.types.empty() && function.types.back().rest;
  if (function.kind == Function::Kind::function || function.kind == Function::Kind::method) {
    all.push_back({call_of(function, before + "1, 2"), takes_more ? Outcome::any : Outcome::error});
  } else if (function.types.empty()) {
    all.push_back({call_of(function, ""), Outcome::any});
  }
  return all;
}

void expect_nothing_slipped_in(const FakeServices& services, std::list<Run>& runs) {
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
  for (Run& one : runs) {
    one.request->edits().set_body({});
    parser::Draft draft;
    const std::string text(parser::write(*one.request, draft)->view());
    EXPECT_EQ(text.find("\nX-Evil"), std::string::npos) << text;
    EXPECT_EQ(text.find("\rX-Evil"), std::string::npos) << text;
    EXPECT_EQ(text.find('\0'), std::string::npos) << text;
  }
}

}  // namespace opensips::routing
