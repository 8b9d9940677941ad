#include "server.hh"

#include <pthread.h>

#include <barrier>
#include <chrono>
#include <csignal>
#include <ctime>
#include <functional>
#include <optional>
#include <thread>
#include <utility>

#include <fmt/core.h>

#include "assembly.hh"
#include "base/clock.hh"
#include "base/log.hh"
#include "base/memory.hh"
#include "base/ref.hh"
#include "keys.hh"
#include "l0_transport/address_watch.hh"
#include "l0_transport/dns_client.hh"
#include "l0_transport/dns_commands.hh"
#include "l0_transport/flood_commands.hh"
#include "l0_transport/http_client.hh"
#include "l0_transport/interfaces.hh"
#include "l0_transport/layer.hh"
#include "l0_transport/listeners.hh"
#include "l0_transport/socket_commands.hh"
#include "l0_transport/steering.hh"
#include "l0_transport/tcp_commands.hh"
#include "l0_transport/tls/commands.hh"
#include "l1_parser/peek.hh"
#include "l2_transaction/commands.hh"
#include "l3_dialog/commands.hh"
#include "l6_location/commands.hh"
#include "loop/control.hh"
#include "loop/worker.hh"
#include "lp_routing/functions/table.hh"
#include "lp_routing/layer_services.hh"
#include "lp_routing/lua/loader.hh"
#include "lp_routing/recording/worker_recorder.hh"
#include "lp_routing/server_events.hh"
#include "manage/core_commands.hh"
#include "manage/event_commands.hh"
#include "manage/layer_commands.hh"
#include "manage/load.hh"
#include "manage/management.hh"
#include "manage/memory.hh"
#include "manage/stats_commands.hh"
#include "options.hh"
#include "persistence/contacts.hh"
#include "persistence/dialogs.hh"
#include "persistence/domains.hh"
#include "persistence/tls_domains.hh"
#include "stack.hh"
#include "storage/storage.hh"
#include "tools/replay_tool.hh"

namespace opensips {

namespace {

using Problem = std::unexpected<std::string>;

/// What waits to be written when the server stops may take so long.
constexpr std::chrono::milliseconds kLastWrites{2000};

/// Set aside for when memory runs out: what is under way on all workers at that moment needs less.
constexpr std::size_t kMemoryReserve = 16UL << 20;

std::expected<std::vector<transport::FileDescriptor>, std::string> bind_one(
    base::Transport transport, const base::Address& address, const config::Settings& settings,
    const Shared& shared, const TlsDomains& tls) {
  const auto& owners = shared.owners;
  if (base::is_secure(transport) && !tls.expects_table() &&
      !shared.tls.domains()->any_for(address)) {
    return Problem(
        fmt::format("no TLS domain is for {}, expected one (modparam \"tls_mgm\", "
                    "\"server_domain\")",
                    address.to_string()));
  }
  if (transport != base::Transport::udp) {
    return transport::bind_tcp(address, owners.workers(), transport);
  }
  auto bound = transport::bind_udp(address, owners.workers(),
                                   {.receive_buffer = settings.udp_receive_buffer,
                                    .send_buffer = settings.udp_send_buffer,
                                    .receive_buffer_goal = settings.maxbuffer,
                                    .tos = settings.tos});
  if (bound && !transport::steer_by_call_id(bound->front(), owners)) {
    base::log_notice("the kernel does not steer udp:{} by Call-ID: workers hand over more",
                     address.to_string());
  }
  return bound;
}

/// In this thread, and in those that it starts from now on: they are for the control loop.
void block_signals() {
  // Whoever started us may have had it ignored: then nobody is told how a child has ended.
  std::signal(SIGCHLD, SIG_DFL);
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

std::expected<void, std::string> open_sockets(transport::Listeners& listeners,
                                              const config::Settings& settings) {
  for (const auto& setting : settings.sockets) {
    const auto opened = listeners.open(setting);
    if (!opened) return Problem(settings.place(setting.at) + ": " + opened.error());
  }
  return {};
}

}  // namespace

/// One worker and its layers. Members are destroyed from the last to the first: the program before
/// the layers, the layers before the loop.
class Server::Unit {
 public:
  Unit(loop::Worker& worker, Shared& shared, routing::recording::Recorder& recorder,
       std::unique_ptr<transport::DnsClient> dns)
      : transport(worker, shared.sockets, shared.connections, shared.options.udp_grouping,
                  shared.options.tcp, &shared.tls),
        names(std::move(dns)),
        http(worker, {}),
        stack(worker.context(), transport, shared, names.get()),
        recording(
            recorder, worker.context(), stack.resolver.cache(),
            [&inbox = worker.inbox()](std::function<void()> work) { inbox.post(std::move(work)); }),
        modules(worker.context()),
        services(stack.routing, stack.uac, shared.sockets, shared.locations, shared.registrar,
                 shared.script_tables, &transport.connections()),
        mailbox(std::make_shared<loop::Mailbox>(worker.inbox())) {
    services.set_network(http, stack.resolver.cache());
    stack.routing.set_witnesses(recording);
    stack.location.service().set_connections(transport.connections());
  }
  ~Unit() { mailbox->close(); }

