#include "perl/interpreter.hh"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "perl/coerce.hh"
#include "perl/interpreters.hh"

namespace opensips::perl {
namespace {

Script script_of(std::string text) {
  return {.file = "route.pl", .text = std::move(text), .paths = {}};
}

/// A script without a request; with one: t/scenario/perl.
class PerlInterpreter : public testing::Test {
 protected:
  std::string load(std::string text, bool only_checked = false) {
    interpreter_ = std::make_unique<Interpreter>(script_of(std::move(text)));
    const auto loaded = interpreter_->load(only_checked);
    return loaded ? "" : loaded.error();
  }

  Outcome call(std::string function, std::vector<Data> arguments = {}) {
    return interpreter_->call({.function = std::move(function),
                               .arguments = std::move(arguments),
                               .copy = nullptr,
                               .ctx = {}});
  }

  /// What a function with that body gives, as text.
  std::string value(const std::string& body) {
    EXPECT_EQ(load("use strict; use warnings; use OpenSIPS; use OpenSIPS::Constants;\nsub f {\n" +
                   body + " }"),
              "");
    const auto outcome = call("f");
    if (!outcome.error.empty()) return outcome.error;
    if (const auto* const text = std::get_if<std::string>(&outcome.result.any)) return *text;
    if (const auto* const number = std::get_if<std::int64_t>(&outcome.result.any))
      return std::to_string(*number);
    return std::holds_alternative<std::monostate>(outcome.result.any) ? "undef" : "(other)";
  }

