// A module without faults: what a script, an operator and a configuration see of it.
#include <memory>
#include <stdexcept>

#include "l0_transport/events.hh"
#include "l1_parser/message_view.hh"
#include "loop/passing_layer.hh"
#include "lp_routing/functions/answering.hh"
#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/waiting.hh"
#include "module/module.hh"

namespace good {

using namespace opensips;
using routing::Call;
using routing::Value;

/// Counts what passes it, and what else happens on its worker.
class Part final : public modules::OnWorker, public loop::PassingLayer {
 public:
  loop::Layer* layer() override { return this; }
  loop::Verdict up(loop::Walk&) override {
    counted += 1'000'000;
    return loop::Verdict::up;
  }

  int counted = 0;
};

class Good final : public modules::Module {
 public:
  std::vector<modules::Parameter> parameters() override {
    return {modules::text("word", word_, "What it says."),
            modules::integer("times", times_, 1, 3, "How often."),
            modules::boolean("loud", loud_, "In capitals."),
            modules::duration("pause", pause_, std::chrono::seconds(1), 0, 60, "After it."),
            modules::path("file", file_, "Where more is."),
            modules::texts("extra", extra_, "More words."),
            modules::calling<&Good::set_pair>("pair", this, "NAME=WORD.")};
  }
  std::vector<modules::Statistic> statistics() override {
    return {modules::counter("said", said_, "Words said."),
            modules::computed(
                "extras", [this] { return extra_.size(); }, "Words in `extra`."),
            modules::computed(
                "ticks", [this] { return static_cast<std::uint64_t>(ticks_); },
                "Milliseconds of the control thread.")};
  }
  std::vector<manage::Command> commands() override {
    manage::Command word{.name = "good:word", .old_name = "", .doc = "The word.", .run = {}};
    word.run = [this](const manage::CommandArguments&) {
      auto& events = host_->events();
      events.raise(events.control(), {"E_GOOD_SAID", {{"word", say()}}});
      return manage::Json(say());
    };
    return {std::move(word)};
  }
  modules::Result<> check() override {
    if (word_ != "bad" || times_ == 1) return {};
    return modules::fail("once is enough for \"bad\", expected times 1", "times");
  }
  modules::Result<> init(modules::Host& host) override {
    host_ = &host;
    host.every(std::chrono::milliseconds(1), [this] { ++ticks_; });
    if (word_ != "never") return {};
    return modules::fail("it does not start with that", "word");
  }

  modules::Result<std::unique_ptr<modules::OnWorker>> start(modules::Worker& worker) override {
    auto part = std::make_unique<Part>();
    worker.every(std::chrono::milliseconds(100), [part = part.get()] { ++part->counted; });
    worker.context().bus.subscribe<transport::SendFailed>(
        [part = part.get()](const auto&) { part->counted += 1000; });
    return part;
  }
  std::optional<loop::LayerId> layer_above() const override { return loop::LayerId::nat; }

  Value word(Call&, std::optional<std::string_view> to) {
    return say() + (to ? " " + std::string(*to) : "");
  }
  Value count(Call& call) {
    call.context().stats.add(said_);
    return ++call.part<Part>().counted;
  }
  Value later(Call& call, std::string_view text) {
    return routing::in_background(call, [text = std::string(text)]() -> Value {
      if (text == "throw") throw std::runtime_error("thrown");
      return text + " later";
    });
  }
  /// Leaves a mark in the request: the one that is there, and another letter.
  Value mark(Call& call) {
    auto& request = *call.run->request;
    const std::string before(parser::header(request, "X-Mark").value_or(""));
    const bool is_marked = parser::set_header(request, "X-Mark", before + "m").has_value();
    if (!is_marked) static_cast<void>(parser::add_header(request, "X-Mark", "m"));
    return before;
  }
  /// Gives its waker away: `wake` uses it, any number of times.
  Value wait(Call& call) {
    waker_ = routing::waker_of(call);
    return Value::Wait{};
  }
  Value wake(Call&, std::string_view text) { return waker_.wake(text); }
  /// Answers in a turn of its own; then the handler ends, unless it is to go on.
  Value refuse(Call& call, int code, std::optional<bool> go_on) {
    routing::Continuation(call).go_on([code, go_on](Call& then) -> Value {
      const bool sent =
          routing::reply(then, static_cast<unsigned>(code), "no", "X-Why: no\r\n").has_value();
      if (go_on.value_or(false)) return sent;
      return Value::End{};
    });
    return Value::Wait{};
  }
  /// Ends the handler without a wait.
  Value leave(Call& call) {
    routing::drop(call);
    return Value::End{};
  }
  Value thing(Call& call, std::uint32_t number) { return call.own(0, number); }
  Value number(Call& call) { return call.self.place; }

 private:
  std::string say() const {
    std::string all;
    for (int i = 0; i < times_; ++i) all += loud_ ? "HELLO" : word_;
    for (const auto& word : extra_) all += "," + word;
    return all + pair_;
  }
  std::optional<std::string> set_pair(const std::string& text) {
    if (text.find('=') == std::string::npos) return "expected NAME=WORD";
    pair_ += ";" + text;
    return std::nullopt;
  }

  modules::Host* host_ = nullptr;
  std::string word_ = "hello";
  int times_ = 1;
  bool loud_ = false;
  std::chrono::milliseconds pause_{0};
  std::string file_;
  std::vector<std::string> extra_;
  std::string pair_;
  base::Counter said_;
  int ticks_ = 0;
  routing::Waker waker_;
};

constexpr std::string_view kObjects[] = {"thing"};

constexpr manage::EventParameter kSaidFields[] = {{"word", "string", "which"}};
constexpr manage::EventType kEvents[] = {{"E_GOOD_SAID", "The word was said.", kSaidFields}};

constexpr routing::Function kFunctions[] = {
    routing::function<&Good::word>("word", "to", "string", routing::kAnywhere, "Says the word."),
    routing::function<&Good::thing>("thing", "number", "thing", routing::kAnywhere, "A thing."),
    routing::function<&Good::count>("count", "", "integer", routing::kInRequests, "Counts."),
    routing::function<&Good::mark>("mark", "", "string", routing::kInRequests, "Marks."),
    routing::waiting(routing::function<&Good::later>("later", "text", "string, err",
                                                     routing::kInRequests, "After a while.")),
    routing::waiting(
        routing::function<&Good::wait>("wait", "", "string", routing::kInRequests, "Waits.")),
    routing::waiting(routing::function<&Good::refuse>("refuse", "code, go_on", "boolean",
                                                      routing::kInRequests, "Answers.")),
    routing::waiting(routing::function<&Good::leave>("leave", "", "", routing::kInRequests,
                                                     "Ends the handler.")),
    routing::function<&Good::wake>("wake", "text", "boolean", routing::kInRequests, "Wakes it."),
    routing::getter<&Good::number>(routing::own_object(0), "number", "integer", "Its number.",
                                   routing::kAnywhere),
};

}  // namespace good

OPENSIPS_MODULE(good::Good, .name = "good", .version = "1.0", .doc = "Says a word.", .needs = {},
                .functions = good::kFunctions, .objects = good::kObjects, .events = good::kEvents);
