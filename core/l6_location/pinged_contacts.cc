#include "l6_location/pinged_contacts.hh"

namespace opensips::location {

void PingedContacts::visit(std::size_t part, Which which,
                           const std::function<void(const nat::Contact&)>& visit) const {
  const auto now = now_();
  const auto visit_set = [&](const BindingSetRef& set) {
    for (const auto& binding : set->bindings()) {
      const auto& flow = binding->received();
      if (!flow.peer || binding->expired(now)) continue;
      if (which == Which::behind_nat && !binding->behind_nat()) continue;
      visit({set->aor(), binding->contact(), flow, binding->behind_nat()});
    }
  };
  if (which == Which::all) return table_.for_each_in(part, visit_set);
  table_.for_each_behind_nat_in(part, visit_set);
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
