#include "script_test/fake_web.hh"

#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace opensips::script_test {

bool FakeWeb::send(transport::HttpRequest request, Done done) {
  const Question question{.service = Service::http,
                          .text = fmt::format("{} {}", request.method, request.url),
                          .body = std::move(request.body)};
  const auto found = answers_.find(question);
  if (!found) answers_.nothing_for(question);
  Result result = found ? std::get<Result>(found->reply) : std::unexpected("nothing answers");
  std::uint64_t after = found ? found->after_ms : 0;
  if (after > request.timeout_ms) {
    result = std::unexpected("timed out");
    after = request.timeout_ms;
  }
  if (after == 0) {
    at_once_.emplace_back(std::move(result), std::move(done));
    return true;
  }
  auto& exchange = exchanges_.emplace_back(*this, std::move(result), std::move(done));
  exchange.place = std::prev(exchanges_.end());
  context_.timers.arm(exchange.timer, after);
  return true;
}

void FakeWeb::answer() {
  for (auto& [result, done] : std::exchange(at_once_, {})) done(std::move(result));
}

void FakeWeb::Exchange::deliver() {
  auto& web = owner;
  std::list<Exchange> self;
  self.splice(self.end(), web.exchanges_, place);
  done(std::move(result));
}

}  // namespace opensips::script_test
