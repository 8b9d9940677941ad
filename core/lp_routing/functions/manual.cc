#include "lp_routing/functions/manual.hh"

#include <ostream>
#include <string_view>

#include <fmt/format.h>

#include "lp_routing/functions/other_names.hh"
#include "lp_routing/server_events.hh"

namespace opensips::routing {
namespace {

using Kind = Function::Kind;

constexpr std::string_view kManualHead =
    R"(.\" Made from the server's table of functions by `make generate`.
.TH OPENSIPS-LUA 7 "" "OpenSIPS 2.0" "Routing scripts"
.SH NAME
opensips-lua \- what a routing script can use
.SH DESCRIPTION
The routing script is a Lua program (LuaJIT, the language of Lua 5.1), named by
.B script
in
.BR opensips.cfg (5).
Each worker runs it in a state of its own: what one keeps in a variable, the others do not see. What they share is in
sip.shared.
At its top level the script says which functions handle requests. A handler is written from top to bottom.
A function that waits lets other requests go on, and its handler finds its local variables as they were.
.PP
.in +4n
.nf
.ft CW
local sip = require "sip"

sip.on_request(function(req)
  if not sip.is_local(req.ruri.host) then
    return req:reply(403)
  end
  local groups = sip.location:lookup(req)
  if not groups then
    return req:reply(404)
  end
  local res = req:fork(groups[1], { timeout = "20s" })
  return res and res:forward()
end)
.ft
.fi
.in
.PP
A function that fails gives nil and a text that says why. A wrong call (a type that does not fit, an option that is not
known, a line break in a header) is an error: it ends the handler, the caller gets a 500, and the log says file and line.
A handler that ends without having answered, relayed or dropped the request leaves a 500 too.
An object kept after its handler has ended is an error to use, never another request's.
The handlers of branches, of responses and of the server's own requests (sip.on_branch, sip.on_response,
sip.on_local_request) run while a message passes: they wait for nothing and answer nothing. request.ctx is one table for all handlers of a transaction.
What a timer (sip.every), an event (sip.on_event) or sip.spawn runs has no request, but may wait like a handler; if it fails, the log says where.
.PP
A duration is a number of seconds, or text with a unit: "500ms", "20s", "5m", "4h", "1d".
A target is a URI as text, request.ruri, or a table with
.IR uri ,
and if need be
.I next_hop
(a URI to send to while the Request-URI stays),
.I socket
(the one of this server to send from: "udp:192.0.2.1:5060"),
.I flow
(how a client registered, as a lookup gives it) and
.I no_connect
(true: it is reached over a connection that is there, or not at all; a lookup sets it for a client behind NAT that
registered over a connection, since nobody could open one to it).
.PP
require finds Lua files through
.BR lua_path ,
at the top level. What would hold up the worker or end it (io, os.execute, ffi, C libraries, \[u2026]) is not there, and says
so. A handler may run for
.B script_time_limit
between two waits, and a state may hold
.B script_memory_limit
of memory: past them the handler is stopped, and the log says where.
.SH CHECKS
.B opensips \-C
looks at the script without running its handlers, follows values and functions through variables, parameters and handlers, and
says how sure it is of what it finds:
.BR opensips (8).
A script without findings is not one without mistakes. What it cannot see:
.IP \[bu] 2
what is in tables of the script's own, and functions that are kept in them: of their parameters it knows nothing; if one is called
req or res, names that look like slips are likely errors. If pcall, xpcall or coroutine.create is called anywhere, errors
in what only they run are likely at the most
.IP \[bu] 2
fields that are named at run time: nothing is said of object[name], nor of what it gives
.IP \[bu] 2
files whose names do not stand in the script: require(name), or require given to another function. With any of these, or a file that
is not found, a global that is assigned nowhere is a likely error at the most
.IP \[bu] 2
what is done to globals otherwise than by their names: if _G, getfenv, setfenv, rawset, load, loadstring, module or package is named
anywhere, nothing is certain, and globals are not looked at
.IP \[bu] 2
values that are one thing or another: a variable that is assigned both a request and a table
.IP \[bu] 2
values of arguments and options: types, ranges, URIs; texts that come from a database or a request
.IP \[bu] 2
nil: a function that may give none, a header that is missing
.IP \[bu] 2
whether a place is ever run, and in which order. Likely at the most is what depends on a condition (of if, and, or) that looks at
sip.version, sip.generation, the type of a value, or a global or a library's function that there is not; and, if the script could be
loaded, what runs only then
.IP \[bu] 2
fields of texts and numbers, and of what databases, web servers and JSON give.
.SH RELOAD
The management command
.B reload_routes
loads the script and all that it requires anew, while calls go on. The new version runs through its top level and its startup
handler in a fresh state for each worker; what the old one kept in variables is not there. If all of that goes well,
requests that come from then on are handled by the new version, on all workers at the same moment. A request that is being
handled keeps the version that it began with: a handler that waits wakes in the same version, however many reloads later.
The version before the current one is kept: the command
.B script:rollback
goes back to it. An older one ends with its last handler; timers end at once, for only those of the current version run. If the script cannot be read or compiled, fails, takes too much time or memory
or handles no requests, nothing changes, and the command gives file, line and reason.
.PP
To be careful, try a version before all depend on it:
.B script:canary 5%
loads it and gives it that share of the calls, chosen by Call-ID,
.B script:list
shows its answers and errors beside those of the current one,
.B script:promote
gives it all calls,
.B script:rollback
gives it up.
.PP
A handler that sleeps for hours keeps its version for hours.
.B script_generations_max
says how many may live;
.B script:list
shows them. The variable sip.generation tells a script which one it is.
)";

