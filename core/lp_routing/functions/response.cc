#include <string>

#include <fmt/format.h>

#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/groups.hh"
#include "lp_routing/functions/services.hh"

namespace opensips::routing {
namespace {

Value code(Call& call) {
  return call.message().code();
}
Value reason(Call& call) {
  return call.message().reason();
}
Value to(Call& call) {
  return call.part(ObjectKind::name_addr, Object::Part::to);
}
Value source(Call& call) {
  return call.part(ObjectKind::source, Object::Part::whole);
}
Value raw(Call& call) {
  return call.message().raw();
}
/// What this server makes came from nowhere.
Value is_local(Call& call) {
  return !call.message().source().peer;
}

Value forward(Call& call) {
  Run& run = *call.run;
  const auto sent = call.services->forward(run, run.responses[call.self.response]);
  if (sent) return true;
  return Problem{fmt::format("not forwarded: {}", base::to_string(sent.error()))};
}

/// Only where it passes: elsewhere it has gone already, or is the handler's to forward.
Value drop(Call& call) {
  Run& run = *call.run;
  if (run.handler != Handler::response) return Problem{"only sip.on_response drops responses"};
  if (call.message().code() >= 200) return Problem{"a final response is not dropped"};
  return run.dropped = true;
}

Value to_text(Call& call) {
  return fmt::format("{} {}", call.message().code(), call.message().reason());
}

constexpr ObjectKind kResponse = ObjectKind::response;

constexpr Function kRows[] = {
    getter<code>(kResponse, "code", "integer", "100 to 699.", kInHandlers),
    getter<reason>(kResponse, "reason", "string", "The reason phrase.", kInHandlers),
    getter<to>(kResponse, "to", "name_addr", "To, with the tag of who answered."),
    getter<source>(kResponse, "source", "source", "Where it came from."),
    getter<raw>(kResponse, "raw", "string", "The whole message as it came: for logs."),
    getter<is_local>(kResponse, "is_local", "boolean",
                     "Whether it was made here, because nobody answered or could be reached.",
                     kInHandlers),
    deciding(method<forward>(
        kResponse, "forward", "", "true, err",
        "Answers the request with it. Of a 2xx that has happened already; then this does "
        "nothing.")),
    method<drop>(kResponse, "drop", "", "true, err",
                 "In the handler of responses: a provisional one goes no further."),
    text<to_text>(kResponse, "Code and reason."),
};

}  // namespace

std::span<const Function> response_functions() {
  return kRows;
}

}  // namespace opensips::routing
