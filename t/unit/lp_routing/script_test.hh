#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "unit/lp_routing/fake_services.hh"

namespace opensips::routing {

/// A script, run on requests of the test's own.
class ScriptTest : public testing::Test {
 protected:
  using Progress = Engine::Progress;

  ScriptTest() {
    folder_ = std::filesystem::temp_directory_path() /
              ("opensips-script-" + std::to_string(getpid()) + "-" + std::to_string(count_++));
    std::filesystem::create_directory(folder_);
    settings.script = write("route.lua", "");
    settings.lua_path = folder_.string();
    settings.limits.time = std::chrono::milliseconds(20);
    settings.load_time = std::chrono::milliseconds(20);
    services.worker = &model.context;
    services.kept = &model.stack.dialogs.dialogs();
  }
  ~ScriptTest() override {
    runs.clear();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  std::string write(const std::string& name, std::string_view text) {
    const auto path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path.string();
  }

  /// Loads a script; the error, with the folder left out, if it does not load.
  std::string load(std::string_view text) {
    write("route.lua", text);
    lua::Files files;
    auto loaded = lua::Engine::load(settings, services, files);
    if (loaded) {
      engine = std::move(*loaded);
      return {};
    }
    return without_folder(loaded.error());
  }

  /// Loads a script whose request handler is this.
  void handle(std::string_view body) {
    ASSERT_EQ(load("local sip = require 'sip'\nsip.on_request(function(req)\n" + std::string(body) +
                   "\nend)"),
              "");
  }

  Progress start(std::string_view bytes = kInvite, Handler handler = Handler::request) {
    routing::Run& run = runs.emplace_back(RunId(0, 1, next_run_++), model.stack.routing);
    run.handler = handler;
    run.request = message_of(bytes);
    run.source = run.request->source();
    if (handler == Handler::response) run.responses.push_back(message_of(response_bytes(180)));
    const Progress progress = engine->start(run);
    run.waiting = progress == Progress::waiting;
    return progress;
  }
  routing::Run& run() { return runs.back(); }

  /// What the body returns, or its error, as text; `body` may use `req`.
  std::string value(std::string_view body, std::string_view bytes = kInvite) {
    handle(
        "local ok, v = pcall(function()\n" + std::string(body) +
        "\nend) req:reply(ok and 299 or 599, 'x', {content_type='text/plain', body=tostring(v)})");
    services.replies.clear();
    if (!engine || start(bytes) != Progress::finished || services.replies.empty())
      return "(no answer)";
    return without_folder(services.replies.back().body);
  }

  /// What a failing handler logs.
  std::string logged(std::string_view bytes = kInvite) {
    testing::internal::CaptureStderr();
    const Progress progress = start(bytes);
    std::string text = testing::internal::GetCapturedStderr();
    EXPECT_EQ(progress, Progress::failed) << text;
    return without_folder(text);
  }

  std::string without_folder(std::string text) const {
    const std::string prefix = folder_.string() + "/";
    for (std::size_t at; (at = text.find(prefix)) != std::string::npos;)
      text.erase(at, prefix.size());
    return text;
  }

  /// A dialog, answered, for the INVITE that handlers get: `req.dialog`.
  void keep_dialog() {
    model.program.on_request =
        [this, relay = model.relay_to("sip:bob@127.0.0.1:5080")](routing::Run& run) {
          static_cast<void>(services.dialogs().create(*run.request, run.server, {}));
          return relay(run);
        };
    model.receive(kInvite);
    model.receive(model::answer(model.take().back().bytes, 200), "127.0.0.1:5080");
    model.take();
  }

  lua::Settings settings;
  FakeServices services;
  model::Model model;
  std::unique_ptr<lua::Engine> engine;
  std::list<routing::Run> runs;

 private:
  static inline int count_ = 0;
  std::filesystem::path folder_;
  std::uint32_t next_run_ = 1;
};

}  // namespace opensips::routing
