#include "l3_dialog/commands.hh"

#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "loop/ask.hh"

namespace opensips::dialog {

namespace {

using manage::CommandArguments;
using manage::CommandError;
using manage::CommandResult;
using manage::Json;
using Type = manage::CommandParameter::Type;
using Workers = std::vector<WorkersDialogs>;

std::unexpected<CommandError> not_found() {
  return std::unexpected(CommandError{404, "no such dialog"});
}

/// The number of a dialog, if the text is one; else it is a Call-ID.
std::optional<std::uint64_t> did_of(const std::string& text) {
  std::uint64_t did = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, did);
  return error == std::errc() && stop == end ? std::optional(did) : std::nullopt;
}

/// By number or Call-ID. On the dialog's worker.
Dialog* find(Dialogs& dialogs, const std::string& wanted) {
  if (const auto did = did_of(wanted)) {
    if (auto* const found = dialogs.table().find_did(*did)) return found;
  }
  Dialog* found = nullptr;
  dialogs.table().for_each([&](Dialog& dialog) {
    if (dialog.state != State::ended && dialog.text(Dialog::call_id) == wanted) found = &dialog;
  });
  return found;
}

/// What `work(dialogs, dialog)` says on the worker that has the dialog; nothing if none has.
template <class Work>
std::optional<base::Result<void>> on_dialog(const Workers& workers, const std::string& wanted,
                                            Work work) {
  for (const auto& [inbox, dialogs] : workers) {
    const auto done = loop::ask(*inbox, [&]() -> std::optional<base::Result<void>> {
      auto* const found = find(*dialogs, wanted);
      return found ? std::optional(work(*dialogs, *found)) : std::nullopt;
    });
    if (done && *done) return *done;
  }
  return std::nullopt;
}

CommandResult answer(const std::optional<base::Result<void>>& done) {
  if (!done) return not_found();
  if (*done) return Json("OK");
  if (done->error() == base::Error::gone) return not_found();
  if (done->error() == base::Error::unsupported) {
    return std::unexpected(CommandError{400, "the dialog is not established"});
  }
  return std::unexpected(
      CommandError{500, fmt::format("not done: {}", base::to_string(done->error()))});
}

CommandResult end(const Workers& workers, const CommandArguments& given) {
  return answer(on_dialog(workers, given.text(0), [](Dialogs& dialogs, Dialog& dialog) {
    return dialogs.end(dialog, Ending::command);
  }));
}

/// How many dialogs in the profile have been ended.
CommandResult end_profile(const Workers& workers, const CommandArguments& given) {
  const Membership wanted{given.text(0), given.has(1) ? given.text(1) : ""};
  std::size_t ended = 0;
  for (const auto& worker : workers) {
    auto& dialogs = *worker.dialogs;
    const auto done = loop::ask(*worker.inbox, [&] {
      std::vector<DialogId> found;
      dialogs.table().for_each([&](const Dialog& dialog) {
        if (!dialog.extras) return;
        for (const auto& one : dialog.extras->profiles) {
          const bool same_value = wanted.value.empty() || one.value == wanted.value;
          if (one.name == wanted.name && same_value) found.push_back(dialog.id);
        }
      });
      std::size_t count = 0;
      for (const auto id : found) {
        auto* const dialog = dialogs.find(id);
        if (dialog && dialogs.end(*dialog, Ending::command)) ++count;
      }
      return count;
    });
    ended += done.value_or(0);
  }
  return Json{{"ended", ended}};
}

CommandResult push_var(const Workers& workers, const CommandArguments& given) {
  for (const auto& one : given[2]) {
    const auto wanted = one.is_string() ? one.get<std::string>() : manage::to_text(one);
    const auto done = on_dialog(workers, wanted, [&](Dialogs& dialogs, Dialog& dialog) {
      return dialogs.set_var(dialog, given.text(0), given.text(1));
    });
    if (!done || !*done) return answer(done);
  }
  return Json("OK");
}

std::optional<Party> party_of(const std::string& text) {
  if (text == "caller") return Party::caller;
  if (text == "callee") return Party::callee;
  return std::nullopt;
}

/// Whole lines, each with its CRLF; nothing if a character has no place in one.
std::optional<std::string> lines_of(const std::string& text) {
  std::string lines;
  std::size_t at = 0;
  while (at < text.size()) {
    auto end = text.find_first_of("\r\n", at);
    if (end == std::string::npos) end = text.size();
    const auto line = text.substr(at, end - at);
    if (line.find('\0') != std::string::npos) return std::nullopt;
    if (!line.empty() && line.find(':') == std::string::npos) return std::nullopt;
    if (!line.empty()) lines.append(line).append("\r\n");
    at = end + 1;
  }
  return lines;
}

/// What comes of it is not waited for: no command waits for the network.
CommandResult send(const Workers& workers, const CommandArguments& given) {
  const auto side = party_of(given.text(1));
  if (!side) return std::unexpected(CommandError{400, "side is \"caller\" or \"callee\""});
  const auto& method = given.text(2);
  if (method == "INVITE" || method == "BYE" || method == "ACK" || method == "CANCEL") {
    return std::unexpected(CommandError{400, method + " is not sent by this command"});
  }
  const auto lines = lines_of(given.has(3) ? given.text(3) : "");
  if (!lines) return std::unexpected(CommandError{400, "headers are lines of name and value"});
  const auto type = given.has(4) ? given.text(4) : "";
  const auto body = given.has(5) ? given.text(5) : "";
  if (type.empty() != body.empty()) {
    return std::unexpected(CommandError{400, "a body needs a content_type"});
  }
  return answer(on_dialog(workers, given.text(0), [&](Dialogs& dialogs, Dialog& dialog) {
    return dialogs.own_requests().send(
        dialog, *side, {.method = method, .headers = *lines, .content_type = type, .body = body},
        [](const auto&) {});
  }));
}

CommandResult refer(const Workers& workers, const CommandArguments& given) {
  const auto side = party_of(given.text(1));
  if (!side) return std::unexpected(CommandError{400, "side is \"caller\" or \"callee\""});
  if (!parser::Uri::parse(given.text(2))) {
    return std::unexpected(CommandError{400, "the target is no URI"});
  }
  return answer(on_dialog(workers, given.text(0), [&](Dialogs& dialogs, Dialog& dialog) {
    const auto lines = OwnRequests::refer_lines(dialog, *side, given.text(2));
    return dialogs.own_requests().send(
        dialog, *side, {.method = "REFER", .headers = lines, .content_type = {}, .body = {}},
        [](const auto&) {});
  }));
}

void add_profile_commands(manage::Commands& commands, const Workers& workers,
                          const Profiles& profiles) {
  const manage::CommandParameter name{.name = "profile", .doc = "Its name."};
  const manage::CommandParameter value{
      .name = "value", .optional = true, .doc = "Only with this value."};
  commands.add({.name = "dialog:profile_get_size",
                .old_name = "profile_get_size",
                .doc = "How many dialogs are in a profile, with that value or any.",
                .parameters = {name, value},
                .run = [&](const CommandArguments& given) -> CommandResult {
                  const auto of = given.has(1) ? given.text(1) : "";
                  return Json{{"Profile", Json{{"name", given.text(0)},
                                               {"value", of},
                                               {"count", profiles.size(given.text(0), of)}}}};
                }});
  commands.add({.name = "dialog:profile_get_values",
                .old_name = "profile_get_values",
                .doc = "The values of a profile, and how many dialogs have each.",
                .parameters = {name},
                .run = [&](const CommandArguments& given) -> CommandResult {
                  Json all = Json::array();
                  for (const auto& [text, count] : profiles.values(given.text(0))) {
                    all.push_back({{"value", text}, {"count", count}});
                  }
                  return Json{{"Profile", Json{{"name", given.text(0)}, {"values", all}}}};
                }});
  commands.add({.name = "dialog:profile_end_dlgs",
                .old_name = "profile_end_dlgs",
                .doc = "Ends the dialogs in a profile, with that value or any.",
                .parameters = {name, value},
                .run = [&](const CommandArguments& given) { return end_profile(workers, given); }});
}

}  // namespace

