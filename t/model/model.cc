#include "model/model.hh"

#include <cerrno>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace opensips::model {

Program::Program()
    : on_resume([](routing::Run&, const routing::Value&) { return Progress::finished; }) {}

Program::~Program() = default;

bool Program::handles(routing::Handler handler) const {
  const auto* const start = start_of(handler);
  return start ? bool(*start) : true;
}

Program::Progress Program::start(routing::Run& run) {
  ++started;
  return (*start_of(run.handler))(run);
}

void Program::release(routing::Run& run) {
  ++released;
  run.kept = {};
}

const Program::Start* Program::start_of(routing::Handler handler) const {
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

namespace {

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

}  // namespace

std::unique_ptr<routing::Generation> generation_of(
    std::uint32_t number, std::initializer_list<routing::Engine*> engines) {
  routing::Generation::Engines all;
  for (auto* const engine : engines) all.push_back(std::make_unique<Borrowed>(*engine));
  return std::make_unique<routing::Generation>(number, std::move(all));
}

Model::Model(Shared::Options options, const std::function<void(loop::Context&)>& prepare,
             transport::NameServers* names)
    : shared(options),
      worker(shared.epoch, 1000, shared.stats),
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

Model::~Model() = default;

void Model::add_sockets() {
  shared.sockets.add(base::Transport::udp, *base::Address::parse("127.0.0.1", 5060), "", 0);
  shared.sockets.add(base::Transport::udp, *base::Address::parse("::1", 5060), "", 0);
}

void Model::receive(std::string_view bytes, std::string_view from) {
  arrive(bytes, from);
  context.run_deferred();
}

void Model::arrive(std::string_view bytes, std::string_view from) {
  base::Flow flow;
  flow.peer = *base::Address::parse_host_port(from, 5060);
  flow.socket = flow.peer.is_v6() ? 1 : 0;
  worker.arrive(bytes, flow);
}

void Model::advance(std::uint64_t ms) {
  worker.advance_to(now() + ms);
}

void Model::pass(std::uint64_t ms) {
  for (const auto end = now() + ms; now() < end;) advance(10);
}

void Model::fail(loop::ClientId client, int error) {
  context.bus.publish(transport::SendFailed{client, {}, error});
  context.run_deferred();
}

std::vector<std::string> Model::take_start_lines() {
  std::vector<std::string> lines;
  for (const auto& one : take()) lines.push_back(one.bytes.substr(0, one.bytes.find("\r\n")));
  return lines;
}

parser::Uri as_uri(std::string_view text) {
  const auto uri = parser::Uri::parse(text);
  return uri ? *uri : parser::Uri{.text = text};
}

Program::Start Model::relay_to(std::string uri) {
  return [this, uri](routing::Run& run) {
    const routing::Target target{as_uri(uri), std::nullopt, {}};
    static_cast<void>(stack.routing.proxy().fork(run, {&target, 1}, {}));
    return routing::Engine::Progress::finished;
  };
}

Program::Start Model::fork_to(std::vector<std::string> uris, std::uint64_t timeout_ms) {
  return [this, uris, timeout_ms](routing::Run& run) {
    std::vector<routing::Target> targets;
    for (const auto& uri : uris) targets.push_back({as_uri(uri), std::nullopt, {}});
    const auto forked = stack.routing.proxy().fork(run, targets, {timeout_ms, true});
    return forked ? routing::Engine::Progress::waiting : routing::Engine::Progress::finished;
  };
}

Program::Start Model::reply_with(unsigned code) {
  return [this, code](routing::Run& run) {
    static_cast<void>(stack.routing.uas().reply(run, code, {}));
    return routing::Engine::Progress::finished;
  };
}

bool Model::idle() const {
  return stack.transactions.servers() == 0 && stack.transactions.clients() == 0 &&
         stack.routing.runs() == 0 && context.path.held() == 0;
}

std::uint64_t Model::stat(std::string_view name) const {
  return shared.stats.value(name).value_or(0);
}

std::string Request::bytes() const {
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

std::string answer(const std::string& request, unsigned code, std::string to_tag) {
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

std::vector<std::string> values(const std::string& message, std::string_view name) {
  std::vector<std::string> found;
  const auto wanted = "\r\n" + std::string(name) + ": ";
  for (auto at = message.find(wanted); at != std::string::npos; at = message.find(wanted, at + 1)) {
    const auto begin = at + wanted.size();
    found.push_back(message.substr(begin, message.find("\r\n", begin) - begin));
  }
  return found;
}

}  // namespace opensips::model
