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
#include "l1_parser/uri.hh"
#include "lp_routing/engine.hh"
#include "script_test/fake_worker.hh"
#include "stack.hh"

namespace opensips::model {

using script_test::Network;

/// As a target has it; what is none keeps its text.
parser::Uri as_uri(std::string_view text);

/// A routing program in C++: what a script would do.
class Program : public routing::Engine {
 public:
  using Start = std::function<Progress(routing::Run&)>;
  using Resume = std::function<Progress(routing::Run&, const routing::Value&)>;

  Program();
  ~Program() override;

  bool handles(routing::Handler handler) const override;
  std::span<const std::string> events() const override { return event_names; }
  Progress start(routing::Run& run) override;
  Progress resume(routing::Run& run, routing::Value value) override {
    return on_resume(run, value);
  }
  void abandon(routing::Run&) override { ++abandoned; }
  void release(routing::Run& run) override;

  Start on_request;
  Start on_in_dialog;
  Start on_dialog_request;
  Start on_dialog;
  Start on_branch;
  Start on_response;
  Start on_event;
  Start on_local_request;
  std::vector<std::string> event_names;
  Resume on_resume;  ///< ends the run, unless a test sets another
  int started = 0;
  int abandoned = 0;
  int released = 0;

 private:
  const Start* start_of(routing::Handler handler) const;
};

/// A generation of these engines, one for each worker, which outlive it.
std::unique_ptr<routing::Generation> generation_of(std::uint32_t number,
                                                   std::initializer_list<routing::Engine*> engines);

/// All layers of one worker on a clock and bytes of the test's own. Two sockets: 127.0.0.1:5060 and
/// [::1]:5060.
class Model {
 public:
  /// `prepare` is called before events may be published.
  explicit Model(Shared::Options options = {},
                 const std::function<void(loop::Context&)>& prepare = nullptr,
                 transport::NameServers* names = nullptr);
  ~Model();

  /// A message arrives.
  void receive(std::string_view bytes, std::string_view from = "127.0.0.1:5070");
  /// The same, but others arrive in the same turn.
  void arrive(std::string_view bytes, std::string_view from = "127.0.0.1:5070");

  void advance(std::uint64_t ms);
  /// The same in steps of ten milliseconds, so that each timer sees its own time.
  void pass(std::uint64_t ms);
  std::uint64_t now() const { return worker.now(); }

  /// The kernel refuses what was sent for that client transaction.
  void fail(loop::ClientId client, int error = EPERM);

  /// What was sent since the last call.
  std::vector<Network::Sent> take() { return std::exchange(network.sent, {}); }
  /// The start lines of it.
  std::vector<std::string> take_start_lines();

  /// A program that relays to one target and does not wait.
  Program::Start relay_to(std::string uri);
  /// A program that forks to all targets and waits.
  Program::Start fork_to(std::vector<std::string> uris, std::uint64_t timeout_ms = 0);
  Program::Start reply_with(unsigned code);

  /// Nothing is left of any request.
  bool idle() const;
  std::uint64_t stat(std::string_view name) const;

 private:
  void add_sockets();

 public:
  Shared shared;
  script_test::FakeWorker worker;
  loop::Context& context = worker.context;
  Network& network = worker.network;
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

  std::string bytes() const;
};

/// The answer of a callee to a request as it was sent: copies what RFC 3261 8.2.6 says.
std::string answer(const std::string& request, unsigned code, std::string to_tag = "callee");

/// All values of a header, in order.
std::vector<std::string> values(const std::string& message, std::string_view name);

}  // namespace opensips::model
