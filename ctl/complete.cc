#include "ctl/complete.hh"

namespace opensips::ctl {

namespace {

std::vector<std::string> commands(Client& client) {
  const auto all = client.call("which", Json::array());
  std::vector<std::string> names;
  if (!all) return names;
  for (const auto& name : *all) names.push_back(name.get<std::string>());
  return names;
}

std::vector<std::string> parameters(Client& client, const std::string& command) {
  const auto help = client.call("help", Json::array({command}));
  std::vector<std::string> names;
  if (!help || !help->is_object()) return names;
  for (const auto& parameter : help->value("Parameters", Json::array())) {
    names.push_back(parameter.value("Name", "") + "=");
  }
  return names;
}

}  // namespace

std::vector<std::string> complete(Client& client, std::span<const std::string> words) {
  const std::string last = words.empty() ? "" : words.back();
  const bool is_command = words.size() < 2 || (words.size() == 2 && words[0] == "help");
  auto all = is_command ? commands(client) : parameters(client, words[0]);
  std::erase_if(all, [&](const std::string& one) { return !one.starts_with(last); });
  return all;
}

}  // namespace opensips::ctl
