#include "l3_dialog/route_set.hh"

#include <optional>

#include "l1_parser/name_addr.hh"
#include "l3_dialog/proof.hh"

namespace opensips::dialog {

namespace {

using parser::HeaderName;

/// Goes through the values of all Route headers, and can take away those passed so far.
class Routes {
 public:
  explicit Routes(parser::Message& request)
      : request_(request), place_(request.find(HeaderName::route)) {}

  /// The next value's text; nothing at the end.
  std::optional<std::string_view> next() {
    for (; place_ < request_.headers().size(); advance()) {
      const auto value = request_.value(request_.headers()[place_]);
      parser::ValueList values(value.substr(used_));
      if (const auto found = values.next()) {
        used_ = value.size() - values.rest().size();
        return found;
      }
    }
    return std::nullopt;
  }

  /// Takes away every value that next() gave up to `value`, which it gave last.
  void take(parser::Edits& edits) {
    for (; taken_ < place_; taken_ = request_.find(HeaderName::route, taken_ + 1)) {
      edits.remove(request_.arena(), taken_);
    }
    const auto& header = request_.headers()[place_];
    auto rest = request_.value(header).substr(used_);
    const auto begin = rest.find_first_not_of(", \t\r\n");
    if (begin == std::string_view::npos) {
      edits.remove(request_.arena(), place_);
    } else {
      edits.replace(request_.arena(), place_, request_.name(header), rest.substr(begin));
    }
  }

 private:
  void advance() {
    place_ = request_.find(HeaderName::route, place_ + 1);
    used_ = 0;
  }

  parser::Message& request_;
  std::size_t place_;
  std::size_t used_ = 0;  // bytes of the value at place_
  std::size_t taken_ = place_;
};

/// Takes the last value away, which a strict router in front of us put there (16.4): returns its URI.
std::optional<std::string_view> take_last(parser::Message& request, parser::Edits& edits) {
  std::size_t last = request.headers().size();
  for (auto i = request.find(HeaderName::route); i < request.headers().size();
       i = request.find(HeaderName::route, i + 1)) {
    last = i;
  }
  if (last == request.headers().size()) return std::nullopt;
  const auto& header = request.headers()[last];
  const auto value = request.value(header);
  parser::ValueList values(value);
  std::string_view text;
  std::size_t before = 0;
  while (const auto one = values.next()) {
    text = *one;
    before = static_cast<std::size_t>(one->data() - value.data());
  }
  const auto route = parser::NameAddr::parse(text);
  if (!route) return std::nullopt;
  const auto end = value.substr(0, before).find_last_not_of(", \t\r\n");
  if (end == std::string_view::npos) {
    edits.remove(request.arena(), last);
  } else {
    edits.replace(request.arena(), last, request.name(header), value.substr(0, end + 1));
  }
  return route->uri_text;
}

}  // namespace

std::optional<RouteSet> take_routes(parser::Message& request, const transport::Sockets& sockets,
                                    const base::SipKey& key, parser::Edits& edits) {
  RouteSet set;
  const auto& uri = request.uri();
  const bool from_strict_router = uri.is_sip() && uri.param(kProofParam).has_value() &&
                                  sockets.is_local(uri.host, uri.port);
  if (from_strict_router) {
    const auto restored = take_last(request, edits);
    if (!restored) return std::nullopt;
    set.request_uri = *restored;
    set.ours = true;
    set.proven = proves(key, uri, request);
    return set;
  }
  Routes routes(request);
  while (const auto text = routes.next()) {
    const auto route = parser::NameAddr::parse(*text);
    const auto hop = route ? route->uri() : base::Failure(base::Error::malformed);
    if (!hop) return std::nullopt;
    if (!hop->is_sip() || !sockets.is_local(hop->host, hop->port)) {
      set.next = route->uri_text;
      set.next_is_strict = !hop->param("lr");
      return set;
    }
    set.ours = true;
    set.proven = set.proven || proves(key, *hop, request);
    set.socket = sockets.find(hop->host, hop->port).value_or(set.socket);
    routes.take(edits);
  }
  return set;
}

}  // namespace opensips::dialog
