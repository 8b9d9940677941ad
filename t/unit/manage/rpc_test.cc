#include "manage/rpc.hh"

#include <gtest/gtest.h>

namespace opensips::manage {
namespace {

using Type = CommandParameter::Type;

/// The commands of the examples in section 7 of the specification, and some more.
class RpcTest : public ::testing::Test {
 protected:
  RpcTest() {
    commands.add({.name = "subtract",
                  .parameters = {{.name = "minuend", .type = Type::integer},
                                 {.name = "subtrahend", .type = Type::integer}},
                  .run = [](const CommandArguments& arguments) -> CommandResult {
                    return arguments.integer(0) - arguments.integer(1);
                  }});
    commands.add({.name = "sum",
                  .parameters = {{.name = "numbers", .type = Type::list}},
                  .run = [](const CommandArguments& arguments) -> CommandResult {
                    int sum = 0;
                    for (const auto& number : arguments[0]) sum += number.get<int>();
                    return sum;
                  }});
    commands.add({.name = "get_data", .run = [](const CommandArguments&) -> CommandResult {
                    return Json::array({"hello", 5});
                  }});
    commands.add({.name = "update", .run = [this](const CommandArguments&) -> CommandResult {
                    ++updates;
                    return nullptr;
                  }});
    commands.add({.name = "fail", .run = [](const CommandArguments&) -> CommandResult {
                    return std::unexpected(CommandError{404, "not there"});
                  }});
    commands.add(
        {.name = "count",
         .stream = [](const CommandArguments&) -> std::expected<ResultPieces, CommandError> {
           return [i = 0](std::string& to) mutable {
             to += i == 0 ? "[0" : "," + std::to_string(i);
             if (++i < 4) return true;
             to += "]";
             return false;
           };
         }});
    commands.add({.name = "wait", .run_later = [this](const CommandArguments&) {
                    auto later = std::make_shared<LaterResult>();
                    waiting.push_back(later);
                    return later;
                  }});
    commands.add({.name = "at_once", .run_later = [](const CommandArguments&) {
                    auto later = std::make_shared<LaterResult>();
                    later->set(Json(7));
                    return later;
                  }});
    commands.add({.name = "bytes",
                  .run = [](const CommandArguments&) -> CommandResult { return "\xff\x1b"; }});
  }

  std::string ask(std::string_view request) {
    std::string text;
    answer(commands, request).all(text, 1 << 20);
    return text;
  }
  /// What an answer is, whatever the order of its members and the words of its errors.
  Json meaning(std::string_view request) {
    Json json = Json::parse(ask(request));
    for (auto& one : json.is_array() ? json : json = Json::array({json})) {
      if (one.contains("error")) one["error"].erase("data");
    }
    return json;
  }
  static Json error(int code, const char* message, Json id = nullptr) {
    return {{"jsonrpc", "2.0"}, {"error", {{"code", code}, {"message", message}}}, {"id", id}};
  }

  Commands commands;
  int updates = 0;
  std::vector<std::weak_ptr<LaterResult>> waiting;
};

TEST_F(RpcTest, calls_with_parameters_by_place_and_by_name) {
  EXPECT_EQ(ask(R"({"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1})"),
            R"({"jsonrpc":"2.0","result":19,"id":1})");
  EXPECT_EQ(ask(R"({"jsonrpc": "2.0", "method": "subtract",
                    "params": {"subtrahend": 23, "minuend": 42}, "id": 3})"),
            R"({"jsonrpc":"2.0","result":19,"id":3})");
}

TEST_F(RpcTest, an_answer_comes_when_its_result_is_there) {
  auto later = answer(commands, R"({"jsonrpc": "2.0", "method": "wait", "id": 4})");
  ASSERT_TRUE(later.is_waiting());
  int told = 0;
  later.wait([&] { ++told; });
  waiting.at(0).lock()->set(Json("done"));
  EXPECT_EQ(told, 1);
  EXPECT_FALSE(later.is_waiting());
  std::string text;
  EXPECT_TRUE(later.all(text, 1000));
  EXPECT_EQ(text, R"({"jsonrpc":"2.0","result":"done","id":4})");
  EXPECT_EQ(ask(R"({"jsonrpc": "2.0", "method": "at_once", "id": 5})"),
            R"({"jsonrpc":"2.0","result":7,"id":5})");
}

