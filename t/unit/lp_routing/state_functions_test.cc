#include "unit/lp_routing/script_test.hh"

namespace opensips::routing {
namespace {

/// sip.shared, sip.every and sip.spawn; sip.http and sip.dns as far as a script asks.
class StateFunctions : public ScriptTest {};

TEST_F(StateFunctions, SharedValuesAreSetAndRead) {
  EXPECT_EQ(
      value("local t = sip.shared('t') t:set('a', 'x') t:set('b', 1.5) t:set('c', false) "
            "return t:get('a') .. t:get('b') .. tostring(t:get('c')) .. tostring(t:get('d'))"),
      "x1.5falsenil");
  EXPECT_EQ(value("return sip.shared('t'):get('a')"), "x") << "another run, the same table";
  EXPECT_EQ(value("return sip.shared('other'):get('a')"), "nil");
  EXPECT_EQ(value("local t = sip.shared('t') return tostring(t:remove('a')) .. "
                  "tostring(t:remove('a'))"),
            "truefalse");
  EXPECT_EQ(value("return tostring(sip.shared('t'))"), "t");
}

TEST_F(StateFunctions, SharedNumbersHaveLimits) {
  EXPECT_EQ(value("local t = sip.shared('n') return t:increase('a') .. t:increase('a', 5)"), "16");
  EXPECT_EQ(value("return select(2, sip.shared('n'):increase('a', 1, {most = 6}))"), "refused");
  EXPECT_EQ(value("return sip.shared('n'):increase('a', -6)"), "0");
  EXPECT_EQ(value("local t = sip.shared('n') return tostring(t:set_if('b', nil, 'x')) .. "
                  "select(2, t:set_if('b', nil, 'y')) .. tostring(t:set_if('b', 'x', 'z'))"),
            "truerefusedtrue");
}

TEST_F(StateFunctions, SharedMemoryHasALimit) {
  EXPECT_EQ(value("local t, n = sip.shared('m'), 0 "
                  "while t:set('k' .. n, ('x'):rep(60000)) do n = n + 1 end "
                  "return n .. select(2, t:set('more', ('x'):rep(60000)))"),
            "17full");
  EXPECT_NE(value("sip.shared('m'):set(('x'):rep(257), 1)").find("expected 1 to 256 bytes"),
            std::string::npos);
  EXPECT_NE(value("sip.shared('m'):set('a', {})").find("expected boolean|number|string, got table"),
            std::string::npos);
  EXPECT_NE(value("for i = 1, 2000 do sip.shared('t' .. i) end").find("too many tables"),
            std::string::npos);
}

TEST_F(StateFunctions, TablesAreForHandlersAndNamedAnywhere) {
  EXPECT_EQ(load("local t = require 'sip'.shared 'x' sip.on_request(function(req) "
                 "req:reply(200, t:get('a') or 'none') end)"),
            "");
  EXPECT_EQ(start(), Progress::finished);
  EXPECT_EQ(services.replies.back().reason, "none");
  EXPECT_NE(load("sip.shared('x'):get('a')").find("cannot be used at the top level"),
            std::string::npos);
}

TEST_F(StateFunctions, TimersAreNamedAtTheTop) {
  EXPECT_EQ(load("sip.every('30s', print) sip.every(0.1, print, {each_worker = true}) "
                 "sip.on_request(print)"),
            "");
  ASSERT_EQ(engine->timers().size(), 2U);
  EXPECT_EQ(engine->timers()[0].period, std::chrono::seconds(30));
  EXPECT_FALSE(engine->timers()[0].each_worker);
  EXPECT_TRUE(engine->timers()[1].each_worker);
  EXPECT_NE(load("sip.every('50ms', print)").find("at least 100 ms"), std::string::npos);
  EXPECT_NE(value("sip.every('1s', print)").find("cannot be used in a handler"), std::string::npos);
}

TEST_F(StateFunctions, AFunctionThatIsSpawnedGetsItsArguments) {
  handle(
      "sip.spawn(function(a, b, c) sip.shared('s'):set('got', a .. tostring(b) .. c) end, 'x', "
      "nil, 3)"
      "req:reply(200)");
  EXPECT_EQ(start(), Progress::finished);
  ASSERT_EQ(services.spawned.size(), 1U);
  routing::Run& task = runs.emplace_back(RunId(0, 1, 1000), model.stack.routing);
  task.handler = Handler::task;
  task.task = services.spawned[0];
  task.task_once = true;
  EXPECT_EQ(engine->start(task), Progress::finished);
  EXPECT_EQ(services.tables.table("s").get("got", 0), base::SharedTable::Value("xnil3"));
}

TEST_F(StateFunctions, AFunctionWithoutARequestCannotUseTheOneItWasGiven) {
  handle("sip.spawn(function(old) old:reply(200) end, req)");
  EXPECT_EQ(start(), Progress::finished);
  routing::Run& task = runs.emplace_back(RunId(0, 1, 1000), model.stack.routing);
  task.handler = Handler::task;
  task.task = services.spawned.at(0);
  task.task_once = true;
  testing::internal::CaptureStderr();
  EXPECT_EQ(engine->start(task), Progress::failed);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("this request has ended"),
            std::string::npos);
  EXPECT_TRUE(services.replies.empty());
}

TEST_F(StateFunctions, WebServersAreAskedAsItIsSaid) {
  handle(
      "sip.http.get('http://example.com/a', {timeout = '2s', max_size = 10, ca_file = '/ca', "
      "headers = {['X-A'] = 'b', ['X-Empty'] = ''}})");
  ASSERT_EQ(start(), Progress::waiting);
  const auto& request = services.http_requests.at(0);
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.url, "http://example.com/a");
  EXPECT_EQ(request.timeout_ms, 2'000U);
  EXPECT_EQ(request.max_size, 10U);
  EXPECT_EQ(request.ca_file, "/ca");
  EXPECT_EQ(request.headers.size(), 2U);
  engine->abandon(run());

  handle("sip.http.post('https://example.com', '{}')");
  ASSERT_EQ(start(), Progress::waiting);
  EXPECT_EQ(services.http_requests.at(1).method, "POST");
  EXPECT_EQ(services.http_requests.at(1).body, "{}");
  EXPECT_EQ(services.http_requests.at(1).headers,
            std::vector<std::string>{"Content-Type: application/json"});
  engine->abandon(run());
}

TEST_F(StateFunctions, WhatIsNoUrlIsNotAsked) {
  for (const char* const bad : {"''", "'example.com'", "'file:///etc/passwd'", "'gopher://a'"}) {
    EXPECT_EQ(value("return select(2, sip.http.get(" + std::string(bad) + "))"),
              "not a URL of http or https");
  }
  for (const char* const bad :
       {"'http://a/\\r\\nX: y'", "'http://a', {headers = {['a b'] = 'c'}}",
        "'http://a', {headers = {a = 'b\\nc'}}", "'http://a', {method = 'GET /'}",
        "'http://a', {max_size = 2^31}", "'http://a', {wrong = 1}"}) {
    EXPECT_NE(value("return sip.http.get(" + std::string(bad) + ")").find("sip.http.get: "),
              std::string::npos)
        << bad;
  }
  EXPECT_TRUE(services.http_requests.empty());
}

TEST_F(StateFunctions, NamesAreLookedUpOnce) {
  handle("sip.dns.resolve('Example.COM.', 'AAAA')");
  ASSERT_EQ(start(), Progress::waiting);
  EXPECT_EQ(services.questions.at(0).name, "example.com");
  EXPECT_EQ(services.questions.at(0).type, transport::DnsType::aaaa);
  engine->abandon(run());
  auto answer = std::make_shared<transport::DnsAnswer>();
  answer->status = transport::DnsAnswer::Status::found;
  answer->addresses.push_back(*base::Address::parse("192.0.2.1", 0));
  services.known_answer = answer;
  EXPECT_EQ(value("return sip.dns.resolve('example.com')[1]"), "192.0.2.1");
  answer->status = transport::DnsAnswer::Status::no_name;
  EXPECT_EQ(value("return select(2, sip.dns.resolve('example.com'))"), "no such name (NXDOMAIN)");
  EXPECT_NE(value("sip.dns.resolve('example.com', 'TXT')").find("expected \"A\""),
            std::string::npos);
  EXPECT_EQ(services.questions.size(), 1U);
}

}  // namespace
}  // namespace opensips::routing
