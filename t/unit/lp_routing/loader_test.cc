#include "lp_routing/lua/loader.hh"

#include <sys/stat.h>

#include <functional>
#include <optional>

#include "loop/control.hh"

#include "unit/lp_routing/script_test.hh"

namespace opensips::routing {
namespace {

using manage::CommandResult;

/// A script for two workers, loaded again and again.
class LuaLoader : public ScriptTest {
 protected:
  static constexpr std::size_t kMaxGenerations = 3;

  LuaLoader() {
    loader.add_to(commands);
    loader.add_to(statistics);
    script("first");
    const auto loaded = loader.load();
    EXPECT_TRUE(loaded) << loaded.error();
  }
  ~LuaLoader() override { runs.clear(); }

  /// A script whose handler answers with this text as the reason; after a wait, if need be.
  void script(const std::string& reason, const std::string& before = "") {
    write("route.lua", before +
                           "\nsip.on_request(function(req) if req.cseq == 1 then sip.sleep(1) "
                           "end req:reply(299, '" +
                           reason + "') end)");
  }
  CommandResult reload() {
    const Quiet quiet;
    return commands.call("reload_routes", {});
  }
  /// What is wrong with a script that is not taken.
  std::string refused(const std::string& text) {
    write("route.lua", text);
    const auto result = reload();
    return result ? "it was taken" : without_folder(result.error().message);
  }
  /// What a request is answered on that worker.
  std::string answer(unsigned worker = 0) {
    routing::Run& run = begin(kInvite, worker);
    EXPECT_EQ(run.generation->engine(worker).start(run), Progress::finished);
    end(run, worker);
    return services.replies.back().reason;
  }
  /// A request whose handler waits.
  routing::Run& wait(unsigned worker = 0) {
    std::string bytes(kInvite);
    bytes.replace(bytes.find("42 INVITE"), 2, "1");
    routing::Run& run = begin(bytes, worker);
    EXPECT_EQ(run.generation->engine(worker).start(run), Progress::waiting);
    return run;
  }
  std::string go_on(routing::Run& run, unsigned worker = 0) {
    EXPECT_EQ(run.generation->engine(worker).resume(run, {}), Progress::finished);
    end(run, worker);
    return services.replies.back().reason;
  }
  std::uint64_t stat(std::string_view name) const { return statistics.value(name).value_or(99); }

  manage::Commands commands;
  base::Stats statistics;
  Generations generations;
  lua::Loader loader{generations, settings, {&services, &services}, kMaxGenerations};

 private:
  struct Quiet {
    Quiet() { testing::internal::CaptureStderr(); }
    ~Quiet() { testing::internal::GetCapturedStderr(); }
  };
  routing::Run& begin(std::string_view bytes, unsigned worker) {
    routing::Run& run = runs.emplace_back(RunId(0, 1, next_++), model.stack.routing);
    run.generation = &generations.current();
    run.generation->begin_run(worker);
    run.request = message_of(bytes);
    run.source = run.request->source();
    return run;
  }
  void end(routing::Run& run, unsigned worker) { generations.end_run(*run.generation, worker); }

