// Profiles: how many dialogs there are of a kind, over all workers.

#include <string>

#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/dialog_of.hh"
#include "lp_routing/functions/groups.hh"
#include "lp_routing/functions/services.hh"

namespace opensips::routing {

namespace {

struct ProfileFields {
  std::optional<std::uint32_t> limit;
};

}  // namespace

template <>
struct OptionTable<ProfileFields> {
  static constexpr std::tuple fields{Option<ProfileFields, std::optional<std::uint32_t>>{
      "limit", &ProfileFields::limit, "at most so many dialogs; else nil and \"limit\""}};
};

namespace {

std::string_view or_empty(const std::optional<std::string_view>& text) {
  return text.value_or(std::string_view{});
}

Value set_profile(Call& call, std::string_view name, std::optional<std::string_view> value,
                  std::optional<ProfileFields> options) {
  auto* const found = dialog_of(call);
  if (!found) return has_gone(call);
  const auto limit = options && options->limit ? *options->limit : base::CounterTable::kNoLimit;
  const auto set = call.services->dialogs().set_profile(*found, name, or_empty(value), limit);
  if (set) return true;
  switch (set.error()) {
    case base::Error::refused: return Problem{"limit"};
    case base::Error::gone: return Problem{"the dialog has ended"};
    default: return Misuse{"dialog:set_profile: too long a name or value, or too many profiles"};
  }
}

Value unset_profile(Call& call, std::string_view name, std::optional<std::string_view> value) {
  auto* const found = dialog_of(call);
  if (!found) return has_gone(call);
  return call.services->dialogs().unset_profile(*found, name, or_empty(value));
}

Value is_in_profile(Call& call, std::string_view name, std::optional<std::string_view> value) {
  const auto* const found = dialog_of(call);
  if (!found) return has_gone(call);
  if (!found->extras || found->state == dialog::State::ended) return false;
  for (const auto& one : found->extras->profiles) {
    if (one.name == name && (!value || one.value == *value)) return true;
  }
  return false;
}

Value profile_size(Call& call, std::string_view name, std::optional<std::string_view> value) {
  return call.services->dialogs().profiles().size(name, or_empty(value));
}

constexpr ObjectKind kDialog = ObjectKind::dialog;

constexpr Function kRows[] = {
    function<profile_size>(ObjectKind::dialogs, "profile_size", "name, value", "integer",
                           kInHandlers | place_of(Handler::startup),
                           "How many dialogs are in a profile, on all workers: with that value, or "
                           "with any."),
    method<set_profile>(
        kDialog, "set_profile", "name, value, options", "true, err",
        "Counts it in a profile until it ends, under a value if one is given. Asking whether the "
        "limit is reached and counting are one step, whatever other workers do."),
    method<unset_profile>(kDialog, "unset_profile", "name, value", "boolean",
                          "Does not count it there any more; whether it did."),
    method<is_in_profile>(kDialog, "is_in_profile", "name, value", "boolean",
                          "Whether it is counted there, under that value or any."),
};

}  // namespace

std::span<const Function> profile_functions() {
  return kRows;
}

}  // namespace opensips::routing
