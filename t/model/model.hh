#pragma once

#include <cerrno>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/address.hh"
#include "l0_transport/events.hh"
#include "l1_parser/message.hh"
#include "lp_routing/engine.hh"
#include "stack.hh"

namespace opensips::model {

/// The bottom of the stack: what would be sent is kept.
class Network final : public loop::Layer {
 public:
  struct Sent {
    std::string bytes;
    base::Flow to;
    loop::ClientId client;
  };

  loop::Verdict up(loop::Walk&) override { return loop::Verdict::up; }
  loop::Verdict down(loop::Walk& walk) override {
    sent.push_back({std::string(walk.wire->view()), walk.flow, walk.client});
    return loop::Verdict::done;
  }

  std::vector<Sent> sent;
};

/// A routing program in C++: what a script would do.
class Program : public routing::Engine {
 public:
  using Start = std::function<Progress(routing::Run&)>;
  using Resume = std::function<Progress(routing::Run&, const routing::Value&)>;

  bool handles(routing::Handler handler) const override {
    const auto* const start = start_of(handler);
    return start ? bool(*start) : true;
  }
  std::span<const std::string> events() const override { return event_names; }
  Progress start(routing::Run& run) override {
    ++started;
    return (*start_of(run.handler))(run);
  }
  Progress resume(routing::Run& run, routing::Value value) override {
    return on_resume(run, value);
  }
  void abandon(routing::Run&) override { ++abandoned; }
  void release(routing::Run& run) override {
    ++released;
    run.kept = {};
  }

  Start on_request;
  Start on_in_dialog;
  Start on_dialog_request;
  Start on_dialog;
  Start on_branch;
  Start on_response;
  Start on_event;
  Start on_local_request;
  std::vector<std::string> event_names;
  Resume on_resume = [](routing::Run&, const routing::Value&) { return Progress::finished; };
  int started = 0;
  int abandoned = 0;
  int released = 0;

 private:
  const Start* start_of(routing::Handler handler) const {
    switch (handler) {
      case routing::Handler::request: return &on_request;
      case routing::Handler::in_dialog: return &on_in_dialog;
      case routing::Handler::dialog_request: return &on_dialog_request;
      case routing::Handler::dialog: return &on_dialog;
      case routing::Handler::branch: return &on_branch;
      case routing::Handler::response: return &on_response;
      case routing::Handler::event: return &on_event;
      case routing::Handler::local_request: return &on_local_request;
      default: return nullptr;
    }
  }
};

/// Lets a generation have an engine that the test keeps.
class Borrowed final : public routing::Engine {
 public:
  explicit Borrowed(routing::Engine& engine) : engine_(engine) {}
  bool handles(routing::Handler handler) const override { return engine_.handles(handler); }
  std::span<const std::string> events() const override { return engine_.events(); }
  Progress start(routing::Run& run) override { return engine_.start(run); }
  Progress resume(routing::Run& run, routing::Value value) override {
    return engine_.resume(run, std::move(value));
  }
  void abandon(routing::Run& run) override { engine_.abandon(run); }
  void release(routing::Run& run) override { engine_.release(run); }

 private:
  routing::Engine& engine_;
};

/// A generation of these engines, one for each worker, which outlive it.
inline std::unique_ptr<routing::Generation> generation_of(
    std::uint32_t number, std::initializer_list<routing::Engine*> engines) {
  routing::Generation::Engines all;
  for (auto* const engine : engines) all.push_back(std::make_unique<Borrowed>(*engine));
  return std::make_unique<routing::Generation>(number, std::move(all));
}

/// All layers of one worker on a clock and bytes of the test's own. Two sockets: 127.0.0.1:5060 and
/// [::1]:5060.
class Model {
 public:
  /// `prepare` is called before events may be published.
  explicit Model(Shared::Options options = {},
                 const std::function<void(loop::Context&)>& prepare = nullptr,
                 transport::NameServers* names = nullptr)
      : shared(options),
        context(0, shared.epoch, 1000, shared.stats),
        stack((add_sockets(), context), network, shared, names) {
    shared.generations.publish(generation_of(1, {&program}));
    program.on_request = relay_to("sip:callee@127.0.0.1:5080");
    shared.events.set_listener(
        0, {.post =
                [this](std::function<void()> work) {
                  context.defer(std::move(work));
                  return true;
                },
            .take = [this](const manage::EventRef& event,
                           bool here) { stack.routing.events().take(event, here); }});
    if (prepare) prepare(context);
    context.bus.start();
  }

  /// A message arrives.
  void receive(std::string_view bytes, std::string_view from = "127.0.0.1:5070") {
    arrive(bytes, from);
    context.run_deferred();
  }
  /// The same, but others arrive in the same turn.
  void arrive(std::string_view bytes, std::string_view from = "127.0.0.1:5070") {
    loop::Walk walk = loop::Walk::up(loop::LayerId::transport);
    walk.bytes = bytes;
    walk.flow.peer = *base::Address::parse_host_port(from, 5060);
    walk.flow.socket = walk.flow.peer.is_v6() ? 1 : 0;
    context.path.launch(std::move(walk));
  }

  void advance(std::uint64_t ms) {
    now_ += ms;
    context.timers.advance(now_);
    context.run_deferred();
  }
  /// The same in steps of ten milliseconds, so that each timer sees its own time.
  void pass(std::uint64_t ms) {
    for (const auto end = now_ + ms; now_ < end;) advance(10);
  }
  std::uint64_t now() const { return now_; }

