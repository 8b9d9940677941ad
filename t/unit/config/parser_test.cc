#include "config/parser.hh"

#include "support.hh"

namespace opensips::config {
namespace {

TEST(ParserTest, ReadsEveryStatement) {
  Diagnostics diagnostics;
  const unsigned file = diagnostics.add_file("f");
  const Tree tree = parse(
      "workers=4; log_level = 3 script=\"x\"\nsocket=udp:1.2.3.4:5060\n  as 5.6.7.8\n"
      "loadmodule \"tm.so\"\nmodparam(\"tm\",\n \"T1_timer\", \"1s\")\nimport_file 'y'",
      file, diagnostics);
  EXPECT_EQ(diagnostics.errors().text(), "");
  ASSERT_EQ(tree.statements.size(), 7U);
  const auto& socket = std::get<Assignment>(tree.statements[3]);
  EXPECT_EQ(socket.value.text, "udp:1.2.3.4:5060");
  EXPECT_EQ(socket.value.at, (Position{0, 2, 8}));
  ASSERT_EQ(socket.options.size(), 2U);
  EXPECT_EQ(socket.options[1].text, "5.6.7.8");
  const auto& param = std::get<ModParam>(tree.statements[5]);
  EXPECT_EQ(param.modules.text, "tm");
  EXPECT_EQ(param.name.at, (Position{0, 6, 2}));
  EXPECT_FALSE(std::get<Include>(tree.statements[6]).required);
}

TEST(ParserTest, SaysWhatIsMissingAndWhere) {
  EXPECT_EQ(errors_after_socket("workers 4"), "2:9: unexpected '4' after 'workers', expected =\n");
  EXPECT_EQ(errors_after_socket("workers"),
            "2:1: unexpected 'workers', expected workers = VALUE\n");
  EXPECT_EQ(errors_after_socket("workers=\nlog_level=3"),
            "2:8: 'workers' has no value, expected one after =\n");
  EXPECT_EQ(errors_after_socket("workers=("), "2:9: unexpected '(' after '=', expected a value\n");
  EXPECT_EQ(errors_after_socket("= 4"),
            "2:1: unexpected '=', expected a parameter, loadmodule, modparam or include_file\n");
  EXPECT_EQ(errors_after_socket("loadmodule tm"),
            "2:12: unexpected 'tm' after 'loadmodule', expected a module in quotes, \"tm.so\"\n");
  EXPECT_EQ(errors_after_socket("modparam(\"tm\" \"x\", 1)"),
            "2:15: unexpected string 'x' after 'tm', expected ,\n");
  EXPECT_EQ(errors_after_socket("modparam(\"tm\", \"T1_timer\", 1"),
            "2:29: unexpected the end of the file after '1', expected )\n");
  EXPECT_EQ(errors_after_socket("include_file x"),
            "2:14: unexpected 'x' after 'include_file', expected a file in quotes\n");
  EXPECT_EQ(errors_after_socket("script=\"route.lua"), "2:8: string is not closed, expected \"\n");
  EXPECT_EQ(errors_after_socket("/* open"), "2:1: comment is not closed, expected */\n");
}

TEST(ParserTest, TellsAllErrorsInOneGoInOrder) {
  EXPECT_EQ(errors_after_socket("workers=99\nlog_level 3\nscript=\"a\nloadmodule\nwokers=1\n"
                                "modparam(\"tm\", \"T1_timr\", 1)\n"),
            "2:9: workers is 99, expected an integer from 0 to 64\n"
            "3:11: unexpected '3' after 'log_level', expected =\n"
            "4:8: string is not closed, expected \"\n"
            "6:1: unexpected 'wokers' after 'loadmodule', expected a module in quotes, \"tm.so\"\n"
            "6:1: unknown parameter 'wokers', did you mean 'workers'?\n"
            "7:16: unknown parameter 'T1_timr' of module tm, did you mean 'T1_timer'?\n");
}

TEST(ParserTest, TellsTwentyErrorsAndCountsTheRest) {
  std::string text;
  for (int i = 0; i < 25; ++i) text += "workers=99\n";
  const std::string errors = errors_of(text);
  EXPECT_EQ(std::count(errors.begin(), errors.end(), '\n'), 21);
  EXPECT_TRUE(
      errors.ends_with("20:9: workers is 99, expected an integer from 0 to 64\n… and 5 more\n"))
      << errors;
}

TEST(ParserTest, RouteBlockIsOneErrorThatPointsToLua) {
  EXPECT_EQ(
      errors_after_socket("route {\n"
                          "  if (is_method(\"INVITE\")) { # } not this one\n"
                          "    xlog(\"L_INFO\", \"a } \\\" }\"); /* } */\n"
                          "    $var(x) = 'it''s } ';\n"
                          "  }\n"
                          "  route(relay);\n"
                          "}\n"
                          "workers=99\n"),
      "2:1: route blocks are not read any more, expected routing in Lua: script=\"route.lua\"\n"
      "9:9: workers is 99, expected an integer from 0 to 64\n");
}

TEST(ParserTest, EveryKindOfRouteIsSkipped) {
  for (const std::string name :
       {"route[relay]", "failure_route[1]", "onreply_route", "branch_route[b]", "startup_route",
        "timer_route[t, 10]", "event_route[E_X]", "local_route", "error_route"}) {
    const std::string keyword = name.substr(0, name.find('['));
    EXPECT_EQ(errors_after_socket(name + "\n{ x = ( ] ; { } }\nworkers=4\n"),
              "2:1: " + keyword +
                  " blocks are not read any more, expected routing in Lua: script=\"route.lua\"\n");
  }
}

TEST(ParserTest, RouteBlockLeftOpenDoesNotSwallowTheNext) {
  EXPECT_EQ(
      errors_after_socket("route {\n  if (x) {\n}\nroute[a] {\n}\nworkers=99\n"),
      "2:1: route blocks are not read any more, expected routing in Lua: script=\"route.lua\"\n"
      "2:7: block is not closed, expected }\n"
      "5:1: route blocks are not read any more, expected routing in Lua: script=\"route.lua\"\n"
      "7:9: workers is 99, expected an integer from 0 to 64\n");
}

TEST(ParserTest, ShowsTheOperatorsTextPrintableAndShort) {
  const std::string errors =
      errors_after_socket("log_level=\"" + std::string(200, 'x') + "\x1b[2J\"");
  EXPECT_EQ(errors, "2:11: log_level is '" + std::string(48, 'x') +
                        "…', expected an integer from -3 to 4\n");
  EXPECT_EQ(errors_after_socket("log_level=\"\x1b[2J\""),
            "2:11: log_level is '\\x1b[2J', expected an integer from -3 to 4\n");
}

}  // namespace
}  // namespace opensips::config
