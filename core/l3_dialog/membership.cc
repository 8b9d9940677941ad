// What programs keep with a dialog: variables, and the profiles that it counts in.

#include <algorithm>

#include "l3_dialog/dialogs.hh"

namespace opensips::dialog {

namespace {

constexpr std::size_t kMostVars = 100;
constexpr std::size_t kMaxVarName = 64;
constexpr std::size_t kMaxVarValue = 4096;
constexpr std::size_t kMostProfiles = 32;

}  // namespace

base::Result<void> Dialogs::set_var(Dialog& dialog, std::string_view name,
                                    std::optional<std::string_view> value) {
  if (name.empty() || name.size() > kMaxVarName || (value && value->size() > kMaxVarValue)) {
    return base::Failure(base::Error::too_large);
  }
  if (!value && !dialog.extras) return {};
  auto& vars = dialog.extra().vars;
  const auto known = std::ranges::find(vars, name, &Variable::name);
  if (!value) {
    if (known != vars.end()) vars.erase(known);
  } else if (known != vars.end()) {
    known->value = *value;
  } else if (vars.size() == kMostVars) {
    return base::Failure(base::Error::too_large);
  } else {
    vars.push_back({std::string(name), std::string(*value)});
  }
  note_change(dialog);
  return {};
}

base::Result<void> Dialogs::set_profile(Dialog& dialog, std::string_view name,
                                        std::string_view value, std::uint64_t limit) {
  const auto fits = [](std::string_view text, std::size_t most) {
    return text.size() <= most && text.find('\0') == std::string_view::npos;
  };
  if (name.empty() || !fits(name, Profiles::kMaxName) || !fits(value, Profiles::kMaxValue)) {
    return base::Failure(base::Error::too_large);
  }
  if (dialog.state == State::ended) return base::Failure(base::Error::gone);
  auto& mine = dialog.extra().profiles;
  const Membership wanted{std::string(name), std::string(value)};
  if (std::ranges::find(mine, wanted) != mine.end()) return {};
  if (mine.size() == kMostProfiles) return base::Failure(base::Error::too_large);
  if (profiles_.add(name, value, limit) != Profiles::Outcome::granted) {
    return base::Failure(base::Error::refused);
  }
  mine.push_back(wanted);
  note_change(dialog);
  return {};
}

bool Dialogs::unset_profile(Dialog& dialog, std::string_view name, std::string_view value) {
  if (!dialog.extras || dialog.state == State::ended) return false;
  const auto gone =
      std::erase(dialog.extras->profiles, Membership{std::string(name), std::string(value)});
  if (gone == 0) return false;
  profiles_.subtract(name, value);
  note_change(dialog);
  return true;
}

}  // namespace opensips::dialog
