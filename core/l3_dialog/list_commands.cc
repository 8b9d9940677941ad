// Commands that list dialogs.

#include <algorithm>
#include <ctime>
#include <optional>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "l3_dialog/commands.hh"
#include "loop/ask.hh"

namespace opensips::dialog {

namespace {

using manage::CommandArguments;
using manage::CommandError;
using manage::CommandParameter;
using manage::Json;
using manage::ResultPieces;
using Type = CommandParameter::Type;

/// Which dialogs are wanted; what is not set is not asked about.
struct Filter {
  std::optional<std::string> call_id, from_tag, profile, value;
  std::optional<std::int64_t> state;

  bool fits(const Dialog& dialog) const {
    if (dialog.state == State::ended) return false;
    if (call_id && dialog.text(Dialog::call_id) != *call_id) return false;
    if (from_tag && dialog.tag(Party::caller) != *from_tag) return false;
    if (state && static_cast<std::int64_t>(dialog.state) != *state) return false;
    return !profile || is_in_profile(dialog);
  }

 private:
  bool is_in_profile(const Dialog& dialog) const {
    return dialog.extras && std::ranges::any_of(dialog.extras->profiles, [&](const auto& one) {
             return one.name == *profile && (!value || one.value == *value);
           });
  }
};

std::string date(std::int64_t seconds) {
  return fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::localtime(static_cast<std::time_t>(seconds)));
}

Json context_of(const DialogSnapshot& dialog) {
  Json values = Json::array(), profiles = Json::array();
  for (const auto& [name, value] : dialog.vars) values.push_back(Json{{name, value}});
  for (const auto& [name, value] : dialog.profiles) {
    profiles.push_back(Json{{name, value}});
  }
  return {{"values", std::move(values)}, {"profiles", std::move(profiles)}};
}

/// What the tools of OpenSIPS expect of a dialog. There are no flags of users, and no session
/// descriptions are kept.
Json row(const DialogSnapshot& dialog, bool with_context) {
  const auto& [caller, callee] = std::tie(dialog.caller, dialog.callee);
  Json json{{"ID", std::to_string(dialog.did)},
            {"state", static_cast<unsigned>(dialog.state)},
            {"user_flags", 0},
            {"timestart", dialog.started},
            {"datestart", date(dialog.started)},
            {"timeout", dialog.life_ends}};
  if (dialog.life_ends != 0) json["dateout"] = date(dialog.life_ends);
  json.update(Json{{"callid", dialog.call_id},
                   {"from_uri", caller.uri},
                   {"to_uri", callee.uri},
                   {"caller_tag", caller.tag},
                   {"caller_contact", caller.contact},
                   {"callee_cseq", callee.cseq},
                   {"caller_route_set", caller.routes},
                   {"caller_bind_addr", caller.socket},
                   {"caller_sdp", ""}});
  Json callees = Json::array();
  if (!callee.tag.empty()) {
    callees.push_back({{"callee_tag", callee.tag},
                       {"callee_contact", callee.contact},
                       {"caller_cseq", caller.cseq},
                       {"callee_route_set", callee.routes},
                       {"callee_bind_addr", callee.socket},
                       {"callee_sdp", ""}});
  }
  json["CALLEES"] = std::move(callees);
  if (with_context) json["context"] = context_of(dialog);
  return json;
}

/// The dialogs of all workers, a few hundred places a piece: no more than that is held at a time,
/// and no worker is kept from its calls.
class Listing {
 public:
  Listing(const std::vector<WorkersDialogs>& workers, Filter filter, bool with_context,
          std::uint64_t skip, std::uint64_t most)
      : workers_(workers),
        filter_(std::move(filter)),
        with_context_(with_context),
        skip_(skip),
        left_(most) {}

  bool operator()(std::string& to) {
    if (!std::exchange(begun_, true)) to += R"({"Dialogs":[)";
    if (worker_ < workers_.size() && left_ > 0) {
      write(to, next_piece());
      return true;
    }
    to += fmt::format(R"(],"count":{}}})", count_);
    return false;
  }

 private:
  static constexpr std::uint32_t kPlaces = 512;