constexpr std::string_view kTail = R"(.SH SEE ALSO
.BR opensips (8),
.BR opensips.cfg (5)
)";

constexpr std::string_view title_of(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::sip: return "The server: require \"sip\"";
    case ObjectKind::request: return "A request, as a handler gets it";
    case ObjectKind::response: return "A response, as request:fork() gives it";
    case ObjectKind::uri: return "A URI: request.ruri";
    case ObjectKind::name_addr: return "An address: request.from, request.to, request.contact";
    case ObjectKind::source: return "Where a message came from: request.source";
    case ObjectKind::location: return "Registered users: sip.location";
    case ObjectKind::dialogs: return "The dialogs of all workers";
    case ObjectKind::dialog: return "A dialog: request.dialog, and what sip.on_dialog gets";
    case ObjectKind::variables: return "What a script keeps with a dialog: dialog.vars";
    case ObjectKind::parse: return "Texts taken apart into tables";
    case ObjectKind::write: return "Texts made from tables";
    case ObjectKind::encode: return "Bytes written as text";
    case ObjectKind::decode: return "Bytes read from text";
    case ObjectKind::hash: return "Checksums";
    case ObjectKind::http: return "Requests to web servers";
    case ObjectKind::dns: return "Questions to name servers";
    case ObjectKind::shared: return "A table that all workers share: sip.shared";
    case ObjectKind::regex: return "Regular expressions, as Perl has them (PCRE2)";
    case ObjectKind::sql: return "A database: sip.sql()";
    case ObjectKind::redis:
      return "A server of Redis, a Cluster or what Sentinels watch: sip.redis()";
  }
  return {};
}

/// What others call what is here: a paragraph for each row.
void write_other_names(std::ostream& out) {
  out << ".SH NAMES OF OPENSIPS 3 AND KAMAILIO\n"
         "What they are called there (OpenSIPS; Kamailio), and here. Failure is nil or false here, "
         "never a negative number, and text is text, never a pseudo-variable inside of it.\n";
  for (const OtherName& row : other_names()) {
    std::string theirs(row.opensips.empty() ? "(none)" : row.opensips);
    if (row.kamailio.empty()) {
      theirs += "; (none)";
    } else if (row.kamailio != row.opensips) {
      theirs.append("; ").append(row.kamailio);
    }
    out << ".TP\n" << troff_text(theirs) << "\n";
    out << troff_text(row.ours);
    if (!row.note.empty()) out << (row.ours.empty() ? "" : ": ") << troff_text(row.note);
    out << "\n";
  }
}

