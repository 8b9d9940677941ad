#include "script_test/test_server.hh"

#include <chrono>
#include <functional>
#include <map>
#include <ranges>
#include <utility>

#include <fmt/format.h>

#include "assembly.hh"
#include "base/clock.hh"
#include "base/log.hh"
#include "config/load.hh"
#include "loop/control.hh"
#include "loop/inbox.hh"
#include "loop/mailbox.hh"
#include "lp_routing/layer_services.hh"
#include "lp_routing/lua/loader.hh"
#include "lp_routing/recording/worker_recorder.hh"
#include "manage/event_commands.hh"
#include "module/host.hh"
#include "module/modules.hh"
#include "options.hh"
#include "persistence/domains.hh"
#include "script_test/fake_database.hh"
#include "script_test/fake_names.hh"
#include "script_test/fake_web.hh"
#include "script_test/fake_worker.hh"
#include "stack.hh"
#include "storage/storage.hh"

namespace opensips::script_test {

namespace {

/// A script that never comes to rest without time passing is stopped after so many turns.
constexpr int kMostTurns = 10'000;
constexpr std::uint32_t kNameTtl = 60;  // seconds

/// Opens modules where the settings say and, besides, where the test runner looks.
class Opener final : public config::Modules {
 public:
  Opener(modules::Modules& all, std::vector<std::string> more)
      : all_(all), more_(std::move(more)) {}

  std::expected<void, std::string> open(const config::Module& module,
                                        std::span<const std::string> mpath) override {
    std::vector<std::string> places(mpath.begin(), mpath.end());
    places.insert(places.end(), more_.begin(), more_.end());
    return all_.open(module, places);
  }
  std::span<const config::Parameter> parameters(std::string_view module) const override {
    return all_.parameters(module);
  }
  void check(const config::Settings& settings, config::Diagnostics& diagnostics) override {
    all_.check(settings, diagnostics);
  }

 private:
  modules::Modules& all_;
  const std::vector<std::string> more_;
};

std::expected<config::Settings, std::string> read_settings(const Setup& setup,
                                                           modules::Modules& modules) {
  Opener opener(modules, setup.mpath);
  const auto read = [&](const std::string& path) -> std::expected<std::string, config::ReadError> {
    if (!setup.config_text.empty() && path == setup.config) return setup.config_text;
    return config::read_file(path);
  };
  auto settings = config::load(setup.config, read, &opener);
  if (!settings) return std::unexpected(settings.error().text());
  return std::move(*settings);
}

Shared::Options options_for(const Setup& setup, const config::Settings& settings) {
  auto options = options_of(settings, base::SipKey::random());
  options.workers = 1;
  // What this machine says of names is no business of a test, but of calls that went by it.
  if (!setup.witnesses) options.hosts_file.clear();
  return options;
}

/// One connection: statements are done in the order in which they were given. The clock on the wall
/// has no say.
storage::Database::Options databases_for(const config::Settings& settings) {
  auto options = databases_of(settings.db);
  options.connections = 1;
  options.limit = std::chrono::hours(1);
  return options;
}

base::Address address_of(const config::Socket& setting) {
  const auto address = base::Address::parse(setting.address, setting.port);
  if (address && !address->is_wildcard()) return *address;
  return *base::Address::parse(setting.ipv6 ? "::1" : "127.0.0.1", setting.port);
}

}  // namespace

/// In the order in which a server is put together; taken apart the other way round.
struct TestServer::Impl {
  Impl(const Setup& setup, config::Settings given, std::unique_ptr<modules::Modules> opened,
       Answers& all_answers, Tables& tables, Journal& to)
      : is_replay(setup.witnesses != nullptr),
        settings(std::move(given)),
        loaded(std::move(opened)),
        answers(all_answers),
        journal(to),
        functions(functions_of(*loaded)),
        event_types(events_of(*loaded)),
        shared(options_for(setup, settings)),
        kinds{{"sqlite", answers, tables}, {"mysql", answers, tables}, {"redis", answers, tables}},
        storage(databases_for(settings), settings.db.default_url, settings.db.version_table),
        domains(shared.sockets.domains(), control),
        host(shared.stats, shared.commands, control, storage, shared.events),
        subscriptions(control, shared.events, event_types),
        worker(shared.epoch, base::monotonic_ms(), shared.stats),
        web(worker.context, answers),
        stack((add_sockets(setup.sockets), worker.context), worker.network, shared, &names),
        recording(recorder, worker.context, stack.resolver.cache(),
                  [](const std::function<void()>& work) { work(); }),
        parts(worker.context),
        services(stack.routing, stack.uac, shared.sockets, shared.locations, shared.registrar,
                 shared.script_tables) {
    for (auto& kind : kinds) storage.add(kind);
    services.set_network(web, stack.resolver.cache());
    services.set_storage(storage);
    stack.routing.set_witnesses(setup.witnesses ? *setup.witnesses : recording);
    names.on_unknown = [this](const transport::DnsQuestion& question) { name_unknown(question); };
  }
  ~Impl() {
    mailbox->close();
    loaded->stop();
    storage.stop(std::chrono::milliseconds(0));
  }