  std::unique_ptr<Interpreter> interpreter_;
};

TEST_F(PerlInterpreter, PassesValuesOfAllKindsBothWays) {
  ASSERT_EQ(load("sub f { my ($req, @all) = @_; return \\@all }"), "");
  const Data::Map map{{"a", {std::int64_t{1}}}, {"b", {Data::List{{true}, {}, {2.5}}}}};
  const auto outcome = call("f", {{std::string("x\0y", 3)}, {map}, {false}, {}});
  ASSERT_EQ(outcome.error, "");
  ASSERT_EQ(outcome.problem, "");
  const auto& all = std::get<Data::List>(outcome.result.any);
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(std::get<std::string>(all[0].any), std::string("x\0y", 3));
  EXPECT_FALSE(std::get<bool>(all[2].any));
  EXPECT_TRUE(std::holds_alternative<std::monostate>(all[3].any));
  const auto& back = std::get<Data::Map>(all[1].any);
  ASSERT_EQ(back.size(), 2U);
  const auto& [one, other] =
      back[0].first == "a" ? std::tie(back[0], back[1]) : std::tie(back[1], back[0]);
  EXPECT_EQ(std::get<std::int64_t>(one.second.any), 1);
  EXPECT_EQ(std::get<double>(std::get<Data::List>(other.second.any)[2].any), 2.5);
}

TEST_F(PerlInterpreter, SaysWhatCannotBePassed) {
  ASSERT_EQ(load("my $loop = {}; $loop->{x} = $loop; sub code { sub {} } sub loop { $loop }\n"
                 "sub thing { bless {}, 'Thing' }"),
            "");
  EXPECT_EQ(call("code").problem, "is a reference, expected one to an array or a hash");
  EXPECT_EQ(call("loop").problem, "is too large a table");
  EXPECT_NE(call("thing").problem.find("is an object"), std::string::npos);
}

TEST_F(PerlInterpreter, HasTheFunctionsOfTheTable) {
  EXPECT_EQ(value("OpenSIPS::hash::md5('x')"), "9dd4e461268c8034f5c8564e155c67a6");
  EXPECT_EQ(value("OpenSIPS::is_ip('192.0.2.1') ? 'yes' : 'no'"), "yes");
  EXPECT_EQ(value("OpenSIPS::parse::uri('sip:a@b')->{user}"), "a");
  EXPECT_NE(value("my ($parsed, $why) = OpenSIPS::parse::uri('x'); $parsed ? '' : $why"), "");
  EXPECT_NE(value("OpenSIPS::hash::md5({})").find("expected string, got table at route.pl line 3"),
            std::string::npos);
}

TEST_F(PerlInterpreter, MakesOfScalarsWhatArgumentsTake) {
  EXPECT_EQ(value("OpenSIPS::hash::md5(1 + 1) eq OpenSIPS::hash::md5('2') ? 'same' : 'other'"),
            "same");
  EXPECT_EQ(value("OpenSIPS::random('7', ' +7.0 ')"), "7");
  EXPECT_NE(value("OpenSIPS::random('7', '8x')").find("expected integer"), std::string::npos);
  EXPECT_NE(value("OpenSIPS::random('7', 'inf')").find("expected integer"), std::string::npos);
  EXPECT_EQ(value("OpenSIPS::write::uri({ user => 17, host => 'a', port => '5070' })"),
            "sip:17@a:5070");
}

TEST(PerlCoerce, FollowsTheTypesOfOptions) {
  const routing::OptionText options[] = {
      {"stateless", "boolean", ""}, {"timeout", "duration", ""}, {"any", "any", ""}};
  Data value{Data::Map{{"stateless", {std::string("0")}},
                       {"timeout", {std::string("20")}},
                       {"any", {std::string("1")}},
                       {"unknown", {std::int64_t{1}}}}};
  coerce({.type = "table", .options = options}, value);
  const auto& map = std::get<Data::Map>(value.any);
  EXPECT_FALSE(std::get<bool>(map[0].second.any));
  EXPECT_EQ(std::get<std::int64_t>(map[1].second.any), 20);
  EXPECT_EQ(std::get<std::string>(map[2].second.any), "1");
  EXPECT_EQ(std::get<std::int64_t>(map[3].second.any), 1);
  Data nothing, list{Data::List{{2.5}, {true}, {}}};
  coerce({.type = "boolean", .optional = true, .options = {}}, nothing);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(nothing.any));
  coerce({.type = "string|string[]", .options = {}}, list);
  const auto& texts = std::get<Data::List>(list.any);
  EXPECT_EQ(std::get<std::string>(texts[0].any), "2.5");
  EXPECT_EQ(std::get<std::string>(texts[1].any), "1");
  EXPECT_TRUE(std::holds_alternative<std::monostate>(texts[2].any));
}

TEST_F(PerlInterpreter, HasNoRequestWithoutOne) {
  EXPECT_EQ(value("defined $_[0] ? 'one' : 'none'"), "none");
  EXPECT_NE(value("OpenSIPS::Request::method(undef)").find("called without its object"),
            std::string::npos);
  EXPECT_NE(value("OpenSIPS::Request::reply(bless {}, 'OpenSIPS::Request')").find("without its"),
            std::string::npos);
  EXPECT_NE(value("OpenSIPS::later('f', 'sip.sleep', 1)").find("is not for this function to say"),
            std::string::npos);
}

TEST_F(PerlInterpreter, SurvivesWhatAScriptDoes) {
  EXPECT_EQ(value("die 'on purpose'"), "on purpose at route.pl line 3.");
  EXPECT_EQ(value("die { code => 1 }").substr(0, 5), "HASH(");
  const auto much = value("die 'x' x 60_000");
  EXPECT_LT(much.size(), 1'100U);
  EXPECT_TRUE(much.starts_with("xxx") && much.ends_with("xxx at route.pl line 3.")) << much;
  EXPECT_NE(value("exit 3").find("exit is refused here"), std::string::npos);
  EXPECT_NE(value("CORE::exit 3").find("exit is refused here"), std::string::npos);
  EXPECT_NE(value("fork").find("fork is refused here"), std::string::npos);
  EXPECT_EQ(
      value("no warnings; my ($n, $g) = 0; $g = sub { $n++ < 9999 ? $g->() : 'deep' }; $g->()"),
      "deep");
  EXPECT_NE(call("nowhere").error.find("nowhere"), std::string::npos);
}

TEST_F(PerlInterpreter, BeginsNoProgram) {
  EXPECT_NE(value("my $x = `true`").find("is refused here"), std::string::npos);
  EXPECT_NE(value("my $x = readpipe 'true'").find("is refused here"), std::string::npos);
  EXPECT_NE(value("syscall 39").find("syscall is refused here"), std::string::npos);
  for (const char* const pipe :
       {"my $f, '-|'", "my $f, '|-'", "my $f, '-|', 'true'", "my $f, ' |-:utf8', 'cat', 'x'",
        "my $f, 'true |'", "my $f, \" | cat\"", "my $f, '+| cat'"}) {
    EXPECT_NE(value(std::string("open(") + pipe + ")").find("a pipe to a program is refused here"),
              std::string::npos)
        << pipe;
  }
  EXPECT_NE(value("our $FILE = 'true|'; open FILE or 'no'").find("a pipe to a program"),
            std::string::npos);
}

TEST_F(PerlInterpreter, ReadsAndWritesFiles) {
  for (const char* const file :
       {"$f, '<', '/dev/null'", "$f, '/dev/null'", "$f, '> /dev/null'", "$f, '<', \\'a|b'",
        "$f, '+<:utf8', \\(my $x = 'a')", "$f, '+>', undef", "$f, '<&', \\*STDIN"}) {
    EXPECT_EQ(value(std::string("open(my ") + file + ") ? 'open' : \"no: $!\""), "open") << file;
  }
  const auto name = testing::TempDir() + "perl-" + std::to_string(getpid());
  EXPECT_EQ(value("open(my $out, '>', '" + name + "') or die $!; print $out 'x'; close $out;\n" +
                  "open(my $in, '" + name + "') or die $!; unlink '" + name + "'; <$in>"),
            "x");
}

TEST_F(PerlInterpreter, LeavesSignalsAndEnvironmentToTheServer) {
  struct sigaction before, after;
  sigaction(SIGUSR2, nullptr, &before);
  EXPECT_EQ(value("$SIG{USR2} = sub {}; local $SIG{USR2} = 'IGNORE'; $ENV{OPENSIPS_TEST} = 'x';\n"
                  "my $told; local $SIG{__WARN__} = sub { $told = 'told' }; warn 'w'; $told"),
            "told");
  sigaction(SIGUSR2, nullptr, &after);
  EXPECT_EQ(before.sa_handler, after.sa_handler);
  EXPECT_EQ(getenv("OPENSIPS_TEST"), nullptr);
}

TEST_F(PerlInterpreter, IsStoppedAtTheNextOperation) {
  ASSERT_EQ(load("sub f { while (1) { eval { 1 while 1 } } } sub g { 7 }"), "");
  std::atomic<bool> ended = false;
  std::thread watch([&] {  // again and again: it may not have begun
    while (!ended) {
      interpreter_->interrupt();
      std::this_thread::yield();
    }
  });
  const auto outcome = call("f");
  ended = true;
  watch.join();
  EXPECT_NE(outcome.error.find("stopped, it ran for too long at route.pl line 1"),
            std::string::npos);
  EXPECT_EQ(std::get<std::int64_t>(call("g").result.any), 7);
}

TEST_F(PerlInterpreter, SaysWhereAScriptIsWrong) {
  EXPECT_EQ(load("use strict;\nmy $x = ;\n").substr(0, 26), "route.pl:2: syntax error, ");
  EXPECT_EQ(load("\n\ndie 'at once'"), "route.pl:3: at once");
  EXPECT_NE(load("use No::Such::Module;").find("route.pl:1: Can't locate No/Such/Module.pm"),
            std::string::npos);
}

TEST_F(PerlInterpreter, NamesHandlersAtItsTopLevel) {
  static constexpr manage::EventType kTypes[] = {{"E_CORE_SOME", "One of the server's.", {}}};
  manage::EventTypes types;
  types.add(kTypes);
  const auto load = [&](const std::string& text, const manage::EventTypes* events) {
    auto script = script_of(text);
    script.events = events;
    interpreter_ = std::make_unique<Interpreter>(std::move(script));
    const auto loaded = interpreter_->load(false);
    return loaded ? "" : loaded.error();
  };
  ASSERT_EQ(load("OpenSIPS::on_event('E_MINE', 'told');\n"
                 "OpenSIPS::every('2s', 'look', { each_worker => 1 });\n",
                 &types),
            "");
  const auto& named = interpreter_->named();
  ASSERT_EQ(named.events.size(), 1U);
  EXPECT_EQ(named.events[0].name + named.events[0].function, "E_MINEtold");
  ASSERT_EQ(named.timers.size(), 1U);
  EXPECT_EQ(named.timers[0].period, std::chrono::seconds(2));
  EXPECT_EQ(named.timers[0].function, "look");
  EXPECT_TRUE(named.timers[0].each_worker);
  EXPECT_NE(load("OpenSIPS::every('1ms', 'look');", &types).find("at least 100 ms"),
            std::string::npos);
  EXPECT_NE(load("OpenSIPS::every('1s', sub {});", &types).find("argument 2"), std::string::npos);
  EXPECT_NE(load("OpenSIPS::on_event('E_CORE_NONE', 'f');", &types).find("no event E_CORE_NONE"),
            std::string::npos);
  EXPECT_NE(load("OpenSIPS::on_event('E_MINE', 'f');", nullptr).find("of a routing script"),
            std::string::npos);
  EXPECT_NE(load("OpenSIPS::shared('x');", &types).find("needs the server, and is for handlers"),
            std::string::npos);
}

TEST_F(PerlInterpreter, OnlyCompilesWhatIsChecked) {
  EXPECT_EQ(load("die 'it runs'", true), "");
  EXPECT_EQ(load("sub f {", true).substr(0, 11), "route.pl:1:");
}

TEST(PerlInterpreters, RunAtTheSameTime) {
  const Endings endings(std::chrono::minutes(1));
  const auto made = Interpreters::make(
      script_of("use List::Util 'sum'; my $n = 0; sub f { $n += sum(1, 2, 3) for 1 .. 1000; $n }"),
      4, std::chrono::minutes(1), endings);
  ASSERT_TRUE(made) << made.error();
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      const auto outcome =
          (*made)->of(i).call({.function = "f", .arguments = {}, .copy = nullptr, .ctx = {}});
      EXPECT_EQ(std::get<std::int64_t>(outcome.result.any), 6000);
    });
  }
  for (auto& thread : threads) thread.join();
}

