// A script of users without passwords, on all layers.

#include <gtest/gtest.h>

#include <filesystem>

#include "lp_routing/layer_services.hh"
#include "lp_routing/lua/loader.hh"
#include "model/model.hh"

namespace opensips::model {
namespace {

class RouteScript : public testing::Test {
 protected:
  using Lines = std::vector<std::string>;

  void SetUp() override {
    routing::lua::Settings settings;
    const auto root =
        std::filesystem::path(__FILE__).parent_path().parent_path().parent_path().parent_path();
    settings.script = (root / "t/scenario/common/open_users.lua").string();
    routing::lua::Loader loader(model.shared.generations, settings, {&services}, 2);
    const auto loaded = loader.load();
    ASSERT_TRUE(loaded) << loaded.error();
  }

  Lines send(const Request& request, std::string_view from = "127.0.0.1:5070") {
    model.receive(request.bytes(), from);
    return model.take_start_lines();
  }

  void register_user(const std::string& user, const std::string& contact) {
    Request request{.method = "REGISTER",
                    .uri = "sip:127.0.0.1",
                    .branch = "z9hG4bK" + user,
                    .call_id = "r" + user};
    std::string bytes = request.bytes();
    bytes.replace(bytes.find("To: <sip:callee@"), 16, "To: <sip:" + user + "@");
    bytes.replace(bytes.find("<sip:caller@127.0.0.1:5070>\r\nMax"), 27, "<" + contact + ">");
    model.receive(bytes);
    ASSERT_EQ(model.take_start_lines(), Lines{"SIP/2.0 200 OK"});
  }

  Model model;
  routing::LayerServices services{model.stack.routing,    model.stack.uac,
                                  model.shared.sockets,   model.shared.locations,
                                  model.shared.registrar, model.shared.script_tables};
};

TEST_F(RouteScript, CallsARegisteredUserAndForwardsTheAnswer) {
  register_user("callee", "sip:callee@127.0.0.1:5080");
  model.receive(Request{}.bytes());
  const auto sent = model.take();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_TRUE(sent[0].bytes.starts_with("SIP/2.0 100 "));
  EXPECT_TRUE(sent[1].bytes.starts_with("INVITE sip:callee@127.0.0.1:5080 SIP/2.0\r\n"));
  model.receive(answer(sent[1].bytes, 180), "127.0.0.1:5080");
  model.receive(answer(sent[1].bytes, 200), "127.0.0.1:5080");
  EXPECT_EQ(model.take_start_lines(), (Lines{"SIP/2.0 180 Answer", "SIP/2.0 200 Answer"}));
  EXPECT_EQ(model.stack.routing.runs(), 0U);
}

TEST_F(RouteScript, ForwardsABusyAnswer) {
  register_user("callee", "sip:callee@127.0.0.1:5080");
  model.receive(Request{}.bytes());
  const auto sent = model.take();
  ASSERT_EQ(sent.size(), 2U);
  model.receive(answer(sent[1].bytes, 486), "127.0.0.1:5080");
  const auto lines = model.take_start_lines();
  EXPECT_NE(std::find(lines.begin(), lines.end(), "SIP/2.0 486 Answer"), lines.end());
  EXPECT_EQ(model.stack.routing.runs(), 0U);
}

TEST_F(RouteScript, RefusesWhatIsNotOurs) {
  EXPECT_EQ(send({.uri = "sip:x@192.0.2.9"}), Lines{"SIP/2.0 403 Relaying Denied"});
  EXPECT_EQ(send({.branch = "z9hG4bKb", .call_id = "b"}), Lines{"SIP/2.0 404 Not Registered"});
  EXPECT_EQ(
      send(
          {.method = "OPTIONS", .uri = "sip:127.0.0.1:5060", .branch = "z9hG4bKc", .call_id = "c"}),
      Lines{"SIP/2.0 200 OK"});
}

TEST_F(RouteScript, InDialogGoesToRegisteredContactsOnly) {
  register_user("callee", "sip:callee@127.0.0.1:5080");
  Request bye{.method = "BYE",
              .uri = "sip:callee@127.0.0.1:5080;x=1",
              .branch = "z9hG4bKd",
              .to_tag = "t",
              .call_id = "d"};
  EXPECT_EQ(send(bye), Lines{"BYE sip:callee@127.0.0.1:5080;x=1 SIP/2.0"});
  bye.uri = "sip:callee@127.0.0.1:5060";
  bye.branch = "z9hG4bKe";
  bye.call_id = "e";
  EXPECT_EQ(send(bye), Lines{"BYE sip:callee@127.0.0.1:5080 SIP/2.0"});
  for (const char* const elsewhere : {"sip:callee@192.0.2.9:5080", "sip:127.0.0.1:5080;@192.0.2.9",
                                      "sip:192.0.2.9", "sip:nobody@127.0.0.1:5060"}) {
    bye.uri = elsewhere;
    bye.branch += "x";
    bye.call_id += "x";
    const auto lines = send(bye);
    ASSERT_EQ(lines.size(), 1U) << elsewhere;
    EXPECT_TRUE(lines[0].starts_with("SIP/2.0 4")) << elsewhere << ": " << lines[0];
  }
}

}  // namespace
}  // namespace opensips::model
