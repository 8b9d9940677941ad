#include "lp_routing/generations.hh"

#include <utility>

namespace opensips::routing {

void Generations::publish(std::unique_ptr<Generation> next) {
  Generation& newer = *next;
  keep(std::move(next));
  give_up_tried();
  Generation* const older = current_.load(std::memory_order_relaxed);
  make_current(newer);
  if (older) replace_previous(older);
}

void Generations::try_out(std::unique_ptr<Generation> next, std::uint64_t share) {
  Generation* const newer = next.get();
  keep(std::move(next));
  give_up_tried();
  share_.store(share, std::memory_order_relaxed);
  tried_.store(newer, std::memory_order_release);
}

bool Generations::set_share(std::uint64_t share) {
  if (!tried_.load(std::memory_order_relaxed)) return false;
  share_.store(share, std::memory_order_relaxed);
  return true;
}

bool Generations::promote() {
  Generation* const tried = tried_.load(std::memory_order_relaxed);
  if (!tried) return false;
  Generation* const older = current_.load(std::memory_order_relaxed);
  make_current(*tried);  // first: between the two stores all calls get it
  tried_.store(nullptr, std::memory_order_release);
  replace_previous(older);
  return true;
}

bool Generations::roll_back() {
  if (tried_.load(std::memory_order_relaxed)) {
    give_up_tried();
    return true;
  }
  Generation* const previous = std::exchange(kept_.lock()->previous, nullptr);
  if (!previous) return false;
  Generation& given_up = current();
  make_current(*previous);
  retire(given_up);
  return true;
}

bool Generations::handles(Handler handler, unsigned worker) const {
  const Generation* const tried = tried_.load(std::memory_order_acquire);
  return current().engine(worker).handles(handler) ||
         (tried && tried->engine(worker).handles(handler));
}

void Generations::count_answer(std::uint32_t number, unsigned worker, unsigned code) const {
  for (const auto* which : {&current_, &tried_}) {
    Generation* const one = which->load(std::memory_order_acquire);
    if (one && one->number() == number) return one->count_answer(worker, code);
  }
}

void Generations::end_run(Generation& generation, unsigned worker) {
  bury(generation.end_run(worker));
}

/// The upper half of the hash is as evenly spread as the whole.
bool Generations::is_tried_for(std::string_view call_id) const {
  return base::siphash(key_, call_id) >> 32 < share_.load(std::memory_order_relaxed);
}

void Generations::keep(std::unique_ptr<Generation> next) {
  const auto kept = kept_.lock();
  std::erase_if(kept->all, [](const auto& one) { return one->ended(); });
  kept->all.push_back(std::move(next));
}

void Generations::make_current(Generation& next) {
  current_.store(&next, std::memory_order_release);
  number_.store(next.number(), std::memory_order_relaxed);
  // Before an older one is retired: it lets go of that.
  tell_all(next, [this](unsigned worker) {
    if (host_.began) host_.began(worker);
  });
}

void Generations::replace_previous(Generation* next) {
  Generation* const older = std::exchange(kept_.lock()->previous, next);
  if (older) retire(*older);
}

void Generations::give_up_tried() {
  Generation* const tried = tried_.exchange(nullptr, std::memory_order_acq_rel);
  if (tried) retire(*tried);
}

void Generations::retire(Generation& generation) {
  tell_all(generation, [this, &generation](unsigned worker) { bury(generation.retire(worker)); });
}

void Generations::tell_all(const Generation& generation,
                           const std::function<void(unsigned worker)>& work) {
  const auto workers = static_cast<unsigned>(generation.workers());
  for (unsigned worker = 0; worker < workers; ++worker) {
    host_.tell ? host_.tell(worker, [work, worker] { work(worker); }) : work(worker);
  }
}

void Generations::bury(std::unique_ptr<Engine> engine) const {
  if (engine && host_.bury) host_.bury(std::move(engine));
}

std::vector<Generations::Live> Generations::live() const {
  const Generation* const current = current_.load(std::memory_order_relaxed);
  const Generation* const tried = tried_.load(std::memory_order_relaxed);
  const auto share = tried ? share_.load(std::memory_order_relaxed) : 0;
  std::vector<Live> living;
  const auto kept = kept_.lock();
  for (const auto& one : kept->all) {
    if (one->ended()) continue;
    const auto role = one.get() == current          ? Role::current
                      : one.get() == tried          ? Role::tried
                      : one.get() == kept->previous ? Role::previous
                                                    : Role::ending;
    living.push_back({.number = one->number(),
                      .made_at = one->made_at(),
                      .runs = one->runs(),
                      .role = role,
                      .share = role == Role::tried     ? share
                               : role == Role::current ? kAll - share
                                                       : 0,
                      .counts = one->counts()});
  }
  return living;
}

}  // namespace opensips::routing
