#include "l6_location/contact_row.hh"

#include <algorithm>
#include <ctime>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/clock.hh"
#include "l1_parser/params.hh"
#include "l1_parser/uri.hh"
#include "l6_location/one_line.hh"
#include "storage/schema.hh"

namespace opensips::location {
namespace {

using storage::integer_of;
using storage::Row;
using storage::text_of;
using storage::text_or_null;
using storage::Value;

/// The places of columns in a row: those of the table.
enum Place : std::uint8_t {
  contact_id,
  username,
  domain,
  contact,
  received,
  path,
  expires,
  q,
  callid,
  cseq,
  last_modified,
  flags,
  cflags,
  user_agent,
  socket,
  methods,
  sip_instance,
  kv_store,
  attr,
  kPlaces,
};

/// In kv_store, which is JSON: parameters of the Contact that have no column of their own.
constexpr const char* kParams = "params";

/// In cflags, of a contact behind a NAT: as OpenSIPS's nat_bflag is usually called.
constexpr std::string_view kNatFlag = "NAT";

/// As OpenSIPS writes it of a contact that does not expire.
constexpr std::int64_t kForever = 0;
/// As much of a moment, in seconds, as the column takes everywhere.
constexpr std::int64_t kLatest = UINT32_MAX;

std::string date_of(std::int64_t wall_ms) {
  const std::time_t seconds = wall_ms / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::optional<std::int64_t> wall_ms_of(std::string_view date) {
  std::tm parts{};
  const std::string text(date);
  if (!strptime(text.c_str(), "%Y-%m-%d %H:%M:%S", &parts)) return std::nullopt;
  return std::int64_t{timegm(&parts)} * 1000;
}

std::string params_in(const Value& value) {
  const auto json = nlohmann::json::parse(text_of(value), nullptr, false);
  if (!json.is_object() || !json.contains(kParams) || !json[kParams].is_string()) return {};
  return json[kParams].get<std::string>();
}

Value as_json(std::string_view params) {
  if (params.empty()) return {};
  return nlohmann::json{{kParams, as_utf8(params)}}.dump();
}

std::string_view instance_column(std::string_view params) {
  const auto param = parser::find_param(params, "+sip.instance");
  return param ? param->value : std::string_view();
}

/// The monotonic time of a moment of the wall's clock; 0 for one before there was any.
std::uint64_t monotonic_of(std::int64_t wall_ms, const Moment& moment) {
  const auto ms = static_cast<std::int64_t>(moment.monotonic_ms) + (wall_ms - moment.wall_ms);
  return static_cast<std::uint64_t>(std::max<std::int64_t>(ms, 0));
}

base::Transport transport_of(const parser::Uri& uri) {
  using enum base::Transport;
  const auto param = uri.param("transport");
  if (!param) return udp;
  for (const auto one : {udp, tcp, tls, sctp, ws, wss}) {
    if (*param == base::name_of(one)) return one;
  }
  return udp;
}

/// The socket that a name means, if there is one now.
std::optional<std::uint16_t> socket_of(std::string_view name, base::Transport transport,
                                       const transport::Sockets& sockets) {
  const auto colon = name.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto address =
      base::Address::parse_host_port(name.substr(colon + 1), base::default_port(transport));
  return address ? sockets.find(transport, *address) : std::nullopt;
}

base::Flow flow_from(const Row& row, const transport::Sockets& sockets) {
  const auto uri = parser::Uri::parse(text_of(row[received]));
  if (!uri || !uri->is_sip()) return {};
  base::Flow flow;
  flow.transport = transport_of(*uri);
  const std::uint16_t port = uri->port != 0 ? uri->port : base::default_port(flow.transport);
  const auto peer = base::Address::parse(uri->host, port);
  if (!peer) return {};
  flow.peer = *peer;
  auto place = socket_of(text_of(row[socket]), flow.transport, sockets);
  if (!place) place = sockets.choose(flow.transport, *peer, base::Flow::kAnySocket);
  if (!place) return {};
  flow.socket = *place;
  flow.no_connect = text_of(row[cflags]).find(kNatFlag) != std::string_view::npos;
  return flow;
}

std::uint16_t q_from(const Value& value) {
  const auto* const number = std::get_if<double>(&value);
  const auto whole = integer_of(value);
  const double is = number ? *number : whole ? static_cast<double>(*whole) : 1;
  return is >= 0 && is <= 1 ? static_cast<std::uint16_t>(is * kHighestQ + 0.5) : kHighestQ;
}

}  // namespace

Moment Moment::now() {
  return {base::monotonic_ms(), base::wall_ms()};
}

AorParts parts_of(std::string_view aor) {
  const auto at = aor.rfind('@');
  if (at == std::string_view::npos) return {{}, aor};
  return {aor.substr(0, at), aor.substr(at + 1)};
}

const std::string& contact_columns() {
  static const std::string columns = [] {
    std::string text;
    for (const auto& column : storage::find_table("location")->columns) {
      text += fmt::format("{}{}", text.empty() ? "" : ", ", column.name);
    }
    return text;
  }();
  return columns;
}

std::string socket_name(const transport::Socket& socket) {
  return fmt::format("{}:{}", base::name_of(socket.transport), socket.address.to_string());
}

std::string uri_of(const base::Flow& flow) {
  if (!flow.peer) return {};
  if (flow.transport == base::Transport::udp) return fmt::format("sip:{}", flow.peer.to_string());
  return fmt::format("sip:{};transport={}", flow.peer.to_string(), base::name_of(flow.transport));
}

std::string as_utf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t size = lead < 0x80                   ? 1
                             : lead >= 0xc2 && lead < 0xe0 ? 2
                             : lead >= 0xe0 && lead < 0xf0 ? 3
                             : lead >= 0xf0 && lead < 0xf5 ? 4
                                                           : 0;
    bool good = size != 0 && text.size() - at >= size;
    for (std::size_t i = 1; good && i < size; ++i) {
      const auto next = static_cast<unsigned char>(text[at + i]);
      // Overlong forms, surrogates and what is beyond Unicode show in the second byte.
      const unsigned lowest = i > 1 ? 0x80 : lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
      const unsigned highest = i > 1 ? 0xbf : lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
      good = next >= lowest && next <= highest;
    }
    if (good) {
      valid.append(text.substr(at, size));
    } else {
      valid += '?';
    }
    at += good ? size : 1;
  }
  return valid;
}

