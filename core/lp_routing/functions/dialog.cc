// Dialogs as programs see them: what they are, and their variables.

#include <chrono>
#include <string>

#include <fmt/format.h>

#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/dialog_of.hh"
#include "lp_routing/functions/groups.hh"
#include "lp_routing/functions/services.hh"

namespace opensips::routing {

using dialog::Dialog;
using dialog::Party;

dialog::Dialog* dialog_of(const Call& call) {
  return call.services->dialogs().find(call.self.dialog);
}

Value has_gone(const Call& call) {
  return Misuse{fmt::format("{}: this dialog has ended", call.function.full_name())};
}

namespace {

/// What `read` says of the dialog, if that is still there.
template <auto kRead>
Value field(Call& call) {
  const auto* const found = dialog_of(call);
  return found ? Value(kRead(*found)) : has_gone(call);
}

std::string id(const Dialog& dialog) {
  return std::to_string(dialog.did);
}
std::string_view call_id(const Dialog& dialog) {
  return dialog.text(Dialog::call_id);
}
std::string_view state(const Dialog& dialog) {
  return to_string(dialog.state);
}
std::string_view caller(const Dialog& dialog) {
  return dialog.uri(Party::caller);
}
std::string_view callee(const Dialog& dialog) {
  return dialog.uri(Party::callee);
}
std::int64_t started(const Dialog& dialog) {
  return dialog.started;
}
std::string_view text_of(const Dialog& dialog) {
  return dialog.text(Dialog::call_id);
}

Value ending(Call& call) {
  const auto* const found = dialog_of(call);
  if (!found) return has_gone(call);
  return found->ending == dialog::Ending::none ? Value() : Value(to_string(found->ending));
}

Value age(Call& call) {
  const auto* const found = dialog_of(call);
  if (!found) return has_gone(call);
  if (found->established_at == 0) return 0;
  return static_cast<double>(call.services->now_ms() - found->established_at) / 1000;
}

Value lifetime(Call& call) {
  const auto* const found = dialog_of(call);
  if (!found) return has_gone(call);
  if (found->life_ends_at == 0) return {};
  const auto now = call.services->now_ms();
  return static_cast<double>(found->life_ends_at - std::min(now, found->life_ends_at)) / 1000;
}

Value set_lifetime(Call& call, std::optional<std::chrono::milliseconds> time) {
  auto* const found = dialog_of(call);
  if (!found) return has_gone(call);
  const auto ms = time ? static_cast<std::uint64_t>(time->count()) : 0;
  call.services->dialogs().set_lifetime(*found, ms);
  return {};
}

Value vars(Call& call) {
  if (!dialog_of(call)) return has_gone(call);
  return Object{.kind = ObjectKind::variables, .dialog = call.self.dialog};
}

Value var(Call& call, std::string_view name) {
  const auto* const found = dialog_of(call);
  if (!found) return has_gone(call);
  const auto* const value = found->var(name);
  return value ? Value(std::string_view(*value)) : Value();
}

Value set_var(Call& call, std::string_view name, std::optional<std::string_view> value) {
  auto* const found = dialog_of(call);
  if (!found) return has_gone(call);
  if (call.services->dialogs().set_var(*found, name, value)) return {};
  return Misuse{fmt::format("dialog.vars.{:.40}: too long, or there are too many", name)};
}

Value of_request(Call& call) {
  const auto& run = *call.run;
  const auto* const found = run.dialog ? call.services->dialogs().find(run.dialog)
                                       : call.services->dialogs().of(*run.request);
  if (!found || (found->state == dialog::State::ended && !run.dialog)) return {};
  return Object{.kind = ObjectKind::dialog, .dialog = found->id};
}

constexpr ObjectKind kDialog = ObjectKind::dialog;

constexpr Function kRows[] = {
    getter<of_request>(
        ObjectKind::request, "dialog", "dialog?",
        "The dialog that was made for this INVITE, or that the request is in; nil if "
        "there is none."),
    getter<field<id>>(kDialog, "id", "string", "Its number, as dialog:list has it."),
    getter<field<call_id>>(kDialog, "call_id", "string", "Call-ID."),
    getter<field<state>>(
        kDialog, "state", "string",
        "\"unconfirmed\", \"early\", \"unacknowledged\", \"confirmed\" or \"ended\"."),
    getter<ending>(
        kDialog, "ending", "string?",
        "Why it has ended: \"failed\" (the INVITE was refused or given up), \"caller\" or "
        "\"callee\" (who sent BYE), \"lifetime\", \"session\" (not refreshed), \"ping\", "
        "\"command\" or \"script\"."),
    getter<field<caller>>(kDialog, "caller", "string", "The URI in the INVITE's From."),
    getter<field<callee>>(kDialog, "callee", "string", "The URI in the INVITE's To."),
    getter<field<started>>(kDialog, "started", "integer",
                           "When it was established, or else made: seconds since 1970."),
    getter<age>(kDialog, "age", "number", "Seconds since it was established."),
    getter<lifetime>(kDialog, "lifetime", "number?",
                     "Seconds until both sides get a BYE; nil: never, or not established."),
    setter<set_lifetime>(kDialog, "lifetime",
                         "Ends it so long from now, or after it is established; nil: never."),
    getter<vars>(kDialog, "vars", "variables", "What the script keeps with it."),
    text<field<text_of>>(kDialog, "Its Call-ID."),
    element<var>(ObjectKind::variables, "string?",
                 "A variable by its name, as dialog.vars.account; nil if there is none."),
    set_element<set_var>(ObjectKind::variables,
                         "Keeps text under a name for as long as the dialog lasts; nil: no more."),
};

}  // namespace

std::span<const Function> dialog_functions() {
  return kRows;
}

}  // namespace opensips::routing
