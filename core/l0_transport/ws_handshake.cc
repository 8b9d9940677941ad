#include "l0_transport/ws_handshake.hh"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <strings.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace opensips::transport {

namespace {

constexpr std::string_view kSubprotocol = "sip";
constexpr std::string_view kBlanks = " \t";

bool same_text(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

/// Takes what is before `end` off the text, `end` too.
std::string_view take_until(std::string_view& text, std::string_view end) {
  const auto at = std::min(text.find(end), text.size());
  const auto taken = text.substr(0, at);
  text.remove_prefix(std::min(at + end.size(), text.size()));
  return taken;
}

bool has_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    if (same_text(trim(take_until(list, ",")), token)) return true;
  }
  return false;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
    return c > ' ' && c < 0x7f &&
           std::string_view("()<>@,;:\\\"/[]?={}").find(static_cast<char>(c)) ==
               std::string_view::npos;
  });
}

bool is_visible(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return c >= ' ' && c != 0x7f; });
}

/// 16 bytes in base64.
bool is_key(std::string_view text) {
  constexpr std::size_t kDigits = 22;
  const auto is_digit = [](unsigned char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
  };
  return text.size() == kDigits + 2 && text.ends_with("==") &&
         std::ranges::all_of(text.substr(0, kDigits), is_digit);
}

/// Of an HTTP request what a handshake needs.
struct Request {
  std::string_view path;
  std::string_view host, origin, key, version;
  bool has_host = false, has_origin = false, has_version = false;
  bool upgrades = false;    // Upgrade: websocket and Connection: Upgrade
  bool speaks_sip = false;  // among the subprotocols
};

class RequestReader {
 public:
  /// Nothing if it is not HTTP as RFC 9112 has it.
  std::optional<Request> read(std::string_view text) {
    if (!take_request_line(take_until(text, "\r\n"))) return std::nullopt;
    while (!text.empty()) {
      if (!take_header(take_until(text, "\r\n"))) return std::nullopt;
    }
    request_.upgrades = to_websocket_ && connection_upgrade_;
    return request_;
  }

 private:
  bool take_request_line(std::string_view line) {
    const auto method = take_until(line, " ");
    const auto target = take_until(line, " ");
    request_.path = target.substr(0, target.find('?'));
    return method == "GET" && target.starts_with('/') && is_visible(target) && line == "HTTP/1.1";
  }

  bool take_header(std::string_view line) {
    if (line.find(':') == std::string_view::npos) return false;
    const auto name = take_until(line, ":");
    const auto value = trim(line);
    if (!is_token(name) || !is_visible(value)) return false;
    if (same_text(name, "Upgrade")) to_websocket_ |= has_token(value, "websocket");
    if (same_text(name, "Connection")) connection_upgrade_ |= has_token(value, "upgrade");
    if (same_text(name, "Sec-WebSocket-Protocol")) {
      request_.speaks_sip |= has_token(value, kSubprotocol);
    }
    if (same_text(name, "Host")) return only(request_.has_host, request_.host, value);
    if (same_text(name, "Origin")) return only(request_.has_origin, request_.origin, value);
    if (same_text(name, "Sec-WebSocket-Key")) return only(has_key_, request_.key, value);
    if (same_text(name, "Sec-WebSocket-Version")) {
      return only(request_.has_version, request_.version, value);
    }
    return true;
  }

  /// False if it is there twice.
  static bool only(bool& seen, std::string_view& to, std::string_view value) {
    to = value;
    return !std::exchange(seen, true);
  }

  Request request_;
  bool to_websocket_ = false, connection_upgrade_ = false, has_key_ = false;
};

bool is_let_in(const Request& request, const WsOptions& options) {
  if (!request.has_origin) return !options.require_origin;
  return options.origins.empty() || std::ranges::any_of(options.origins, [&](const auto& one) {
           return same_text(one, request.origin);
         });
}

std::optional<WsRefusal> judge(const std::optional<Request>& request, const WsOptions& options) {
  if (!request || !request->has_host) return WsRefusal::bad_request;
  if (!options.resource.empty() && request->path != options.resource) return WsRefusal::resource;
  if (!request->upgrades) return WsRefusal::upgrade;
  if (request->has_version && request->version != "13") return WsRefusal::upgrade;
  if (!request->has_version || !is_key(request->key)) return WsRefusal::bad_request;
  if (!is_let_in(*request, options)) return WsRefusal::origin;
  if (!request->speaks_sip) return WsRefusal::protocol;
  return std::nullopt;
}

/// RFC 6455 4.2.2 step 5.4: proof that the request was understood.
std::string accept_key(std::string_view key) {
  constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  const auto text = fmt::format("{}{}", key, kGuid);
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest;
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::array<unsigned char, (SHA_DIGEST_LENGTH + 2) / 3 * 4 + 1> base64;
  const int size = EVP_EncodeBlock(base64.data(), digest.data(), digest.size());
  return {reinterpret_cast<const char*>(base64.data()), static_cast<std::size_t>(size)};
}

}  // namespace

std::optional<WsHandshake> answer_ws_handshake(std::string_view bytes, const WsOptions& options) {
  constexpr std::string_view kEnd = "\r\n\r\n";
  const auto end = bytes.find(kEnd);
  if (end == std::string_view::npos) return std::nullopt;
  const auto request = RequestReader().read(bytes.substr(0, end));
  WsHandshake handshake{.used = end + kEnd.size(),
                        .refusal = judge(request, options),
                        .answer = {},
                        .origin = request ? std::string(request->origin) : std::string()};
  handshake.answer = handshake.refusal
                         ? refuse_ws(*handshake.refusal)
                         : fmt::format(
                               "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                               "Connection: Upgrade\r\nSec-WebSocket-Accept: {}\r\n"
                               "Sec-WebSocket-Protocol: {}\r\n\r\n",
                               accept_key(request->key), kSubprotocol);
  return handshake;
}

std::string refuse_ws(WsRefusal why) {
  struct Row {
    std::string_view status, headers, text;
  };
  constexpr std::array<Row, kWsRefusals> kRows{{
      {"400 Bad Request", "", "This is no WebSocket handshake.\n"},
      {"400 Bad Request", "", "The subprotocol sip is spoken here.\n"},
      {"403 Forbidden", "", "Pages of this origin may not connect.\n"},
      {"404 Not Found", "", "There is nothing here.\n"},
      {"426 Upgrade Required", "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
       "WebSocket of version 13 is spoken here.\n"},
  }};
  const auto& row = kRows[static_cast<unsigned>(why)];
  return fmt::format(
      "HTTP/1.1 {}\r\n{}Connection: close\r\nContent-Type: text/plain\r\nContent-Length: "
      "{}\r\n\r\n{}",
      row.status, row.headers, row.text.size(), row.text);
}

}  // namespace opensips::transport