  /// The kernel refuses what was sent for that client transaction.
  void fail(loop::ClientId client, int error = EPERM) {
    context.bus.publish(transport::SendFailed{client, {}, error});
    context.run_deferred();
  }

  /// What was sent since the last call.
  std::vector<Network::Sent> take() { return std::exchange(network.sent, {}); }
  /// The start lines of it.
  std::vector<std::string> take_start_lines() {
    std::vector<std::string> lines;
    for (const auto& one : take()) lines.push_back(one.bytes.substr(0, one.bytes.find("\r\n")));
    return lines;
  }

  /// A program that relays to one target and does not wait.
  Program::Start relay_to(std::string uri) {
    return [this, uri](routing::Run& run) {
      const routing::Target target{uri, std::nullopt, {}};
      static_cast<void>(stack.routing.proxy().fork(run, {&target, 1}, {}));
      return routing::Engine::Progress::finished;
    };
  }
  /// A program that forks to all targets and waits.
  Program::Start fork_to(std::vector<std::string> uris, std::uint64_t timeout_ms = 0) {
    return [this, uris, timeout_ms](routing::Run& run) {
      std::vector<routing::Target> targets;
      for (const auto& uri : uris) targets.push_back({uri, std::nullopt, {}});
      const auto forked = stack.routing.proxy().fork(run, targets, {timeout_ms, true});
      return forked ? routing::Engine::Progress::waiting : routing::Engine::Progress::finished;
    };
  }
  Program::Start reply_with(unsigned code) {
    return [this, code](routing::Run& run) {
      static_cast<void>(stack.routing.uas().reply(run, code, {}));
      return routing::Engine::Progress::finished;
    };
  }

  /// Nothing is left of any request.
  bool idle() const {
    return stack.transactions.servers() == 0 && stack.transactions.clients() == 0 &&
           stack.routing.runs() == 0 && context.path.held() == 0;
  }
  std::uint64_t stat(std::string_view name) const { return shared.stats.value(name).value_or(0); }

 private:
  void add_sockets() {
    shared.sockets.add(base::Transport::udp, *base::Address::parse("127.0.0.1", 5060), "", 0);
    shared.sockets.add(base::Transport::udp, *base::Address::parse("::1", 5060), "", 0);
  }
  std::uint64_t now_ = 1000;

 public:
  Shared shared;
  loop::Context context;
  Network network;
  Program program;
  Stack stack;
};

/// A request of a phone at `from`; `extra` are whole header lines.
struct Request {
  std::string method = "INVITE";
  std::string uri = "sip:callee@127.0.0.1:5060";
  std::string via = "127.0.0.1:5070";
  std::string branch = "z9hG4bKuac1";
  std::string from_tag = "caller";
  std::string to_tag = {};
  std::string call_id = "call-1";
  int cseq = 1;
  std::string extra = {};
  std::string max_forwards = "70";
  std::string body = {};

  std::string bytes() const {
    std::string text = method + " " + uri + " SIP/2.0\r\n";
    text += "Via: SIP/2.0/UDP " + via + ";branch=" + branch + "\r\n";
    text += "From: \"Caller\" <sip:caller@127.0.0.1:5070>;tag=" + from_tag + "\r\n";
    text += "To: <sip:callee@127.0.0.1:5060>" + (to_tag.empty() ? "" : ";tag=" + to_tag) + "\r\n";
    text += "Call-ID: " + call_id + "\r\n";
    text += "CSeq: " + std::to_string(cseq) + " " + method + "\r\n";
    text += "Contact: <sip:caller@127.0.0.1:5070>\r\n";
    if (!max_forwards.empty()) text += "Max-Forwards: " + max_forwards + "\r\n";
    text += extra + "X-Unknown:  kept as it is \r\n";
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    return text;
  }
};

/// The answer of a callee to a request as it was sent: copies what RFC 3261 8.2.6 says.
inline std::string answer(const std::string& request, unsigned code,
                          std::string to_tag = "callee") {
  std::string text = "SIP/2.0 " + std::to_string(code) + " Answer\r\n";
  std::size_t at = request.find("\r\n") + 2;
  while (request.compare(at, 2, "\r\n") != 0) {
    const auto end = request.find("\r\n", at);
    auto line = request.substr(at, end - at);
    const auto name = line.substr(0, line.find(':'));
    const bool to = name == "To";
    if (to && line.find(";tag=") == std::string::npos && code > 100) line += ";tag=" + to_tag;
    if (to || name == "Via" || name == "Record-Route" || name == "From" || name == "Call-ID" ||
        name == "CSeq") {
      text += line + "\r\n";
    }
    at = end + 2;
  }
  return text + "Contact: <sip:callee@127.0.0.1:5080>\r\nContent-Length: 0\r\n\r\n";
}

/// All values of a header, in order.
inline std::vector<std::string> values(const std::string& message, std::string_view name) {
  std::vector<std::string> found;
  const auto wanted = "\r\n" + std::string(name) + ": ";
  for (auto at = message.find(wanted); at != std::string::npos; at = message.find(wanted, at + 1)) {
    const auto begin = at + wanted.size();
    found.push_back(message.substr(begin, message.find("\r\n", begin) - begin));
  }
  return found;
}

}  // namespace opensips::model
