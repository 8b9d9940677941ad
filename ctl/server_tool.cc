#include "ctl/server_tool.hh"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fmt/format.h>

namespace opensips::ctl {

namespace {

constexpr const char* kServer = "opensips";

}  // namespace

bool is_server_tool(const std::string& word) {
  return word == "db" || word == "user";
}

std::string become_server_tool(const std::vector<std::string>& words) {
  std::vector<char*> arguments{
      const_cast<char*>(kServer)};  // execv() takes them so, and reads only
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  std::error_code ignored;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", ignored);
  const auto beside = self.parent_path() / kServer;
  ::execv(beside.c_str(), arguments.data());
  ::execvp(kServer, arguments.data());
  return fmt::format("cannot run {}: {}", kServer, std::strerror(errno));
}

}  // namespace opensips::ctl
