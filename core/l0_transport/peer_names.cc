#include "l0_transport/peer_names.hh"

namespace opensips::transport {

std::uint32_t PeerNames::number_of(std::string_view name) {
  std::string key(name);
  for (char& c : key) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const auto state = state_.lock();
  if (const auto found = state->numbers.find(key); found != state->numbers.end()) {
    return found->second;
  }
  if (state->names.size() == kMost) {
    state->numbers.erase(state->names.front());
    state->names.pop_front();
    ++state->first;
  }
  const auto number = state->first + static_cast<std::uint32_t>(state->names.size());
  state->names.push_back(key);
  state->numbers.emplace(std::move(key), number);
  return number;
}

std::string PeerNames::name_of(std::uint32_t number) const {
  const auto state = state_.lock();
  const auto place = number - state->first;  // of a smaller number: more than there are
  return number != 0 && place < state->names.size() ? state->names[place] : std::string();
}

}  // namespace opensips::transport
