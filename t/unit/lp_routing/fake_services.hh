#pragma once

#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "l6_location/aor_table.hh"
#include "lp_routing/functions/flow_text.hh"
#include "lp_routing/lua/engine.hh"
#include "lp_routing/shared_tables.hh"
#include "model/model.hh"

namespace opensips::routing {

/// Notes what a script has done.
class FakeServices : public Services {
 public:
  struct Reply {
    unsigned code;
    std::string reason, headers, content_type, body;
  };
  struct Fork {
    std::vector<std::string> uris, flows, next_hops;
    std::vector<std::uint16_t> sockets;
    std::uint64_t timeout_ms;
    bool wait;
    transaction::Patience patience = {};
    bool stateless = false;
  };

  struct Request {
    std::string method, uri, from, to, route, headers, content_type, body, user, password, next_hop;
    std::uint16_t socket;
    std::uint64_t timeout_ms;
  };

  loop::Context& context() override { return *worker; }
  std::uint64_t now_ms() const override { return 1000; }
  void sleep(Run&, std::uint64_t delay_ms) override { sleeps.push_back(delay_ms); }
  Waker waker(const Run&) override { return {}; }
  bool in_background(const Run&, std::move_only_function<Value()>) override { return false; }
  storage::Storage* storage() override { return databases; }
  bool wait_event(Run&, std::string_view name, std::vector<manage::EventField> filter,
                  std::uint64_t limit_ms) override {
    awaited.push_back({{std::string(name), std::move(filter)}, limit_ms});
    return true;
  }
  void raise_event(manage::Event event) override { raised.push_back(std::move(event)); }
  base::SharedTable& shared_table(std::string_view name) override { return tables.table(name); }
  bool http(const Run&, transport::HttpRequest request) override {
    http_requests.push_back(std::move(request));
    return true;
  }
  std::optional<std::string> domain_attributes(std::string_view host) const override {
    if (host == "example.com") return "attributes";
    return std::nullopt;
  }
  std::shared_ptr<const transport::DnsAnswer> dns_answer(const transport::DnsQuestion&) override {
    return known_answer;
  }
  void ask_dns(const Run&, const transport::DnsQuestion& question,
               Value (*)(const transport::DnsAnswer&)) override {
    questions.push_back(question);
  }
  bool may_spawn() const override { return spawned.size() < 100; }
  void spawn(const Run&, int task) override { spawned.push_back(task); }
  base::Result<void> reply(Run& run, unsigned code, std::string_view reason,
                           const ReplyOptions& options) override {
    replies.push_back({code, std::string(reason), std::string(options.headers),
                       std::string(options.content_type), std::string(options.body)});
    if (code >= 200) run.answered = true;
    return {};
  }
  void force_rport(Run&) override { ++forced_rports; }
  base::Result<void> fork(Run& run, std::span<const Target> targets,
                          const ForkOptions& options) override {
    if (fork_fails) return base::Failure(*fork_fails);
    Fork& fork = forks.emplace_back();
    fork.timeout_ms = options.timeout_ms;
    fork.wait = options.wait;
    fork.patience = options.patience;
    for (const Target& target : targets) {
      fork.uris.emplace_back(target.uri.text);
      fork.next_hops.emplace_back(target.next_hop);
      fork.sockets.push_back(target.socket);
      fork.flows.push_back(target.flow ? flow_text(*target.flow) : "");
    }
    if (!options.wait) run.answered = true;
    return {};
  }
  base::Result<void> forward_stateless(Run& run, const Target& target) override {
    if (fork_fails) return base::Failure(*fork_fails);
    Fork& fork = forks.emplace_back();
    fork.uris.emplace_back(target.uri.text);
    fork.stateless = true;
    run.answered = true;
    return {};
  }
  base::Result<void> forward(Run& run, const base::Ref<parser::Message>& response) override {
    forwarded.push_back(response->code());
    run.answered = true;
    return {};
  }
  base::Result<void> request(Run&, const transaction::OwnRequest& request,
                             const transaction::UacOptions& options) override {
    if (request_fails) return base::Failure(*request_fails);
    auto& sent = requests.emplace_back();
    sent.method = request.method;
    sent.uri = request.uri;
    sent.from = request.from;
    sent.to = request.to;
    sent.route = request.route;
    sent.headers = request.headers;
    sent.content_type = request.content_type;
    sent.body = request.body;
    sent.user = options.login.username;
    sent.password = options.login.password;
    sent.next_hop = options.next_hop;
    sent.socket = options.socket;
    sent.timeout_ms = options.timeout_ms;
    return {};
  }
  void drop(Run& run) override {
    ++drops;
    run.answered = true;
  }
  void cancel(const Run&, std::string reason) override { cancels.push_back(std::move(reason)); }
  void send_on(Run& run) override { run.answered = true; }
  dialog::Dialogs& dialogs() override { return *kept; }
  base::Result<void> send_inside(Run&, dialog::Dialog& dialog, dialog::Party to,
                                 const dialog::OwnRequests::Content& content) override {
    if (!is_established(dialog.state)) return base::Failure(base::Error::gone);
    inside.push_back({std::string(content.method), std::string(content.headers), to});
    return {};
  }
  std::shared_ptr<const transport::TlsPeer> tls_peer(base::ConnectionId) const override {
    return peer;
  }
  bool is_local(std::string_view host) const override { return host == "example.com"; }
  bool is_local(std::string_view host, std::uint16_t port) const override {
    return is_local(host) && port == 5060;
  }
  std::string socket_name(std::uint16_t socket) const override {
    return socket == 0 ? "udp:192.0.2.1:5060" : "";
  }
  std::optional<std::uint16_t> find_socket(std::string_view name) const override {
    return name == "udp:192.0.2.1:5060" ? std::optional<std::uint16_t>(0) : std::nullopt;
  }
  std::optional<location::TargetGroups> lookup(
      std::string_view aor, const location::TargetFilter& filter) const override {
    return location::TargetGroups(table.find(aor), now_ms(), filter);
  }
  void lookup(std::string_view, const location::TargetFilter&,
              std::move_only_function<void(Contacts)>) override {}
  std::optional<location::Registrar::Outcome> save(Run& run, std::string_view aor,
                                                   const location::SaveOptions& options,
                                                   const std::function<Saved()>&) override {
    saved.emplace_back(aor);
    save_options = options;
    return registrar.process(*run.request, aor, options, now_ms());
  }