Row row_of(std::string_view aor, const Binding& binding, const Moment& moment,
           const transport::Sockets& sockets) {
  const auto wall_ms = [&](std::uint64_t ms) {
    return moment.wall_ms + static_cast<std::int64_t>(ms - moment.monotonic_ms);
  };
  const auto [user, host] = parts_of(aor);
  const auto ends = std::min((wall_ms(binding.expires_at()) + 999) / 1000, kLatest);
  const auto& flow = binding.received();
  Row row(kPlaces);
  row[contact_id] = static_cast<std::int64_t>(binding.id());
  row[username] = std::string(user);
  row[domain] = std::string(host);
  row[contact] = std::string(binding.contact());
  row[received] = text_or_null(uri_of(flow));
  row[path] = text_or_null(binding.path());
  row[expires] = ends;
  row[q] = binding.q() / static_cast<double>(kHighestQ);
  row[callid] = std::string(binding.call_id());
  row[cseq] = std::int64_t{static_cast<std::int32_t>(binding.cseq())};
  row[last_modified] = date_of(wall_ms(binding.modified_at()));
  row[flags] = std::int64_t{0};
  if (flow.no_connect) row[cflags] = std::string(kNatFlag);
  row[user_agent] = as_utf8(binding.user_agent());
  if (flow.peer && flow.socket < sockets.size()) {
    row[socket] = socket_name(sockets.at(flow.socket));
  }
  if (binding.methods() != kAllMethods) row[methods] = std::int64_t{binding.methods()};
  row[sip_instance] = text_or_null(as_utf8(instance_column(binding.params())));
  row[kv_store] = as_json(binding.params());
  return row;
}

/// Others write there too, and what goes into headers goes as it is: all but the Call-ID.
std::optional<RegisteredContact> contact_from(const Row& row, const Moment& moment,
                                              const transport::Sockets& sockets) {
  if (row.size() != kPlaces) return std::nullopt;
  const auto user = text_of(row[username]), host = text_of(row[domain]);
  const auto uri = parser::Uri::parse(text_of(row[contact]));
  const auto id = integer_of(row[contact_id]).value_or(0);
  const auto ends = integer_of(row[expires]);
  if (host.empty() || !uri || id <= 0 || !ends || *ends < 0) return std::nullopt;
  const std::int64_t last = *ends == kForever ? kLatest : std::min(*ends, kLatest);
  const auto said = params_in(row[kv_store]);
  const auto route = text_of(row[path]);
  if (!is_plain_uri(uri->text) || !is_one_line(said) || !is_one_line(route)) return std::nullopt;
  const auto number = integer_of(row[cseq]).value_or(0);
  const auto takes = integer_of(row[methods]);
  const auto flow = flow_from(row, sockets);
  auto binding = Binding::make({
      .contact = uri->text,
      .host = uri->host,
      .params = said,
      .call_id = text_of(row[callid]),
      .user_agent = text_of(row[user_agent]),
      .path = route,
      .received = flow,
      .expires_at = monotonic_of(last * 1000, moment),
      .modified_at =
          monotonic_of(wall_ms_of(text_of(row[last_modified])).value_or(moment.wall_ms), moment),
      .cseq = static_cast<std::uint32_t>(number),
      .contact_key = contact_key(*uri),
      .q = q_from(row[q]),
      .methods = takes ? static_cast<std::uint32_t>(*takes) : kAllMethods,
      .behind_nat = leads_elsewhere(*uri, flow),
      .id = static_cast<std::uint64_t>(id),
  });
  if (!binding) return std::nullopt;
  auto aor = user.empty() ? std::string(host) : fmt::format("{}@{}", user, host);
  return RegisteredContact{std::move(aor), std::move(binding)};
}

}  // namespace opensips::location