void add_commands(manage::Commands& commands, const Workers& workers, const Profiles& profiles) {
  const manage::CommandParameter which{.name = "dialog_id",
                                       .doc = "Its ID, as dialog:list has it, or its Call-ID."};
  const manage::CommandParameter side{.name = "side", .doc = "Who gets it: caller or callee."};
  add_list_commands(commands, workers);
  commands.add({.name = "dialog:end_dlg",
                .old_name = "dlg_end_dlg",
                .doc = "Ends a dialog: both sides get a BYE; before it is answered, callees get a "
                       "CANCEL and the caller a 487.",
                .parameters = {which},
                .run = [&](const CommandArguments& given) { return end(workers, given); }});
  add_profile_commands(commands, workers, profiles);
  commands.add({.name = "dialog:push_var",
                .old_name = "dlg_push_var",
                .doc = "Keeps a variable with dialogs.",
                .parameters = {{.name = "dlg_val_name", .doc = "Its name."},
                               {.name = "dlg_val_value", .doc = "Its value."},
                               {.name = "DID", .type = Type::list, .doc = "IDs or Call-IDs."}},
                .run = [&](const CommandArguments& given) { return push_var(workers, given); }});
  commands.add({.name = "dialog:send_sequential",
                .old_name = "dlg_send_sequential",
                .doc = "Sends a request inside a dialog, as if it came from the other side.",
                .parameters = {which,
                               side,
                               {.name = "method", .doc = "As INFO."},
                               {.name = "headers", .optional = true, .doc = "Lines to add."},
                               {.name = "content_type", .optional = true, .doc = "Of the body."},
                               {.name = "body", .optional = true, .doc = "If it has one."}},
                .run = [&](const CommandArguments& given) { return send(workers, given); }});
  commands.add({.name = "dialog:refer",
                .old_name = "dlg_refer",
                .doc = "Asks one side to call somebody else (RFC 3515).",
                .parameters = {which, side, {.name = "target", .doc = "The URI to call."}},
                .run = [&](const CommandArguments& given) { return refer(workers, given); }});
}

}  // namespace opensips::dialog
