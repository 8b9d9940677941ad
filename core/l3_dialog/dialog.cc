#include "l3_dialog/dialog.hh"

#include <algorithm>

#include "l3_dialog/dialogs.hh"

namespace opensips::dialog {

SessionWish session_wish(const DialogOptions& options) {
  return {options.session_interval / 1000, options.min_session / 1000,
          options.rejects_short_sessions};
}

Dialog::Dialog(DialogId self, Dialogs& home)
    : id(self), did(self.bits), timer(loop::Timer::calling<&Dialog::on_timer>(this)), home_(home) {}

void Dialog::on_timer() {
  home_.timer_fired(*this);
}

Dialog::Extras& Dialog::extra() {
  if (!extras) extras = std::make_unique<Extras>();
  return *extras;
}

CSeqShift* Dialog::shift(Party party) const {
  if (!extras) return nullptr;
  auto& shift = party == Party::caller ? extras->caller_shift : extras->callee_shift;
  return shift.amount() == 0 ? nullptr : &shift;
}

const std::string* Dialog::var(std::string_view name) const {
  if (!extras) return nullptr;
  const auto found = std::ranges::find(extras->vars, name, &Variable::name);
  return found == extras->vars.end() ? nullptr : &found->value;
}

std::size_t Dialog::footprint() const {
  std::size_t size = sizeof(Dialog) + texts.size();
  if (setup) size += sizeof(Setup) + setup->legs.capacity() * sizeof(EarlyLeg);
  if (!extras) return size;
  size += sizeof(Extras) + extras->caller_session.size() + extras->callee_session.size();
  for (const auto& [name, value] : extras->vars)
    size += sizeof(Variable) + name.size() + value.size();
  for (const auto& [name, value] : extras->profiles) {
    size += sizeof(Membership) + name.size() + value.size();
  }
  return size;
}

}  // namespace opensips::dialog
