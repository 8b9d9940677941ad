#pragma once

#include <cstdint>
#include <iterator>
#include <string_view>

#include "loop/walk.hh"
#include "lp_routing/run_id.hh"

namespace opensips::routing {

/// What a program can hold: the object that a function's row belongs to. Modules bring more, which
/// a FunctionTable numbers behind these.
enum class ObjectKind : std::uint8_t {
  sip,
  request,
  response,
  uri,
  name_addr,
  source,
  location,
  parse,  ///< tables inside `sip`, from here on
  write,
  encode,
  decode,
  hash,
  regex,
  http,
  dns,
  dialogs,
  shared,  ///< no such table, from here on
  dialog,
  variables,
  sql,
  redis,
};
inline constexpr unsigned kCoreKinds = 21;

/// In the rows of a module: the table that `require` gives of it, and the objects of its own, in
/// the order in which it names them.
inline constexpr unsigned kOwnKinds = 0x80;
constexpr ObjectKind own_object(unsigned index) {
  return static_cast<ObjectKind>(kOwnKinds + 1 + index);
}
inline constexpr ObjectKind kOwnTable = static_cast<ObjectKind>(kOwnKinds);

/// As programs and manuals call one of the core's: "request".
constexpr std::string_view to_string(ObjectKind kind) {
  constexpr std::string_view names[] = {
      "sip",       "request",    "response",   "uri",        "name_addr", "source",    "location",
      "sip.parse", "sip.write",  "sip.encode", "sip.decode", "sip.hash",  "sip.regex", "sip.http",
      "sip.dns",   "sip.dialog", "shared",     "dialog",     "variables", "sql",       "redis"};
  static_assert(std::size(names) == kCoreKinds);
  return names[static_cast<unsigned>(kind)];
}

/// Of the core's: whether it is a plain table of functions: `sip`, and those in it ("sip.hash").
constexpr bool is_core_table(ObjectKind kind) {
  return kind == ObjectKind::sip || to_string(kind).starts_with("sip.");
}

/// A program's handle of a part of a message: it owns nothing, and finds nothing once its run has
/// ended. One of a dialog has no run: it finds nothing once the dialog has ended.
struct Object {
  /// Which URI or name-addr of the message.
  enum class Part : std::uint8_t { whole, request_uri, from, to, contact };
  static constexpr std::uint16_t kRequest = 0xffff;

  ObjectKind kind = ObjectKind::sip;
  Part part = Part::whole;
  std::uint16_t response = kRequest;  ///< which of Run::responses; kRequest: the request
  std::uint32_t place = 0;            ///< which of several contacts
  RunId run{};                        ///< none: of the server, always there
  loop::DialogId dialog{};            ///< of a dialog, or what is in one
};

}  // namespace opensips::routing
