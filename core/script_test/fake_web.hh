#pragma once

#include <list>
#include <utility>
#include <vector>

#include "l0_transport/web_servers.hh"
#include "loop/context.hh"
#include "script_test/answers.hh"

namespace opensips::script_test {

/// Web servers that say what a test has laid out. Belongs to its worker.
class FakeWeb final : public transport::WebServers {
 public:
  FakeWeb(loop::Context& context, Answers& answers) : context_(context), answers_(answers) {}

  bool send(transport::HttpRequest request, Done done) override;

  /// Gives the answers that take no time, in a turn after that of their questions.
  void answer();
  bool is_asked() const { return !at_once_.empty(); }

 private:
  /// An answer that takes its time.
  struct Exchange {
    Exchange(FakeWeb& web, Result what, Done whom)
        : owner(web), result(std::move(what)), done(std::move(whom)) {}
    void deliver();

    FakeWeb& owner;
    Result result;
    Done done;
    loop::Timer timer = loop::Timer::calling<&Exchange::deliver>(this);
    std::list<Exchange>::iterator place = {};
  };

  loop::Context& context_;
  Answers& answers_;
  std::list<Exchange> exchanges_;
  std::vector<std::pair<Result, Done>> at_once_;
};

}  // namespace opensips::script_test
