// The machines of RFC 3261 section 17 with RFC 6026's changes and RFC 4320's 100, through all
// layers: each takes every transition of its figure and none besides. A walk along a machine's
// states is a list of events; what it does at each is written down and compared with the figure.

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>

#include "model/model.hh"

namespace opensips::model {
namespace {

using Progress = routing::Engine::Progress;

const std::string kPeer = "127.0.0.1:5080";
const std::string kCaller = "127.0.0.1:5070";

/// "state, event -> state: what it does". The first state is "none", the last one "terminated".
using Transitions = std::set<std::string>;
using Paths = std::vector<std::vector<std::string>>;

/// One transaction, made to happen what the figure calls an event.
class Machine {
 public:
  Machine(std::string method, bool of_server) : method_(std::move(method)), server_(of_server) {}
  virtual ~Machine() = default;

  void go(const std::vector<std::string>& path, Transitions& seen) {
    for (const auto& event : path) {
      const auto before = state();
      const auto found = events.find(event);
      if (found == events.end()) throw std::invalid_argument(event);
      does.clear();
      found->second();
      note();
      seen.insert(before + ", " + event + " -> " + state() + does);
    }
  }

 protected:
  std::string state() {
    std::string found = begun_ ? "terminated" : "none";
    model.stack.transactions.for_each([&](const transaction::TransactionLayer::View& view) {
      if (view.of_server == server_ && view.method == method_) found = view.state;
    });
    if (found != "none") begun_ = true;
    return found;
  }
  void add(const std::string& what) { does += (does.empty() ? ": " : ", ") + what; }
  virtual void note() = 0;

  /// Until it sends something, or until it is in another state: only what it does then counts.
  void until_it_sends() {
    for (int i = 0; i < 50'000 && does.empty(); ++i) {
      model.pass(10);
      note();
    }
  }
  void until_it_moves() {
    const auto before = state();
    for (int i = 0; i < 50'000 && state() == before; ++i) {
      does.clear();
      model.pass(10);
      note();
    }
  }
  void timer_sends(const std::string& name) {
    events[name] = [this] { until_it_sends(); };
  }
  void timer_moves(const std::string& name) {
    events[name] = [this] { until_it_moves(); };
  }

  Model model;
  std::map<std::string, std::function<void()>> events;
  std::string does;

 private:
  std::string method_;
  bool server_;
  bool begun_ = false;
};

/// A client transaction of the UAC's: nothing but the machine is between the user and the peer.
class Client : public Machine {
 public:
  explicit Client(const std::string& method) : Machine(method, false) {
    events[method + " from TU"] = [this, method] { begin(method); };
    events["transport error"] = [this] { model.fail(client); };
    for (const auto timer : {"A", "E"}) timer_sends(std::string("timer ") + timer);
    for (const auto timer : {"B", "D", "F", "K", "M"}) timer_moves(std::string("timer ") + timer);
    timer_sends("timer C");
    timer_moves("64*T1 after the CANCEL");
    says("1xx", 180);
    says("2xx", 200);
    says("300-699", 486);
    says("200-699", 404);
  }

 private:
  void begin(const std::string& method) {
    const auto heard = [this](const auto& response) {
      add("TU " + std::to_string(response->code()));
    };
    static_cast<void>(model.stack.uac.send({.method = method,
                                            .uri = "sip:peer@127.0.0.1:5080",
                                            .from = "<sip:a@example.com>",
                                            .to = "<sip:b@example.com>"},
                                           {.next_hop = {}, .flow = {}, .provisional = true},
                                           heard));
  }
  void says(const std::string& event, unsigned code) {
    events[event] = [this, code] { model.receive(answer(request, code), kPeer); };
  }
  void note() override {
    for (auto& one : model.take()) {
      add(one.bytes.substr(0, one.bytes.find(' ')));
      if (request.empty()) request = one.bytes;
      if (one.client) client = one.client;
    }
  }

  std::string request;
  loop::ClientId client;
};

/// A server transaction of a call that is relayed: its user is the callee. What goes to the caller
/// counts, and what goes on to the callee.
class Server : public Machine {
 public:
  explicit Server(const std::string& method) : Machine(method, true), method_(method) {
    model.program.on_in_dialog = model.relay_to("sip:callee@127.0.0.1:5080");
    events[method] = [this] { arrive(method_, {}); };
    events["ACK"] = [this] { arrive("ACK", "callee"); };
    events["transport error"] = [this] { model.fail({}); };  // nobody is told: RFC 6026 7.1
    timer_sends("timer G");
    for (const auto timer : {"H", "I", "J", "L"}) timer_moves(std::string("timer ") + timer);
    says("1xx from TU", 180);
    says("2xx from TU", 200);
    says("300-699 from TU", 486);
    says("200-699 from TU", 404);
  }

