#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/flow.hh"
#include "base/ref.hh"
#include "l1_parser/message.hh"
#include "loop/timer_wheel.hh"
#include "loop/walk.hh"
#include "lp_routing/run_id.hh"

namespace opensips::manage {
struct Event;
}

namespace opensips::routing {

/// The handlers a program may have; a function's row says in which of them it may be called.
enum class Handler : std::uint8_t {
  request,    ///< initial requests (`sip.on_request`)
  in_dialog,  ///< in-dialog requests that L3 could not prove and route itself (`sip.on_in_dialog`),
              ///< ACK included
  startup,    ///< once per worker and generation, before the first request (`sip.on_startup`)
  task,       ///< a timer's function (`sip.every`), or one that another has begun (`sip.spawn`): a
              ///< run without a request
  dialog_request,  ///< requests inside dialogs that asked for it, before they go on their way
                   ///< (`sip.on_dialog_request`)
  dialog,    ///< a dialog has passed to another state (`sip.on_dialog`): a run without a request
  branch,    ///< a branch of a request is about to be sent (`sip.on_branch`)
  response,  ///< a response to a branch has come (`sip.on_response`)
  event,     ///< something has happened (`sip.on_event`): a run without a request
  local_request,  ///< a request of the server's own is about to be sent (`sip.on_local_request`)
};
inline constexpr unsigned kHandlers = 10;

class Generation;
class Routing;
class Witness;

/// One run of a handler for one message: from the moment the program gets it until its handler has
/// ended; if the program wants to see the responses to what it has sent on, until its transaction
/// has. Made and ended by Routing, found by its id; belongs to its worker.
///
/// Handlers of branches and responses are runs of their own inside of the request's: they end
/// before whatever they were called for goes on.
struct Run {
  explicit Run(RunId self, Routing& routing);

  /// For another thread to look at in place of this one: who it is, where its request came from and
  /// what has become of it, without the messages. Routing knows nothing of it.
  std::unique_ptr<Run> look_alike() const;

  RunId id;
  Generation* generation = nullptr;  ///< the version of the program that runs it, to its end
  Handler handler = Handler::request;
  base::Ref<parser::Message> request;  ///< none in Handler::task, dialog and event
  base::Flow source;
  loop::ServerId server;  ///< none for an ACK
  loop::WalkId walk;      ///< the request's walk, suspended while the handler waits
  loop::DialogId dialog;  ///< of Handler::dialog and dialog_request; pinned until the run has ended
  std::string_view event;  ///< of Handler::dialog: the state that the dialog is in now
  std::shared_ptr<const manage::Event> happened;  ///< of Handler::event

  bool answered =
      false;  ///< a final answer is sent or on its way, or the message was relayed or dropped
  bool waiting = false;     ///< inside a function that waits
  std::uint32_t waits = 0;  ///< how often it has waited: tells one wait from the next
  bool listening = false;   ///< that function is sip.wait(): EventDesk knows of it
  bool forking = false;     ///< that function is fork(): a final response wakes it
  bool cancelled = false;   ///< the caller has given up; a 487 is sent or on its way
  bool forwarded = false;   ///< the request has been sent on: responses may come
  bool over = false;        ///< its handler has ended
  bool dropped = false;     ///< by the handler of a branch or response: it goes no further
  base::Ref<parser::Message> result;  ///< the best final response of the last fork
  std::vector<base::Ref<parser::Message>>
      responses;  ///< all that the program has got, for its objects
  std::uint16_t socket =
      base::Flow::kAnySocket;  ///< send requests from this one, if the program said so

  std::uint16_t fallback_code = 500;        ///< the answer if the handler ends without one
  loop::LayerMask mask = loop::kAllLayers;  ///< the optional layers that this request walks through

  int task = 0;            ///< of Handler::task: a number of the engine's (Program::keep_task())
  bool task_once = false;  ///< no other run needs that number

  void* engine_state = nullptr;  ///< the engine's own: its coroutine

  std::shared_ptr<Witness> witness;  ///< who follows its call, if anybody

  /// What the program keeps with the request, by numbers of the engine's, which takes them back
  /// (Engine::release()). 0: nothing.
  struct Kept {
    int table = 0;        ///< `ctx`
    int on_branch = 0;    ///< a function in place of the program's handler
    int on_response = 0;  ///< likewise
    bool any() const { return table || on_branch || on_response; }
  };
  Kept kept;
  Run* request_run = nullptr;  ///< of a handler of branches or responses: the run of the request
  /// Where what belongs to the request is kept.
  Kept& kept_with_request() { return request_run ? request_run->kept : kept; }
  loop::Timer timer;  ///< wakes the run with nil: sip.sleep; or begins it

 private:
  void on_timer();
  Routing& routing_;
};

}  // namespace opensips::routing
