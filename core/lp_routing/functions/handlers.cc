// Which functions of a program handle what.

#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/groups.hh"
#include "lp_routing/functions/program.hh"

namespace opensips::routing {
namespace {

struct DialogHandler {
  Value::Callback function;
};
struct ResponseHandler {
  Value::Callback function;
};

}  // namespace

template <>
struct Argument<DialogHandler> {
  static constexpr std::string_view type = "dialog_handler";
  static bool from(const Value& value, DialogHandler& to, std::string& why) {
    why = "expected function";
    return Argument<Value::Callback>::from(value, to.function, why);
  }
};
template <>
struct Argument<ResponseHandler> {
  static constexpr std::string_view type = "response_handler";
  static bool from(const Value& value, ResponseHandler& to, std::string& why) {
    why = "expected function";
    return Argument<Value::Callback>::from(value, to.function, why);
  }
};

namespace {

Value set_handler(Call& call, Handler handler, Value::Callback function) {
  if (call.program.set_handler(handler, function)) return {};
  return Misuse{call.function.full_name() +
                ": called a second time, a program has one handler of a kind"};
}

template <Handler kHandler>
Value on(Call& call, Value::Callback handler) {
  return set_handler(call, kHandler, handler);
}

Value on_dialog(Call& call, DialogHandler handler) {
  return set_handler(call, Handler::dialog, handler.function);
}

Value on_response(Call& call, ResponseHandler handler) {
  return set_handler(call, Handler::response, handler.function);
}

Value set_on_branch(Call& call, std::optional<Value::Callback> handler) {
  call.program.set_handler(*call.run, Handler::branch, handler);
  return {};
}

Value set_on_response(Call& call, std::optional<ResponseHandler> handler) {
  const auto function = handler ? std::optional(handler->function) : std::nullopt;
  call.program.set_handler(*call.run, Handler::response, function);
  return {};
}

constexpr ObjectKind kSip = ObjectKind::sip;
constexpr ObjectKind kRequest = ObjectKind::request;

constexpr Function kRows[] = {
    function<on<Handler::request>>(
        kSip, "on_request", "handler", "", kTopLevel,
        "Names the function that gets the initial requests: handler(request). What it does not "
        "answer, relay or drop is answered 500 when it has ended."),
    function<on<Handler::in_dialog>>(
        kSip, "on_in_dialog", "handler", "", kTopLevel,
        "Names the function that gets requests inside a dialog that carry no Route of this "
        "server: handler(request). ACK is one of them. Without it they are answered 481."),
    function<on<Handler::dialog_request>>(
        kSip, "on_dialog_request", "handler", "", kTopLevel,
        "Names the function that gets requests inside the dialogs that were made with "
        "show_requests: handler(request). ACK is one of them. They are valid already, and go on "
        "their way when it has ended, unless it has answered or dropped them."),
    function<on_dialog>(
        kSip, "on_dialog", "handler", "", kTopLevel,
        "Names the function that is told when a dialog is made or passes to another state: "
        "handler(dialog, state), with state \"unconfirmed\", \"early\", \"unacknowledged\" (a 2xx "
        "has gone to the caller), \"confirmed\" or \"ended\". It is always the current version of "
        "the script that is told: what it has to remember is in dialog.vars."),
    function<on<Handler::startup>>(
        kSip, "on_startup", "handler", "", kTopLevel,
        "Names a function that runs before the first request, once for each worker."),
    function<on<Handler::branch>>(
        kSip, "on_branch", "handler", "", kTopLevel,
        "Names the function that gets each branch of a request that is relayed or forked, just "
        "before it is sent: handler(request). What it changes of the request (Request-URI, "
        "headers, body, socket) is changed for this branch alone; without a next_hop or flow of "
        "its target the branch goes to where its Request-URI says. request:drop() takes the branch "
        "out. It may not wait, nor answer. An ACK is no branch, nor is a request inside a dialog "
        "that goes its own way. If it fails, the branch is not sent."),
    function<on_response>(
        kSip, "on_response", "handler", "", kTopLevel,
        "Names the function that gets each response to a request that was relayed or forked, of "
        "every branch, before the best one is chosen: handler(response, request). Not 100, which "
        "goes no further anyway, nor a 503 of a server that has others behind it; but what this "
        "server makes itself where none comes, and a 2xx as often as it is repeated. It may change "
        "headers and body, and response:drop() a provisional one. It may not wait: what has to is "
        "begun with sip.spawn. If it fails, the response goes on."),
    function<on<Handler::local_request>>(
        kSip, "on_local_request", "handler", "", kTopLevel,
        "Names the function that gets each request that the server sends of its own, just before "
        "it is sent: handler(request). Those of sip.request and of dialogs are such, BYE and pings "
        "of theirs, and pings of contacts; CANCEL and ACK are not. It may change Request-URI, "
        "headers, body and socket, of which what goes over a client's own way (its connection, or "
        "where a NAT shows it) stays on that; request:drop() keeps it from being sent, and whoever "
        "wanted it "
        "sent hears of an error. It may not wait. If it fails, the request goes out as it was."),
    deciding(setter<set_on_branch>(
        kRequest, "on_branch",
        "A function for the branches of this request, in place of the one that sip.on_branch "
        "names; nil: that one.")),
    deciding(setter<set_on_response>(
        kRequest, "on_response",
        "A function for the responses to this request, in place of the one that sip.on_response "
        "names; nil: that one.")),
};

}  // namespace

std::span<const Function> handler_functions() {
  return kRows;
}

}  // namespace opensips::routing