 protected:
  void says(const std::string& event, unsigned code) {
    events[event] = [this, code] { model.receive(answer(forwarded, code), kPeer); };
  }

 private:
  void arrive(const std::string& method, const std::string& tag) {
    passes = true;
    model.receive(Request{.method = method, .to_tag = tag}.bytes());
    note();
    passes = false;
  }
  void note() override {
    for (auto& one : model.take()) {
      const bool to_caller = one.to.peer.to_string() == kCaller;
      const auto word = one.bytes.substr(to_caller ? 8 : 0, to_caller ? 3 : one.bytes.find(' '));
      if (to_caller) add(word);
      if (!to_caller && passes) add("TU " + word);
      if (!to_caller && forwarded.empty()) forwarded = one.bytes;
    }
  }

  std::string method_;
  std::string forwarded;
  bool passes = false;
};

/// One whose user is a program that waits, and answers when it is told to.
class OwnServer : public Server {
 public:
  explicit OwnServer(const std::string& method) : Server(method) {
    model.program.on_request = [this](routing::Run& run) {
      run_ = run.id;
      add("TU");
      return Progress::waiting;
    };
    events["100 from TU"] = [this] { reply(100); };
    events["2xx from TU"] = [this] { reply(200); };
    events["200-699 from TU"] = [this] { reply(404); };
    events["T2"] = [this] { until_it_sends(); };
    events["T1, T2"] = [this] { until_it_sends(); };
  }

 private:
  void reply(unsigned code) {
    if (auto* const run = model.stack.routing.find(run_)) {
      static_cast<void>(model.stack.routing.uas().reply(*run, code, {}));
    }
  }