  std::vector<DialogSnapshot> next_piece() {
    auto& dialogs = *workers_[worker_].dialogs;
    auto piece = loop::ask(*workers_[worker_].inbox, [&] {
      std::vector<DialogSnapshot> found;
      const auto wall_ms = dialogs.settings().wall_ms();
      place_ = dialogs.table().visit(place_, kPlaces, [&](const Dialog& dialog) {
        if (filter_.fits(dialog)) found.push_back(dialogs.snapshot(dialog, wall_ms));
      });
      return found;
    });
    if (!piece) place_ = 0;
    if (place_ == 0) ++worker_;
    return piece ? std::move(*piece) : std::vector<DialogSnapshot>();
  }

  void write(std::string& to, const std::vector<DialogSnapshot>& piece) {
    for (const auto& dialog : piece) {
      if (skip_ > 0) {
        --skip_;
        continue;
      }
      if (left_ == 0) return;
      --left_;
      if (count_++ > 0) to += ',';
      to += manage::to_text(row(dialog, with_context_));
    }
  }

  const std::vector<WorkersDialogs>& workers_;
  Filter filter_;
  bool with_context_;
  std::uint64_t skip_, left_;
  bool begun_ = false;
  std::size_t worker_ = 0;
  std::uint32_t place_ = 0;
  std::uint64_t count_ = 0;
};

using Answer = std::expected<ResultPieces, CommandError>;

std::optional<std::string> text_of(const CommandArguments& given, std::size_t index) {
  return given.has(index) ? std::optional(given.text(index)) : std::nullopt;
}

Answer list(const std::vector<WorkersDialogs>& workers, const CommandArguments& given,
            bool with_context) {
  Filter filter{.call_id = text_of(given, 0),
                .from_tag = text_of(given, 1),
                .profile = {},
                .value = {},
                .state = given.has(4) ? std::optional(given.integer(4)) : std::nullopt};
  const auto skip = given.has(2) ? given.integer(2) : 0;
  const auto most = given.has(3) ? given.integer(3) : INT64_MAX;
  if (skip < 0 || most < 0) {
    return std::unexpected(CommandError{400, "index and counter are numbers from 0 on"});
  }
  return Listing(workers, std::move(filter), with_context, static_cast<std::uint64_t>(skip),
                 static_cast<std::uint64_t>(most));
}

std::vector<CommandParameter> list_parameters() {
  return {{.name = "callid", .optional = true, .doc = "Only those of this Call-ID."},
          {.name = "from_tag", .optional = true, .doc = "Only those of this caller's tag."},
          {.name = "index", .type = Type::integer, .optional = true, .doc = "How many to skip."},
          {.name = "counter", .type = Type::integer, .optional = true, .doc = "How many at most."},
          {.name = "state", .type = Type::integer, .optional = true, .doc = "From 1 to 4."}};
}

}  // namespace

void add_list_commands(manage::Commands& commands, const std::vector<WorkersDialogs>& workers) {
  commands.add(
      {.name = "dialog:list",
       .old_name = "dlg_list",
       .doc = "The dialogs, or some of them.",
       .parameters = list_parameters(),
       .stream = [&](const CommandArguments& given) { return list(workers, given, false); }});
  commands.add(
      {.name = "dialog:list_ctx",
       .old_name = "dlg_list_ctx",
       .doc = "The same with their variables and profiles.",
       .parameters = list_parameters(),
       .stream = [&](const CommandArguments& given) { return list(workers, given, true); }});
  commands.add({.name = "dialog:profile_list_dlgs",
                .old_name = "profile_list_dlgs",
                .doc = "The dialogs in a profile, with that value or any.",
                .parameters = {{.name = "profile", .doc = "Its name."},
                               {.name = "value", .optional = true, .doc = "Only with this value."}},
                .stream = [&](const CommandArguments& given) -> Answer {
                  return Listing(workers,
                                 {.call_id = {},
                                  .from_tag = {},
                                  .profile = given.text(0),
                                  .value = text_of(given, 1),
                                  .state = {}},
                                 false, 0, UINT64_MAX);
                }});
}

}  // namespace opensips::dialog
