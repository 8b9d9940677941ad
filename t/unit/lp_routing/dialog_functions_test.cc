#include <gtest/gtest.h>

#include "unit/lp_routing/script_test.hh"

namespace opensips::routing {
namespace {

class DialogFunctions : public ScriptTest {};

TEST_F(DialogFunctions, ARequestWithoutOneHasNone) {
  EXPECT_EQ(value("return req.dialog"), "nil");
}

TEST_F(DialogFunctions, SayWhatADialogIs) {
  keep_dialog();
  EXPECT_EQ(value("return req.dialog.state"), "unacknowledged");
  EXPECT_EQ(value("return req.dialog.call_id"), "call-1");
  EXPECT_EQ(value("return req.dialog.caller .. ' ' .. req.dialog.callee"),
            "sip:alice@example.com sip:bob@example.com");
  EXPECT_EQ(value("return req.dialog.ending"), "nil");
  EXPECT_EQ(value("return req.dialog.lifetime"), "nil");
  EXPECT_EQ(value("req.dialog.lifetime = '1m' return req.dialog.lifetime"), "60");
  EXPECT_EQ(value("return tostring(req.dialog)"), "call-1");
}

TEST_F(DialogFunctions, VariablesStayWithTheDialog) {
  keep_dialog();
  EXPECT_EQ(value("return req.dialog.vars.account"), "nil");
  EXPECT_EQ(value("req.dialog.vars.account = 'a-7' return req.dialog.vars.account"), "a-7");
  EXPECT_EQ(value("return req.dialog.vars['account']"), "a-7");
  EXPECT_EQ(value("req.dialog.vars.account = nil return req.dialog.vars.account"), "nil");
  EXPECT_NE(value("req.dialog.vars.account = {}").find("expected string, got table"),
            std::string::npos);
  EXPECT_NE(value("req.dialog.vars.x = ('y'):rep(5000)").find("too long"), std::string::npos);
  EXPECT_NE(value("for i = 1, 200 do req.dialog.vars['n' .. i] = 'x' end").find("too many"),
            std::string::npos);
}

TEST_F(DialogFunctions, CountInProfiles) {
  keep_dialog();
  EXPECT_EQ(value("return req.dialog:set_profile('calls', 'alice')"), "true");
  EXPECT_EQ(value("return req.dialog:set_profile('calls', 'alice')"), "true");
  EXPECT_EQ(value("return sip.dialog.profile_size('calls')"), "1");
  EXPECT_EQ(value("return sip.dialog.profile_size('calls', 'bob')"), "0");
  EXPECT_EQ(value("return req.dialog:is_in_profile('calls')"), "true");
  EXPECT_EQ(value("return select(2, req.dialog:set_profile('calls', 'bob', {limit = 0}))"),
            "limit");
  EXPECT_EQ(value("return req.dialog:unset_profile('calls', 'alice')"), "true");
  EXPECT_EQ(value("return req.dialog:unset_profile('calls', 'alice')"), "false");
  EXPECT_EQ(value("return sip.dialog.profile_size('calls')"), "0");
}

TEST_F(DialogFunctions, EndItOnce) {
  keep_dialog();
  EXPECT_EQ(value("return req.dialog:bye()"), "true");
  EXPECT_EQ(value("return req.dialog"), "nil");
}

TEST_F(DialogFunctions, AreAnErrorWithOneThatHasGone) {
  keep_dialog();
  handle(
      "if not kept then kept = req.dialog return req:reply(200) end\n"
      "local ok, why = pcall(function() return kept.state end)\n"
      "req:reply(299, 'x', {content_type = 'text/plain', body = tostring(why)})");
  ASSERT_EQ(start(), Progress::finished);
  ASSERT_TRUE(
      services.dialogs().end(*services.dialogs().of(*run().request), dialog::Ending::command));
  model.context.run_deferred();
  ASSERT_EQ(start(), Progress::finished);
  EXPECT_NE(services.replies.back().body.find("dialog.state: this dialog has ended"),
            std::string::npos)
      << services.replies.back().body;
}

TEST_F(DialogFunctions, MakeNoneForWhatIsNoInvite) {
  EXPECT_EQ(value("return select(2, req:create_dialog())", kRegister),
            "only an INVITE outside of a dialog makes one");
  EXPECT_NE(value("req:create_dialog{ping_side = 'both'}").find("\"caller\" or \"callee\""),
            std::string::npos);
  EXPECT_NE(value("req:create_dialog{lifetme = 1}").find("lifetime"), std::string::npos);
}

TEST_F(DialogFunctions, SendInsideWhatIsAScriptsToSend) {
  keep_dialog();
  EXPECT_NE(value("req.dialog:request('callee', 'BYE')").find("not a script's to send"),
            std::string::npos);
  EXPECT_NE(value("req.dialog:request('me', 'INFO')").find("expected \"caller\" or \"callee\""),
            std::string::npos);
  EXPECT_NE(value("req.dialog:refer('callee', 'no uri')").find("is no URI"), std::string::npos);
  handle("req.dialog:request('callee', 'INFO', {headers = {['X-A'] = '1'}})");
  EXPECT_EQ(start(), Progress::waiting);
  ASSERT_EQ(services.inside.size(), 1u);
  EXPECT_EQ(services.inside[0].headers, "X-A: 1\r\n");
  EXPECT_EQ(services.inside[0].to, dialog::Party::callee);
}

}  // namespace
}  // namespace opensips::routing
