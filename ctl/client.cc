#include "ctl/client.hh"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include "config.h"

namespace opensips::ctl {

namespace {

/// What the server writes around a result. Anything else is an error, and short.
constexpr std::string_view kBefore = R"({"jsonrpc":"2.0","result":)";
constexpr std::string_view kAfter = R"(,"id":1})"
                                    "\n";

std::vector<std::string> usual_places() {
  std::vector<std::string> all{OPENSIPS_RUN_DIR "/opensips.sock"};
  if (const char* const mine = std::getenv("XDG_RUNTIME_DIR"); mine && *mine == '/') {
    all.push_back(std::string(mine) + "/opensips/opensips.sock");
  }
  return all;
}

std::unexpected<Failure> unreachable(std::string message) {
  return std::unexpected(Failure{Failure::Kind::unreachable, std::move(message)});
}

std::unexpected<Failure> refusal(const std::string& text) {
  const auto json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("error") || !json["error"].is_object()) {
    return unreachable("the answer is none of a server's");
  }
  const auto& error = json["error"];
  std::string message;
  for (const auto* key : {"message", "data"}) {
    const auto part = error.find(key);
    if (part == error.end() || !part->is_string()) continue;
    message += (message.empty() ? "" : ": ") + part->get_ref<const std::string&>();
  }
  return std::unexpected(Failure{Failure::Kind::refused, std::move(message)});
}

}  // namespace

std::expected<Client, Failure> Client::connect(const std::string& path) {
  std::string problem;
  for (const auto& place : path.empty() ? usual_places() : std::vector{path}) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (place.size() >= sizeof address.sun_path)
      return unreachable(place + ": the name is too long");
    place.copy(address.sun_path, place.size());
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
      return Client(fd);
    }
    if (!problem.empty()) problem += "; ";
    problem += place + ": " + std::strerror(errno);
    ::close(fd);
  }
  return unreachable("no server answers: " + problem);
}

Client::Client(Client&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

Client::~Client() {
  if (fd_ >= 0) ::close(fd_);
}

void Client::send(std::string_view text) {
  while (!text.empty()) {
    const auto size = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
    if (size <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(size));
  }
}

bool Client::receive(std::string& to) {
  std::array<char, 65536> bytes;
  const auto size = ::recv(fd_, bytes.data(), bytes.size(), 0);
  if (size > 0) to.append(bytes.data(), static_cast<std::size_t>(size));
  return size > 0;
}

std::expected<void, Failure> Client::call(const std::string& method, const Json& params,
                                          const std::function<void(std::string_view)>& take) {
  Json request{{"jsonrpc", "2.0"}, {"method", method}, {"id", 1}};
  if (!params.empty()) request["params"] = params;
  const auto text = request.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  send(text);  // if it is not taken, the server may still have said why
  std::string waiting;
  for (bool is_result = false;;) {
    if (!receive(waiting)) return unreachable("the server has gone");
    if (!is_result && waiting.size() >= kBefore.size() && waiting.starts_with(kBefore)) {
      waiting.erase(0, kBefore.size());
      is_result = true;
    }
    const bool is_last = waiting.ends_with('\n');
    if (!is_result) {
      if (is_last) return refusal(waiting);
      continue;
    }
    // The end may have come in part: so much is held back.
    const auto sure = waiting.size() - std::min(waiting.size(), kAfter.size());
    take(std::string_view(waiting).substr(0, sure));
    waiting.erase(0, sure);
    if (is_last) return {};
  }
}

std::expected<Json, Failure> Client::call(const std::string& method, const Json& params) {
  std::string text;
  const auto called = call(method, params, [&](std::string_view piece) { text += piece; });
  if (!called) return std::unexpected(called.error());
  auto json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return unreachable("the answer is none of a server's");
  return json;
}

}  // namespace opensips::ctl