  std::uint32_t next_ = 1;
};

TEST_F(LuaLoader, AReloadIsForAllWorkers) {
  EXPECT_EQ(answer(0), "first");
  script("second");
  const auto result = reload();
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->at("generation"), 2);
  EXPECT_GT(result->at("milliseconds").get<double>(), 0);
  EXPECT_EQ(answer(0), "second");
  EXPECT_EQ(answer(1), "second");
}

TEST_F(LuaLoader, AHandlerThatWaitsKeepsItsScript) {
  routing::Run& waiting = wait();
  script("second");
  ASSERT_TRUE(reload());
  EXPECT_EQ(answer(), "second");
  EXPECT_EQ(go_on(waiting), "first");
  EXPECT_EQ(answer(), "second");
}

TEST_F(LuaLoader, WhatTheScriptRequiresIsReadAnew) {
  write("text.lua", "return 'one'");
  const std::string use =
      "local text = require 'text' sip.on_request(function(req) req:reply(299, text) end)";
  write("route.lua", use);
  ASSERT_TRUE(reload());
  write("text.lua", "return 'two'");
  EXPECT_EQ(answer(), "one");
  ASSERT_TRUE(reload());
  EXPECT_EQ(answer(), "two");
}

TEST_F(LuaLoader, AllWorkersHaveTheSameFilesWhateverIsWrittenMeanwhile) {
  lua::Files files;
  write("route.lua", "-- before");
  EXPECT_EQ(files.read(settings.script), "-- before");
  EXPECT_FALSE(files.read(settings.script + ".not"));
  write("route.lua", "-- after");
  write("route.lua.not", "-- after");
  EXPECT_EQ(files.read(settings.script), "-- before");
  EXPECT_FALSE(files.read(settings.script + ".not"));
}

TEST_F(LuaLoader, AScriptThatIsNotWellChangesNothingAndSaysWhere) {
  routing::Run& waiting = wait();
  EXPECT_EQ(refused("local a = 1\n  local b 2\n"), "route.lua:2:11: unexpected symbol near '2'");
  EXPECT_EQ(refused("\nlocal x = nil + 1").find("route.lua:2: attempt to perform arithmetic"), 0U);
  EXPECT_NE(refused("x = 1").find("route.lua: the script handles no requests"), std::string::npos);
  EXPECT_NE(refused("sip.on_request(print)\nsip.on_startup(function()\nerror('no database') end)")
                .find("in sip.on_startup: route.lua:3: no database"),
            std::string::npos);
  EXPECT_NE(refused("\nwhile true do end").find("route.lua:2: stopped"), std::string::npos);
  EXPECT_NE(refused("require 'nowhere'").find("module 'nowhere' not found"), std::string::npos);
  std::filesystem::create_directory(std::filesystem::path(settings.lua_path) / "folder.lua");
  EXPECT_NE(refused("require 'folder'").find("folder.lua: Not a regular file, folder/init.lua"),
            std::string::npos);
  write("broken.lua", "\n  local b 2\n");
  EXPECT_EQ(refused("\nrequire 'broken'").find("broken.lua:2:11: unexpected symbol near '2'"), 0U);
  EXPECT_EQ(generations.number(), 1U);
  EXPECT_EQ(generations.size(), 1U);
  EXPECT_EQ(answer(0), "first");
  EXPECT_EQ(answer(1), "first");
  EXPECT_EQ(go_on(waiting), "first");
  EXPECT_EQ(stat("script:failed_reloads"), 8U);
}

TEST_F(LuaLoader, AScriptThatNeedsTooMuchMemoryChangesNothing) {
  settings.limits.memory = 2UL << 20;
  Generations few;
  lua::Loader small(few, settings, {&services}, 3);
  ASSERT_TRUE(small.load());
  write("route.lua", "big = {} for i = 1, 1e6 do big[i] = {} end sip.on_request(print)");
  const auto loaded = small.load();
  ASSERT_FALSE(loaded);
  EXPECT_EQ(without_folder(loaded.error()), "route.lua: not enough memory (limit 2097152 bytes)");
  EXPECT_EQ(few.number(), 1U);
}

TEST_F(LuaLoader, AFileThatCannotBeReadChangesNothing) {
  std::filesystem::remove(settings.script);
  EXPECT_EQ(without_folder(reload().error().message), "route.lua: No such file or directory");
  std::filesystem::create_directory(settings.script);
  EXPECT_EQ(without_folder(reload().error().message), "route.lua: Not a regular file");
  std::filesystem::remove(settings.script);
  ASSERT_EQ(mkfifo(settings.script.c_str(), 0600), 0);  // nobody will ever write into it
  EXPECT_EQ(without_folder(reload().error().message), "route.lua: Not a regular file");
  EXPECT_EQ(answer(), "first");
}

TEST_F(LuaLoader, NoWorkerGetsAScriptThatFailsOnAnother) {
  class Fails : public FakeServices {
   public:
    bool is_local(std::string_view) const override { return false; }
  } other;
  lua::Loader both(generations, settings, {&services, &other}, 9);
  write("route.lua",
        "sip.on_request(print) sip.on_startup(function() assert(sip.is_local('example.com')) end)");
  EXPECT_FALSE(both.load());
  EXPECT_EQ(generations.number(), 1U);
  EXPECT_EQ(answer(0), "first");
  EXPECT_EQ(answer(1), "first");
}

TEST_F(LuaLoader, OnlySoManyGenerationsLive) {
  std::vector<routing::Run*> waiting;
  for (std::size_t i = 1; i < kMaxGenerations; ++i) {
    waiting.push_back(&wait());
    ASSERT_TRUE(reload());
  }
  const auto refused = reload();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, 400);
  EXPECT_EQ(
      refused.error().message,
      "3 generations of the script live, which is as many as script_generations_max allows; "
      "try again when one has ended: generation 1 runs 1 handler, generation 2 runs 1 handler");
  go_on(*waiting[1]);
  ASSERT_TRUE(reload());
  EXPECT_EQ(generations.number(), 4U);
  EXPECT_EQ(stat("script:generations"), 3U);  // the second had nothing to run
  go_on(*waiting[0]);
}