  routing::RunId run_;
};

template <class Kind>
Transitions seen_on(const std::string& method, const Paths& paths) {
  Transitions seen;
  for (const auto& path : paths) Kind(method).go(path, seen);
  return seen;
}

void expect_same(const Transitions& seen, const Transitions& figure) {
  for (const auto& one : figure) EXPECT_TRUE(seen.contains(one)) << "not covered: " << one;
  for (const auto& one : seen) EXPECT_TRUE(figure.contains(one)) << "not in the figure: " << one;
}

TEST(Machines, ClientInviteIsFigure5) {
  const std::string start = "INVITE from TU";
  expect_same(seen_on<Client>("INVITE", {{start, "timer A", "timer A", "timer B"},
                                         {start, "transport error"},
                                         {start, "2xx", "2xx", "300-699", "1xx", "timer M"},
                                         {start, "300-699", "300-699", "1xx", "2xx", "timer D"},
                                         {start, "300-699", "transport error"},
                                         {start, "1xx", "1xx", "2xx"},
                                         {start, "1xx", "300-699"},
                                         {start, "1xx", "timer C", "64*T1 after the CANCEL"}}),
              {
                  "none, INVITE from TU -> calling: INVITE",
                  "calling, timer A -> calling: INVITE",
                  "calling, timer B -> terminated: TU 408",
                  "calling, transport error -> terminated: TU 503",
                  "calling, 1xx -> proceeding: TU 180",
                  "calling, 2xx -> accepted: TU 200",
                  "calling, 300-699 -> completed: TU 486, ACK",
                  "proceeding, 1xx -> proceeding: TU 180",
                  "proceeding, 2xx -> accepted: TU 200",
                  "proceeding, 300-699 -> completed: TU 486, ACK",
                  "completed, 300-699 -> completed: ACK",
                  "completed, transport error -> terminated",
                  "completed, timer D -> terminated",
                  "accepted, 2xx -> accepted: TU 200",
                  "accepted, timer M -> terminated",
                  // Not arrows of the figure: what comes too late is absorbed.
                  "completed, 1xx -> completed",
                  "completed, 2xx -> completed",
                  "accepted, 1xx -> accepted",
                  "accepted, 300-699 -> accepted",
                  // RFC 3261 16.8 and 9.1.
                  "proceeding, timer C -> proceeding: TU 408, CANCEL",
                  "proceeding, 64*T1 after the CANCEL -> terminated",
              });
}

TEST(Machines, ClientNonInviteIsFigure6) {
  const std::string start = "MESSAGE from TU";
  expect_same(seen_on<Client>("MESSAGE", {{start, "timer E", "timer E", "timer F"},
                                          {start, "transport error"},
                                          {start, "200-699", "200-699", "1xx", "timer K"},
                                          {start, "1xx", "1xx", "timer E", "timer F"},
                                          {start, "1xx", "transport error"},
                                          {start, "1xx", "200-699"}}),
              {
                  "none, MESSAGE from TU -> trying: MESSAGE",
                  "trying, timer E -> trying: MESSAGE",
                  "trying, timer F -> terminated: TU 408",
                  "trying, transport error -> terminated: TU 503",
                  "trying, 1xx -> proceeding: TU 180",
                  "trying, 200-699 -> completed: TU 404",
                  "proceeding, 1xx -> proceeding: TU 180",
                  "proceeding, timer E -> proceeding: MESSAGE",
                  "proceeding, timer F -> terminated: TU 408",
                  "proceeding, transport error -> terminated: TU 503",
                  "proceeding, 200-699 -> completed: TU 404",
                  "completed, timer K -> terminated",
                  // What comes again is absorbed.
                  "completed, 200-699 -> completed",
                  "completed, 1xx -> completed",
              });
}

TEST(Machines, ServerInviteIsFigure7) {
  expect_same(seen_on<Server>(
                  "INVITE", {{"INVITE", "INVITE", "1xx from TU", "1xx from TU", "INVITE",
                              "transport error", "2xx from TU", "INVITE", "2xx from TU", "ACK",
                              "transport error", "300-699 from TU", "timer L"},
                             {"INVITE", "2xx from TU"},
                             {"INVITE", "300-699 from TU", "INVITE", "timer G", "timer G",
                              "transport error", "2xx from TU", "ACK", "ACK", "INVITE", "timer I"},
                             {"INVITE", "300-699 from TU", "timer H"}}),
              {
                  "none, INVITE -> proceeding: 100, TU INVITE",
                  "proceeding, INVITE -> proceeding: 100",
                  "proceeding, INVITE -> proceeding: 180",
                  "proceeding, 1xx from TU -> proceeding: 180",
                  "proceeding, transport error -> proceeding",
                  "proceeding, 2xx from TU -> accepted: 200",
                  "proceeding, 300-699 from TU -> completed: 486",
                  "completed, INVITE -> completed: 486",
                  "completed, timer G -> completed: 486",
                  "completed, transport error -> completed",
                  "completed, ACK -> confirmed",
                  "completed, timer H -> terminated",
                  "confirmed, timer I -> terminated",
                  "accepted, INVITE -> accepted",
                  "accepted, ACK -> accepted: TU ACK",
                  "accepted, 2xx from TU -> accepted: 200",
                  "accepted, transport error -> accepted",
                  "accepted, timer L -> terminated",
                  // Not arrows of the figure: absorbed, or too late to go out.
                  "completed, 2xx from TU -> completed",
                  "confirmed, ACK -> confirmed",
                  "confirmed, INVITE -> confirmed",
                  "accepted, 300-699 from TU -> accepted",
              });
}

TEST(Machines, ServerInviteRepeatsASuccessOfItsOwn) {
  expect_same(seen_on<OwnServer>(
                  "INVITE", {{"INVITE", "2xx from TU", "T1, T2", "T1, T2", "INVITE", "timer L"}}),
              {
                  "none, INVITE -> proceeding: TU, 100",
                  "proceeding, 2xx from TU -> accepted: 200",
                  "accepted, T1, T2 -> accepted: 200",
                  "accepted, INVITE -> accepted",
                  "accepted, timer L -> terminated",
              });
}

TEST(Machines, ServerNonInviteIsFigure8) {
  expect_same(
      seen_on<OwnServer>("MESSAGE", {{"MESSAGE", "MESSAGE", "transport error", "200-699 from TU",
                                      "MESSAGE", "transport error", "200-699 from TU", "timer J"},
                                     {"MESSAGE", "100 from TU", "100 from TU", "MESSAGE",
                                      "transport error", "200-699 from TU"},
                                     {"MESSAGE", "T2", "MESSAGE"}}),
      {
          "none, MESSAGE -> trying: TU",
          "trying, 100 from TU -> proceeding: 100",
          "trying, 200-699 from TU -> completed: 404",
          "proceeding, MESSAGE -> proceeding: 100",
          "proceeding, 100 from TU -> proceeding: 100",
          "proceeding, 200-699 from TU -> completed: 404",
          "completed, MESSAGE -> completed: 404",
          "completed, timer J -> terminated",
          // As RFC 6026 7.1 has it for INVITE: what could not be sent is sent to the next copy.
          "trying, transport error -> trying",
          "proceeding, transport error -> proceeding",
          "completed, transport error -> completed",
          // Absorbed, or too late to go out.
          "trying, MESSAGE -> trying",
          "completed, 200-699 from TU -> completed",
          // RFC 4320 4.1.
          "trying, T2 -> proceeding: 100",
      });
}

TEST(Machines, RelayedNonInviteHasNoProvisionalBut100) {
  expect_same(seen_on<Server>("MESSAGE", {{"MESSAGE", "1xx from TU", "200-699 from TU"}}),
              {
                  "none, MESSAGE -> trying: TU MESSAGE",
                  "trying, 1xx from TU -> trying",
                  "trying, 200-699 from TU -> completed: 404",
              });
}

}  // namespace
}  // namespace opensips::model
