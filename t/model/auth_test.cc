// The module `auth` on all layers: what a request is answered, and how far its handler gets.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "l1_parser/digest_answer.hh"
#include "l1_parser/digest_hash.hh"
#include "lp_routing/functions/table.hh"
#include "lp_routing/layer_services.hh"
#include "lp_routing/lua/loader.hh"
#include "model/model.hh"
#include "unit/module/test_modules.hh"

namespace opensips::model {
namespace {

constexpr parser::DigestLogin kBob{.username = "bob", .password = "zanzibar", .ha1 = ""};

/// A server with the user bob of the realm "r", whose handler accepts who proves to be him.
class AuthTest : public testing::Test {
 protected:
  explicit AuthTest(const std::string& parameters = "", Shared::Options options = {})
      : configured("mpath=\"" + modules::test_module_folder() +
                   "/../../modules\"\nloadmodule \"auth.so\"\n"
                   "modparam(\"auth\", \"user\", \"bob@r: password=zanzibar\")\n"
                   "modparam(\"auth\", \"realm\", \"r\")\n" +
                   parameters),
        model(options, [this](loop::Context& context) { start_modules(context); }) {
    const auto& auth = configured.modules.all().front();
    functions.add("auth", {auth.descriptor->functions.first, auth.descriptor->functions.count},
                  auth.descriptor->objects, auth.module.get());
    handle("local user = auth.require(req, 'proxy') answer(req, user.aor)");
  }
  ~AuthTest() override {
    worker.reset();
    configured.modules.stop();
    std::filesystem::remove(script);
  }

  void start_modules(loop::Context& context) {
    ASSERT_EQ(configured.errors(), "");
    ASSERT_TRUE(configured.modules.start(offered.host, *configured.loaded));
    ASSERT_TRUE(configured.modules.start_on(worker.emplace(context), *configured.loaded));
  }

  void handle(const std::string& lines) {
    std::ofstream(script) << "local auth = require 'auth'\nlocal function answer(req, text) "
                             "req:reply(299, tostring(text)) end\nsip.on_request(function(req)\n"
                          << lines << "\nend)\nsip.on_in_dialog(function(req)\n"
                          << lines << "\nend)\n";
    routing::lua::Settings settings;
    settings.script = script;
    settings.functions = &functions;
    routing::lua::Loader loader(model.shared.generations, settings, {&services}, 2);
    const auto loaded = loader.load();
    ASSERT_TRUE(loaded) << loaded.error();
  }

  /// The final answer to one more request with these header lines; empty if there is none.
  std::string ask(const std::string& headers = "", const std::string& method = "OPTIONS",
                  const std::string& body = "") {
    const auto call_id = "call-" + std::to_string(++calls);
    model.receive(Request{.method = method,
                          .branch = "z9hG4bK" + call_id,
                          .call_id = call_id,
                          .extra = headers,
                          .body = body}
                      .bytes());
    std::string answer;
    for (const auto& one : model.take()) {
      if (!one.bytes.starts_with("SIP/2.0 1")) answer = one.bytes;
    }
    return answer;
  }
  static std::string status(const std::string& answer) {
    return answer.substr(8, answer.find("\r\n") - 8);
  }

  /// The header that answers the first challenge in an answer.
  static std::string credentials(const std::string& answer, const parser::DigestLogin& login = kBob,
                                 std::uint32_t nc = 1,
                                 const parser::DigestRequest& request = kOptions) {
    const auto challenges = values(answer, "Proxy-Authenticate");
    EXPECT_FALSE(challenges.empty()) << answer;
    if (challenges.empty()) return "";
    const auto challenge = parser::DigestChallenge::parse(challenges.front());
    EXPECT_TRUE(challenge);
    const auto text = parser::answer(*challenge, login, request, "c0", nc);
    EXPECT_TRUE(text);
    return "Proxy-Authorization: " + *text + "\r\n";
  }
  static bool is_stale(const std::string& answer) {
    return answer.find("stale=true") != std::string::npos;
  }
  std::uint64_t stat(const std::string& name) const {
    return offered.statistics.value("auth:" + name).value_or(0);
  }