TEST(PerlInterpreters, GiveUpATopLevelThatDoesNotEnd) {
  const Endings endings(std::chrono::minutes(1));
  const auto made =
      Interpreters::make(script_of("1 while 1;"), 1, std::chrono::milliseconds(50), endings);
  ASSERT_FALSE(made);
  // It may have been interrupted before it began, or come to an end later than that.
  EXPECT_TRUE(made.error().find("stopped, it ran for too long") != std::string::npos ||
              made.error() == "route.pl: its top level did not end within 50 ms")
      << made.error();
}

TEST(PerlErrors, HaveTheirPlaceInFront) {
  EXPECT_EQ(with_place_first("syntax error at a.pl line 3, near \"x\""),
            "a.pl:3: syntax error, near \"x\"");
  EXPECT_EQ(with_place_first("gone at /x/b.pm line 12.\nBEGIN failed"), "/x/b.pm:12: gone");
  EXPECT_EQ(with_place_first("no place"), "no place");
  EXPECT_EQ(with_place_first("not at home line x at b.pl line 4."), "b.pl:4: not at home line x");
  EXPECT_EQ(with_place_first("at  line 4"), "at  line 4");
  const std::string much(60'000, 'x');
  EXPECT_EQ(with_place_first(much + " at a.pl line 7."), "a.pl:7: " + much);
}

}  // namespace
}  // namespace opensips::perl