TEST_F(LuaLoader, TheScriptKnowsItsGeneration) {
  write(
      "route.lua",
      "local at_top = sip.generation sip.on_request(function(req) req:reply(299, at_top .. '/' .. "
      "sip.generation) end)");
  ASSERT_TRUE(reload());
  EXPECT_EQ(answer(), "2/2");
  refused("x = = 1");
  write("route.lua", "sip.on_request(function(req) req:reply(299, tostring(sip.generation)) end)");
  ASSERT_TRUE(reload());
  EXPECT_EQ(answer(), "3");
}

TEST_F(LuaLoader, ListsWhatLives) {
  routing::Run& waiting = wait(1);
  ASSERT_TRUE(reload());
  const auto list = commands.call("script:list", {});
  ASSERT_TRUE(list);
  EXPECT_EQ(list->at("script"), settings.script);
  const auto& all = list->at("generations");
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].at("generation"), 1);
  EXPECT_EQ(all[0].at("state"), "previous");
  EXPECT_EQ(all[0].at("runs"), 1);
  EXPECT_EQ(all[1].at("state"), "current");
  EXPECT_EQ(all[1].at("runs"), 0);
  EXPECT_EQ(all[1].at("loaded").get<std::string>().size(), 20U);
  EXPECT_EQ(go_on(waiting, 1), "first");
  ASSERT_TRUE(reload());
  EXPECT_EQ(commands.call("script:list", {})->at("generations").size(), 2U);
}

TEST_F(LuaLoader, TriesAScriptAndPromotesIt) {
  script("second");
  const auto canary = [this](const char* share) {
    return commands.call("script:canary", manage::Json::array({share}));
  };
  const auto begun = canary("0.001%");
  ASSERT_TRUE(begun) << begun.error().message;
  EXPECT_EQ(begun->at("generation"), 2);
  EXPECT_EQ(begun->at("share"), "0.001%");
  EXPECT_EQ(generations.number(), 1U);
  script("third");  // a change of the share reads no files
  EXPECT_EQ(canary("100")->at("generation"), 2);
  const auto list = commands.call("script:list", {});
  const auto& all = list->at("generations");
  EXPECT_EQ(all[0].at("state"), "current");
  EXPECT_EQ(all[0].at("share"), "0%");
  EXPECT_EQ(all[1].at("state"), "canary");
  EXPECT_EQ(all[1].at("share"), "100%");
  EXPECT_EQ(generations.of("a call").number(), 2U);
  ASSERT_TRUE(commands.call("script:promote", {}));
  EXPECT_EQ(answer(), "second");
  EXPECT_EQ(commands.call("script:promote", {}).error().code, 404);
}

TEST_F(LuaLoader, GoesBackToTheScriptBefore) {
  EXPECT_EQ(commands.call("script:rollback", {}).error().code, 404);
  script("second");
  ASSERT_TRUE(reload());
  const auto back = commands.call("script:rollback", {});
  ASSERT_TRUE(back);
  EXPECT_EQ(back->at("generation"), 1);
  EXPECT_EQ(answer(), "first");
  EXPECT_EQ(commands.call("script:rollback", {}).error().code, 404);
  ASSERT_TRUE(reload());
  EXPECT_EQ(generations.number(), 3U);  // a number is one script's for ever
}

TEST_F(LuaLoader, AShareIsAPercentage) {
  for (const char* bad : {"", "%", "0", "0%", "-1%", "101%", "5%%", "half", "1e1", "nan", "5 %"}) {
    const auto refused = commands.call("script:canary", manage::Json::array({bad}));
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code, 400) << bad;
  }
  EXPECT_EQ(generations.size(), 1U);
}

