#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "l1_parser/peek.hh"
#include "unit/l1_parser/everything.hh"
#include "unit/l1_parser/samples.hh"

/// What the parser promises for any bytes whatever. The mutation tests and the fuzzers ask for it:
/// each function gives the promise that was broken, or nullptr.
namespace opensips::parser::samples {

/// What we send may have a few headers more than what we take.
inline constexpr Limits kLoose{.headers = 4096, .vias = 256, .line = 65536, .uri = 65536};

inline base::Ref<Message> good_loosely(std::string_view bytes) {
  auto parsed = parse(bytes, kLoose);
  return parsed.fault.code == 0 ? parsed.message : nullptr;
}

/// Whole lines, in order.
inline std::vector<std::string_view> unknown_headers(const Message& message) {
  std::vector<std::string_view> lines;
  for (const Header& header : message.headers()) {
    if (header.name == HeaderName::other) lines.push_back(message.line(header));
  }
  return lines;
}

/// What peek() says decides whose message it is, what parse() says where its call is looked up.
inline const char* peek_promise(std::string_view bytes, const Message::Parsed& parsed) {
  const auto seen = peek(bytes);
  const bool is_message = seen.kind == Peek::Kind::request || seen.kind == Peek::Kind::response;
  if (is_message != bool(parsed.message)) return "peek and parse agree what is a message";
  if (!parsed.message) return nullptr;
  if ((seen.kind == Peek::Kind::request) != parsed.message->is_request()) {
    return "peek and parse agree on the kind";
  }
  if (call_id_of(bytes) != seen.call_id) return "peek and call_id_of find the same Call-ID";
  const auto call_id = parsed.message->call_id();
  return call_id.empty() || call_id == seen.call_id ? nullptr : "peek and parse agree on Call-ID";
}

/// What we took for good we send on, and the next hop, reading as we do, sees the same message.
inline const char* forward_promise(const Message& message) {
  const auto bytes = forwarded(message);
  if (bytes != message.raw()) return "what is not edited goes out byte for byte";
  const auto again = good(bytes);
  if (!again) return "what was good is good for the next hop";
  const bool same =
      again->headers().size() == message.headers().size() && again->body() == message.body() &&
      again->call_id() == message.call_id() && again->from().tag == message.from().tag &&
      again->to().tag == message.to().tag && again->via().text == message.via().text &&
      again->cseq().number == message.cseq().number;
  return same ? nullptr : "the next hop sees the same message";
}

inline const char* edit_promise(Message& message) {
  auto& arena = message.arena();
  Draft draft;
  draft.edits.insert_first(arena, message.find(HeaderName::via), "Via",
                           "SIP/2.0/UDP us;branch=z9hG4bKus");
  draft.edits.replace(arena, message.find(HeaderName::from), "From", "<sip:x@y>;tag=z");
  draft.edits.set_body("new body");
  if (!add_header(message, "Subject", "new")) return "a header can be added";
  remove_headers(message, "Contact");
  const auto bytes = forwarded(message, draft);
  const auto again = good_loosely(bytes);
  if (!again) return "an edited message is good";
  if (again->via().host != "us" || again->from().tag != "z" || again->body() != "new body" ||
      again->has(HeaderName::contact) || !again->has(HeaderName::subject)) {
    return "edits are seen by the next hop";
  }
  return unknown_headers(*again) == unknown_headers(message)
             ? nullptr
             : "unknown headers go on byte for byte and in order";
}

inline const char* reply_promise(const Message& request, unsigned code) {
  const auto bytes = replied(request, code, "tag");
  const auto reply = parse(bytes, kLoose).message;
  if (!reply || reply->is_request() || reply->code() != code) return "a reply is a reply";
  if (reply->call_id() != request.call_id()) return "a reply repeats the Call-ID";
  return reply->via().host == request.via().host ? nullptr : "a reply repeats the top Via";
}

inline const char* message_promise(std::string_view bytes) {
  const auto parsed = parse(bytes);
  if (const auto* broken = peek_promise(bytes, parsed)) return broken;
  static_cast<void>(write_cancel(bytes));
  if (!parsed.message) return nullptr;
  Message& message = *parsed.message;
  read_everything(message);
  if (parsed.fault.code != 0) {
    return parsed.answerable ? reply_promise(message, parsed.fault.code) : nullptr;
  }
  static_cast<void>(write_ack(bytes, message));
  if (const auto* broken = forward_promise(message)) return broken;
  if (message.is_request()) {
    const auto reply = replied(message, 180, "tag");
    if (!good_loosely(reply)) return "the reply to a good request is good";
    if (const auto* broken = reply_promise(message, 180)) return broken;
  }
  return edit_promise(message);
}

/// `a` and `b`, with `between` if `b` is not empty.
inline std::string joined(std::string_view a, std::string_view between, std::string_view b) {
  std::string all(a);
  return b.empty() ? all : all.append(between).append(b);
}

inline std::string written(const Uri& uri) {
  std::string text = std::string(uri.scheme_text) + ":";
  if (uri.is_sip() && !uri.user.empty()) text += joined(uri.user, ":", uri.password) + "@";
  text += uri.scheme == Uri::Scheme::tel ? uri.user : uri.host;
  if (uri.port != 0) text += ":" + std::to_string(uri.port);
  return joined(joined(text, ";", uri.params), "?", uri.headers);
}

/// Written anew from its parts it is the same URI.
inline const char* uri_promise(std::string_view text) {
  const auto uri = Uri::parse(text);
  if (!uri) return nullptr;
  const auto text_again = written(*uri);
  const auto again = Uri::parse(text_again);
  if (!again) return "a URI written from its parts is a URI";
  const bool same = again->scheme == uri->scheme && again->user == uri->user &&
                    again->password == uri->password && again->host == uri->host &&
                    again->port == uri->port && again->params == uri->params &&
                    again->headers == uri->headers;
  if (!same) return "a URI written from its parts has the same parts";
  return equivalent(*uri, *uri) ? nullptr : "a URI is equivalent to itself";
}

/// RFC 3261 19.1.4: the order of the two does not matter.
inline const char* equivalence_promise(std::string_view left, std::string_view right) {
  const auto a = Uri::parse(left);
  const auto b = Uri::parse(right);
  if (!a || !b) return nullptr;
  return equivalent(*a, *b) == equivalent(*b, *a) ? nullptr : "equivalence goes both ways";
}

inline const char* name_addr_promise(std::string_view text) {
  static_cast<void>(Contact::parse(text));
  const auto address = NameAddr::parse(text);
  if (!address) return nullptr;
  auto text_again = std::string(address->display) + "<" + std::string(address->uri_text) + ">";
  text_again = joined(text_again, ";", address->params);
  const auto again = NameAddr::parse(text_again);
  if (!again) return "a name-addr written from its parts is one";
  const bool same = again->display == address->display && again->uri_text == address->uri_text &&
                    again->params == address->params && again->tag == address->tag;
  return same ? nullptr : "a name-addr written from its parts has the same parts";
}

/// A list taken apart and put together again is the same list.
inline const char* list_promise(std::string_view text) {
  std::vector<std::string_view> values;
  std::string list;
  for (ValueList all(text); const auto one = all.next();) {
    values.push_back(*one);
    list += (values.size() > 1 ? ", " : "") + std::string(*one);
  }
  std::size_t count = 0;
  for (ValueList all(list); const auto one = all.next(); ++count) {
    if (count >= values.size() || *one != values[count]) return "a list keeps its values";
  }
  // An empty value at the end leaves a comma, which is no value.
  const bool ends_empty = !values.empty() && values.back().empty();
  return count + ends_empty == values.size() ? nullptr : "a list keeps its length";
}

inline const char* via_promise(std::string_view text) {
  const auto sent_by = Via::parse_sent_by(text);
  const auto via = Via::parse(text);
  if (!via) return nullptr;
  if (!sent_by || sent_by->host != via->host || sent_by->port != via->port) {
    return "a good Via has a good sent-by";
  }
  auto text_again = "SIP/2.0/" + std::string(via->transport) + " " + std::string(via->host);
  if (via->port != 0) text_again += ":" + std::to_string(via->port);
  text_again = joined(text_again, ";", via->params);
  const auto again = Via::parse(text_again);
  if (!again) return "a Via written from its parts is one";
  const bool same = again->transport == via->transport && again->host == via->host &&
                    again->port == via->port && again->params == via->params &&
                    again->branch == via->branch && again->received == via->received &&
                    again->has_rport == via->has_rport && again->rport == via->rport;
  return same ? nullptr : "a Via written from its parts has the same parts";
}

}  // namespace opensips::parser::samples