std::string_view restriction(const Function& function) {
  if (function.places == kTopLevel) return "At the top level only.";
  if (function.kind == Kind::function && !(function.places & kTopLevel)) {
    if (function.places & place_of(Handler::startup)) return "In handlers only.";
    const bool task = function.places & place_of(Handler::task);
    return task ? "In handlers only, but not at the start." : "In handlers of requests only.";
  }
  return {};
}

void write_result(std::ostream& out, const Function& function) {
  if (function.result.empty()) return;
  std::string_view result = function.result;
  const bool fails = result.ends_with(", err");
  if (fails) result.remove_suffix(5);
  out << "Gives " << troff_text(result) << (fails ? ", or nil and why not.\n" : ".\n");
}

void write_options(std::ostream& out, const Function& function) {
  for (const ArgumentType& type : function.types) {
    for (const OptionText& option : type.options) {
      out << fmt::format(".br\n\\ \\ \\fI{}\\fR ({})", option.name, troff_text(option.type));
      out << (option.doc.empty() ? "\n" : fmt::format(": {}\n", troff_text(option.doc)));
    }
  }
}

}  // namespace

/// For troff: no line begins with a control character, backslashes and hyphens are themselves.
std::string troff_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  std::size_t at = 0;
  while ((at = out.find("…", at)) != std::string::npos)
    out.replace(at, std::string_view("…").size(), "\\[u2026]");
  if (out.starts_with('.') || out.starts_with('\'')) out.insert(0, "\\&");
  return out;
}

void write_manual_entry(std::ostream& out, const Function& function) {
  std::string name = function.kind == Kind::text
                         ? fmt::format("tostring({})", function.object_name())
                         : function.full_name();
  if (function.kind == Kind::method || function.kind == Kind::function) {
    name += "(" + signature(function) + ")";
  }
  if (function.kind == Kind::setter || function.kind == Kind::set_element) name += " = value";
  out << ".TP\n.B " << troff_text(name) << "\n" << troff_text(function.doc) << "\n";
  if (function.kind == Kind::getter || function.kind == Kind::element) {
    out << "(" << troff_text(function.result) << ")\n";
    return;
  }
  if (function.kind == Kind::setter || function.kind == Kind::set_element) {
    const auto& value = function.types.back();
    out << "(" << troff_text(value.type) << (value.optional ? " or nil" : "") << ")\n";
    return;
  }
  if (function.kind != Kind::text) write_result(out, function);
  if (function.waits) out << "Waits.\n";
  if (const auto where = restriction(function); !where.empty()) out << where << "\n";
  write_options(out, function);
}

void write_events(std::ostream& out, std::span<const manage::EventType> types) {
  for (const auto& type : types) {
    out << ".TP\n.B " << troff_text(type.name) << "\n" << troff_text(type.doc) << "\n";
    for (const auto& [name, of, doc] : type.parameters) {
      out << fmt::format(".br\n\\ \\ \\fI{}\\fR ({}): {}\n", troff_text(name), of, troff_text(doc));
    }
  }
}

std::string signature(const Function& function) {
  std::string text;
  for (std::size_t i = 0; i < function.types.size(); ++i) {
    const ArgumentType& type = function.types[i];
    if (i > 0) text += ", ";
    if (type.rest) {
      text.append(function.argument(i)).append(", …");
    } else {
      const auto name = function.argument(i);
      text += type.optional ? fmt::format("[{}]", name) : std::string(name);
    }
  }
  return text;
}

void write_manual(std::ostream& out) {
  out << kManualHead;
  const Function* before = nullptr;
  for (const Function& function : functions()) {
    if (!before || before->object != function.object) {
      out << ".SH \"" << fmt::format("{}", to_string(function.object)) << "\"\n"
          << troff_text(title_of(function.object)) << ".\n";
    }
    write_manual_entry(out, function);
    before = &function;
  }
  out << ".SH EVENTS\n"
         "What sip.on_event and sip.wait can name, and evi:subscribe of the management, besides "
         "what "
         "scripts raise themselves (sip.raise). The events of modules are in their own pages.\n";
  write_events(out, core_event_types());
  write_other_names(out);
  out << kTail;
}

}  // namespace opensips::routing
