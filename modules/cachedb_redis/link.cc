#include "cachedb_redis/link.hh"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace opensips::cachedb_redis {
namespace {

using storage::Error;
using Clock = std::chrono::steady_clock;

timeval time_of(std::chrono::milliseconds time) {
  return {.tv_sec = time.count() / 1000, .tv_usec = time.count() % 1000 * 1000};
}

/// As servers read it: an array of bulk strings.
std::string wire_of(Link::Words words) {
  std::string wire = fmt::format("*{}\r\n", words.size());
  for (const auto word : words)
    wire.append(fmt::format("${}\r\n", word.size())).append(word).append("\r\n");
  return wire;
}

}  // namespace

std::string name_of(const Server& server) {
  const bool v6 = server.host.find(':') != std::string::npos;
  return v6 ? fmt::format("[{}]:{}", server.host, server.port)
            : fmt::format("{}:{}", server.host, server.port);
}

void Interruption::interrupt() {
  const auto state = state_.lock();
  state->on = true;
  if (state->fd >= 0) ::shutdown(state->fd, SHUT_RDWR);
}

Interruption::Waiting::Waiting(Interruption& interruption, int fd) : interruption_(interruption) {
  const auto state = interruption_.state_.lock();
  state->fd = fd;
  if (state->on) ::shutdown(fd, SHUT_RDWR);
}

Interruption::Waiting::~Waiting() {
  interruption_.state_.lock()->fd = -1;
}

std::expected<std::unique_ptr<Link>, Error> Link::open(const Server& server, const Options& options,
                                                       Interruption& interruption) {
  std::unique_ptr<Link> link(new Link(server, options, interruption));
  link->context_.reset(
      redisConnectWithTimeout(server.host.c_str(), server.port, time_of(options.limit)));
  if (!link->context_) return link->failure("no memory", true);
  if (link->context_->err != 0) return link->failure(link->context_->errstr, true);
  if (auto good = link->introduce(options); !good) return std::unexpected(std::move(good.error()));
  return link;
}

std::expected<void, Error> Link::introduce(const Options& options) {
  std::vector<std::string_view> words{"AUTH"};
  if (!options.user.empty()) words.push_back(options.user);
  words.push_back(options.password);
  if (!options.password.empty()) {
    if (auto good = expect_good(words); !good) return good;
  }
  if (options.database.empty() || options.database == "0") return {};
  const std::string_view select[] = {"SELECT", options.database};
  return expect_good(select);
}

std::expected<void, Error> Link::expect_good(Words words) {
  const auto reply = ask(words);
  if (!reply) {
    Error error = reply.error();
    error.untouched = true;  // it is not what somebody has asked for
    return std::unexpected(std::move(error));
  }
  if (reply->error) return failure(*reply->error, true);
  return {};
}

std::unexpected<Error> Link::failure(std::string text, bool untouched) const {
  if (interruption_.is_on())
    return std::unexpected(Error{Error::Kind::timed_out, name_of(server_)});
  return std::unexpected(
      Error{Error::Kind::unavailable, fmt::format("{}: {}", name_of(server_), text), untouched});
}

std::expected<Reply, Error> Link::ask(Words words) {
  const Interruption::Waiting waiting(interruption_, context_->fd);
  const Time until = Clock::now() + limit_;
  if (is_closed()) return failure("it has closed the connection", true);
  if (!send(wire_of(words), until)) return failure(std::strerror(errno));
  return receive(until);
}

/// It has, while nobody asked for anything: what is sent now has no effect.
bool Link::is_closed() const {
  char byte;
  const auto size = ::recv(context_->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR);
}

bool Link::wait(short events, Time until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(
      std::max(until - Clock::now(), Time::duration{}));
  pollfd one{.fd = context_->fd, .events = events, .revents = 0};
  const int ready = ::poll(&one, 1, static_cast<int>(left.count()));
  if (ready == 0) errno = ETIMEDOUT;
  return ready > 0 || (ready < 0 && errno == EINTR);
}

bool Link::send(std::string_view bytes, Time until) {
  while (!bytes.empty()) {
    const auto size = ::send(context_->fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(size));
    } else if ((errno != EAGAIN && errno != EINTR) || !wait(POLLOUT, until)) {
      return false;
    }
  }
  return true;
}

std::expected<Reply, Error> Link::receive(Time until) {
  std::array<char, 16384> bytes;
  for (;;) {
    if (!wait(POLLIN, until)) return failure("no answer in time");
    const auto size = ::recv(context_->fd, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (size == 0) return failure("it has closed the connection");
    if (size < 0) {
      if (errno == EAGAIN || errno == EINTR) continue;
      return failure(std::strerror(errno));
    }
    switch (reader_.feed({bytes.data(), static_cast<std::size_t>(size)})) {
      case ReplyReader::Progress::whole: return reader_.take();
      case ReplyReader::Progress::broken: return failure(reader_.problem());
      case ReplyReader::Progress::needs_more: break;
    }
  }
}

}  // namespace opensips::cachedb_redis
