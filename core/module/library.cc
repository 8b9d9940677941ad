#include "module/library.hh"

#include <dlfcn.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include <fmt/format.h>

#include "config/diagnostics.hh"

namespace opensips::modules {
namespace {

constexpr std::string_view kEnding = ".so";
constexpr std::string_view kMark = OPENSIPS_ABI_MARK "headers=";
constexpr std::size_t kMostAbi = 512;

/// The ABI text in the bytes of a module's file; nothing if it has none.
std::optional<std::string> abi_of(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  std::string bytes(error ? 0 : static_cast<std::size_t>(size), '\0');
  std::ifstream in(path, std::ios::binary);
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  const auto begin = bytes.find(kMark);
  if (begin == std::string::npos) return std::nullopt;
  const auto end = bytes.find('\0', begin);
  if (end == std::string::npos || end - begin > kMostAbi) return std::nullopt;
  return bytes.substr(begin, end - begin);
}

/// The word of `abi` that begins with the same "key=" as `word`.
std::string_view counterpart(std::string_view abi, std::string_view word) {
  const auto key = word.substr(0, word.find('=') + 1);
  auto begin = abi.find(" " + std::string(key));
  if (key.empty() || begin == std::string_view::npos) return {};
  abi.remove_prefix(begin + 1);
  return abi.substr(0, abi.find(' '));
}

/// The words of `abi` that `other` has not got.
std::string own_words(std::string_view abi, std::string_view other) {
  std::string own;
  while (!abi.empty()) {
    const auto word = abi.substr(0, abi.find(' '));
    abi.remove_prefix(std::min(abi.size(), word.size() + 1));
    if (word.find('=') == std::string_view::npos || counterpart(other, word) == word) continue;
    own.append(own.empty() ? "" : " ").append(word);
  }
  return own;
}

}  // namespace

std::string abi_difference(std::string_view module, std::string_view server) {
  return fmt::format("{}, this server {}", own_words(module, server), own_words(server, module));
}

std::expected<std::string, std::string> find_library(std::string_view file,
                                                     std::span<const std::string> mpath) {
  std::string name(file);
  if (!file.ends_with(kEnding)) name += kEnding;
  const auto is_file = [](const std::filesystem::path& path) {
    std::error_code ignored;
    return std::filesystem::is_regular_file(path, ignored);
  };
  if (name.find('/') != std::string::npos) {
    if (is_file(name)) return name;
    return std::unexpected(fmt::format("cannot open '{}': no such file, expected a module", name));
  }
  for (const auto& directory : mpath) {
    const auto path = std::filesystem::path(directory) / name;
    if (is_file(path)) return path.string();
  }
  return std::unexpected(
      fmt::format("cannot open {}: no such module in mpath ({}), expected one that is installed",
                  config::in_quotes(name), fmt::join(mpath, ", ")));
}

std::expected<const Descriptor*, std::string> open_library(const std::string& path) {
  const auto fail = [&](std::string_view why) {
    return std::unexpected(fmt::format("cannot load '{}': {}", path, why));
  };
  if (::access(path.c_str(), R_OK) != 0) return fail("it cannot be read");
  const auto abi = abi_of(path);
  if (!abi) return fail("it is no module of OpenSIPS 2, expected one that exports opensips_module");
  if (*abi != kAbi) {
    return fail(
        fmt::format("it was built against another OpenSIPS (abi {}), expected one built "
                    "with this server's headers and flags",
                    abi_difference(*abi, kAbi)));
  }
  void* const library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char* const why = ::dlerror();
    return fail(why ? why : "the dynamic linker does not say why");
  }
  const auto* const descriptor =
      static_cast<const Descriptor*>(::dlsym(library, "opensips_module"));
  if (!descriptor) return fail("it has no opensips_module, expected OPENSIPS_MODULE(…) in it");
  return descriptor;
}

}  // namespace opensips::modules
