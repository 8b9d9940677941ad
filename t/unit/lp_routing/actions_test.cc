#include "unit/lp_routing/script_test.hh"

namespace opensips::routing {
namespace {

class Actions : public ScriptTest {};

TEST_F(Actions, ReplyTakesCodeReasonHeadersAndBody) {
  handle(
      "assert(req:reply(180)) assert(req:reply(486, 'Not now', {headers = {['X-A'] = 'b', ['X-N'] "
      "= {1, 'two'}}, "
      "content_type = 'text/plain', body = 'hi'}))");
  ASSERT_EQ(start(), Progress::finished);
  ASSERT_EQ(services.replies.size(), 2U);
  EXPECT_EQ(services.replies[0].code, 180U);
  const auto& reply = services.replies[1];
  EXPECT_EQ(reply.code, 486U);
  EXPECT_EQ(reply.reason, "Not now");
  EXPECT_NE(reply.headers.find("X-A: b\r\n"), std::string::npos);
  EXPECT_NE(reply.headers.find("X-N: 1\r\nX-N: two\r\n"), std::string::npos);
  EXPECT_EQ(reply.body, "hi");
}

TEST_F(Actions, ASecondAnswerFailsAndSaysSo) {
  handle(
      "req:reply(200) local ok, err = req:reply(404) assert(ok == nil and err:find('already')) "
      "ok, err = req:relay() assert(ok == nil and err) ok, err = req:drop() assert(ok == nil and "
      "err)");
  EXPECT_EQ(start(), Progress::finished);
  EXPECT_EQ(services.replies.size(), 1U);
}

TEST_F(Actions, NothingIsSentWithALineBreakInIt) {
  for (const char* const bad : {"req:reply(200, 'a\\r\\nX: y')",
                                "req:reply(200, 'a\\0b')",
                                "req:reply(200, nil, {headers = {X = 'a\\nb'}})",
                                "req:reply(200, nil, {headers = {['X\\r\\nY'] = 'a'}})",
                                "req:reply(200, nil, {headers = {X = {'a', 'b\\r'}}})",
                                "req:reply(200, nil, {headers = {X = ('x'):rep(9000)}})",
                                "req:reply(200, nil, {content_type = 'a\\r\\n', body = 'x'})",
                                "req:reply(200, ('x'):rep(9000))",
                                "req:reply(200, nil, {headers = {Via = 'x'}})",
                                "req:reply(200, nil, {body = 'x'})",
                                "req:relay('sip:a\\r\\n@b')",
                                "req:relay({uri = 'sip:a@b', next_hop = 'sip:c\\n'})",
                                "req:fork({'sip:a@b', 'sip:c@d\\0'})",
                                "req:relay('sip:' .. ('a'):rep(9000) .. '@b')",
                                "req:set_header('X', 'a\\r\\nb')",
                                "req:add_header('X', 'a\\0')",
                                "req:set_header('X\\n', 'a')",
                                "req.ruri = 'sip:a\\r\\n@b'",
                                "req.from = '<sip:a@b>\\r\\n'",
                                "req.content_type = 'a\\nb'",
                                "req:save_location{aor = 'sip:a\\r\\n@b'}"}) {
    EXPECT_NE(value(std::string(bad)).find("route.lua:4: "), std::string::npos) << bad;
    EXPECT_EQ(services.replies.size(), 1U) << bad;
    EXPECT_TRUE(services.forks.empty()) << bad;
  }
}

TEST_F(Actions, RelayGoesWhereTheRequestUriSaysOrWhereItIsTold) {
  handle("req.ruri.user = 'carol' assert(req:relay())");
  ASSERT_EQ(start(), Progress::finished);
  EXPECT_EQ(services.forks.at(0).uris.at(0), "sip:carol@example.com:5070;transport=udp;lr");
  EXPECT_FALSE(services.forks[0].wait);

  handle(
      "assert(req:relay({uri = 'sip:a@192.0.2.3', next_hop = 'sip:192.0.2.4', flow = "
      "'udp:192.0.2.5:7/0'}, {timeout = '5s'}))");
  ASSERT_EQ(start(), Progress::finished);
  EXPECT_EQ(services.forks.at(1).uris.at(0), "sip:a@192.0.2.3");
  EXPECT_EQ(services.forks[1].next_hops.at(0), "sip:192.0.2.4");
  EXPECT_EQ(services.forks[1].flows.at(0), "udp:192.0.2.5:7/0");
  EXPECT_EQ(services.forks[1].timeout_ms, 5000U);

  handle("assert(req:relay(req.ruri))");
  ASSERT_EQ(start(), Progress::finished);
  EXPECT_EQ(services.forks.at(2).uris.at(0), "sip:bob@example.com:5070;transport=udp;lr");

  handle("assert(req:relay('sip:a@192.0.2.3', {fr_timeout = 2, fr_inv_timeout = '90s'}))");
  ASSERT_EQ(start(), Progress::finished);
  EXPECT_EQ(services.forks.at(3).patience.fr_timeout, 2000U);
  EXPECT_EQ(services.forks[3].patience.fr_inv_timeout, 90'000U);
  EXPECT_FALSE(services.forks[3].stateless);

  handle("assert(req:relay('sip:a@192.0.2.3', {stateless = true}))");
  ASSERT_EQ(start(), Progress::finished);
  EXPECT_TRUE(services.forks.at(4).stateless);
  EXPECT_NE(value("req:fork('sip:a@192.0.2.3', {stateless = true})").find("stateless"),
            std::string::npos);
}

TEST_F(Actions, ATargetSaysTheSocketToSendFrom) {
  EXPECT_NE(value("req:relay({uri = 'sip:a@b', socket = 'udp:192.0.2.9:5060'})")
                .find("the server has no socket \"udp:192.0.2.9:5060\""),
            std::string::npos);
  EXPECT_EQ(value("return req:relay({uri = 'sip:a@b', socket = 'udp:192.0.2.1:5060'})"),
            "(no answer)");
  EXPECT_EQ(services.forks.at(0).sockets, std::vector<std::uint16_t>{0});
}

TEST_F(Actions, AnInviteIsCalledOffWithAReason) {
  EXPECT_EQ(value("return req:cancel('Q.850;cause=16;text=\"gone\"')"), "true");
  EXPECT_EQ(value("return req:cancel()"), "true");
  EXPECT_EQ(services.cancels,
            (std::vector<std::string>{"Reason: Q.850;cause=16;text=\"gone\"\r\n", ""}));
  EXPECT_EQ(value("return select(2, req:cancel())", kRegister),
            "only a caller's INVITE is called off");
  EXPECT_EQ(services.cancels.size(), 2U);
}

TEST_F(Actions, ForkWaitsForTheBestResponseWhichCanBeForwarded) {
  handle(
      "local res, err = req:fork({'sip:a@192.0.2.3', {uri = 'sip:b@192.0.2.4', q = 0.5}}, {timeout "
      "= 20}) "
      "assert(err == nil and res.code == 486 and res.reason == 'Busy' and res:header('X-Why') == "
      "'because') "
      "assert(res.to.tag == 'b1' and res.contact.user == 'bob' and res.body == '' and not "
      "res.is_local) "
      "assert(tostring(res) == '486 Busy' and res.source.port == 5062 and #res:headers('X-Why') == "
      "1) "
      "assert(res:has_header('X-Why') and res.content_type == nil and #res.contacts == 1) "
      "assert(req.method == 'INVITE') return res:forward()");
  ASSERT_EQ(start(), Progress::waiting);
  EXPECT_EQ(services.forks.at(0).uris.size(), 2U);
  EXPECT_EQ(services.forks[0].timeout_ms, 20000U);
  EXPECT_TRUE(services.forks[0].wait);
  EXPECT_EQ(engine->resume(run(), message_of(response_bytes(486))), Progress::finished);
  EXPECT_EQ(services.forwarded, std::vector<unsigned>{486});
}

TEST_F(Actions, AForkThatCannotBeSentDoesNotWait) {
  services.fork_fails = base::Error::unreachable;
  handle(
      "local res, err = req:fork('sip:a@192.0.2.3') assert(res == nil and err == 'not sent: "
      "unreachable', err) "
      "res, err = req:fork({}) assert(res == nil and err == 'no targets')");
  EXPECT_EQ(start(), Progress::finished);
}

TEST_F(Actions, AnAckIsRelayedButNotAnsweredOrWaitedFor) {
  std::string ack(kInvite);
  ack.replace(0, 6, "ACK").replace(ack.find("42 INVITE"), 9, "42 ACK");
  ASSERT_EQ(load("sip.on_request(function() end) sip.on_in_dialog(function(req) assert(not "
                 "req:reply(200)) "
                 "assert(not req:fork('sip:a@192.0.2.1')) assert(req:relay()) end)"),
            "");
  EXPECT_EQ(start(ack, Handler::in_dialog), Progress::finished);
  EXPECT_EQ(services.forks.size(), 1U);
}

TEST_F(Actions, SaveLocationDoesWhatTheRegistrarSays) {
  handle(
      "assert(req:save_location{max_contacts = 5, default_expires = '10m', max_expires = 7200})");
  ASSERT_EQ(start(kRegister), Progress::finished);
  EXPECT_EQ(services.saved.at(0), "Bob@example.com");
  EXPECT_EQ(services.save_options.max_contacts, 5U);
  EXPECT_EQ(services.save_options.default_expires, 600U);
  EXPECT_EQ(services.replies.at(0).code, 200U);
  EXPECT_NE(services.replies[0].headers.find("sip:bob@198.51.100.7:5062"), std::string::npos);

  handle("assert(req:save_location{aor = 'bob@example.com'})");
  ASSERT_EQ(start(kRegister), Progress::finished);
  EXPECT_EQ(services.saved.at(1), "bob@example.com");
  EXPECT_NE(value("req:save_location()").find("is no REGISTER"), std::string::npos);

  handle(
      "local ok, err = req:save_location{min_expires = 3600} assert(ok == nil and "
      "err:find('^423'), err)");
  ASSERT_EQ(start(kRegister), Progress::finished);
  EXPECT_EQ(services.replies.back().code, 423U);
}

TEST_F(Actions, SaveLocationRefusesWhatIsNoAddressOfRecord) {
  std::string book(kRegister);
  const auto at = book.find("To: ");
  book.replace(at, book.find("\r\n", at) - at, "To: <isbn:0262510871>");
  handle("local ok, err = req:save_location() assert(ok == nil and err:find('isbn:'), err)");
  ASSERT_EQ(start(book), Progress::finished);
  EXPECT_TRUE(services.saved.empty());
  EXPECT_EQ(services.replies.at(0).code, 400U);
}

TEST_F(Actions, LookupGivesGroupsThatForkTakes) {
  handle("req:save_location{aor = 'sip:bob@example.com'}");
  ASSERT_EQ(start(kRegister), Progress::finished);
  handle(
      "local groups = assert(sip.location:lookup(req)) assert(#groups == 1 and groups[1][1].q == "
      "1) "
      "assert(sip.location:lookup('sip:bob@example.com')) assert(sip.location:lookup(req.to)) "
      "assert(sip.location:lookup(req.ruri)) "
      "local none, err = sip.location:lookup('sip:eve@example.com') assert(none == nil and err == "
      "'not found') "
      "none, err = sip.location:lookup('bob') assert(none == nil and err == 'not a URI') "
      "req:fork(groups[1])");
  ASSERT_EQ(start(), Progress::waiting);
  EXPECT_EQ(services.forks.at(0).uris.at(0), "sip:bob@198.51.100.7:5062");
  EXPECT_EQ(services.forks[0].flows.at(0), "");
}

TEST_F(Actions, AClientBehindNatIsReachedTheWayItRegistered) {
  std::string natted(kRegister);
  natted.replace(natted.find("sip:bob@198.51.100.7:5062"), 25, "sip:bob@10.0.0.7:5099");
  handle("req:save_location{aor = 'sip:bob@example.com'}");
  ASSERT_EQ(start(natted), Progress::finished);
  handle("req:fork(sip.location:lookup(req)[1])");
  ASSERT_EQ(start(), Progress::waiting);
  EXPECT_EQ(services.forks.at(0).uris.at(0), "sip:bob@10.0.0.7:5099");
  EXPECT_EQ(services.forks[0].flows.at(0), "udp:198.51.100.7:5062/0");
}

TEST_F(Actions, RequestOfTheScriptsOwnWaitsForItsAnswer) {
  handle(
      "local res, err = sip.request{method = 'MESSAGE', uri = 'sip:a@192.0.2.3', from = "
      "'<sip:me@example.com>', to = '<sip:a@example.com>', headers = {['X-One'] = 1, Subject = "
      "{'a', 'b'}}, content_type = 'text/plain', body = 'hello', user = 'me', password = 'pw', "
      "timeout = '5s', next_hop = 'sip:192.0.2.4', route = '<sip:192.0.2.5;lr>', socket = "
      "'udp:192.0.2.1:5060'} "
      "assert(res.code == 486 and res:header('X-Why') == 'because') req:reply(res.code)");
  ASSERT_EQ(start(), Progress::waiting);
  const auto& sent = services.requests.at(0);
  EXPECT_EQ(sent.method, "MESSAGE");
  EXPECT_EQ(sent.uri, "sip:a@192.0.2.3");
  EXPECT_EQ(sent.from, "<sip:me@example.com>");
  EXPECT_EQ(sent.to, "<sip:a@example.com>");
  EXPECT_EQ(sent.route, "<sip:192.0.2.5;lr>");
  EXPECT_NE(sent.headers.find("X-One: 1\r\n"), std::string::npos);
  EXPECT_NE(sent.headers.find("Subject: a\r\nSubject: b\r\n"), std::string::npos);
  EXPECT_EQ(sent.content_type, "text/plain");
  EXPECT_EQ(sent.body, "hello");
  EXPECT_EQ(sent.user, "me");
  EXPECT_EQ(sent.password, "pw");
  EXPECT_EQ(sent.next_hop, "sip:192.0.2.4");
  EXPECT_EQ(sent.socket, 0);
  EXPECT_EQ(sent.timeout_ms, 5000U);
  EXPECT_EQ(engine->resume(run(), message_of(response_bytes(486))), Progress::finished);
  EXPECT_EQ(services.replies.at(0).code, 486U);

  handle("sip.request{method = 'OPTIONS', uri = 'sip:a@192.0.2.3'}");
  ASSERT_EQ(start(), Progress::waiting);
  EXPECT_EQ(services.requests.at(1).to, "<sip:a@192.0.2.3>");
  EXPECT_EQ(services.requests.at(1).from, "<sip:a@192.0.2.3>");
}

TEST_F(Actions, RequestThatCannotBeMadeSaysWhy) {
  const auto why = [&](const std::string& options) {
    return value("sip.request{" + options + "}");
  };
  EXPECT_NE(why("method = 'OPTIONS'").find("needs a method and a uri"), std::string::npos);
  EXPECT_NE(why("uri = 'sip:a'").find("needs a method and a uri"), std::string::npos);
  const std::string to = ", uri = 'sip:a@192.0.2.3'";
  EXPECT_NE(why("method = 'INVITE'" + to).find("INVITE sets up a call"), std::string::npos);
  EXPECT_NE(why("method = 'ACK'" + to).find("ACK belongs to an INVITE"), std::string::npos);
  EXPECT_NE(why("method = 'A B'" + to).find("method"), std::string::npos);
  EXPECT_NE(why("method = 'INFO', body = 'x'" + to).find("needs a content_type"),
            std::string::npos);
  for (const std::string name : {"Via", "CSeq", "Route", "Max-Forwards"}) {
    EXPECT_NE(why("method = 'INFO', headers = {['" + name + "'] = '1'}" + to)
                  .find("is written by the server itself"),
              std::string::npos);
  }
  services.request_fails = base::Error::unreachable;
  handle(
      "local res, err = sip.request{method = 'OPTIONS', uri = 'sip:a@192.0.2.3'} "
      "assert(res == nil and err == 'not sent: unreachable', err) "
      "res, err = sip.request{method = 'OPTIONS', uri = 'sip:a@192.0.2.3', socket = 'udp:9'} "
      "assert(res == nil and err:find('no socket of ours'), err)");
  EXPECT_EQ(start(), Progress::finished);
}

TEST_F(Actions, SleepWaitsAndGoesOn) {
  handle("local n = 7 sip.sleep('500ms') sip.sleep(2) assert(n == 7) req:reply(200)");
  ASSERT_EQ(start(), Progress::waiting);
  ASSERT_EQ(engine->resume(run(), {}), Progress::waiting);
  EXPECT_EQ(services.sleeps, (std::vector<std::uint64_t>{500, 2000}));
  EXPECT_TRUE(services.replies.empty());
  ASSERT_EQ(engine->resume(run(), {}), Progress::finished);
  EXPECT_EQ(services.replies.size(), 1U);
}

TEST_F(Actions, AWaitCanFail) {
  handle("local ok, err = sip.sleep(1) assert(ok == nil and err == 'cancelled') req:drop()");
  ASSERT_EQ(start(), Progress::waiting);
  EXPECT_EQ(engine->resume(run(), Problem{"cancelled"}), Progress::finished);
  EXPECT_EQ(services.drops, 1);
}

TEST_F(Actions, WaitingWorksInsideAPcall) {
  handle(
      "local ok, res = pcall(function() return req:fork('sip:a@192.0.2.3') end) assert(ok and "
      "res.code == 404) "
      "req:reply(404)");
  ASSERT_EQ(start(), Progress::waiting);
  EXPECT_EQ(engine->resume(run(), message_of(response_bytes(404))), Progress::finished);
}

TEST_F(Actions, LogTakesALevelIfThereIsMoreThanIt) {
  handle("sip.log('err', 'call of', req.from.user, 7, nil, true, {a = 1}, req.ruri) req:drop()");
  testing::internal::CaptureStderr();
  start();
  const auto text = testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find("call of alice 7 nil true {a = 1} sip:bob@example.com:5070;transport=udp;lr"),
            std::string::npos)
      << text;
}

TEST_F(Actions, MisuseNamesFunctionArgumentAndWhatWasExpected) {
  EXPECT_EQ(value("req:reply()"),
            "route.lua:4: request:reply: argument 1 (code): expected integer, got nil");
  EXPECT_EQ(value("req:reply('x')"),
            "route.lua:4: request:reply: argument 1 (code): expected integer, got string");
  EXPECT_EQ(value("req:reply(99)"),
            "route.lua:4: request:reply: argument 1 (code): expected 100 to 699, got 99");
  EXPECT_EQ(value("req:reply(200, 'OK', {boddy = 'x'})"),
            "route.lua:4: request:reply: argument 3 (options): unknown option 'boddy', there are: "
            "headers, content_type, body");
  EXPECT_EQ(value("req:fork('sip:a@b', {timeout = 'soon'})"),
            "route.lua:4: request:fork: argument 2 (options): option 'timeout': expected a "
            "duration like \"20s\", "
            "\"500ms\" or \"4h\", got \"soon\"");
  EXPECT_EQ(value("req:drop(1)"), "route.lua:4: request:drop: takes 0 arguments, got 1");
  EXPECT_EQ(value("req.reply(404)"),
            "route.lua:4: request:reply: call it with a colon: request:reply(…)");
  EXPECT_EQ(value("req:fork({{'sip:a@b'}})"),
            "route.lua:4: request:fork: a list of targets inside a list: fork takes one group");
  EXPECT_EQ(value("req:fork({'sip:a@b', timeout = 5})"),
            "route.lua:4: request:fork: argument 1: mixes a list with named entries");
  EXPECT_EQ(value("sip.on_request(print)"),
            "route.lua:4: sip.on_request cannot be used in a handler");
}

}  // namespace
}  // namespace opensips::routing
