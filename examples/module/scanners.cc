// A module: requests of known SIP scanners are dropped before anything is made of them. It shows a
// parameter, a function that scripts call, a statistic, a command and a hook.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "l1_parser/message.hh"
#include "lp_routing/functions/argument.hh"
#include "module/module.hh"

namespace scanners {

using namespace opensips;

class Scanners final : public modules::Module {
 public:
  std::vector<modules::Parameter> parameters() override {
    return {modules::texts("user_agent", names_, "What the User-Agent of a scanner begins with.")};
  }
  std::vector<modules::Statistic> statistics() override {
    return {modules::counter("dropped", dropped_, "Requests that were dropped.")};
  }
  std::vector<manage::Command> commands() override {
    const auto list = [this](const manage::CommandArguments&) { return manage::Json(names_); };
    return {{.name = "scanners:list", .old_name = "", .doc = "What is dropped.", .run = list}};
  }
  modules::Result<> check() override {
    if (!names_.empty()) return {};
    return modules::fail("nothing to look for, expected modparam(\"scanners\", \"user_agent\", …)");
  }
  modules::Result<std::unique_ptr<modules::OnWorker>> start(modules::Worker& worker) override {
    const auto drop = [this, &stats = worker.context().stats](loop::Walk& walk) {
      const auto& message = *walk.message;
      const auto header = message.find(parser::HeaderName::user_agent);
      const bool known = message.is_request() && header < message.headers().size() &&
                         matches(message.value(message.headers()[header]));
      if (known) stats.add(dropped_);
      return known ? std::optional(loop::Verdict::done) : std::nullopt;
    };
    worker.context().path.before(loop::LayerId::transaction, loop::Walk::Direction::up, drop);
    return nullptr;
  }

  routing::Value is_one(routing::Call&, std::string_view user_agent) { return matches(user_agent); }

 private:
  bool matches(std::string_view user_agent) const {
    return std::ranges::any_of(
        names_, [&](const std::string& name) { return user_agent.starts_with(name); });
  }

  std::vector<std::string> names_;
  base::Counter dropped_;
};

constexpr routing::Function kFunctions[] = {
    routing::function<&Scanners::is_one>("is_one", "user_agent", "boolean", routing::kAnywhere,
                                         "Whether a User-Agent is that of a scanner."),
};

}  // namespace scanners

OPENSIPS_MODULE(scanners::Scanners, .name = "scanners", .version = "1.0",
                .doc = "Drops the requests of SIP scanners.", .functions = scanners::kFunctions);
