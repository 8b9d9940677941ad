#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "module/descriptor.hh"

namespace opensips::modules {

/// Where the file of a module is: `file` with a directory in it is a path, else it is looked for in
/// the directories of `mpath`; ".so" may be missing. The error is for the operator.
std::expected<std::string, std::string> find_library(std::string_view file,
                                                     std::span<const std::string> mpath);

/// Opens it, for the rest of the process. Its ABI is read from the file first: nothing in it runs
/// unless it fits this server. The error is for the operator. Control thread.
std::expected<const Descriptor*, std::string> open_library(const std::string& path);

/// What differs between two ABIs: "headers=1 assert=on, this server headers=2 assert=off".
std::string abi_difference(std::string_view module, std::string_view server);

}  // namespace opensips::modules
