#pragma once

#include <map>
#include <string>

#include <gtest/gtest.h>

#include "config/load.hh"

namespace opensips::config {

/// Files in memory, by path.
using Files = std::map<std::string, std::string>;

inline Reader reading(const Files& files) {
  return [&files](const std::string& path) -> std::expected<std::string, ReadError> {
    const auto found = files.find(path);
    if (found == files.end()) return std::unexpected(ReadError{true, "No such file or directory"});
    return found->second;
  };
}

/// Reads `/etc/o/o.cfg`.
inline std::expected<Settings, Errors> load_files(const Files& files) {
  return load("/etc/o/o.cfg", reading(files));
}

inline std::expected<Settings, Errors> load_text(const std::string& text) {
  return load_files({{"/etc/o/o.cfg", text}});
}

/// All errors of a text, "line:column: message" each, for the main file; empty when it is right.
inline std::string errors_of(const std::string& text) {
  const auto loaded = load_text(text);
  if (loaded) return {};
  std::string out = loaded.error().text();
  const std::string name = "/etc/o/o.cfg:";
  for (auto at = out.find(name); at != std::string::npos; at = out.find(name))
    out.erase(at, name.size());
  return out;
}

/// The errors of lines that follow a right `socket` on the first one.
inline std::string errors_after_socket(const std::string& text) {
  return errors_of("socket=udp:127.0.0.1:5060\n" + text);
}

inline Settings good(const std::string& text) {
  auto loaded = load_text("socket=udp:127.0.0.1:5060\n" + text);
  EXPECT_TRUE(loaded) << loaded.error().text();
  return loaded ? *loaded : Settings();
}

}  // namespace opensips::config
