#include "module/modules.hh"

#include <gtest/gtest.h>

#include "unit/module/test_modules.hh"

namespace opensips::modules {
namespace {

constexpr char kGood[] = "loadmodule \"good.so\"\n";

std::string errors(const std::string& text) {
  return Configured(text).errors();
}

/// What the command of the module `good` answers.
std::string word(const std::string& parameters) {
  Offered offered;
  Configured configured(kGood + parameters);
  EXPECT_EQ(configured.errors(), "");
  EXPECT_TRUE(configured.modules.start(offered.host, *configured.loaded));
  return offered.commands.call("good:word", nullptr)->get<std::string>();
}

TEST(Modules, ParametersHaveDefaultsAndAreSet) {
  EXPECT_EQ(word(""), "hello");
  EXPECT_EQ(word("modparam(\"good\", \"word\", \"hi\")\nmodparam(\"good\", \"times\", 2)\n"),
            "hihi");
  EXPECT_EQ(word("modparam(\"good\", \"loud\", yes)\n"), "HELLO");
  EXPECT_EQ(word("modparam(\"good\", \"extra\", \"a\")\nmodparam(\"good\", \"extra\", \"b\")\n"),
            "hello,a,b");
  EXPECT_EQ(word("modparam(\"good\", \"pair\", \"a=b\")\nmodparam(\"good\", \"pair\", \"c=d\")\n"),
            "hello;a=b;c=d");
}

TEST(Modules, WrongParametersAreToldLikeBuiltInOnes) {
  const auto with = [](const std::string& parameter) {
    return errors(kGood + ("modparam(\"good\", " + parameter + ")\n"));
  };
  EXPECT_EQ(with("\"times\", 4"), "4:27: times is 4, expected an integer from 1 to 3\n");
  EXPECT_EQ(with("\"times\", \"2\""), "4:27: times is '2', expected an integer from 1 to 3\n");
  EXPECT_EQ(with("\"word\", 1"), "4:26: word is 1, expected a text of up to 4095 bytes\n");
  EXPECT_EQ(with("\"loud\", \"maybe\""), "4:26: loud is 'maybe', expected yes or no\n");
  EXPECT_EQ(with("\"pause\", \"2h\""), "4:27: pause is '2h', expected a duration from 0 to 1m\n");
  EXPECT_EQ(with("\"pair\", \"a\""), "4:26: pair is 'a', expected NAME=WORD\n");
  EXPECT_EQ(with("\"wrod\", \"a\""),
            "4:18: unknown parameter 'wrod' of module good, did you mean 'word'?\n");
  EXPECT_EQ(with("\"zzzzzz\", \"a\""),
            "4:18: unknown parameter 'zzzzzz' of module good, expected one of word, times, loud, "
            "pause, file, extra, pair\n");
}

TEST(Modules, ChecksThatGoBeyondOneValueNameTheParameter) {
  EXPECT_EQ(errors(kGood + std::string("modparam(\"good\", \"times\", 2)\n"
                                       "modparam(\"good\", \"word\", \"bad\")\n")),
            "4:27: module good: once is enough for \"bad\", expected times 1\n");
}

TEST(Modules, ASecondLoadmoduleIsAnError) {
  EXPECT_EQ(errors(std::string(kGood) + kGood),
            "4:12: module 'good' is loaded in line 3 of /etc/o/o.cfg already, expected it once\n");
}

TEST(Modules, FaultyFilesAreToldWithTheirPlace) {
  EXPECT_EQ(errors("loadmodule \"nowhere.so\"\nmodparam(\"nowhere\", \"x\", 1)\n"),
            "3:12: cannot open 'nowhere.so': no such module in mpath (" + test_module_folder() +
                "), expected one that is installed\n");
  EXPECT_EQ(errors("loadmodule \"no_descriptor.so\"\n"),
            "3:12: cannot load 'no_descriptor.so': it has no opensips_module, expected "
            "OPENSIPS_MODULE(…) in it\n");
  EXPECT_EQ(errors("loadmodule \"other_name.so\"\n"),
            "3:12: 'other_name.so' holds the module 'another', expected 'other_name'\n");
  EXPECT_NE(
      errors("loadmodule \"wrong_abi.so\"\n").find("3:12: cannot load 'wrong_abi.so': it was "),
      std::string::npos);
}

TEST(Modules, StartAfterWhatTheyNeedWhateverTheOrder) {
  for (const std::string text : {"loadmodule \"good\"\nloadmodule \"above_good\"\n",
                                 "loadmodule \"above_good\"\nloadmodule \"good\"\n"}) {
    Configured configured(text);
    ASSERT_EQ(configured.errors(), "");
    ASSERT_EQ(configured.modules.all().size(), 2U);
    EXPECT_EQ(configured.modules.all()[0].descriptor->name, "good");
    EXPECT_EQ(configured.modules.all()[1].descriptor->name, "above_good");
  }
}

TEST(Modules, WhatTheyNeedHasToBeThereAndHaveABeginning) {
  EXPECT_EQ(errors("loadmodule \"above_good.so\"\n"),
            "3:12: module above_good needs the module good, expected loadmodule \"good.so\"\n");
  EXPECT_EQ(
      errors("loadmodule \"ring_b\"\nloadmodule \"ring_a\"\n"),
      "3:12: modules need each other: ring_b needs ring_a needs ring_b, expected one that can "
      "start before the others\n");
}

TEST(Modules, AScriptInAnotherLanguageNeedsTheModuleThatRunsIt) {
  EXPECT_EQ(errors("script=\"route.pl\"\n"),
            "3:8: a script in \"*.pl\" is run by the module perl, expected loadmodule "
            "\"perl.so\"\n");
  EXPECT_EQ(errors("script=\"route.lua\"\n"), "");
}

TEST(Modules, StatisticsAreTheirGroup) {
  Offered offered;
  Configured configured(kGood + std::string("modparam(\"good\", \"extra\", \"a\")\n"));
  ASSERT_EQ(configured.errors(), "");
  ASSERT_TRUE(configured.modules.start(offered.host, *configured.loaded));
  EXPECT_EQ(offered.statistics.value("good:said"), 0U);
  EXPECT_EQ(offered.statistics.value("good:extras"), 1U);
}

/// Writes down what happens to it.
std::string story;
template <char kName, bool kStarts>
class Diary final : public Module {
  Result<> init(Host&) override {
    story += kName;
    if (!kStarts) return fail("not today");
    return {};
  }
  void stop() override { story += static_cast<char>(kName - 'a' + 'A'); }
};
template <char kName, bool kStarts = true>
constexpr Descriptor kDiary{.abi = kAbi,
                            .make = make<Diary<kName, kStarts>>,
                            .name = std::string_view(&"abc"[kName - 'a'], 1),
                            .version = "1",
                            .doc = ""};

TEST(Modules, StopInTheOtherOrderAndOnce) {
  Offered offered;
  story.clear();
  {
    Modules modules;
    modules.add(kDiary<'a'>);
    modules.add(kDiary<'b'>);
    ASSERT_TRUE(modules.start(offered.host, {}));
    modules.stop();
    EXPECT_EQ(story, "abBA");
  }
  EXPECT_EQ(story, "abBA");
}

TEST(Modules, AFailedStartStopsWhatHadStarted) {
  Offered offered;
  story.clear();
  Modules modules;
  modules.add(kDiary<'a'>);
  modules.add(kDiary<'b', false>);
  modules.add(kDiary<'c'>);
  config::Settings settings;
  settings.files = {"o.cfg"};
  settings.modules.push_back({"b", "b.so", false, {0, 7, 12}});
  const auto started = modules.start(offered.host, settings);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error(), "o.cfg:7:12: module b: not today");
  EXPECT_EQ(story, "abA");
}

TEST(Modules, RaiseEventsOfTheirOwn) {
  Offered offered;
  Configured configured(kGood);
  ASSERT_EQ(configured.errors(), "");
  ASSERT_TRUE(configured.modules.start(offered.host, *configured.loaded));
  EXPECT_EQ(configured.modules.all()[0].descriptor->events[0].name, "E_GOOD_SAID");
  std::string taken;
  offered.events.set_listener(
      0, {.post =
              [](std::function<void()> work) {
                work();
                return true;
              },
          .take = [&](const manage::EventRef& event,
                      bool) { taken = std::get<std::string>(*event->find("word")); }});
  offered.events.listen("E_GOOD_SAID", 0, manage::Events::Scope::here);
  ASSERT_TRUE(offered.commands.call("good:word", nullptr));
  EXPECT_EQ(taken, "hello");
}

TEST(Modules, ACommandThatIsThereAlreadyStopsTheStart) {
  Offered offered;
  Configured configured(kGood);
  ASSERT_EQ(configured.errors(), "");
  offered.commands.add({.name = "other", .old_name = "good:word", .doc = "", .run = {}});
  EXPECT_EQ(configured.modules.start(offered.host, *configured.loaded).error(),
            "/etc/o/o.cfg:3:12: module good: its command good:word is there already");
}

}  // namespace
}  // namespace opensips::modules
