#include "lp_routing/server_events.hh"
#include "unit/lp_routing/script_test.hh"

namespace opensips::routing {
namespace {

/// sip.on_event, sip.raise and sip.wait, as far as a script calls them.
class EventFunctions : public ScriptTest {
 protected:
  std::string on_event(std::string_view name) {
    return load("sip.on_request(print) sip.on_event('" + std::string(name) + "', print)");
  }
};

TEST_F(EventFunctions, HandlersAreNamedAtTheTop) {
  EXPECT_EQ(load("sip.on_request(print) sip.on_event('E_DLG_STATE_CHANGED', print) "
                 "sip.on_event('E_MINE', print)"),
            "");
  ASSERT_EQ(engine->events().size(), 2U);
  EXPECT_EQ(engine->events()[1], "E_MINE");
  EXPECT_NE(value("sip.on_event('E_MINE', print)").find("cannot be used in a handler"),
            std::string::npos);
  EXPECT_NE(load("sip.on_event('E_A', print) sip.on_event('E_A', print)")
                .find("E_A has a handler already"),
            std::string::npos);
}

TEST_F(EventFunctions, ANameThatNobodyRaisesIsAnError) {
  EXPECT_NE(on_event("E_DLG_STATE_CHANGE")
                .find("the server has no event E_DLG_STATE_CHANGE, did you mean "
                      "E_DLG_STATE_CHANGED?"),
            std::string::npos);
  EXPECT_NE(on_event("e_mine").find("expected the name of an event"), std::string::npos);
  EXPECT_EQ(on_event("E_DLGX"), "");
}

TEST_F(EventFunctions, AHandlerGetsTheFieldsAndTheName) {
  ASSERT_EQ(load("sip.on_request(print) sip.on_event('E_MINE', function(e, name) "
                 "sip.shared('t'):set('got', name .. e.text .. e.number .. e.real .. "
                 "tostring(e.good) .. tostring(e.none)) end)"),
            "");
  routing::Run& run = runs.emplace_back(RunId(0, 1, 1000), model.stack.routing);
  run.handler = Handler::event;
  run.happened = std::make_shared<const manage::Event>(manage::Event{
      "E_MINE", {{"text", "x"}, {"number", std::int64_t{7}}, {"real", 1.5}, {"good", true}}});
  EXPECT_EQ(engine->start(run), Progress::finished);
  EXPECT_EQ(services.tables.table("t").get("got", 0),
            base::SharedTable::Value("E_MINEx71.5truenil"));
}

TEST_F(EventFunctions, AScriptRaisesItsOwn) {
  EXPECT_EQ(value("sip.raise('E_MINE', {a = 'x', b = 2, c = true}) sip.raise('E_OTHER')"), "nil");
  ASSERT_EQ(services.raised.size(), 2U);
  EXPECT_EQ(services.raised[0].name, "E_MINE");
  EXPECT_EQ(*services.raised[0].find("a"), manage::EventValue("x"));
  EXPECT_EQ(*services.raised[0].find("b"), manage::EventValue(std::int64_t{2}));
  EXPECT_EQ(*services.raised[0].find("c"), manage::EventValue(true));
  EXPECT_TRUE(services.raised[1].fields.empty());
}

TEST_F(EventFunctions, NotTheServersAndNothingTooLarge) {
  const auto expect = [this](std::string_view call, std::string_view said) {
    EXPECT_NE(value(call).find(said), std::string::npos) << call << ": " << value(call);
  };
  expect("sip.raise('E_DLG_MINE')", "E_DLG_MINE is the server's own");
  expect("sip.raise('E_MINE', {a = {}})", "a: expected text, a number or a boolean");
  expect("sip.raise('E_MINE', {a = ('x'):rep(9000)})", "expected at most 8192 bytes");
  expect("local t = {} for i = 1, 33 do t['f' .. i] = i end sip.raise('E_MINE', t)",
         "expected at most 32 fields");
  expect("sip.raise('E_MINE', {1, 2})", "expected a table of fields by their names");
  EXPECT_TRUE(services.raised.empty());
}

TEST_F(EventFunctions, AWaitSaysForWhatAndHowLong) {
  handle("sip.wait('E_MINE', {aor = 'sip:a@b'}, '30s') ");
  EXPECT_EQ(start(), Progress::waiting);
  ASSERT_EQ(services.awaited.size(), 1U);
  EXPECT_EQ(services.awaited[0].first.name, "E_MINE");
  EXPECT_EQ(*services.awaited[0].first.find("aor"), manage::EventValue("sip:a@b"));
  EXPECT_EQ(services.awaited[0].second, 30'000U);
  EXPECT_NE(value("sip.wait('E_MINE', nil)").find("limit"), std::string::npos);
}

/// Each row has what a reader needs.
TEST(ServerEvents, AreDescribed) {
  for (const auto& type : core_event_types()) {
    EXPECT_TRUE(manage::is_event_name(type.name)) << type.name;
    EXPECT_TRUE(type.doc.ends_with('.')) << type.name;
    for (const auto& one : type.parameters) {
      EXPECT_TRUE(one.type == "string" || one.type == "integer") << type.name << one.name;
      EXPECT_FALSE(one.doc.empty()) << type.name << one.name;
    }
  }
}

}  // namespace
}  // namespace opensips::routing
