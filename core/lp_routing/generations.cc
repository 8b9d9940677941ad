#include "lp_routing/generations.hh"

#include <utility>

namespace opensips::routing {

void Generations::publish(std::unique_ptr<Generation> next) {
  const auto workers = static_cast<unsigned>(next->workers());
  Generation* const newer = next.get();
  {
    auto all = all_.lock();
    std::erase_if(*all, [](const auto& one) { return one->ended(); });
    all->push_back(std::move(next));
  }
  Generation* const older = current_.exchange(newer, std::memory_order_acq_rel);
  number_.store(newer->number(), std::memory_order_relaxed);
  for (unsigned worker = 0; worker < workers; ++worker) {
    const auto change = [this, older, worker] {
      if (host_.began) host_.began(worker);  // first: it lets go of the older one
      if (older) bury(older->retire(worker));
    };
    host_.tell ? host_.tell(worker, change) : change();
  }
}

void Generations::end_run(Generation& generation, unsigned worker) {
  bury(generation.end_run(worker));
}

void Generations::bury(std::unique_ptr<Engine> engine) const {
  if (engine && host_.bury) host_.bury(std::move(engine));
}

std::vector<Generations::Live> Generations::live() const {
  std::vector<Live> living;
  const auto all = all_.lock();
  for (const auto& one : *all) {
    if (!one->ended()) living.push_back({one->number(), one->made_at(), one->runs()});
  }
  return living;
}

}  // namespace opensips::routing
