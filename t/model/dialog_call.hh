#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "l3_dialog/events.hh"
#include "model/model.hh"

namespace opensips::model {

/// One call between 127.0.0.1:5070 and 127.0.0.1:5080 for which the program makes a dialog, a step
/// at a time; what the dialog passed through is kept.
class DialogCall {
 public:
  using Transition = std::pair<dialog::State, dialog::State>;
  struct Passed {
    dialog::State before, after;
    dialog::Ending ending;
    friend auto operator<=>(const Passed&, const Passed&) = default;
  };

  explicit DialogCall(dialog::DialogOptions wanted = {.lifetime = 3'600'000},
                      Shared::Options shared = {})
      : model(std::move(shared), [this](loop::Context& context) { watch(context); }),
        options(wanted) {
    model.program.on_request = [this](routing::Run& run) {
      const auto made = dialogs().create(*run.request, run.server, options);
      if (made) id = *made;
      return relay(run);
    };
    relay = model.relay_to("sip:callee@127.0.0.1:5080");
  }

  dialog::Dialogs& dialogs() { return model.stack.dialogs.dialogs(); }
  dialog::Dialog* dialog() { return dialogs().find(id); }

  /// The INVITE reaches the callee.
  void invite(std::string extra = {}) {
    Request request;
    request.extra = std::move(extra);
    model.receive(request.bytes());
    for (const auto& one : model.take()) {
      if (one.bytes.starts_with("INVITE ")) invites.push_back(one.bytes);
    }
  }
  /// An INVITE of another call, which nobody answers: its dialog stands beside this call's.
  void invite_another() {
    model.receive(Request{.branch = "z9hG4bKanother", .call_id = "another"}.bytes());
    model.take();
  }
  /// A callee answers; what the caller gets of it.
  std::string answer(unsigned code, const std::string& tag = "callee", std::size_t branch = 0,
                     const std::string& extra = {}) {
    auto bytes = model::answer(invites.at(branch), code, tag);
    bytes.insert(bytes.find("Contact:"), extra);
    model.receive(bytes, kCallee);
    return to_caller();
  }
  void establish() {
    invite();
    answer(200);
    from_caller("ACK", 1);
    model.take();
  }

  /// Sends a request inside the dialog; what comes out of it on both sides.
  std::vector<std::string> from_caller(const std::string& method, int cseq,
                                       const std::string& tag = "callee",
                                       const std::string& extra = {}) {
    return inside(method, cseq, true, "caller", tag, extra);
  }
  std::vector<std::string> from_callee(const std::string& method, int cseq,
                                       const std::string& tag = "callee",
                                       const std::string& extra = {}) {
    return inside(method, cseq, false, tag, "caller", extra);
  }
  /// Route and Request-URI that the next one carries in place of its own.
  std::string route, target;

  /// The last of what was sent to a side, taken away with all else.
  std::string to_caller() { return last_to(kCaller); }
  std::string to_callee() { return last_to(kCallee); }
  std::vector<std::string> take() {
    std::vector<std::string> all;
    for (const auto& one : model.take()) all.push_back(one.bytes);
    return all;
  }

  static constexpr const char* kCaller = "127.0.0.1:5070";
  static constexpr const char* kCallee = "127.0.0.1:5080";

  Model model;
  dialog::DialogOptions options;
  loop::DialogId id;
  Program::Start relay;
  std::vector<std::string> invites;  ///< as they reached the callees
  std::vector<Passed> passed;

 private:
  void watch(loop::Context& context) {
    context.bus.subscribe<dialog::StateChanged>([this](const dialog::StateChanged& event) {
      passed.push_back({event.before, event.after, event.ending});
    });
  }

  std::vector<std::string> inside(const std::string& method, int cseq, bool caller,
                                  const std::string& from_tag, const std::string& to_tag,
                                  const std::string& extra) {
    const auto our_route = values(invites.at(0), "Record-Route").at(0);
    const std::string own = caller ? "caller@127.0.0.1:5070" : "callee@127.0.0.1:5080";
    const std::string other = caller ? "callee@127.0.0.1:5080" : "caller@127.0.0.1:5070";
    const auto uri = target.empty() ? "sip:" + other : target;
    std::string text = method + " " + uri + " SIP/2.0\r\n";
    text += "Via: SIP/2.0/UDP " + std::string(caller ? kCaller : kCallee) + ";branch=z9hG4bKin" +
            std::to_string(branch_++) + "\r\n";
    text += "Route: " + (route.empty() ? our_route : route) + "\r\n";
    text += "From: <sip:" + own + ">;tag=" + from_tag + "\r\n";
    text += "To: <sip:" + other + ">;tag=" + to_tag + "\r\n";
    text += "Call-ID: call-1\r\nCSeq: " + std::to_string(cseq) + " " + method + "\r\n";
    text += "Contact: <sip:" + own + ">\r\nMax-Forwards: 70\r\n" + extra;
    text += "Content-Length: 0\r\n\r\n";
    model.receive(text, caller ? kCaller : kCallee);
    return take();
  }

  std::string last_to(const char* address) {
    std::string last;
    for (const auto& one : model.take()) {
      if (one.to.peer.to_string() == address) last = one.bytes;
    }
    return last;
  }

  int branch_ = 1;
};

}  // namespace opensips::model