  struct Inside {
    std::string method, headers;
    dialog::Party to;
  };

  std::vector<std::pair<manage::Event, std::uint64_t>> awaited;
  std::vector<manage::Event> raised;
  loop::Context* worker = nullptr;
  dialog::Dialogs* kept = nullptr;
  std::vector<Inside> inside;
  SharedTables tables{1 << 20};
  std::vector<transport::HttpRequest> http_requests;
  std::vector<transport::DnsQuestion> questions;
  std::shared_ptr<const transport::DnsAnswer> known_answer;
  std::vector<int> spawned;
  storage::Storage* databases = nullptr;
  std::vector<Reply> replies;
  int forced_rports = 0;
  std::vector<Fork> forks;
  std::vector<Request> requests;
  std::optional<base::Error> request_fails;
  std::vector<unsigned> forwarded;
  std::vector<std::uint64_t> sleeps;
  std::vector<std::string> saved;
  location::SaveOptions save_options;
  int drops = 0;
  std::vector<std::string> cancels;
  std::optional<base::Error> fork_fails;
  location::AorTable table;
  std::shared_ptr<const transport::TlsPeer> peer;
  location::Registrar registrar{table};
};

inline constexpr std::string_view kInvite =
    "INVITE sip:bob@example.com:5070;transport=udp;lr SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 198.51.100.7:5062;branch=z9hG4bKabc\r\n"
    "Max-Forwards: 69\r\n"
    "From: \"Alice \\\"A\\\" Smith\" <sip:alice@example.com>;tag=a1\r\n"
    "To: <sip:bob@example.com>\r\n"
    "Call-ID: call-1\r\n"
    "CSeq: 42 INVITE\r\n"
    "Contact: <sip:alice@198.51.100.7:5062>;q=0.5, \"B\" <sip:b@198.51.100.8>\r\n"
    "X-List: one\r\n"
    "X-List: two\r\n"
    "User-Agent: phone/1\r\n"
    "Content-Type: application/sdp\r\n"
    "Content-Length: 5\r\n\r\nv=0\r\n";

inline constexpr std::string_view kRegister =
    "REGISTER sip:example.com SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 198.51.100.7:5062;branch=z9hG4bKreg\r\n"
    "Max-Forwards: 70\r\n"
    "From: <sip:bob@example.com>;tag=r1\r\n"
    "To: <sip:Bob@Example.COM>\r\n"
    "Call-ID: reg-1\r\n"
    "CSeq: 1 REGISTER\r\n"
    "Contact: <sip:bob@198.51.100.7:5062>;expires=600\r\n"
    "Content-Length: 0\r\n\r\n";

inline std::string response_bytes(unsigned code) {
  return "SIP/2.0 " + std::to_string(code) +
         " Busy\r\n"
         "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKx\r\n"
         "From: <sip:alice@example.com>;tag=a1\r\nTo: <sip:bob@example.com>;tag=b1\r\n"
         "Call-ID: call-1\r\nCSeq: 42 INVITE\r\nContact: <sip:bob@198.51.100.9:5066>\r\n"
         "X-Why: because\r\nContent-Length: 0\r\n\r\n";
}

inline base::Ref<parser::Message> message_of(std::string_view bytes) {
  base::Flow flow;
  flow.peer = *base::Address::parse("198.51.100.7", 5062);
  flow.socket = 0;
  auto parsed = parser::Message::parse(bytes, flow);
  if (!parsed.message || parsed.fault.code != 0) throw std::invalid_argument(parsed.fault.reason);
  return parsed.message;
}

}  // namespace opensips::routing