  transport::TransportLayer transport;
  std::unique_ptr<transport::DnsClient> names;
  transport::HttpClient http;
  Stack stack;
  routing::recording::WorkerRecorder recording;
  modules::Worker modules;
  routing::LayerServices services;
  std::shared_ptr<loop::Mailbox> mailbox;
  std::unique_ptr<dialog::DialogKeeper> keeper;         // of dialogs; none: they are not kept
  std::unique_ptr<dialog::DialogLoader> loader;         // on one worker
  std::unique_ptr<location::StoredRegistrar> contacts;  // none: they are in memory alone
  std::unique_ptr<location::ContactWriter> writer;      // of contacts, on one worker
};

struct Server::Impl {
  Impl(const config::Settings& settings, const Shared::Options& options, modules::Modules& modules)
      : functions(functions_of(modules)),
        event_types(events_of(modules)),
        shared(options),
        recorder(shared.sockets),
        memory(static_cast<std::uint64_t>(settings.memory_limit) << 20),
        tls_domains(settings, shared.tls, shared.sockets, control),
        listeners(shared.sockets,
                  [this, &settings](base::Transport transport, const base::Address& address) {
                    return bind_one(transport, address, settings, shared, tls_domains);
                  }),
        storage(databases_of(settings.db), settings.db.default_url, settings.db.version_table),
        domains(shared.sockets.domains(), control),
        loaded(modules),
        host(shared.stats, shared.commands, control, storage, shared.events),
        subscriptions(control, shared.events, event_types),
        rehearsal(control, {"/proc/self/exe", std::string(kReplayTool), "-j", "-f",
                            settings.files.front()}) {}
  ~Impl() {
    loaded.stop();
    storage.stop(kLastWrites);
  }
  std::expected<void, std::string> load_script(const config::Settings& settings);

  void limit_sources(const config::Settings& settings) {
    source_limit.emplace(loop::SourceLimit::Options{
        .messages = static_cast<std::uint32_t>(settings.source_limit),
        .window_ms = static_cast<std::uint32_t>(settings.source_limit_unit.count()),
        .exempt = settings.source_limit_exempt});
  }

  void add_commands() {
    auto& commands = shared.commands;
    manage::add_core_commands(commands, std::time(nullptr), [this] { control.stop(); });
    manage::add_thread_commands(commands, load);
    manage::add_stats_commands(commands, shared.stats);
    manage::add_layer_commands(commands, shared.layers);
    manage::add_load_statistics(shared.stats, load);
    memory.add_to(shared.stats);
    transport::add_socket_commands(commands, listeners, shared.sockets);
    transport::add_tcp_commands(commands, shared.connections, shared.sockets);
    transport::add_flood_commands(commands, source_limit);
    transport::tls::add_tls_commands(commands, shared.tls, [this] { return tls_domains.reload(); });
    transport::add_dns_commands(commands, resolvers, shared.failed_targets);
    transaction::add_commands(commands, transactions);
    location::add_commands(
        commands, shared.locations, shared.sockets, [this] { return contacts.why_not_in_memory(); },
        [this] { return contacts.shared(); });
    dialog::add_commands(commands, dialogs, shared.profiles);
    subscriptions.add_to(commands);
    commands.on_done([this](const manage::Command& command) { tell_of_reload(command.name); });
    storage.add_to(commands);
    storage.add_to(shared.stats);
  }

  void tell_of_reload(std::string_view command) {
    if (!command.ends_with(":reload")) return;
    std::string what(command.substr(0, command.find(':')));
    shared.events.raise(shared.events.control(), {"E_CORE_RELOADED", {{"what", std::move(what)}}});
  }

  /// Events reach the scripts of a worker.
  void tell_of_events(unsigned worker, Unit& unit) {
    shared.events.set_listener(
        worker,
        {.post = [mailbox = unit.mailbox](
                     std::function<void()> work) { return mailbox->post(std::move(work)); },
         .take = [&desk = unit.stack.routing.events()](const manage::EventRef& event,
                                                       bool here) { desk.take(event, here); }});
  }