TEST_F(RpcTest, a_batch_waits_for_all_of_its_results_and_keeps_its_order) {
  auto later = answer(commands, R"([{"jsonrpc": "2.0", "method": "wait", "id": 1},
                                    {"jsonrpc": "2.0", "method": "get_data", "id": 2},
                                    {"jsonrpc": "2.0", "method": "wait", "id": 3}])");
  waiting.at(1).lock()->set(std::unexpected(CommandError{404, "not there"}));
  ASSERT_TRUE(later.is_waiting());
  waiting.at(0).lock()->set(Json(1));
  ASSERT_FALSE(later.is_waiting());
  std::string text;
  EXPECT_TRUE(later.all(text, 1000));
  EXPECT_EQ(text, R"([{"jsonrpc":"2.0","result":1,"id":1},)"
                  R"({"jsonrpc":"2.0","result":["hello",5],"id":2},)"
                  R"({"jsonrpc":"2.0","error":{"code":404,"message":"not there"},"id":3}])");
}

TEST_F(RpcTest, a_result_that_nobody_waits_for_any_more_is_forgotten) {
  EXPECT_EQ(ask(R"({"jsonrpc": "2.0", "method": "wait"})"), "");
  EXPECT_TRUE(waiting.at(0).expired()) << "a notification";
  {
    const auto later = answer(commands, R"({"jsonrpc": "2.0", "method": "wait", "id": 4})");
    EXPECT_FALSE(waiting.at(1).expired());
  }
  EXPECT_TRUE(waiting.at(1).expired()) << "a client that has gone";
  EXPECT_EQ(commands.call("wait", {}).error().message, "wait answers later");
}

TEST_F(RpcTest, does_not_answer_notifications) {
  EXPECT_EQ(ask(R"({"jsonrpc": "2.0", "method": "update"})"), "");
  EXPECT_EQ(ask(R"({"jsonrpc": "2.0", "method": "foobar"})"), "");
  EXPECT_EQ(updates, 1);
}

TEST_F(RpcTest, refuses_what_is_no_call) {
  EXPECT_EQ(meaning(R"({"jsonrpc": "2.0", "method": "foobar", "id": "1"})"),
            Json::array({error(-32601, "Method not found", "1")}));
  EXPECT_EQ(meaning(R"({"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz])"),
            Json::array({error(-32700, "Parse error")}));
  EXPECT_EQ(meaning(R"({"jsonrpc": "2.0", "method": 1, "params": "bar"})"),
            Json::array({error(-32600, "Invalid Request")}));
  EXPECT_EQ(meaning(R"({"method": "update", "id": 1})"),
            Json::array({error(-32600, "Invalid Request", 1)}));
  EXPECT_EQ(meaning("\"update\""), Json::array({error(-32600, "Invalid Request")}));
  EXPECT_EQ(meaning(""), Json::array({error(-32700, "Parse error")}));
  EXPECT_EQ(updates, 0);
}

TEST_F(RpcTest, answers_a_batch_in_one) {
  EXPECT_EQ(meaning(R"([{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
                        {"jsonrpc": "2.0", "method": "update", "params": []},
                        {"jsonrpc": "2.0", "method": "subtract", "params": [42,23], "id": "2"},
                        {"foo": "boo"},
                        {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "me"}, "id": "5"},
                        {"jsonrpc": "2.0", "method": "get_data", "id": "9"}])"),
            Json::array({{{"jsonrpc", "2.0"}, {"result", 7}, {"id", "1"}},
                         {{"jsonrpc", "2.0"}, {"result", 19}, {"id", "2"}},
                         error(-32600, "Invalid Request"),
                         error(-32601, "Method not found", "5"),
                         {{"jsonrpc", "2.0"}, {"result", {"hello", 5}}, {"id", "9"}}}));
}

TEST_F(RpcTest, refuses_a_batch_of_nothing_and_of_nonsense) {
  EXPECT_EQ(meaning("[]"), Json::array({error(-32600, "Invalid Request")}));
  const auto invalid = error(-32600, "Invalid Request");
  EXPECT_EQ(meaning("[1]"), Json::array({invalid}));
  EXPECT_EQ(meaning("[1,2,3]"), Json::array({invalid, invalid, invalid}));
  EXPECT_EQ(ask("[1")[0], '{');
}

TEST_F(RpcTest, does_not_answer_a_batch_of_notifications) {
  EXPECT_EQ(ask(R"([{"jsonrpc": "2.0", "method": "update"},
                    {"jsonrpc": "2.0", "method": "update"}])"),
            "");
  EXPECT_EQ(updates, 2);
}

