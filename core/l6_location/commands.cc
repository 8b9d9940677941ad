#include "l6_location/commands.hh"

#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/clock.hh"
#include "l1_parser/uri.hh"
#include "l6_location/aor.hh"
#include "l6_location/contact_row.hh"

namespace opensips::location {
namespace {

using manage::CommandArguments;
using manage::CommandError;
using manage::CommandResult;
using manage::Json;
using manage::ResultPieces;
using Type = manage::CommandParameter::Type;

constexpr std::string_view kTable = "location";

/// Of a contact that was added by a command.
constexpr std::string_view kCallId = "usrloc-add@opensips";
constexpr std::string_view kUserAgent = "OpenSIPS management";

constexpr std::int64_t kLongestExpires = 365L * 86400;

std::unexpected<CommandError> not_found(std::string what) {
  return std::unexpected(CommandError{404, std::move(what) + " not found"});
}
std::unexpected<CommandError> bad(std::string what) {
  return std::unexpected(CommandError{400, std::move(what)});
}

std::string q_text(std::uint16_t q) {
  return fmt::format("{}", q / 1000.0);
}

/// What the tools of OpenSIPS expect of a contact. There is no database that it could be written
/// to, and no flags.
Json contact_json(const Binding& binding, std::uint64_t now_ms, const transport::Sockets& sockets) {
  Json json;
  json["Contact"] = binding.contact();
  json["Expires"] = binding.expired(now_ms) ? Json("expired") : Json(binding.remaining(now_ms));
  json["Q"] = q_text(binding.q());
  json["Callid"] = binding.call_id();
  json["Cseq"] = binding.cseq();
  if (!binding.user_agent().empty()) json["User-agent"] = binding.user_agent();
  const auto& received = binding.received();
  if (received.peer) json["Received"] = uri_of(received);
  json["State"] = "CS_NEW";
  json["Flags"] = 0;
  json["Cflags"] = "";
  if (received.peer && received.socket < sockets.size()) {
    json["Socket"] = socket_name(sockets.at(received.socket));
  }
  json["Methods"] = binding.methods();
  if (!binding.path().empty()) json["Path"] = binding.path();
  return json;
}

Json aor_json(const BindingSet& set, std::uint64_t now_ms, const transport::Sockets& sockets) {
  Json contacts = Json::array();
  for (const auto& binding : set.bindings()) {
    contacts.push_back(contact_json(*binding, now_ms, sockets));
  }
  return {{"AOR", set.aor()}, {"Contacts", std::move(contacts)}};
}

/// Which AoRs are shown, and how.
struct DumpOptions {
  bool brief = false;
  std::string part;  ///< of the AoR; empty: all
  std::uint64_t skip = 0, most = UINT64_MAX;
};

/// The table, a stripe a piece: no more than that is held at a time, and no lock while it is
/// written.
class Dump {
 public:
  Dump(const AorTable& table, const transport::Sockets& sockets, DumpOptions options)
      : table_(table), sockets_(sockets), options_(std::move(options)) {}

  bool operator()(std::string& to) {
    if (stripe_ == 0) {
      to += fmt::format(R"({{"Domains":[{{"name":"{}","hash_size":{},"AORs":[)", kTable,
                        table_.stripes());
    }
    const auto now = base::monotonic_ms();
    table_.for_each_in(stripe_, [&](const BindingSetRef& set) {
      if (!takes(*set)) return;
      if (!std::exchange(first_, false)) to += ',';
      to += manage::to_text(options_.brief ? Json{{"AOR", set->aor()}}
                                           : aor_json(*set, now, sockets_));
    });
    if (++stripe_ < table_.stripes() && options_.most > 0) return true;
    to += "]}]}";
    return false;
  }

 private:
  bool takes(const BindingSet& set) {
    if (options_.most == 0 || set.aor().find(options_.part) == std::string_view::npos) return false;
    if (options_.skip > 0) {
      --options_.skip;
      return false;
    }
    --options_.most;
    return true;
  }