  loop::Control control;
  manage::Load load;
  routing::FunctionTable functions;
  manage::EventTypes event_types;
  Shared shared;
  routing::recording::Recorder recorder;
  manage::Memory memory;
  std::optional<loop::SourceLimit> source_limit;
  TlsDomains tls_domains;
  transport::Listeners listeners;
  storage::Storage storage;
  DialogPersistence persistence;
  LocationPersistence contacts;
  DomainTable domains;
  modules::Modules& loaded;
  modules::Host host;
  manage::EventSubscriptions subscriptions;
  std::vector<std::unique_ptr<loop::Worker>> workers;
  std::vector<std::unique_ptr<Unit>> units;
  std::vector<transport::WorkersResolver> resolvers;
  std::vector<transaction::WorkersTransactions> transactions;
  std::vector<dialog::WorkersDialogs> dialogs;
  routing::Rehearsal rehearsal;
  std::optional<routing::lua::Loader> script;
  std::unique_ptr<manage::Management> management;
};

std::expected<void, std::string> Server::Impl::load_script(const config::Settings& settings) {
  std::vector<routing::Services*> services;
  for (const auto& unit : units) services.push_back(&unit->services);
  shared.generations.set_host(
      {.tell = [this](
                   unsigned worker,
                   std::function<void()> work) { workers[worker]->inbox().post(std::move(work)); },
       .began = [this](unsigned worker) { units[worker]->stack.routing.begin_generation(); },
       // A large one takes long: not on a worker.
       .bury =
           [this](std::unique_ptr<routing::Engine> engine) {
             control.inbox().post([engine = std::move(engine)] {});
           }});
  script.emplace(shared.generations, script_of(settings, functions, event_types, loaded),
                 std::move(services), static_cast<std::size_t>(settings.script_generations_max));
  script->set_rehearsal(rehearsal);
  script->add_to(shared.commands);
  script->add_to(shared.stats);
  recorder.add_to(shared.commands);
  recorder.add_to(shared.stats);
  return script->load();
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() {
  base::RefCounted::inherit_all();
}  // the workers have ended

std::expected<std::unique_ptr<Server>, std::string> Server::make(const config::Settings& settings,
                                                                 modules::Modules& modules) {
  base::SipKey mac_key = base::SipKey::random();
  if (!settings.mac_key_file.empty()) {
    const auto loaded = load_mac_key(settings.mac_key_file);
    if (!loaded) return Problem(settings.place("mac_key_file") + ": " + loaded.error());
    mac_key = *loaded;
  }
  auto impl = std::make_unique<Impl>(settings, options_of(settings, mac_key), modules);
  auto& shared = impl->shared;
  if (auto read = impl->tls_domains.read_files(); !read) return Problem(read.error());
  impl->add_commands();
  for (const auto& alias : settings.aliases) shared.sockets.add_alias(alias.host, alias.port);
  if (auto opened = open_sockets(impl->listeners, settings); !opened)
    return Problem(opened.error());
  block_signals();
  if (auto started = modules.start(impl->host, settings); !started) return Problem(started.error());
  if (auto opened = impl->tls_domains.open(settings, impl->storage, impl->host); !opened)
    return Problem(opened.error());
  if (auto opened = impl->persistence.open(settings, impl->storage); !opened)
    return Problem(opened.error());
  if (auto opened = impl->domains.open(settings, impl->storage); !opened)
    return Problem(opened.error());
  impl->domains.add_to(shared.commands);

  const location::Homes homes(shared.sockets, mac_key, shared.epoch);
  if (auto opened = impl->contacts.open(settings, impl->storage, shared.locations, shared.sockets,
                                        homes, shared.stats);
      !opened)
    return Problem(opened.error());

  if (settings.source_limit > 0) impl->limit_sources(settings);
  const loop::Worker::Options worker_options{
      .inbox_limit = static_cast<std::size_t>(settings.inbox_limit),
      .call_id_of = parser::call_id_of,
      .gather_ns = 1000 * static_cast<std::uint64_t>(settings.gather_time),
      .source_limit = impl->source_limit ? &*impl->source_limit : nullptr,
      .overload_limit_ms = static_cast<std::uint64_t>(settings.overload_limit.count())};
  for (unsigned i = 0; i < shared.options.workers; ++i) {
    impl->workers.push_back(std::make_unique<loop::Worker>(i, shared.epoch, shared.owners,
                                                           shared.stats, worker_options));
    auto names = transport::DnsClient::make(*impl->workers.back(), shared.options.dns);
    if (!names) return Problem("cannot ask name servers: " + names.error());
    auto unit =
        std::make_unique<Unit>(*impl->workers.back(), shared, impl->recorder, std::move(*names));
    impl->resolvers.push_back({&impl->workers.back()->inbox(), &unit->stack.resolver});
    impl->transactions.push_back({&impl->workers.back()->inbox(), &unit->stack.transactions});
    impl->dialogs.push_back({&impl->workers.back()->inbox(), &unit->stack.dialogs.dialogs()});
    unit->keeper = impl->persistence.keep(unit->stack.dialogs.dialogs(),
                                          impl->workers.back()->inbox(), unit->mailbox);
    impl->listeners.join(unit->transport);
    unit->services.set_background(unit->mailbox, impl->workers.back()->inbox(), impl->host.pool());
    unit->services.set_storage(impl->storage);
    unit->contacts = impl->contacts.registrar_on(impl->workers.back()->context(), unit->mailbox,
                                                 shared.registrar);
    if (unit->contacts) {
      unit->services.set_contacts(*unit->contacts);
      unit->stack.devices.set_contacts(*unit->contacts);
      unit->stack.location.service().set_contacts(*unit->contacts);
    }
    impl->host.add_worker(unit->mailbox);
    impl->tell_of_events(i, *unit);
    if (auto begun = modules.start_on(unit->modules, settings); !begun)
      return Problem(begun.error());
    impl->units.push_back(std::move(unit));
  }
  if (auto loaded = impl->load_script(settings); !loaded) return Problem(loaded.error());
  for (const auto& worker : impl->workers) worker->meet(impl->workers);
  impl->units.front()->stack.location.start_sweeping();
  impl->units.front()->stack.pinger.start();
  impl->units.front()->loader = impl->persistence.load(*impl->workers.front(), impl->shared.owners);
  impl->persistence.add_to(shared.commands);
  impl->units.front()->writer =
      impl->contacts.begin(impl->workers.front()->context(), impl->units.front()->mailbox);
  impl->contacts.add_to(shared.commands);
  auto management = manage::Management::make(impl->control, shared.commands, settings);
  if (!management) return Problem(std::move(management.error()));
  impl->management = std::move(*management);
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

void Server::run() {
  auto& control = impl_->control;
  // Blocked in every thread, and taken by this one.
  const auto ends = control.on_signals({SIGINT, SIGTERM}, [&](int) { control.stop(); });
  const auto reopens = control.on_signals({SIGHUP}, [](int) { base::log_reopen(); });
  // What a worker made it also takes apart, once no other can post to it any more: modules have
  // threads too.
  base::keep_memory_reserve(kMemoryReserve);
  std::barrier stopped(static_cast<std::ptrdiff_t>(impl_->workers.size()) + 1);
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < impl_->workers.size(); ++i) {
    threads.emplace_back([i, &stopped, &worker = impl_->workers[i], &unit = impl_->units[i]] {
      pthread_setname_np(pthread_self(), fmt::format("{}/{}", manage::Load::kWorker, i).c_str());
      worker->run();
      stopped.arrive_and_wait();
      stopped.arrive_and_wait();
      unit.reset();
      worker.reset();
    });
  }
  for (const auto& one : impl_->listeners.opened()) {
    const auto& socket = impl_->shared.sockets.at(one.place);
    base::log_notice("listening on {}:{}", base::name_of(socket.transport),
                     socket.address.to_string());
  }
  base::log_notice("ready: {} workers", impl_->workers.size());

  const auto sample = [&] { impl_->load.sample(manage::read_threads(), base::monotonic_ms()); };
  sample();
  const transport::AddressWatch addresses(control, [&] { impl_->listeners.follow(); });
  const auto sampling = control.every(std::chrono::seconds(1), sample);
  const std::jthread watching([this](const std::stop_token& stop) {
    pthread_setname_np(pthread_self(), "memory");
    impl_->memory.watch(stop);
  });
  control.run();
  base::log_notice("stopping");
  for (const auto& worker : impl_->workers) worker->stop();
  stopped.arrive_and_wait();
  impl_->loaded.stop();
  stopped.arrive_and_wait();
}

routing::lua::Report check(const config::Settings& settings, const modules::Modules& modules) {
  transport::tls::Service tls(settings.tls_domains);
  if (const auto read = tls.read(); !read) {
    return {{settings.place(read.error().at) + ": " + read.error().text}, true};
  }
  const auto functions = functions_of(modules);
  const auto events = events_of(modules);
  return routing::lua::check(script_of(settings, functions, events, modules));
}

}  // namespace opensips