TEST_F(RpcTest, gives_every_kind_of_id_back) {
  for (const auto* id : {"1", "-7", "2.5", "\"a\\nb\"", "null", "18446744073709551615"}) {
    const auto request = std::string(R"({"jsonrpc":"2.0","method":"sum","params":[[]],"id":)") + id;
    EXPECT_EQ(ask(request + "}"), std::string(R"({"jsonrpc":"2.0","result":0,"id":)") + id + "}");
  }
  for (const auto* id : {"[]", "{}", "true"}) {
    const auto request = std::string(R"({"jsonrpc":"2.0","method":"update","id":)") + id + "}";
    EXPECT_EQ(meaning(request), Json::array({error(-32600, "Invalid Request")})) << id;
  }
  EXPECT_EQ(updates, 0);
}

TEST_F(RpcTest, says_why_a_command_failed) {
  EXPECT_EQ(ask(R"({"jsonrpc":"2.0","method":"fail","id":1})"),
            R"({"jsonrpc":"2.0","error":{"code":404,"message":"not there"},"id":1})");
  EXPECT_EQ(ask(R"({"jsonrpc":"2.0","method":"subtract","params":[1],"id":1})"),
            R"({"jsonrpc":"2.0","error":{"code":-32602,"message":"Invalid params",)"
            R"("data":"subtract needs parameter subtrahend"},"id":1})");
}

TEST_F(RpcTest, makes_a_long_result_piece_by_piece) {
  auto pieces = answer(commands, R"({"jsonrpc":"2.0","method":"count","id":1})");
  std::string text;
  for (int i = 0; i < 3; ++i) pieces.next(text);
  EXPECT_EQ(text, R"({"jsonrpc":"2.0","result":[0,1)");
  EXPECT_TRUE(pieces.all(text, 1000));
  EXPECT_EQ(text, R"({"jsonrpc":"2.0","result":[0,1,2,3],"id":1})");
  EXPECT_TRUE(pieces.empty());
  EXPECT_EQ(ask(R"([{"jsonrpc":"2.0","method":"count","id":1},
                    {"jsonrpc":"2.0","method":"count"},
                    {"jsonrpc":"2.0","method":"count","id":2}])"),
            R"([{"jsonrpc":"2.0","result":[0,1,2,3],"id":1},)"
            R"({"jsonrpc":"2.0","result":[0,1,2,3],"id":2}])");
}

TEST_F(RpcTest, stops_making_what_does_not_fit) {
  auto pieces = answer(commands, R"({"jsonrpc":"2.0","method":"count","id":1})");
  std::string text;
  EXPECT_FALSE(pieces.all(text, 28));
  EXPECT_EQ(text, R"({"jsonrpc":"2.0","result":[0,1)");
}

TEST_F(RpcTest, writes_json_whatever_bytes_there_are) {
  EXPECT_EQ(ask(R"({"jsonrpc":"2.0","method":"bytes","id":1})"),
            "{\"jsonrpc\":\"2.0\",\"result\":\"\xef\xbf\xbd\\u001b\",\"id\":1}");
}

TEST_F(RpcTest, bounds_depth_length_and_number) {
  const auto code = [&](const std::string& request) {
    return Json::parse(ask(request))["error"]["code"].get<int>();
  };
  EXPECT_EQ(code(std::string(60'000, '[')), CommandError::kParseError);
  EXPECT_EQ(code(std::string(33, '[') + std::string(33, ']')), CommandError::kParseError);
  std::string deep = R"({"a":)";
  for (int i = 0; i < 10; ++i) deep += deep;
  EXPECT_EQ(code(deep), CommandError::kParseError);
  EXPECT_EQ(code(std::string(kMaxRequest + 1, ' ')), CommandError::kInvalidRequest);
  std::string many = "[1";
  for (std::size_t i = 0; i < kMaxBatch; ++i) many += ",1";
  EXPECT_EQ(code(many + "]"), CommandError::kInvalidRequest);
  // Brackets in a text are none.
  EXPECT_EQ(code(R"({"jsonrpc":"2.0","id":1,"method":")" + std::string(100, '[') + R"(\"[["})"),
            CommandError::kUnknownCommand);
}

TEST_F(RpcTest, survives_every_prefix_of_a_request) {
  const std::string request =
      R"([{"jsonrpc":"2.0","method":"subtract","params":{"minuend":"\u00e9\"","x":[1.5e3]},"id":null}])";
  for (std::size_t size = 0; size < request.size(); ++size) {
    EXPECT_NE(ask(std::string_view(request).substr(0, size)), "") << size;
  }
}

}  // namespace
}  // namespace opensips::manage