  const AorTable& table_;
  const transport::Sockets& sockets_;
  DumpOptions options_;
  bool first_ = true;
  std::size_t stripe_ = 0;
};

std::expected<ResultPieces, CommandError> dump(const AorTable& table,
                                               const transport::Sockets& sockets,
                                               const CommandArguments& given) {
  const auto skip = given.has(2) ? given.integer(2) : 0;
  const auto most = given.has(3) ? given.integer(3) : INT64_MAX;
  if (skip < 0 || most < 0) return bad("index and counter are numbers from 0 on");
  return Dump(table, sockets,
              {.brief = given.has(0) && !given.text(0).empty(),
               .part = given.has(1) ? given.text(1) : std::string(),
               .skip = static_cast<std::uint64_t>(skip),
               .most = static_cast<std::uint64_t>(most)});
}

/// The AoR of "alice@example.com" or "sip:alice@example.com".
std::optional<std::string> key_of(const std::string& given) {
  auto uri = parser::Uri::parse(given);
  const auto with_scheme = "sip:" + given;
  if (!uri || !uri->is_sip()) uri = parser::Uri::parse(with_scheme);
  if (!uri) return std::nullopt;
  return aor_of(*uri);
}

/// Table and AoR, as all commands have them in front.
std::expected<std::string, CommandError> wanted(const CommandArguments& arguments) {
  if (arguments.text(0) != kTable) return not_found("Table");
  auto key = key_of(arguments.text(1));
  if (!key) return bad(fmt::format("\"{:.80}\" is no AOR", arguments.text(1)));
  return std::move(*key);
}

std::size_t place_of(const BindingSetEdit& edit, const parser::Uri& uri) {
  const auto key = contact_key(uri);
  const auto places = edit.places();
  std::size_t place = 0;
  while (place < places.size() && !(places[place] && places[place]->is_for(uri, key))) ++place;
  return place;
}

/// The contacts of one AoR, wherever they are.
class Contacts {
 public:
  Contacts(AorTable& table, Shared shared) : table_(table), shared_(std::move(shared)) {}

  std::expected<BindingSetRef, CommandError> find(std::string_view aor) const {
    const auto* const shared = shared_ ? shared_() : nullptr;
    if (!shared) return table_.find(aor);
    auto found = shared->find(aor);
    if (!found) return std::unexpected(CommandError{503, std::move(found.error())});
    return std::move(*found);
  }
  std::expected<void, CommandError> update(std::string_view aor,
                                           const SharedAccess::Edit& edit) const {
    const auto* const shared = shared_ ? shared_() : nullptr;
    if (!shared) {
      table_.update(aor, edit);
      return {};
    }
    auto done = shared->update(aor, edit);
    if (!done) return std::unexpected(CommandError{503, std::move(done.error())});
    return {};
  }

 private:
  AorTable& table_;
  Shared shared_;
};

CommandResult show(const Contacts& contacts, const transport::Sockets& sockets,
                   const CommandArguments& arguments) {
  const auto key = wanted(arguments);
  if (!key) return std::unexpected(key.error());
  const auto set = contacts.find(*key);
  if (!set) return std::unexpected(set.error());
  if (!*set) return not_found("AOR");
  return aor_json(**set, base::monotonic_ms(), sockets);
}

CommandResult remove(const Contacts& contacts, const CommandArguments& arguments) {
  const auto key = wanted(arguments);
  if (!key) return std::unexpected(key.error());
  bool known = false;
  const auto done = contacts.update(*key, [&](BindingSetEdit& edit) {
    known = edit.size() != 0;
    for (std::size_t i = 0; i < edit.places().size(); ++i) edit.remove(i);
    return known;
  });
  if (!done) return std::unexpected(done.error());
  if (!known) return not_found("AOR");
  return "OK";
}

CommandResult remove_contact(const Contacts& contacts, const CommandArguments& arguments) {
  const auto key = wanted(arguments);
  if (!key) return std::unexpected(key.error());
  const auto uri = parser::Uri::parse(arguments.text(2));
  if (!uri) return bad("the contact is no URI");
  bool known = false, found = false;
  const auto done = contacts.update(*key, [&](BindingSetEdit& edit) {
    const auto place = place_of(edit, *uri);
    known = edit.size() != 0;
    found = place < edit.places().size();
    if (found) edit.remove(place);
    return found;
  });
  if (!done) return std::unexpected(done.error());
  if (!known) return not_found("AOR");
  if (!found) return not_found("Contact");
  return "OK";
}

std::optional<std::uint16_t> q_of(const std::string& text) {
  double q = 0;
  const auto end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, q);
  if (error != std::errc() || at != end || !(q >= 0 && q <= 1)) return std::nullopt;
  return static_cast<std::uint16_t>(std::lround(q * kHighestQ));
}

CommandResult add(const Contacts& contacts, const CommandArguments& arguments) {
  const auto key = wanted(arguments);
  if (!key) return std::unexpected(key.error());
  const auto uri = parser::Uri::parse(arguments.text(2));
  if (!uri || !uri->is_sip()) return bad("the contact is no SIP URI");
  const auto expires = arguments.integer(3);
  if (expires <= 0 || expires > kLongestExpires) {
    return bad(fmt::format("expires is {}, expected 1 to {} seconds", expires, kLongestExpires));
  }
  const auto q = arguments.has(4) ? q_of(arguments.text(4)) : kHighestQ;
  if (!q) return bad("q is no number from 0 to 1");
  const auto now = base::monotonic_ms();
  bool fits = true;
  const auto done = contacts.update(*key, [&](BindingSetEdit& edit) {
    edit.expire(now);
    const auto place = place_of(edit, *uri);
    const bool known = place < edit.places().size();
    auto binding = Binding::make({.contact = uri->text,
                                  .host = uri->host,
                                  .call_id = kCallId,
                                  .user_agent = kUserAgent,
                                  .expires_at = now + static_cast<std::uint64_t>(expires) * 1000,
                                  .modified_at = now,
                                  .cseq = known ? edit.places()[place]->cseq() : 1,
                                  .contact_key = contact_key(*uri),
                                  .q = *q,
                                  .id = known ? edit.places()[place]->id() : new_contact_id()});
    fits = static_cast<bool>(binding);
    if (!fits) return false;
    if (known) {
      edit.update(place, std::move(binding));
    } else {
      edit.insert(std::move(binding));
    }
    return true;
  });
  if (!done) return std::unexpected(done.error());
  if (!fits) return bad("the contact is too long");
  return "OK";
}

const manage::CommandParameter kTableName{.name = "table_name", .doc = "\"location\"."};
const manage::CommandParameter kAor{.name = "aor", .doc = "As alice@example.com."};
const manage::CommandParameter kContact{.name = "contact", .doc = "The URI of the contact."};

manage::CommandParameter ignored(const char* name) {
  return {.name = name, .optional = true, .doc = "Ignored."};
}

}  // namespace

