#include "l2_transaction/own_request.hh"

#include <fmt/format.h>

#include "l1_parser/name_addr.hh"
#include "l1_parser/uri.hh"

namespace opensips::transaction {

namespace {

using parser::NameAddr;

/// Request-URI, Routes and next hop, as the first Route wants them.
struct Way {
  std::string_view uri;
  std::string route;
  std::string_view next_hop;
};

base::Result<Way> find_way(const OwnRequest& request) {
  if (request.route.empty()) return Way{request.uri, {}, request.uri};
  parser::ValueList routes(request.route);
  const auto first = NameAddr::parse(routes.next().value_or(std::string_view{}));
  const auto uri = first ? first->uri() : base::Failure(base::Error::malformed);
  if (!uri) return base::Failure(base::Error::malformed);
  if (uri->param("lr")) {
    return Way{request.uri, std::string(request.route), first->uri_text};
  }
  auto rest = fmt::format("<{}>", request.uri);
  if (const auto next = routes.next()) {
    const auto begin = static_cast<std::size_t>(next->data() - request.route.data());
    rest = fmt::format("{}, {}", request.route.substr(begin), rest);
  }
  return Way{first->uri_text, std::move(rest), first->uri_text};
}

/// " name: value" of a header that may be left out.
std::string line_of(std::string_view name, std::string_view value) {
  return value.empty() ? std::string() : fmt::format("{}: {}\r\n", name, value);
}

}  // namespace

base::Result<ComposedRequest> compose(const OwnRequest& request, const OwnHeaders& headers) {
  const auto way = find_way(request);
  const auto from = NameAddr::parse(request.from);
  if (!way || !from) return base::Failure(base::Error::malformed);
  const auto tag = from->tag.empty() ? fmt::format(";tag={}", headers.from_tag) : std::string();
  const auto bytes = fmt::format(
      "{0} {1} SIP/2.0\r\n"
      "Via: SIP/2.0/UDP self.invalid;branch={2}\r\n"
      "{3}"
      "Max-Forwards: {4}\r\n"
      "From: {5}{6}\r\n"
      "To: {7}\r\n"
      "Call-ID: {8}\r\n"
      "CSeq: {9} {0}\r\n"
      "{10}{11}{12}"
      "Content-Length: {13}\r\n\r\n{14}",
      request.method, way->uri, headers.branch, line_of("Route", way->route), headers.max_forwards,
      request.from, tag, request.to, request.call_id.empty() ? headers.call_id : request.call_id,
      request.cseq, request.headers, line_of("User-Agent", headers.user_agent),
      line_of("Content-Type", request.content_type), request.body.size(), request.body);
  const auto parsed = parser::Message::parse(bytes, {});
  if (!parsed.message || parsed.fault.code != 0 || !parsed.message->is_request()) {
    return base::Failure(base::Error::malformed);
  }
  return ComposedRequest{parsed.message, std::string(way->next_hop)};
}

}  // namespace opensips::transaction
