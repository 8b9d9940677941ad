#pragma once

#include <filesystem>
#include <string>

#include "config/load.hh"
#include "loop/control.hh"
#include "module/modules.hh"
#include "storage/storage.hh"
#include "unit/config/support.hh"

namespace opensips::modules {

/// Where the modules of t/modules were built: beside this program.
inline std::string test_module_folder() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "modules";
}

/// What a server offers to modules, without the server.
struct Offered {
  base::Stats statistics;
  manage::Commands commands;
  loop::Control control;
  storage::Storage storage;
  manage::Events events{1};
  Host host{statistics, commands, control, storage, events};
};

/// A configuration that loads test modules.
struct Configured {
  explicit Configured(const std::string& text) {
    const config::Files files{{"/etc/o/o.cfg", "socket=udp:127.0.0.1:5060\nmpath=\"" +
                                                   test_module_folder() + "\"\n" + text}};
    loaded = config::load("/etc/o/o.cfg", config::reading(files), &modules);
  }
  /// Its errors, "line:column: message" each; the lines begin behind socket and mpath.
  std::string errors() const {
    if (loaded) return {};
    std::string text = loaded.error().text();
    for (const std::string& gone : {std::string("/etc/o/o.cfg:"), test_module_folder() + "/"}) {
      for (auto at = text.find(gone); at != std::string::npos; at = text.find(gone)) {
        text.erase(at, gone.size());
      }
    }
    return text;
  }

  Modules modules;
  std::expected<config::Settings, config::Errors> loaded;
};

}  // namespace opensips::modules
