#include "l0_transport/srv_order.hh"

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace opensips::transport {

namespace {

using Iterator = std::vector<SrvRecord>::iterator;

/// One of those, by weight. Those of weight 0 stand in front: they get what is left of a chance.
Iterator draw(Iterator begin, Iterator end, std::mt19937& random) {
  std::uint32_t sum = 0;
  for (auto one = begin; one != end; ++one) sum += one->weight;
  const auto drawn = std::uniform_int_distribution<std::uint32_t>(0, sum)(random);
  std::uint32_t passed = 0;
  return std::find_if(begin, end, [&](const SrvRecord& one) {
    passed += one.weight;
    return passed >= drawn;
  });
}

}  // namespace

void put_in_order(std::vector<SrvRecord>& services, std::mt19937& random) {
  std::ranges::stable_sort(services, [](const SrvRecord& a, const SrvRecord& b) {
    if (a.priority != b.priority) return a.priority < b.priority;
    return a.weight == 0 && b.weight != 0;
  });
  for (auto begin = services.begin(); begin != services.end();) {
    const auto end = std::find_if(begin, services.end(), [&](const SrvRecord& one) {
      return one.priority != begin->priority;
    });
    for (; begin != end; ++begin) {
      // Those in front of the one drawn keep their order, so that weight 0 stays in front.
      const auto drawn = draw(begin, end, random);
      std::rotate(begin, drawn, std::next(drawn));
    }
  }
}

}  // namespace opensips::transport