/// Calls that are replayed by a program of the test's: what it says is in route.lua's folder.
class LuaLoaderAfterReplay : public LuaLoader {
 protected:
  std::string path(const std::string& name) const {
    return (std::filesystem::path(settings.script).parent_path() / name).string();
  }

  /// `opensips replay -j` would say so.
  void replay_says(const std::string& text, const std::string& script) {
    write("said", text + R"({"calls":9,"same":8,"different":1,"lost":2,"cut":false,"script":")" +
                      script + "\"}\n");
  }
  /// The fingerprint of the script as it is now.
  std::string fingerprint() {
    EXPECT_TRUE(commands.call("script:canary", manage::Json::array({"1%"})));
    EXPECT_TRUE(commands.call("script:rollback", {}));
    return loader.fingerprint();
  }
  CommandResult canary(const manage::Json& arguments) {
    testing::internal::CaptureStderr();
    rehearsal.reset();
    rehearsal.emplace(
        control.emplace(),
        std::vector<std::string>{"/bin/sh", "-c", "cat \"$0\"; [ -s \"$0\" ] || exit 2; exit 1"});
    loader.set_rehearsal(*rehearsal);
    auto started = commands.start("script:canary", arguments);
    CommandResult result = std::unexpected(manage::CommandError{0, "no answer"});
    if (!started) {
      result = std::unexpected(started.error());
    } else {
      const auto later = std::get<std::shared_ptr<manage::LaterResult>>(*started);
      later->wait([&] { control->stop(); });
      if (meanwhile) meanwhile();
      control->run();
      result = later->take();
    }
    log = testing::internal::GetCapturedStderr();
    return result;
  }

  std::optional<loop::Control> control;
  std::optional<Rehearsal> rehearsal;
  std::string log;
  std::function<void()> meanwhile;
};

constexpr const char* kDifferent =
    R"({"call":"4711@x","differences":["then 404, now 200","then x, now y"]})"
    "\n";

TEST_F(LuaLoaderAfterReplay, TriesAScriptWithWhichAsManyCallsGoOtherwiseAsAreTolerated) {
  script("second");
  replay_says(kDifferent, fingerprint());
  const auto begun = canary({{"share", "100%"}, {"replay", path("said")}, {"tolerate", 1}});
  ASSERT_TRUE(begun) << begun.error().message;
  EXPECT_EQ(begun->at("replay"), manage::Json::parse(R"({"same":8,"different":1,"left_out":2,
                                    "shown":["4711@x: then 404, now 200"]})"));
  EXPECT_EQ(begun->at("share"), "100%");
  EXPECT_TRUE(generations.is_trying());
  EXPECT_NE(log.find("4711@x"), std::string::npos) << log;
  const auto again = canary({{"share", "5%"}, {"replay", path("said")}});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().message, "a generation is tried already, script:rollback gives it up");
}

TEST_F(LuaLoaderAfterReplay, TriesNoneWithWhichMoreGoOtherwise) {
  replay_says(kDifferent, fingerprint());
  const auto refused = canary({{"share", "5%"}, {"replay", path("said")}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, 409);
  EXPECT_EQ(refused.error().message,
            "9 calls were replayed, 8 same, 1 different: 4711@x: then 404, now 200");
  EXPECT_FALSE(generations.is_trying());
}

TEST_F(LuaLoaderAfterReplay, TriesNoneThatWasNotReplayed) {
  replay_says("", fingerprint());
  script("another, since the replay");
  const manage::Json arguments{{"share", "5%"}, {"replay", path("said")}, {"tolerate", 1}};
  const auto refused = canary(arguments);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("has changed since the replay began"), std::string::npos)
      << refused.error().message;
  EXPECT_FALSE(generations.is_trying());
  replay_says("", loader.fingerprint());
  EXPECT_TRUE(canary(arguments));
}

