#include "l3_dialog/route_set.hh"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "l1_parser/name_addr.hh"
#include "l3_dialog/flow_token.hh"
#include "l3_dialog/proof.hh"

namespace opensips::dialog {

namespace {

using parser::HeaderName;

/// The values of all Route headers, in order; they can be taken away from either end.
class Routes {
 public:
  explicit Routes(parser::Message& request)
      : request_(request), place_(request.find(HeaderName::route)), taken_(place_) {}

  /// The next value's text; nothing at the end.
  std::optional<std::string_view> next() {
    for (; place_ < end_of_headers(); place_ = following(place_), used_ = 0) {
      const auto value = value_at(place_);
      parser::ValueList values(value.substr(used_));
      if (const auto found = values.next()) {
        used_ = value.size() - values.rest().size();
        return found;
      }
    }
    return std::nullopt;
  }

  /// Takes away every value that next() has given so far.
  void take(parser::Edits& edits) {
    for (; taken_ < place_; taken_ = following(taken_)) edits.remove(request_.arena(), taken_);
    const auto rest = value_at(place_).substr(used_);
    keep(edits, place_, rest.substr(std::min(rest.find_first_not_of(kBetween), rest.size())));
  }

  /// Takes the last value away, before any is looked at, and gives its text.
  std::optional<std::string_view> take_last(parser::Edits& edits) {
    std::optional<std::string_view> last;
    for (auto place = place_; place < end_of_headers(); place = following(place)) {
      parser::ValueList values(value_at(place));
      while (const auto one = values.next()) {
        last = one;
        last_place_ = place;
      }
    }
    if (!last) return std::nullopt;
    const auto value = request_.value(request_.headers()[last_place_]);
    const auto before = value.substr(0, static_cast<std::size_t>(last->data() - value.data()));
    last_size_ = before.find_last_not_of(kBetween) + 1;
    keep(edits, last_place_, before.substr(0, last_size_));
    return last;
  }

 private:
  static constexpr std::string_view kBetween = ", \t\r\n";

  std::size_t end_of_headers() const { return request_.headers().size(); }
  std::size_t following(std::size_t place) const {
    return request_.find(HeaderName::route, place + 1);
  }
  std::string_view value_at(std::size_t place) const {
    const auto value = request_.value(request_.headers()[place]);
    return place == last_place_ ? value.substr(0, last_size_) : value;
  }
  void keep(parser::Edits& edits, std::size_t place, std::string_view rest) {
    if (rest.empty()) return edits.remove(request_.arena(), place);
    edits.replace(request_.arena(), place, request_.name(request_.headers()[place]), rest);
  }

  parser::Message& request_;
  std::size_t place_;                  // of the header that next() is in
  std::size_t used_ = 0;               // bytes of its value that next() has given
  std::size_t taken_;                  // headers before this one are gone
  std::size_t last_place_ = SIZE_MAX;  // of the value that take_last() took …
  std::size_t last_size_ = 0;          // … and what is left of that header's value
};

/// True if a strict router in front of us put our own Record-Route into the Request-URI (RFC
/// 3261 16.4).
bool is_from_strict_router(const parser::Uri& uri, const transport::Sockets& sockets) {
  return uri.is_sip() && uri.param(kProofParam) && sockets.is_local(uri.host, uri.port);
}

/// Whether a Route means this server, and which of its sockets, if it is one's name.
struct Ours {
  bool is_ours = false;
  std::optional<std::uint16_t> place;
};

/// A socket that was closed is ours if the proof says so: its address may be somebody else's by
/// now.
Ours own_socket(const parser::Uri& hop, const parser::Message& request,
                const transport::Sockets& sockets, const base::SipKey& key) {
  const auto transport = transport::transport_of(hop.param("transport").value_or(""),
                                                 hop.scheme == parser::Uri::Scheme::sips);
  if (const auto open = sockets.find(hop.host, hop.port, transport)) return {true, open};
  if (sockets.is_local(hop.host, hop.port)) return {true, std::nullopt};
  if (!hop.param(kProofParam) || !proves(key, hop, request)) return {};
  const auto closed = sockets.find_closed(hop.host, hop.port, transport);
  return {closed.has_value(), closed};
}

}  // namespace

std::optional<RouteSet> take_routes(parser::Message& request, const transport::Sockets& sockets,
                                    const base::SipKey& key, std::uint32_t epoch,
                                    parser::Edits& edits) {
  RouteSet set;
  Routes routes(request);
  if (is_from_strict_router(request.uri(), sockets)) {
    const auto last = routes.take_last(edits);
    const auto restored =
        last ? parser::NameAddr::parse(*last) : base::Failure(base::Error::missing);
    if (!restored) return std::nullopt;
    set.request_uri = restored->uri_text;
    set.ours = true;
    set.proven = proves(key, request.uri(), request);
  }
  while (const auto text = routes.next()) {
    const auto route = parser::NameAddr::parse(*text);
    const auto hop = route ? route->uri() : base::Failure(base::Error::malformed);
    if (!hop) return std::nullopt;
    const auto socket = hop->is_sip() ? own_socket(*hop, request, sockets, key) : Ours{};
    if (!socket.is_ours) {
      set.next = route->uri_text;
      set.next_is_strict = !hop->param("lr");
      if (set.next_is_strict) routes.take(edits);  // it becomes the Request-URI
      return set;
    }
    set.ours = true;
    const auto way =
        !set.proven || names_way(*hop) ? proven_way(key, *hop, request, epoch) : std::nullopt;
    set.proven = set.proven || way;
    set.sender_behind_nat = set.sender_behind_nat || set.way.address;
    set.way = way.value_or(Way());
    set.socket = socket.place.value_or(set.socket);
    if (const auto token = flow_token_of(key, epoch, *hop)) {
      set.over_flow = true;
      set.way = token->way;
      if (token->way.connection) set.socket = token->socket;
    }
    routes.take(edits);
  }
  return set;
}

}  // namespace opensips::dialog
