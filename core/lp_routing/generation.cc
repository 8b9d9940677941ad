#include "lp_routing/generation.hh"

#include <utility>

namespace opensips::routing {

Generation::Generation(std::uint32_t number, Engines engines)
    : number_(number), shares_(engines.size()), shares_in_use_(engines.size()) {
  for (std::size_t i = 0; i < engines.size(); ++i) shares_[i].engine = std::move(engines[i]);
}

std::uint64_t Generation::runs() const {
  std::uint64_t sum = 0;
  for (const Share& share : shares_) sum += share.runs.load(std::memory_order_relaxed);
  return sum;
}

Generation::Counts Generation::counts() const {
  Counts sum;
  for (const Share& share : shares_) {
    sum.requests += share.requests.load(std::memory_order_relaxed);
    sum.errors += share.errors.load(std::memory_order_relaxed);
    for (std::size_t i = 0; i < kAnswers; ++i) {
      sum.answers[i] += share.answers[i].load(std::memory_order_relaxed);
    }
  }
  return sum;
}

std::unique_ptr<Engine> Generation::end_run(unsigned worker) {
  Share& share = shares_[worker];
  add(share.runs, -1ULL);
  return end_if_unused(share);
}

std::unique_ptr<Engine> Generation::retire(unsigned worker) {
  Share& share = shares_[worker];
  share.retired = true;
  return end_if_unused(share);
}

std::unique_ptr<Engine> Generation::end_if_unused(Share& share) {
  if (!share.retired || share.runs.load(std::memory_order_relaxed) > 0) return nullptr;
  auto engine = std::move(share.engine);
  // Last: the control thread may free all of this now.
  shares_in_use_.fetch_sub(1, std::memory_order_acq_rel);
  return engine;
}

}  // namespace opensips::routing