TEST_F(LuaLoaderAfterReplay, TriesNoneWithoutAReplay) {
  write("said", "");
  for (const char* file : {"said", "nowhere"}) {
    const auto refused = canary({{"share", "5%"}, {"replay", path(file)}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, 400);
    EXPECT_FALSE(refused.error().message.empty());
    EXPECT_EQ(refused.error().message.find('\n'), std::string::npos);
  }
  write("said", "nonsense\n{\"same\":");
  EXPECT_FALSE(canary({{"share", "5%"}, {"replay", path("said")}}));
  EXPECT_FALSE(generations.is_trying());
  const auto refused = [this](const manage::Json& arguments) {
    return commands.call("script:canary", arguments).error().message;
  };
  EXPECT_EQ(refused({{"share", "5%"}, {"replay", "said"}}),
            "'said': expected a path that begins with /");
  EXPECT_EQ(refused({{"share", "5%"}, {"tolerate", 3}}),
            "tolerate: of what is replayed, expected replay=FILE");
  EXPECT_EQ(refused({{"share", "5%"}, {"replay", path("said")}, {"tolerate", -1}}),
            "tolerate: expected a number of calls");
}

TEST_F(LuaLoaderAfterReplay, OtherCommandsAreCarriedOutMeanwhile) {
  replay_says("", fingerprint());
  const manage::Json arguments{{"share", "5%"}, {"replay", path("said")}, {"tolerate", 1}};
  std::string second;
  meanwhile = [&] {
    second = commands.call("script:canary", arguments).error().message;
    EXPECT_TRUE(commands.call("script:canary", manage::Json::array({"7%"})));
  };
  const auto refused = canary(arguments);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "another generation is tried by now");
  EXPECT_EQ(second, "a replay is running");
}

TEST_F(LuaLoaderAfterReplay, AReplaySaysWhyItHasComparedNothing) {
  const auto refused = [this] {
    return canary({{"share", "5%"}, {"replay", path("said")}}).error().message;
  };
  write("said", "{\"call\":\"4711@x\"}\n{\"error\":\"no such script\\n\"}\n");
  EXPECT_EQ(refused(), "no such script");
  write("said", "{\"same\":0,\"different\":0,\"script\":\"" + fingerprint() + "\"}\n");
  EXPECT_EQ(refused(), "the replay ended without a word");
  EXPECT_FALSE(generations.is_trying());
}

TEST_F(LuaLoaderAfterReplay, ARollbackEndsTheReplay) {
  replay_says("", fingerprint());
  meanwhile = [&] {
    EXPECT_EQ(commands.call("script:rollback", {}).value().at("replay"), "ended");
    control->stop();
  };
  EXPECT_EQ(canary({{"share", "5%"}, {"replay", path("said")}}).error().message,
            "script:rollback has ended the replay");
}

TEST_F(LuaLoader, AScriptThatIsNotWellIsNotTried) {
  write("route.lua", "x = = 1");
  testing::internal::CaptureStderr();
  const auto refused = commands.call("script:canary", manage::Json::array({"5%"}));
  testing::internal::GetCapturedStderr();
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("route.lua:1"), std::string::npos);
  EXPECT_EQ(generations.size(), 1U);
}

TEST_F(LuaLoader, CountsReloads) {
  ASSERT_TRUE(reload());
  ASSERT_TRUE(reload());
  refused("x = = 1");
  EXPECT_EQ(stat("script:generation"), 3U);
  EXPECT_EQ(stat("script:generations"), 2U);
  EXPECT_EQ(stat("script:reloads"), 2U);
  EXPECT_EQ(stat("script:failed_reloads"), 1U);
}

TEST_F(LuaLoader, LogsEachReload) {
  routing::Run& waiting = wait();
  testing::internal::CaptureStderr();
  ASSERT_TRUE(commands.call("script:reload", {}));
  write("route.lua", "x = = 1");
  ASSERT_FALSE(commands.call("script:reload", {}));
  const auto log = without_folder(testing::internal::GetCapturedStderr());
  EXPECT_NE(log.find("script: generation 2 of route.lua gets the requests, loaded in "),
            std::string::npos);
  EXPECT_NE(log.find(" ms; generation 1 runs 1 handler\n"), std::string::npos) << log;
  EXPECT_NE(log.find("script: not reloaded, generation 2 goes on: route.lua:1: unexpected symbol"),
            std::string::npos)
      << log;
  go_on(waiting);
}

}  // namespace
}  // namespace opensips::routing