  static constexpr parser::DigestRequest kOptions{
      .method = "OPTIONS", .uri = "sip:callee@127.0.0.1:5060", .body = ""};
  const std::string script = std::filesystem::temp_directory_path() /
                             ("opensips-auth-" + std::to_string(getpid()) + ".lua");
  modules::Offered offered;
  modules::Configured configured;
  routing::FunctionTable functions;
  std::optional<modules::Worker> worker;
  Model model;
  routing::LayerServices services{model.stack.routing,    model.stack.uac,
                                  model.shared.sockets,   model.shared.locations,
                                  model.shared.registrar, model.shared.script_tables};
  int calls = 0;
};

TEST_F(AuthTest, LetsPassWhoKnowsThePassword) {
  const auto challenged = ask();
  EXPECT_EQ(status(challenged), "407 Proxy Authentication Required");
  EXPECT_FALSE(is_stale(challenged));
  EXPECT_EQ(status(ask(credentials(challenged))), "299 sip:bob@r");
  EXPECT_EQ(model.stack.routing.runs(), 0U);
}

TEST_F(AuthTest, GivesNobodyElseMoreThanAChallenge) {
  const auto challenged = ask();
  const auto unknown =
      ask(credentials(challenged, {.username = "eve", .password = "x", .ha1 = ""}));
  const auto wrong = ask(credentials(challenged, {.username = "bob", .password = "x", .ha1 = ""}));
  for (const auto& answer : {unknown, wrong}) {
    EXPECT_EQ(status(answer), "407 Proxy Authentication Required");
    EXPECT_FALSE(is_stale(answer));
  }
  EXPECT_EQ(unknown.size(), wrong.size());  // nothing tells one from the other
}

// A client that has not got the answer sends its request again: that is no replay.
TEST_F(AuthTest, AnswersARetransmissionAsTheRequest) {
  Request request{
      .method = "OPTIONS", .branch = "z9hG4bKonce", .call_id = "once", .extra = credentials(ask())};
  std::string answers[2];
  for (auto& answer : answers) {
    model.receive(request.bytes());
    answer = model.take().at(0).bytes;
  }
  EXPECT_EQ(status(answers[0]), "299 sip:bob@r");
  EXPECT_EQ(answers[1], answers[0]);
  request.branch += "more";
  request.cseq = 2;
  model.receive(request.bytes());
  EXPECT_TRUE(is_stale(model.take().at(0).bytes));
}

TEST_F(AuthTest, NeverTakesCredentialsTwice) {
  const auto header = credentials(ask());
  EXPECT_EQ(status(ask(header)), "299 sip:bob@r");
  for (int i = 0; i < 1000; ++i) {
    const auto answer = ask(header);
    ASSERT_EQ(status(answer), "407 Proxy Authentication Required");
    ASSERT_TRUE(is_stale(answer));
  }
}

TEST_F(AuthTest, TakesEveryFurtherCountOfANonce) {
  const auto challenged = ask();
  for (const std::uint32_t nc : {1U, 3U, 2U, 9U}) {
    EXPECT_EQ(status(ask(credentials(challenged, kBob, nc))), "299 sip:bob@r") << nc;
  }
  EXPECT_TRUE(is_stale(ask(credentials(challenged, kBob, 2))));
}

TEST_F(AuthTest, AsksForANewNonceWhenOneHasExpired) {
  const auto challenged = ask();
  model.advance(31'000);
  const auto again = ask(credentials(challenged));
  EXPECT_TRUE(is_stale(again));
  EXPECT_EQ(status(ask(credentials(again))), "299 sip:bob@r");
}

TEST_F(AuthTest, AsksForANewNonceWhenOneIsNotOfThisProcess) {
  auto made_up = credentials(ask());
  made_up.replace(made_up.find("nonce=\"") + 7, 8, "00000000");
  EXPECT_TRUE(is_stale(ask(made_up)));
}

TEST_F(AuthTest, HasNoUseForCredentialsOfAnotherRealm) {
  auto foreign = credentials(ask());
  foreign.replace(foreign.find("realm=\"r\""), 9, "realm=\"s\"");
  const auto answer = ask(foreign);
  EXPECT_EQ(status(answer), "407 Proxy Authentication Required");
  EXPECT_FALSE(is_stale(answer));
}

TEST_F(AuthTest, HasNoUseForCredentialsOfAnotherRequest) {
  const auto challenged = ask();
  const auto of = [&](const parser::DigestRequest& request) {
    return status(ask(credentials(challenged, kBob, 1, request)));
  };
  EXPECT_EQ(of({.method = "INVITE", .uri = kOptions.uri, .body = ""}),
            "407 Proxy Authentication Required");
  EXPECT_EQ(of({.method = "OPTIONS", .uri = "sip:other@127.0.0.1:5060", .body = ""}),
            "407 Proxy Authentication Required");
  EXPECT_EQ(of(kOptions), "299 sip:bob@r");
}

TEST_F(AuthTest, AnswersCredentialsThatCannotBeRead) {
  EXPECT_EQ(status(ask("Proxy-Authorization: Digest nonsense\r\n")), "400 Malformed Credentials");
}

// Wherever it is cut, there is an answer, and it is a refusal.
TEST_F(AuthTest, RefusesCredentialsThatAreCut) {
  const auto header = credentials(ask());
  for (auto size = std::string("Proxy-Authorization: ").size(); size < header.size() - 2; ++size) {
    const auto got = status(ask(header.substr(0, size) + "\r\n"));
    EXPECT_TRUE(got.starts_with("400 ") || got.starts_with("407 ")) << size << ": " << got;
  }
  EXPECT_EQ(status(ask(header)), "299 sip:bob@r");
}

TEST_F(AuthTest, TakesTheCredentialsOutOfWhatIsSentOn) {
  handle("auth.require(req, 'proxy') req:relay('sip:next@127.0.0.1:5080')");
  const auto header = credentials(ask());
  EXPECT_EQ(header.find("Proxy-Authorization: "), 0U);
  const auto relayed = ask("Proxy-Authorization: Digest other\r\n" + header);
  ASSERT_TRUE(relayed.starts_with("OPTIONS ")) << relayed;
  EXPECT_EQ(values(relayed, "Proxy-Authorization"), std::vector<std::string>{"Digest other"});
}

TEST_F(AuthTest, TellsAProgramWhatIsWrongIfItWantsToKnow) {
  handle(
      "local user, why = auth.check(req, 'proxy') if user then return answer(req, user.username) "
      "end req:reply(298, why)");
  EXPECT_EQ(status(ask()), "298 no credentials");
  handle("auth.challenge(req, 'proxy', { stale = true })");
  const auto challenged = ask();
  EXPECT_TRUE(is_stale(challenged));
  handle(
      "local user, why = auth.check(req, 'proxy') if user then return answer(req, user.username) "
      "end req:reply(298, why)");
  EXPECT_EQ(status(ask(credentials(challenged, {.username = "bob", .password = "x", .ha1 = ""}))),
            "298 wrong credentials");
  EXPECT_EQ(status(ask(credentials(challenged))), "299 bob");
  EXPECT_EQ(status(ask(credentials(challenged))), "298 replayed credentials");
  model.advance(30'000);
  EXPECT_EQ(status(ask(credentials(challenged, kBob, 2))), "298 stale nonce");
  EXPECT_EQ(status(ask("Proxy-Authorization: Digest x\r\n")), "298 malformed credentials");
}

TEST_F(AuthTest, TakesASecretThatTheProgramKeeps) {
  handle(
      "local claim = auth.credentials(req, 'proxy', { realm = 'other' }) "
      "local passwords = { eve = 'apple' } "
      "auth.require(req, 'proxy', { realm = 'other', algorithms = 'SHA-256', "
      "password = claim and passwords[claim.username] or 'none' }) answer(req, claim.aor)");
  const parser::DigestLogin eve{.username = "eve", .password = "apple", .ha1 = ""};
  const auto challenged = ask();
  EXPECT_NE(challenged.find("algorithm=SHA-256\r\n"), std::string::npos) << challenged;
  EXPECT_EQ(status(ask(credentials(challenged, eve))), "299 sip:eve@other");
  EXPECT_EQ(status(ask(credentials(challenged, kBob, 2))), "407 Proxy Authentication Required");
}

TEST_F(AuthTest, DemandsWhatTheProgramSays) {
  handle(
      "auth.require(req, 'proxy', { qop = 'auth-int', algorithms = 'SHA-512-256, MD5' }) "
      "answer(req, 'in')");
  const auto challenged = ask("", "MESSAGE", "hello");
  EXPECT_EQ(values(challenged, "Proxy-Authenticate").size(), 2U) << challenged;
  const parser::DigestRequest message{.method = "MESSAGE", .uri = kOptions.uri, .body = "hello"};
  EXPECT_EQ(status(ask(credentials(challenged, kBob, 1, message), "MESSAGE", "jello")),
            "407 Proxy Authentication Required");
  EXPECT_EQ(status(ask(credentials(challenged, kBob, 1, message), "MESSAGE", "hello")), "299 in");
}

TEST_F(AuthTest, RefusesAWrongCall) {
  handle("local good, why = pcall(auth.require, req, 'www2') answer(req, why)");
  EXPECT_NE(ask().find("auth.require: argument 2 (role): expected \"www\" or \"proxy\""),
            std::string::npos);
  handle("local good, why = pcall(auth.require, req.ruri, 'www') answer(req, why)");
  EXPECT_NE(ask().find("argument 1 (request): expected request"), std::string::npos);
  handle(
      "local good, why = pcall(auth.check, req, 'www', { algorithms = 'SHA-1' }) answer(req, why)");
  EXPECT_NE(ask().find("option algorithms: expected names like"), std::string::npos);
}

TEST_F(AuthTest, AcceptsAnAckWithTheCredentialsOfItsInvite) {
  handle(
      "auth.require(req, 'proxy') if req.method == 'ACK' then req:relay('sip:a@127.0.0.1:5080') "
      "else answer(req, 'in') end");
  const parser::DigestRequest invite{.method = "ACK", .uri = kOptions.uri, .body = ""};
  const auto header = credentials(ask(), kBob, 1, invite);
  const auto ack = [&](const std::string& headers) {
    model.receive(Request{.method = "ACK",
                          .branch = "z9hG4bKack" + std::to_string(++calls),
                          .to_tag = "callee",
                          .call_id = "ack-" + std::to_string(calls),
                          .extra = headers}
                      .bytes());
    return model.take().size();
  };
  EXPECT_EQ(ack(header), 1U);
  EXPECT_EQ(ack(header), 1U);
  EXPECT_EQ(ack(""), 0U);
  EXPECT_EQ(model.stack.routing.runs(), 0U);
}

class AuthOfServersThatShare : public AuthTest {
 protected:
  AuthOfServersThatShare()
      : AuthTest(
            "modparam(\"auth\", \"secret\", \"shared\")\n"
            "modparam(\"auth\", \"disable_nonce_check\", 1)\n") {}
};

TEST_F(AuthOfServersThatShare, TakesCredentialsAgain) {
  const auto header = credentials(ask());
  EXPECT_EQ(status(ask(header)), "299 sip:bob@r");
  EXPECT_EQ(status(ask(header)), "299 sip:bob@r");
  model.advance(31'000);
  EXPECT_TRUE(is_stale(ask(header)));
}

class AuthWithASmallTable : public AuthTest {
 protected:
  AuthWithASmallTable() : AuthTest("modparam(\"auth\", \"nonce_table_size\", 64)\n") {}
};

TEST_F(AuthWithASmallTable, AsksAgainWhenThereIsNoRoom) {
  int passed = 0, refused = 0;
  for (int i = 0; i < 300; ++i) {
    const auto answer = ask(credentials(ask()));
    if (status(answer) == "299 sip:bob@r") {
      ++passed;
    } else {
      EXPECT_TRUE(is_stale(answer));
      ++refused;
    }
  }
  EXPECT_GT(passed, 0);
  EXPECT_GT(refused, 0);
  EXPECT_LE(passed, 64);
  model.advance(31'000);
  EXPECT_EQ(status(ask(credentials(ask()))), "299 sip:bob@r");
}

}  // namespace
}  // namespace opensips::model
