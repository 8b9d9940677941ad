// Callers, phones, a program, layers that hold messages up, requests of the server's own and a
// network that do as they please: what they must not be able to bring about.
//
// OPENSIPS_RANDOM_SEED=7 repeats the run that failed, OPENSIPS_RANDOM_STEPS=… makes it longer.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "model/model.hh"

namespace opensips::model {
namespace {

using loop::LayerId;
using loop::Verdict;
using loop::Walk;
using Progress = routing::Engine::Progress;

const std::string kCaller = "127.0.0.1:5070";
constexpr std::uint64_t kLongestOnTheWay = 5000;  // T4: no copy of a message arrives later
constexpr std::uint64_t kPatience =
    25'000;  // a caller sends no more copies then: before timers H and L

class Chaos {
 public:
  explicit Chaos(unsigned seed) : random_(seed) {
    model.program.on_request = [this](routing::Run& run) { return decide(run); };
    model.program.on_in_dialog = model.relay_to("sip:x@127.0.0.1:5081");
    model.program.on_resume = [this](routing::Run& run, const routing::Value&) {
      return decide(run);
    };
    for (const auto layer : {LayerId::transaction, LayerId::dialog, LayerId::nat, LayerId::presence,
                             LayerId::location}) {
      may_hold(layer, Walk::Direction::up);
    }
    for (const auto layer :
         {LayerId::dialog, LayerId::nat, LayerId::presence, LayerId::location, LayerId::routing}) {
      may_hold(layer, Walk::Direction::down);
    }
  }

  void step() {
    switch (below(30)) {
      case 0: begin_call(); break;
      case 1: cancel(); break;
      case 2: repeat(); break;
      case 3:
      case 4: answer_something(); break;
      case 5: model.pass(10 * below(50)); break;
      case 6: model.advance(below(2000)); break;
      case 7: send_own(); break;
      case 8: give_own_up(); break;
      case 9:
      case 10: resume_something(); break;
      default: deliver(); break;
    }
    collect();
  }
  /// Everybody falls silent; all timers run out.
  void end() {
    may_hold_ = false;
    for (int i = 0; i < 500; ++i) {
      while (!held_.empty()) resume_something();
      model.advance(1000);
      collect();
      air_.clear();
    }
  }
  void expect_every_call_answered_once() const {
    for (const auto& [call, outcomes] : outcomes_) {
      EXPECT_EQ(outcomes.size(), 1U) << call;
    }
    for (const auto& [number, own] : own_) {
      EXPECT_TRUE(own.over || own.given_up) << "request of our own " << number;
    }
  }
  std::size_t calls() const { return outcomes_.size(); }

  Model model;

 private:
  struct Packet {
    std::string bytes, from;
    std::uint64_t sent;
  };
  struct Call {
    Request request;
    std::uint64_t begun = 0;
    bool over = false;
  };
  struct Ringing {
    std::string invite, phone;
  };
  struct Held {
    loop::WalkId walk;
    Verdict verdict;
  };
  struct Own {
    transaction::UacId id;
    bool is_invite = false;
    bool given_up = false;
    bool over = false;
  };

  unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }
  bool chance(unsigned percent) { return below(100) < percent; }
  unsigned any_code() {
    constexpr unsigned codes[] = {100, 180, 183, 199, 200, 202, 302, 401,
                                  404, 407, 486, 487, 500, 503, 600, 603};
    return codes[below(std::size(codes))];
  }

  // Layers that hold what passes. Above L2 only: below it bytes and places are the sender's.

