#include "l4_nat/pinger.hh"

#include <algorithm>
#include <utility>

#include "base/log.hh"
#include "base/wire.hh"

namespace opensips::nat {
namespace {

constexpr std::uint64_t kTickMs = 100;
constexpr std::uint64_t kLongestWaitMs = 8'000;  // for an answer to a ping

constexpr unsigned kNoConnection = 480;  // made here: there is none any more, and none is made

constexpr std::string_view kCrlf = "\r\n\r\n";
// A Binding indication: no answer is due, and the transaction id matters to nobody.
constexpr std::string_view kStun{
    "\x00\x11\x00\x00\x21\x12\xa4\x42"
    "opensips-nat",
    20};

std::string key_of(const Contact& contact) {
  return std::string(contact.aor).append(1, ' ').append(contact.uri);
}

}  // namespace

Pinger::Pinger(loop::Context& context, transaction::Uac& uac, Contacts& contacts,
               const loop::LayerSwitch& layers, PingOptions options)
    : context_(context),
      uac_(uac),
      contacts_(contacts),
      layers_(layers),
      options_(std::move(options)),
      pings_(context.statistics.counter("nathelper:pings")),
      lost_pings_(context.statistics.counter("nathelper:lost_pings")),
      dropped_(context.statistics.counter("nathelper:dropped_contacts")) {}

void Pinger::start() {
  if (options_.interval_ms == 0) return;
  began_at_ = context_.now();
  context_.timers.arm(timer_, kTickMs);
}

/// Works off the parts that are due by now.
void Pinger::tick() {
  const auto parts = contacts_.parts();
  const auto due = (context_.now() - began_at_) * parts / options_.interval_ms;
  const bool on = layers_.is_on(loop::LayerId::nat);
  const auto which = options_.behind_nat_only ? Contacts::Which::behind_nat : Contacts::Which::all;
  // After a pause (the machine slept) each part is due once, not as often as it was missed.
  parts_done_ = std::max(parts_done_, due > parts ? due - parts : 0);
  for (; parts_done_ < due; ++parts_done_) {
    if (!on) continue;
    contacts_.visit(parts_done_ % parts, which, [this](const Contact& contact) { ping(contact); });
  }
  context_.timers.arm(timer_, kTickMs);
}

void Pinger::ping(const Contact& contact) {
  // Over a connection an empty line is the client's to send, whom it is answered (RFC 5626 3.5.1).
  const bool by_request = options_.kind == PingOptions::Kind::request;
  if (!by_request && base::is_reliable(contact.flow.transport)) return;
  context_.stats.add(pings_);
  if (by_request) {
    send_request(contact);
  } else {
    send_bytes(contact);
  }
}

void Pinger::send_bytes(const Contact& contact) {
  auto walk = loop::Walk::down(loop::LayerId::transport);
  walk.flow = contact.flow;
  walk.wire = base::Wire::copy(options_.kind == PingOptions::Kind::stun ? kStun : kCrlf);
  context_.path.launch(std::move(walk));
}

void Pinger::send_request(const Contact& contact) {
  const std::string from = "<" + options_.from + ">";
  const std::string to = std::string("<").append(contact.uri).append(">");
  const auto answer =
      [this, aor = std::string(contact.aor), uri = std::string(contact.uri), flow = contact.flow,
       behind_nat = contact.behind_nat](const base::Ref<parser::Message>& response) {
        // One that was made here, because none came, is from nobody.
        const bool by_somebody = bool(response->source().peer);
        const bool is_sent = by_somebody || response->code() != kNoConnection;
        // Who is not behind a NAT is called over another one.
        if (is_sent || behind_nat) answered({.aor = aor, .uri = uri, .flow = flow}, by_somebody);
      };
  transaction::OwnRequest request;
  request.method = options_.method;
  request.uri = contact.uri;
  request.from = from;
  request.to = to;
  transaction::UacOptions how;
  how.flow = contact.flow;
  how.flow->no_connect = base::is_reliable(contact.flow.transport);
  how.timeout_ms = std::min(options_.interval_ms, kLongestWaitMs);
  const auto sent = uac_.send(request, how, answer);
  if (!sent) context_.stats.add(lost_pings_);
}

void Pinger::answered(const Contact& contact, bool by_somebody) {
  auto key = key_of(contact);
  if (by_somebody) {
    lost_.erase(key);
    return;
  }
  context_.stats.add(lost_pings_);
  if (options_.max_lost == 0) return;
  const auto entry = lost_.try_emplace(std::move(key), 0).first;
  if (++entry->second < options_.max_lost) return;
  lost_.erase(entry);
  context_.stats.add(dropped_);
  base::log_info("contact {} of {} is dropped: it answers no more", contact.uri, contact.aor);
  contacts_.drop(contact);
}

}  // namespace opensips::nat