void add_commands(manage::Commands& commands, AorTable& table, const transport::Sockets& sockets,
                  const WhyNot& why_not, const Shared& shared) {
  const Contacts contacts(table, shared);
  /// A command that needs all contacts in memory.
  const auto with_all = [why_not](auto run) {
    return [why_not, run](const CommandArguments& arguments) -> decltype(run(arguments)) {
      if (auto reason = why_not ? why_not() : std::string(); !reason.empty()) {
        return std::unexpected(CommandError{503, std::move(reason)});
      }
      return run(arguments);
    };
  };
  commands.add(
      {.name = "usrloc:dump",
       .old_name = "ul_dump",
       .doc = "All registrations, or some of them; their AORs only, if brief.",
       .parameters = {{.name = "brief", .optional = true, .doc = "\"brief\", or any other word."},
                      {.name = "aor", .optional = true, .doc = "Only AORs that this occurs in."},
                      {.name = "index",
                       .type = Type::integer,
                       .optional = true,
                       .doc = "How many AORs to skip."},
                      {.name = "counter",
                       .type = Type::integer,
                       .optional = true,
                       .doc = "How many AORs at most."}},
       .stream = with_all(
           [&](const CommandArguments& arguments) { return dump(table, sockets, arguments); })});
  commands.add({.name = "usrloc:show_contact",
                .old_name = "ul_show_contact",
                .doc = "The contacts of one AOR.",
                .parameters = {kTableName, kAor},
                .run = with_all([contacts, &sockets](const CommandArguments& arguments) {
                  return show(contacts, sockets, arguments);
                })});
  commands.add({.name = "usrloc:rm",
                .old_name = "ul_rm",
                .doc = "Removes an AOR with all its contacts.",
                .parameters = {kTableName, kAor},
                .run = with_all([contacts](const CommandArguments& arguments) {
                  return remove(contacts, arguments);
                })});
  commands.add({.name = "usrloc:rm_contact",
                .old_name = "ul_rm_contact",
                .doc = "Removes one contact of an AOR.",
                .parameters = {kTableName, kAor, kContact},
                .run = with_all([contacts](const CommandArguments& arguments) {
                  return remove_contact(contacts, arguments);
                })});
  commands.add({.name = "usrloc:add",
                .old_name = "ul_add",
                .doc = "Adds a contact to an AOR, or changes it.",
                .parameters = {kTableName,
                               kAor,
                               kContact,
                               {.name = "expires", .type = Type::integer, .doc = "Seconds."},
                               {.name = "q", .optional = true, .doc = "From 0 to 1."},
                               ignored("unused"),
                               ignored("flags"),
                               ignored("cflags"),
                               ignored("methods")},
                .run = with_all([contacts](const CommandArguments& arguments) {
                  return add(contacts, arguments);
                })});
}

}  // namespace opensips::location