  void may_hold(LayerId layer, Walk::Direction direction) {
    model.context.path.after(layer, direction, [this](Walk& walk, Verdict verdict) {
      return maybe_held(walk, verdict);
    });
  }
  Verdict maybe_held(Walk& walk, Verdict verdict) {
    const bool goes_on = verdict == Verdict::up || verdict == Verdict::down;
    if (std::exchange(resuming_, false) || !may_hold_ || !goes_on || !chance(3)) return verdict;
    held_.push_back({model.context.path.hold(walk), verdict});
    return Verdict::suspend;
  }
  void resume_something() {
    if (held_.empty()) return;
    std::swap(held_[below(static_cast<unsigned>(held_.size()))], held_.back());
    const auto held = held_.back();
    held_.pop_back();
    resuming_ = true;
    EXPECT_TRUE(model.context.path.resume(held.walk, held.verdict));
    resuming_ = false;
    model.context.run_deferred();
  }

  // Requests of the server's own

  void send_own() {
    const std::string uris[] = {"sip:a@127.0.0.1:5081", "sip:b@127.0.0.1:5082",
                                "sip:d@example.invalid"};
    const auto number = ++count_;
    auto& own = own_[number];
    own.is_invite = chance(50);
    const auto sent = model.stack.uac.send(
        {.method = own.is_invite ? "INVITE" : "MESSAGE",
         .uri = uris[below(std::size(uris))],
         .from = "<sip:a@example.com>",
         .to = "<sip:b@example.com>"},
        {.next_hop = {},
         .flow = {},
         .timeout_ms = chance(50) ? 0 : below(10'000),
         .login = {.username = chance(50) ? "user" : "", .password = "secret", .ha1 = {}},
         .provisional = chance(50)},
        [this, number](const base::Ref<parser::Message>& response) { hear(number, *response); });
    ASSERT_TRUE(sent);
    own.id = *sent;
  }
  void hear(unsigned number, const parser::Message& response) {
    auto& own = own_[number];
    EXPECT_FALSE(own.given_up && !own.is_invite) << "an answer that nobody wanted";
    if (response.code() < 200) return;
    const bool call = own.is_invite && response.code() < 300;
    EXPECT_FALSE(own.over && !call) << "a second final answer";
    own.over = true;
    if (call && chance(80)) model.stack.uac.acknowledge(own.id, response);
  }
  void give_own_up() {
    if (own_.empty()) return;
    const auto last = std::prev(own_.end());
    auto& own = last->second;
    if (chance(50)) return model.stack.uac.cancel(own.id);
    own.given_up = true;
    model.stack.uac.forget(own.id);
  }

  // The network

  void send(std::string bytes, const std::string& from) {
    if (chance(15)) return;
    if (chance(10)) air_.push_back({bytes, from, model.now()});
    air_.push_back({std::move(bytes), from, model.now()});
  }
  void deliver() {
    std::erase_if(air_,
                  [this](const Packet& one) { return model.now() - one.sent > kLongestOnTheWay; });
    if (air_.empty()) return;
    std::swap(air_[below(static_cast<unsigned>(air_.size()))], air_.back());
    const auto packet = std::move(air_.back());
    air_.pop_back();
    if (packet.bytes.starts_with("INVITE ")) outcomes_[values(packet.bytes, "Call-ID").at(0)];
    model.receive(packet.bytes, packet.from);
  }
  void collect() {
    for (const auto& one : model.take()) {
      const auto to = one.to.peer.to_string();
      if (to == kCaller) {
        caller_gets(one.bytes);
      } else if (one.client && chance(3)) {
        model.fail(one.client);
      } else if (!chance(15)) {
        phone_gets(to, one.bytes);
      }
    }
  }

  // The caller

  void begin_call() {
    Call call;
    call.request.call_id = "call-" + std::to_string(++count_);
    call.request.branch = "z9hG4bKcall" + std::to_string(count_);
    call.begun = model.now();
    if (chance(30)) call.request.method = "MESSAGE";
    send(call.request.bytes(), kCaller);
    calls_.push_back(std::move(call));
    if (calls_.size() > 30) calls_.erase(calls_.begin());
  }
  Call* any_call() {
    return calls_.empty() ? nullptr : &calls_[below(static_cast<unsigned>(calls_.size()))];
  }
  void cancel() {
    const auto* call = any_call();
    if (!call || call->request.method != "INVITE") return;
    auto request = call->request;
    request.method = "CANCEL";
    send(request.bytes(), kCaller);
  }
  void repeat() {
    const auto* call = any_call();
    const bool waits = call && !call->over && model.now() - call->begun < kPatience;
    if (waits) send(call->request.bytes(), kCaller);
  }

  void caller_gets(const std::string& bytes) {
    if (!bytes.starts_with("SIP/2.0 ")) return;
    const auto code = static_cast<unsigned>(std::stoul(bytes.substr(8, 3)));
    const auto id = values(bytes, "Call-ID").at(0);
    const bool of_invite = values(bytes, "CSeq").at(0) == "1 INVITE";
    if (of_invite) check(id, code, bytes.substr(0, bytes.find("\r\n")));
    if (chance(15)) return;  // it was lost on the way
    if (code < 200) return;
    for (auto& call : calls_) {
      if (call.request.call_id == id) call.over = true;
    }
    if (of_invite) acknowledge(id, code, bytes);
  }
  void check(const std::string& id, unsigned code, const std::string& line) {
    auto& outcomes = outcomes_[id];
    if (code < 200) {
      EXPECT_TRUE(outcomes.empty()) << id << ": " << line << " after " << *outcomes.begin();
      return;
    }
    // Any number of successes, or one refusal, however often it is repeated.
    outcomes.insert(code < 300 ? "success" : line);
    EXPECT_EQ(outcomes.size(), 1U)
        << id << ": " << *outcomes.begin() << " and " << *outcomes.rbegin();
  }
  void acknowledge(const std::string& id, unsigned code, const std::string& bytes) {
    Request ack{.method = "ACK", .branch = "z9hG4bK" + id, .call_id = id};
    const auto to = values(bytes, "To").at(0);
    ack.to_tag = to.substr(to.find(";tag=") + 5);
    if (code < 300) {
      ack.branch = "z9hG4bKack" + std::to_string(++count_);
      ack.uri = "sip:callee@127.0.0.1:5080";
      for (const auto& route : values(bytes, "Record-Route"))
        ack.extra += "Route: " + route + "\r\n";
    } else {
      ack.branch = "z9hG4bK" + id.substr(0, 4) + id.substr(5);  // the INVITE's
    }
    send(ack.bytes(), kCaller);
    if (code >= 300 || !chance(50)) return;
    ack.method = "BYE";
    ack.branch = "z9hG4bKbye" + std::to_string(++count_);
    ack.cseq = 2;
    send(ack.bytes(), kCaller);
  }

  // The phones

  void phone_gets(const std::string& phone, const std::string& bytes) {
    if (bytes.starts_with("SIP/2.0 ") || bytes.starts_with("ACK ")) return;
    if (bytes.starts_with("INVITE ")) {
      ringing_.push_back({bytes, phone});
      if (ringing_.size() > 40) ringing_.erase(ringing_.begin());
      if (chance(60)) send(answer(bytes, any_code(), tag()), phone);
      return;
    }
    if (chance(80))
      send(answer(bytes, bytes.starts_with("CANCEL ") ? 200 : any_code(), tag()), phone);
    if (!bytes.starts_with("CANCEL ")) return;
    const auto via = values(bytes, "Via").at(0);
    for (const auto& one : ringing_) {
      if (values(one.invite, "Via").at(0) == via && chance(80))
        send(answer(one.invite, 487, tag()), phone);
    }
  }
  void answer_something() {
    if (ringing_.empty()) return;
    const auto& one = ringing_[below(static_cast<unsigned>(ringing_.size()))];
    send(answer(one.invite, any_code(), tag()), one.phone);
  }
  std::string tag() { return "tag" + std::to_string(below(3)); }

  // The program

  /// But none of those that are sent once and forgotten: a copy of the request is then another one,
  /// and this program would say something else to it.
  unsigned any_refusal() {
    constexpr unsigned forgotten[] = {400, 401, 407, 482, 483};
    const unsigned code = 300 + below(400);
    return std::ranges::find(forgotten, code) == std::end(forgotten) ? code : 404;
  }
  Progress decide(routing::Run& run) {
    switch (below(9)) {
      case 0: return fork(run, false);
      case 1:
      case 2:
      case 3: return fork(run, true);
      case 4: model.context.timers.arm(run.timer, below(5000)); return Progress::waiting;
      case 5: static_cast<void>(model.stack.routing.uas().reply(run, any_refusal(), {})); break;
      case 6:
        static_cast<void>(model.stack.routing.uas().reply(run, 180 + below(19), {}));
        return decide(run);
      case 7:
        if (run.result) static_cast<void>(model.stack.routing.proxy().forward(run, run.result));
        break;
      default: return chance(50) ? Progress::failed : Progress::finished;
    }
    return Progress::finished;
  }
  Progress fork(routing::Run& run, bool wait) {
    const std::string uris[] = {"sip:a@127.0.0.1:5081", "sip:b@127.0.0.1:5082", "sip:c@[::1]:5083",
                                "sip:d@example.invalid", "tel:+1"};
    std::vector<routing::Target> targets;
    for (unsigned i = below(4); i > 0; --i)
      targets.push_back({uris[below(std::size(uris))], {}, {}});
    const auto forked =
        model.stack.routing.proxy().fork(run, targets, {chance(50) ? 0 : 1000 + below(4000), wait});
    return forked && wait ? Progress::waiting : Progress::finished;
  }

  std::mt19937 random_;
  std::vector<Packet> air_;
  std::vector<Call> calls_;
  std::vector<Ringing> ringing_;
  std::map<std::string, std::set<std::string>> outcomes_;
  std::vector<Held> held_;
  bool resuming_ = false;
  bool may_hold_ = true;
  std::map<unsigned, Own> own_;
  unsigned count_ = 0;
};

/// From the environment, or as `make check` has it.
unsigned setting(const char* name, unsigned otherwise) {
  const char* const text = std::getenv(name);
  return text ? static_cast<unsigned>(std::strtoul(text, nullptr, 10)) : otherwise;
}

class RandomTest : public ::testing::TestWithParam<unsigned> {};

TEST_P(RandomTest, EveryCallIsAnsweredOnceAndLeavesNothing) {
  const auto seed = setting("OPENSIPS_RANDOM_SEED", GetParam());
  // In runs of this length: what a run forgets must not be able to hide for long.
  constexpr unsigned kRun = 25'000;
  const auto steps = setting("OPENSIPS_RANDOM_STEPS", kRun);
  for (unsigned done = 0, run = 0; done < steps && !HasFailure(); done += kRun, ++run) {
    const auto its_seed = seed + run * 1000;
    SCOPED_TRACE("OPENSIPS_RANDOM_SEED=" + std::to_string(its_seed));
    Chaos chaos(its_seed);
    for (unsigned i = 0; i < kRun && !HasFailure(); ++i) chaos.step();
    chaos.end();
    EXPECT_GT(chaos.calls(), 300U);
    chaos.expect_every_call_answered_once();
    EXPECT_EQ(chaos.model.stack.transactions.servers(), 0U);
    EXPECT_EQ(chaos.model.stack.transactions.clients(), 0U);
    EXPECT_EQ(chaos.model.stack.uac.open(), 0U);
    EXPECT_EQ(chaos.model.stack.routing.runs(), 0U);
    EXPECT_EQ(chaos.model.context.path.held(), 0U);
    EXPECT_EQ(chaos.model.stat("tm:inuse_transactions"), 0U);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomTest, ::testing::Values(1U, 2U, 3U, 4U));

}  // namespace
}  // namespace opensips::model
