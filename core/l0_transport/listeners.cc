#include "l0_transport/listeners.hh"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "base/log.hh"
#include "loop/ask.hh"

namespace opensips::transport {

namespace {

using Problem = std::unexpected<std::string>;

base::Transport transport_in(const config::Socket& setting) {
  return transport_of(setting.transport).value();
}

/// Nothing for a line that names an interface.
std::optional<base::Address> address_of(const config::Socket& setting) {
  return base::Address::parse(setting.address, setting.port);
}

/// What it stands for may change.
bool is_open_ended(const config::Socket& setting) {
  const auto address = address_of(setting);
  return !address || address->is_wildcard();
}

bool is_same(const config::Socket& a, const config::Socket& b) {
  return a.transport == b.transport && a.address == b.address && a.interface == b.interface &&
         a.port == b.port;
}

std::vector<base::Address> expand(const config::Socket& setting,
                                  const std::vector<InterfaceAddress>& all) {
  const auto address = address_of(setting);
  if (!address) return expand_interface(all, setting.interface, setting.port);
  return address->is_wildcard() ? expand_wildcard(all, *address) : std::vector{*address};
}

std::string text_of(const config::Socket& setting) {
  const auto address = address_of(setting);
  const auto host = address ? address->host() : setting.interface;
  return fmt::format("{}:{}:{}", setting.transport, host, setting.port);
}

std::string advertised_host(const config::Socket& setting) {
  const auto& host = setting.advertised_host;
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

bool contains(const std::vector<base::Address>& all, const base::Address& one) {
  return std::ranges::find(all, one) != all.end();
}

}  // namespace

std::expected<void, std::string> Listeners::open(const config::Socket& setting) {
  const auto all = interface_addresses();
  if (!all) return Problem("the system does not tell the addresses of its interfaces");
  Line line{setting, expand(setting, *all), {}};
  if (!setting.interface.empty() && line.known.empty()) {
    return Problem(
        fmt::format("the interface {} has no address, expected one that has", setting.interface));
  }
  for (const auto& address : line.known) {
    if (is_open_ended(setting) && sockets_.find(transport_in(setting), address)) continue;
    if (auto opened = open_address(line, address); !opened) {
      while (!line.places.empty()) close_place(line, line.places.back());
      return opened;
    }
  }
  lines_.push_back(std::move(line));
  return {};
}

std::expected<void, std::string> Listeners::open_address(Line& line, const base::Address& address) {
  const auto transport = transport_in(line.setting);
  if (sockets_.find(transport, address)) {
    return Problem(fmt::format("{}:{} is open already, expected another one",
                               base::name_of(transport), address.to_string()));
  }
  auto bound = bind_(transport, address);
  if (!bound) return Problem(std::move(bound.error()));
  const auto place = sockets_.prepare(transport, local_address(bound->front()),
                                      advertised_host(line.setting), line.setting.advertised_port);
  if (!place) {
    return Problem(fmt::format("there have been {} sockets, expected no more", Sockets::kMost));
  }
  hand_over(*place, std::move(*bound));
  line.places.push_back(*place);
  return {};
}

/// In two steps: what one worker reads, another may have to answer.
void Listeners::hand_over(std::uint16_t place, std::vector<FileDescriptor> descriptors) {
  if (layers_.empty()) {
    sockets_.open(place);
    waiting_.push_back({place, std::move(descriptors)});
    return;
  }
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    auto& layer = *layers_[i];
    loop::ask(layer.worker().inbox(), [&layer, place, fd = std::move(descriptors[i])]() mutable {
      layer.add(place, std::move(fd));
      return true;
    });
  }
  sockets_.open(place);
  for (auto* const layer : layers_) {
    layer->worker().inbox().post([layer, place] { layer->start(place); });
  }
}

void Listeners::join(TransportLayer& layer) {
  for (auto& one : waiting_) {
    layer.add(one.place, std::move(one.descriptors[layers_.size()]));
    layer.start(one.place);
  }
  layers_.push_back(&layer);
}

std::size_t Listeners::close(const config::Socket& setting) {
  const auto line =
      std::ranges::find_if(lines_, [&](const Line& one) { return is_same(one.setting, setting); });
  if (line != lines_.end()) return close_line(line);
  const auto address = address_of(setting);
  return address ? close_address(transport_in(setting), *address) : 0;
}

std::size_t Listeners::close_line(std::vector<Line>::iterator line) {
  const auto count = line->places.size();
  while (!line->places.empty()) close_place(*line, line->places.back());
  lines_.erase(line);
  return count;
}

std::size_t Listeners::close_address(base::Transport transport, const base::Address& address) {
  const auto place = sockets_.find(transport, address);
  if (!place) return 0;
  for (auto& line : lines_) {
    if (std::ranges::find(line.places, *place) == line.places.end()) continue;
    close_place(line, *place);
    break;
  }
  std::erase_if(
      lines_, [](const Line& line) { return line.places.empty() && !is_open_ended(line.setting); });
  return 1;
}

/// The descriptors are closed when this returns: the address is free.
void Listeners::close_place(Line& line, std::uint16_t place) {
  sockets_.close(place);
  std::erase(line.places, place);
  std::erase_if(waiting_, [place](const Bound& one) { return one.place == place; });
  for (auto* const layer : layers_) {
    loop::ask(layer->worker().inbox(), [layer, place] {
      layer->close(place);
      return true;
    });
  }
  const auto& socket = sockets_.at(place);
  base::log_notice("not listening on {}:{} any more", base::name_of(socket.transport),
                   socket.address.to_string());
}

void Listeners::follow() {
  const auto all = interface_addresses();
  if (!all) return;
  for (auto& line : lines_) {
    if (is_open_ended(line.setting)) follow(line, expand(line.setting, *all));
  }
}

/// What an operator has closed stays closed until its address has been away: only changes count.
void Listeners::follow(Line& line, const std::vector<base::Address>& now) {
  static base::RateLimit limit{std::chrono::seconds(10)};
  const auto places = line.places;
  for (const auto place : places) {
    auto address = sockets_.at(place).address;
    address.set_port(line.setting.port);
    if (!contains(now, address)) close_place(line, place);
  }
  std::erase_if(line.known, [&](const auto& one) { return !contains(now, one); });
  for (const auto& address : now) {
    if (contains(line.known, address)) continue;
    if (!sockets_.find(transport_in(line.setting), address)) {
      const auto opened = open_address(line, address);
      if (!opened) {  // an IPv6 address that is not usable yet: another change will tell
        base::log_limited(limit, base::LogLevel::notice, "{}", opened.error());
        continue;
      }
      const auto& socket = sockets_.at(line.places.back());
      base::log_notice("listening on {}:{}", base::name_of(socket.transport),
                       socket.address.to_string());
    }
    line.known.push_back(address);
  }
}

std::vector<Listeners::Opened> Listeners::opened() const {
  std::vector<Opened> all;
  for (const auto& line : lines_) {
    for (const auto place : line.places) all.push_back({place, text_of(line.setting)});
  }
  std::ranges::sort(all, {}, &Opened::place);
  return all;
}

}  // namespace opensips::transport
