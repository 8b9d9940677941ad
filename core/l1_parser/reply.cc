#include "l1_parser/reply.hh"

#include <netinet/in.h>
#include <strings.h>

#include <array>
#include <cassert>
#include <charconv>
#include <cstring>
#include <string_view>

#include "base/hex.hh"
#include "l1_parser/chars.hh"
#include "l1_parser/params.hh"

namespace opensips::parser {

namespace {

using Tag = std::array<char, 16>;

Tag reply_tag(const Message& request, const base::SipKey& key) {
  Tag tag;
  base::write_hex(
      tag.data(),
      base::SipHasher(key).update(request.via().branch).update(request.call_id()).finish());
  return tag;
}

std::string_view text_of(const Tag& tag) {
  return {tag.data(), tag.size()};
}

bool is_one_of_ours(std::string_view name) {
  const auto is = [&](std::string_view other) {
    return name.size() == other.size() && strncasecmp(name.data(), other.data(), name.size()) == 0;
  };
  return is("received") || is("rport");
}

/// What stands before the parameters, without the ';'.
std::string_view sent_by(const Via& via) {
  if (via.params.empty()) return via.text;
  auto front = via.text.substr(0, static_cast<std::size_t>(via.params.data() - via.text.data()));
  return front.substr(0, front.find_last_not_of("; \t") + 1);
}

/// All but received and rport.
template <class Put>
void put_others(const Via& via, const Put& put) {
  put(sent_by(via));
  ParamScanner params(via.params);
  while (const auto param = params.next()) {
    if (is_one_of_ours(param->name)) continue;
    put(";");
    put(chars::between(param->name.data(),
                       param->has_value ? param->value.end() : param->name.end()));
  }
}

/// Without received and rport of its own, but for one that has no value: that is left out.
struct PlainVia {
  std::string_view before, behind;  ///< the rport
};
std::optional<PlainVia> plain(const Via& via) {
  constexpr std::string_view kRport = "rport";
  if (!via.received.empty() || !via.rport.empty()) return std::nullopt;
  if (!via.has_rport) return PlainVia{via.text, {}};
  const char* const begin = via.params.data();  // behind a ';'
  const char* const end = via.rport.data();
  if (end - begin < 5 || !chars::equal_fold({end - kRport.size(), kRport.size()}, kRport)) {
    return std::nullopt;  // "rport=" with nothing behind it
  }
  const char* const semicolon = end - kRport.size() - 1;
  if (*semicolon != ';') return std::nullopt;
  return PlainVia{chars::between(via.text.data(), semicolon),
                  chars::between(end, via.text.data() + via.text.size())};
}

/// The top Via's value with received and, if it was asked for, rport; behind it what else is in its
/// header.
std::string_view stamped(Message& request, std::string_view behind) {
  const Via& via = request.via();
  const auto& peer = request.source().peer;
  constexpr std::size_t kAdded =
      2 * INET6_ADDRSTRLEN;  // ";received=", ";rport=" and their values fit
  char* const text = request.arena().text(via.text.size() + kAdded + behind.size());
  char* at = text;
  const auto put = [&at](std::string_view part) {
    if (!part.empty()) std::memcpy(at, part.data(), part.size());
    at += part.size();
  };
  if (const auto usual = plain(via)) {
    put(usual->before);
    put(usual->behind);
  } else {
    put_others(via, put);
  }
  char host[INET6_ADDRSTRLEN];
  put(";received=");
  put(peer.print_bare_host(host));
  if (request.has_rport()) {
    put(";rport=");
    at = std::to_chars(at, at + 5, peer.port()).ptr;
  }
  put(behind);
  request.arena().trim(at);
  return {text, static_cast<std::size_t>(at - text)};
}

}  // namespace

Draft* make_reply(Message& request, const base::SipKey& key, unsigned code,
                  std::string_view reason) {
  auto* draft = request.arena().make<Draft>();
  draft->kind = Draft::Kind::reply;
  draft->code = static_cast<std::uint16_t>(code);
  draft->reason = reason;
  if (code != 100) draft->to_tag = request.arena().copy(text_of(reply_tag(request, key)));
  return draft;
}

Draft* make_overload_reply(Message& request, const base::SipKey& key) {
  constexpr unsigned kLongest = 5;  // seconds
  const char digit = static_cast<char>('1' + base::siphash(key, request.call_id()) % kLongest);
  auto* draft = make_reply(request, key, 503);
  draft->headers = request.arena().concat({"Retry-After: ", {&digit, 1}, "\r\n"});
  return draft;
}

bool acknowledges_reply(const Message& ack, const base::SipKey& key) {
  const auto tag = ack.to().tag;  // most are seen to be no tag of ours without a hash
  return tag.size() == std::tuple_size_v<Tag> && tag == text_of(reply_tag(ack, key));
}

base::Flow reply_flow(const Message& request) {
  base::Flow flow = request.source();
  // Over a connection this is for when it is gone: rport is UDP's (RFC 3261 18.2.2).
  if (!request.has_rport() || base::is_reliable(flow.transport)) {
    flow.peer.set_port(request.via().port_or_default());
  }
  return flow;
}

std::string_view vias_behind_top(const Message& message, std::size_t place) {
  const auto value = message.value(message.headers()[place]);
  const auto& top = message.via().text;
  const char* const end = value.data() + value.size();
  const char* const at = chars::skip_blanks(top.data() + top.size(), end);
  assert(at == end || *at == ',');
  return chars::between(at == end ? end : chars::skip_blanks(at + 1, end), end);
}

bool goes_further(const Message& response) {
  const auto place = response.find(HeaderName::via);
  return !vias_behind_top(response, place).empty() ||
         response.find(HeaderName::via, place + 1) < response.headers().size();
}

std::optional<base::Flow> next_via_flow(const Message& response) {
  const auto place = response.find(HeaderName::via);
  auto text = ValueList(vias_behind_top(response, place)).next();
  const auto next = response.find(HeaderName::via, place + 1);
  if (!text && next < response.headers().size()) {
    text = ValueList(response.value(response.headers()[next])).next();
  }
  const auto via = text ? Via::parse(*text) : base::Failure(base::Error::missing);
  if (!via) return std::nullopt;
  base::Flow flow;
  bool known = false;
  for (unsigned i = 0; i < base::kTransports && !known; ++i) {
    flow.transport = static_cast<base::Transport>(i);
    known = chars::equal_fold(via->transport, base::via_name(flow.transport));
  }
  const auto port = via->rport.empty() ? std::optional<std::uint32_t>(via->port_or_default())
                                       : chars::number(via->rport, 65535);
  const auto address = known && port
                           ? base::Address::parse(via->received.empty() ? via->host : via->received,
                                                  static_cast<std::uint16_t>(*port))
                           : std::nullopt;
  if (!address) return std::nullopt;
  flow.peer = *address;
  return flow;
}

void stamp_via(Message& request) {
  const Via& via = request.via();
  const bool says_all = !request.has_rport() && via.received.empty();
  if (says_all && request.sent_by() == Message::SentBy::source) return;
  const auto place = request.find(HeaderName::via);
  const auto& header = request.headers()[place];
  const auto behind = request.value(header).substr(
      static_cast<std::size_t>(via.text.data() + via.text.size() - request.value(header).data()));
  request.edits().replace(request.arena(), place, request.name(header), stamped(request, behind));
}

}  // namespace opensips::parser
