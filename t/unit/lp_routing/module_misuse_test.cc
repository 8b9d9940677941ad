// Every function of every module with values that do not fit, made from the modules' rows: an error
// or a refusal, nothing sent, nothing broken.

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lp_routing/functions/table.hh"
#include "module/library.hh"
#include "unit/lp_routing/misuses.hh"
#include "unit/lp_routing/script_test.hh"
#include "unit/module/test_modules.hh"
#include "unit/storage/fake_backend.hh"

namespace opensips::routing {
namespace {

std::string module_folder() {
  return modules::test_module_folder() + "/../../modules";
}

/// Those of the server's modules that have functions, with their lines of a configuration: a
/// database that cannot be reached is enough for them to begin.
std::map<std::string, std::string> modules_with_functions() {
  std::map<std::string, std::string> all;
  for (const auto& file : std::filesystem::directory_iterator(module_folder())) {
    if (file.path().extension() != ".so") continue;
    const auto descriptor = modules::open_library(file.path());
    EXPECT_TRUE(descriptor) << descriptor.error();
    if (!descriptor || (*descriptor)->functions.count == 0) continue;
    const std::string name((*descriptor)->name);
    auto& lines = all[name] = "loadmodule \"" + name + ".so\"\n";
    const auto module = (*descriptor)->make();
    for (const auto& parameter : module->parameters()) {
      if (parameter.name != "db_url") continue;
      lines += "modparam(\"" + name + "\", \"db_url\", \"fake://host/db\")\n";
    }
  }
  return all;
}

std::string configuration() {
  std::string text = "mpath=\"" + module_folder() + "\"\n";
  for (const auto& [name, lines] : modules_with_functions()) text += lines;
  return text;
}

class EveryMisuseOfModules : public ScriptTest {
 protected:
  EveryMisuseOfModules() {
    settings.limits.time = settings.load_time = std::chrono::seconds(60);
    base::log_set_level(-3);
    backend.change([](auto& state) { state.refuses = true; });
    offered.storage.add(backend);
    start_modules();
    settings.functions = &table;
  }
  ~EveryMisuseOfModules() override {
    engine.reset();
    worker.reset();
    configured.modules.stop();
    base::log_set_level(static_cast<int>(base::LogLevel::notice));
  }

  void start_modules() {
    ASSERT_EQ(configured.errors(), "");
    const auto started = configured.modules.start(offered.host, *configured.loaded);
    ASSERT_TRUE(started) << started.error();
    ASSERT_TRUE(configured.modules.start_on(worker.emplace(model.context), *configured.loaded));
    for (const auto& one : configured.modules.all()) {
      const auto& functions = one.descriptor->functions;
      table.add(one.descriptor->name, {functions.first, functions.count}, one.descriptor->objects,
                one.module.get());
    }
  }

  std::vector<const Function*> rows() const {
    std::vector<const Function*> all;
    for (unsigned kind = kCoreKinds; kind < table.kinds(); ++kind) {
      for (const auto& row : table.rows(static_cast<ObjectKind>(kind))) all.push_back(&row);
    }
    return all;
  }

  /// A script that makes the next of these calls with each request, and says whether it was
  /// refused.
  static std::string script_of(const std::vector<WrongCall>& calls) {
    std::string script = "local next, calls = 0, {\n";
    for (const auto& one : calls) script += "function(req) " + one.call + " end,\n";
    return script +
           "}\nrequire 'sip'.on_request(function(req) next = next + 1 "
           "local ran, first = pcall(calls[next], req) "
           "pcall(req.reply, req, ran and first and 299 or 599) end)";
  }

  void expect_refused(const WrongCall& misuse) {
    services.replies.clear();
    const Progress progress = start();
    if (progress == Progress::waiting) engine->abandon(run());
    if (misuse.outcome == Outcome::any) return;
    ASSERT_EQ(progress, Progress::finished) << misuse.call;
    ASSERT_EQ(services.replies.size(), 1U) << misuse.call;
    EXPECT_EQ(services.replies[0].code, 599U) << misuse.call;
  }

  storage::FakeBackend backend;
  modules::Offered offered;
  modules::Configured configured{configuration()};
  std::optional<modules::Worker> worker;
  FunctionTable table;
};

TEST_F(EveryMisuseOfModules, IsAnErrorAndSendsNothing) {
  auto missing = modules_with_functions();
  std::size_t refused = 0;
  for (const Function* const function : rows()) {
    const auto calls = misuses(*function);
    ASSERT_EQ(load(script_of(calls)), "") << function->full_name();
    for (const WrongCall& misuse : calls) {
      expect_refused(misuse);
      refused += misuse.outcome != Outcome::any;
    }
    missing.erase(std::string(function->owner.object));
  }
  EXPECT_TRUE(missing.empty()) << "without calls: " << missing.begin()->first;
  EXPECT_GT(refused, 200U);
  expect_nothing_slipped_in(services, runs);
}

}  // namespace
}  // namespace opensips::routing
