#include "l6_location/pinged_contacts.hh"

#include "base/address.hh"
#include "l1_parser/uri.hh"

namespace opensips::location {
namespace {

/// The REGISTER was found to come from behind a NAT, or came from another host than the contact
/// names, or from a browser, which names none. A name may be anything's.
bool is_behind_nat(const Binding& binding) {
  const auto& flow = binding.received();
  if (flow.no_connect || base::is_websocket(flow.transport)) return true;
  const auto uri = parser::Uri::parse(binding.contact());
  const auto host = uri ? base::Address::parse(uri->host, 0) : std::nullopt;
  return host && !host->same_host(binding.received().peer);
}

}  // namespace

void PingedContacts::visit(std::size_t part,
                           const std::function<void(const nat::Contact&)>& visit) const {
  const auto now = now_();
  table_.for_each_in(part, [&](const BindingSetRef& set) {
    for (const auto& binding : set->bindings()) {
      const auto& flow = binding->received();
      if (!flow.peer || binding->expired(now)) continue;
      visit({set->aor(), binding->contact(), flow, is_behind_nat(*binding)});
    }
  });
}

void PingedContacts::drop(const nat::Contact& contact) {
  table_.update(contact.aor, [&](BindingSetEdit& edit) {
    bool changed = false;
    for (std::size_t place = 0; place < edit.places().size(); ++place) {
      const auto& binding = edit.places()[place];
      if (!binding || binding->contact() != contact.uri) continue;
      if (!(binding->received().peer == contact.flow.peer)) continue;
      edit.remove(place);
      changed = true;
    }
    return changed;
  });
}

}  // namespace opensips::location
