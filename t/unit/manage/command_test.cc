#include "manage/command.hh"

#include <gtest/gtest.h>

namespace opensips::manage {
namespace {

using Type = CommandParameter::Type;

/// A command that gives back what it was called with.
Commands echo() {
  Commands commands;
  commands.add({.name = "test:echo",
                .old_name = "echo",
                .doc = "Says it again.",
                .parameters = {{.name = "what"},
                               {.name = "times", .type = Type::integer, .optional = true},
                               {.name = "loud", .type = Type::boolean, .optional = true}},
                .run = [](const CommandArguments& arguments) -> CommandResult {
                  Json all = Json::array();
                  for (std::size_t i = 0; i < 3; ++i) all.push_back(arguments[i]);
                  return all;
                }});
  return commands;
}

int code_of(const CommandResult& result) {
  return result ? 0 : result.error().code;
}

TEST(Commands, are_found_by_either_name) {
  const auto commands = echo();
  EXPECT_EQ(commands.find("test:echo"), commands.find("echo"));
  EXPECT_NE(commands.find("echo"), nullptr);
  EXPECT_EQ(commands.find(""), nullptr);
  EXPECT_EQ(code_of(commands.call("tset:echo", {})), CommandError::kUnknownCommand);
}

TEST(Commands, take_parameters_by_name_and_by_place) {
  const auto commands = echo();
  EXPECT_EQ(commands.call("echo", Json::parse(R"({"loud": true, "what": "hi"})")),
            Json::parse(R"(["hi", null, true])"));
  EXPECT_EQ(commands.call("echo", Json::parse(R"(["hi", 2])")), Json::parse(R"(["hi", 2, null])"));
}

TEST(Commands, take_text_for_what_it_means) {
  const auto commands = echo();
  EXPECT_EQ(commands.call("echo", Json::parse(R"([7, "-3", "yes"])")),
            Json::parse(R"(["7", -3, true])"));
}

TEST(Commands, refuse_parameters_that_do_not_fit) {
  const auto commands = echo();
  for (const auto* given : {"null", "[]", "{}", R"({"times": 1})", R"({"what": "x", "more": 1})",
                            R"(["x", 1, true, 1])", R"(["x", "1x"])", R"(["x", 1.5])", R"([["x"]])",
                            R"(["x", 1, "perhaps"])", "7"}) {
    EXPECT_EQ(code_of(commands.call("echo", Json::parse(given))), CommandError::kInvalidParameters)
        << given;
  }
}

TEST(Commands, say_what_does_not_fit) {
  EXPECT_EQ(echo().call("echo", Json::parse(R"(["x", "many"])")).error().message,
            "parameter times: expected an integer");
  EXPECT_EQ(echo().call("echo", {}).error().message, "test:echo needs parameter what");
}

}  // namespace
}  // namespace opensips::manage