  void add_sockets(const std::vector<Record::Socket>& given) {
    for (const auto& one : given) {
      shared.sockets.add(one.transport, one.address, one.host, one.port);
    }
    for (const auto& one : settings.sockets) {
      if (!given.empty()) break;
      shared.sockets.add(*transport::transport_of(one.transport), address_of(one),
                         one.advertised_host, one.advertised_port);
    }
    for (const auto& alias : settings.aliases) shared.sockets.add_alias(alias.host, alias.port);
  }
  std::expected<void, std::string> start();
  std::expected<void, std::string> start_worker();
  std::expected<void, std::string> load_script();
  void settle();
  bool turn();
  void note_waits();
  void note_unanswered();
  void note_errors();
  void name_unknown(const transport::DnsQuestion& question);

  const bool is_replay;
  config::Settings settings;
  std::unique_ptr<modules::Modules> loaded;
  Answers& answers;
  Journal& journal;
  loop::Control control;
  routing::FunctionTable functions;
  manage::EventTypes event_types;
  Shared shared;
  FakeDatabase kinds[3];
  storage::Storage storage;
  DomainTable domains;
  modules::Host host;
  manage::EventSubscriptions subscriptions;
  FakeWorker worker;
  loop::Inbox inbox{100'000};
  std::shared_ptr<loop::Mailbox> mailbox = std::make_shared<loop::Mailbox>(inbox);
  transport::FakeNames names;
  FakeWeb web;
  Stack stack;
  routing::recording::Recorder recorder{shared.sockets};
  routing::recording::WorkerRecorder recording;
  modules::Worker parts;
  routing::LayerServices services;
  std::optional<routing::lua::Loader> script;
  std::map<std::uint64_t, std::uint32_t> waits;  // that the journal has, by the ids of runs
  std::uint64_t errors = 0;                      // of handlers, likewise
  std::string last_wait;                         // its place in the script
  std::vector<std::string> problems;
};

std::expected<void, std::string> TestServer::Impl::start() {
  if (auto started = loaded->start(host, settings); !started) return started;
  if (auto opened = domains.open(settings, storage); !opened) return opened;
  domains.add_to(shared.commands);
  if (auto started = start_worker(); !started) return started;
  if (auto read = load_script(); !read) return read;
  worker.context.bus.start();
  // A day that is run again would be spent on it: ten times a second, for contacts that nobody
  // finds.
  if (!is_replay) stack.location.start_sweeping();
  stack.pinger.start();
  settle();
  return {};
}

std::expected<void, std::string> TestServer::Impl::start_worker() {
  services.set_background(mailbox, inbox, host.pool());
  host.add_worker(mailbox);
  shared.events.set_listener(
      0, {.post = [this](std::function<void()> work) { return mailbox->post(std::move(work)); },
          .take = [&desk = stack.routing.events()](const manage::EventRef& event,
                                                   bool here) { desk.take(event, here); }});
  return loaded->start_on(parts, settings);
}

std::expected<void, std::string> TestServer::Impl::load_script() {
  shared.generations.set_host(
      {.tell = [this](unsigned, std::function<void()> work) { inbox.post(std::move(work)); },
       .began = [this](unsigned) { stack.routing.begin_generation(); },
       .bury =
           [this](std::unique_ptr<routing::Engine> engine) {
             control.inbox().post([engine = std::move(engine)] {});
           }});
  auto settings_of_script = script_of(settings, functions, event_types, *loaded);
  if (settings_of_script.language) {
    // Its threads know no fake clock.
    return std::unexpected(settings.script + ": is not in Lua, expected a script in Lua");
  }
  script.emplace(shared.generations, settings_of_script, std::vector<routing::Services*>{&services},
                 static_cast<std::size_t>(settings.script_generations_max));
  script->add_to(shared.commands);
  script->add_to(shared.stats);
  recorder.add_to(shared.commands);
  recorder.add_to(shared.stats);
  return script->load();
}

/// One turn of the worker and of the control thread: other threads are waited for, so that what
/// they do has happened at once, and whoever waits is noted before it gets its answer. False: there
/// was nothing to do.
bool TestServer::Impl::turn() {
  auto& context = worker.context;
  context.run_deferred();
  note_waits();
  host.pool()->settle();
  storage.settle();
  journal.catch_up();
  note_unanswered();
  const bool busy =
      names.is_asked() || web.is_asked() || inbox.size() > 0 || control.inbox().size() > 0;
  names.answer();
  web.answer();
  // What that leads to waits for the next turn, whether another thread is quick or not.
  inbox.drain(inbox.size());
  control.inbox().drain(control.inbox().size());
  return busy || context.has_deferred();
}

/// Until nothing more happens unless time passes.
void TestServer::Impl::settle() {
  for (int turns = 0; turns < kMostTurns; ++turns) {
    if (!turn()) return note_errors();
  }
  problems.emplace_back("the script never comes to rest: it goes on and on without waiting");
}

void TestServer::Impl::note_waits() {
  stack.routing.visit_waiting([this](const routing::Run& run, const std::string& place) {
    auto& noted = waits[run.id.bits];
    if (noted == run.waits || place.empty()) return;
    noted = run.waits;
    journal.note(fmt::format("{} waits", place));
    last_wait = place;
  });
}

/// Who has begun to wait last is who has asked.
void TestServer::Impl::note_unanswered() {
  for (auto& one : answers.take_unanswered()) {
    auto problem = fmt::format("nothing answers {}", one);
    if (!last_wait.empty()) problem = fmt::format("{}: {}", last_wait, problem);
    problems.push_back(std::move(problem));
  }
}

/// A handler that fails is a failure of the test; the log says what it was.
void TestServer::Impl::note_errors() {
  std::uint64_t now = 0;
  for (const auto& one : shared.generations.live()) now += one.counts.errors;
  if (std::exchange(errors, now) == now) return;
  const auto lines = journal.log_lines();
  const auto said = std::ranges::find_if(std::views::reverse(lines), [](const std::string& line) {
    return line.starts_with("script: ") && line.find(" failed") != std::string::npos;
  });
  problems.push_back(said == std::ranges::rend(lines) ? "a handler of the script failed" : *said);
}

void TestServer::Impl::name_unknown(const transport::DnsQuestion& question) {
  if (names.knows(question.name)) return;
  answers.nothing_for({.service = Service::dns,
                       .text = fmt::format("{} {}", to_string(question.type), question.name)});
}

std::expected<std::unique_ptr<TestServer>, std::string> TestServer::make(const Setup& setup,
                                                                         Answers& answers,
                                                                         Tables& tables,
                                                                         Journal& journal) {
  auto modules = std::make_unique<modules::Modules>();
  auto settings = read_settings(setup, *modules);
  if (!settings) return std::unexpected(std::move(settings.error()));
  base::log_set_level(settings->log_level);
  auto impl = std::make_unique<Impl>(setup, std::move(*settings), std::move(modules), answers,
                                     tables, journal);
  if (auto started = impl->start(); !started) return std::unexpected(std::move(started.error()));
  return std::unique_ptr<TestServer>(new TestServer(std::move(impl)));
}

TestServer::TestServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TestServer::~TestServer() = default;

void TestServer::add_addresses(const std::string& name, const std::vector<std::string>& values) {
  for (const auto& value : values) impl_->names.address(name, value, kNameTtl);
}

void TestServer::add_service(const std::string& name, const transport::SrvRecord& service) {
  impl_->names.service(name, service);
}

void TestServer::add_failure(const std::string& name) {
  using transport::DnsType;
  for (const auto type : {DnsType::a, DnsType::aaaa, DnsType::srv, DnsType::naptr}) {
    impl_->names.failure(name, type, transport::DnsAnswer::Status::timed_out);
  }
}

void TestServer::set_answer(const transport::DnsQuestion& question,
                            const transport::DnsAnswer& answer) {
  impl_->names.set(question, answer);
}

void TestServer::settle() {
  impl_->settle();
}

void TestServer::receive(std::string_view bytes, const base::Flow& from) {
  impl_->worker.arrive(bytes, from);
  impl_->settle();
}

std::optional<std::uint64_t> TestServer::next_due() {
  return impl_->worker.context.timers.next_due();
}

void TestServer::advance_to(std::uint64_t now_ms) {
  impl_->worker.advance_to(now_ms);
  impl_->settle();
}

std::uint64_t TestServer::now() const {
  return impl_->worker.now();
}

std::vector<Network::Sent> TestServer::take() {
  return std::exchange(impl_->worker.network.sent, {});
}

std::vector<std::string> TestServer::take_problems() {
  return std::exchange(impl_->problems, {});
}

std::optional<TestServer::Socket> TestServer::socket_of(base::Transport transport) const {
  const auto& sockets = impl_->shared.sockets;
  for (std::uint16_t place = 0; place < sockets.size(); ++place) {
    const auto& one = sockets.at(place);
    if (one.transport == transport) return Socket{place, one.address.to_string()};
  }
  return std::nullopt;
}

const std::string& TestServer::fingerprint() const {
  return impl_->script->fingerprint();
}

std::optional<std::uint64_t> TestServer::statistic(std::string_view name) const {
  return impl_->shared.stats.value(name);
}

std::expected<std::string, std::string> TestServer::command(
    const std::string& name, const std::vector<std::string>& arguments) {
  const auto answer = impl_->shared.commands.call(name, manage::Json(arguments));
  impl_->settle();
  if (!answer) return std::unexpected(answer.error().message);
  return manage::to_text(*answer);
}

}  // namespace opensips::script_test
