#include "l0_transport/dns_client.hh"

#include <ares.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

namespace opensips::transport {

namespace {

constexpr int kInternet = 1;     // the class
constexpr int kDatagram = 1232;  // what fits into one packet nearly everywhere (EDNS, RFC 6891)

/// One question on its way. Made by ask(), freed when its answer is there.
struct Asked {
  loop::Context& context;
  DnsQuestion question;
  NameServers::Answered answered;
};

DnsAnswer::Status status_of(int status) {
  using enum DnsAnswer::Status;
  switch (status) {
    case ARES_ETIMEOUT: return timed_out;
    case ARES_ECONNREFUSED:  // also after answers that made it ask another server
    case ARES_EREFUSED:
    case ARES_ESERVFAIL:
    case ARES_ENOTIMP: return unreachable;
    case ARES_EFORMERR: return server_failed;
    default: return malformed;
  }
}

DnsAnswer answer_of(int status, std::string_view bytes, const DnsQuestion& question) {
  if (!bytes.empty()) return read_dns_answer(bytes, question);
  DnsAnswer answer;
  answer.status = status_of(status);
  return answer;
}

std::vector<std::string> texts_of(const std::vector<base::Address>& addresses) {
  std::vector<std::string> texts;
  for (const auto& one : addresses) texts.push_back(one.to_string());
  return texts;
}

extern "C" void on_answer(void* asked, int status, int, unsigned char* bytes, int size) {
  const std::unique_ptr<Asked> mine(static_cast<Asked*>(asked));
  if (status == ARES_EDESTRUCTION) return;  // and nobody waits any more
  const auto* text = reinterpret_cast<const char*>(bytes);
  auto answer =
      answer_of(status, {text, bytes ? static_cast<std::size_t>(size) : 0}, mine->question);
  // c-ares may say at once that it cannot ask; whoever asked does not expect that.
  mine->context.defer([answered = std::move(mine->answered), answer = std::move(answer)]() mutable {
    answered(std::move(answer));
  });
}

}  // namespace

struct DnsClient::Channel {
  struct Watches {
    loop::WatchPtr readable, writable;
  };
  ares_channel ares = nullptr;
  std::unordered_map<int, Watches> watches;
  bool ending = false;
};

DnsClient::DnsClient(loop::Worker& worker)
    : worker_(worker), channel_(std::make_unique<Channel>()) {}

DnsClient::~DnsClient() {
  channel_->ending = true;
  if (channel_->ares) ares_destroy(channel_->ares);
}

std::expected<std::unique_ptr<DnsClient>, std::string> DnsClient::make(
    loop::Worker& worker, const DnsClientOptions& from) {
  static const int library = ares_library_init(ARES_LIB_INIT_ALL);
  std::unique_ptr<DnsClient> made(new DnsClient(worker));
  ares_options options{};
  options.flags = ARES_FLAG_EDNS;
  options.ednspsz = kDatagram;
  options.timeout = static_cast<int>(from.retry_time);
  options.tries = static_cast<int>(from.retries + 1);
  options.sock_state_cb = [](void* self, ares_socket_t fd, int readable, int writable) {
    static_cast<DnsClient*>(self)->watch(fd, readable != 0, writable != 0);
  };
  options.sock_state_cb_data = made.get();
  constexpr int kGiven = ARES_OPT_FLAGS | ARES_OPT_EDNSPSZ | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
                         ARES_OPT_SOCK_STATE_CB;
  auto& ares = made->channel_->ares;
  int status = library ? library : ares_init_options(&ares, &options, kGiven);
  if (!status && !from.servers.empty()) {
    const auto list = fmt::format("{}", fmt::join(texts_of(from.servers), ","));
    status = ares_set_servers_ports_csv(ares, list.c_str());
  }
  if (status) return std::unexpected(std::string(ares_strerror(status)));
  return made;
}

void DnsClient::ask(const DnsQuestion& question, Answered answered) {
  auto* const asked = new Asked{worker_.context(), question, std::move(answered)};
  ares_query(channel_->ares, question.name.c_str(), kInternet, static_cast<int>(question.type),
             on_answer, asked);
  sleep();
}

/// c-ares says which of its descriptors matter; one that does not is about to be closed. The Watch
/// may be running at the moment: it ends at the end of the turn.
void DnsClient::watch(int fd, bool readable, bool writable) {
  auto& watches = channel_->watches[fd];
  const auto settle = [&](loop::WatchPtr& one, bool wanted, auto make) {
    if (wanted && !one) one = make();
    if (wanted || !one) return;
    one->pause();
    if (channel_->ending) return one.reset();
    worker_.context().defer([old = std::shared_ptr<loop::Watch>(std::move(one))] {});
  };
  settle(watches.readable, readable,
         [&] { return worker_.watch_readable(fd, [this, fd] { process(fd, ARES_SOCKET_BAD); }); });
  settle(watches.writable, writable,
         [&] { return worker_.watch_writable(fd, [this, fd] { process(ARES_SOCKET_BAD, fd); }); });
  if (!readable && !writable) channel_->watches.erase(fd);
}

void DnsClient::process(int readable, int writable) {
  ares_process_fd(channel_->ares, readable, writable);
  sleep();
}

/// Until the first question that is on its way has waited long enough.
void DnsClient::sleep() {
  timeval room{};
  const auto* const next = ares_timeout(channel_->ares, nullptr, &room);
  if (!next) return timer_.cancel();
  const auto ms = static_cast<std::uint64_t>(next->tv_sec) * 1000 +
                  static_cast<std::uint64_t>(next->tv_usec) / 1000;
  worker_.context().timers.arm(timer_, ms + 1);
}

void DnsClient::on_timer() {
  process(ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

}  // namespace opensips::transport
