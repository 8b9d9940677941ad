#include "config/schema.hh"

#include <fstream>
#include <set>
#include <sstream>

#include "base/log.hh"
#include "config/value.hh"
#include "support.hh"

#ifndef SRCDIR
#define SRCDIR "."
#endif

namespace opensips::config {
namespace {

// The manual's page as plain text: \- is -.
std::string manual() {
  std::ifstream in(SRCDIR "/man/opensips.cfg.5");
  std::ostringstream all;
  all << in.rdbuf();
  std::string text = all.str();
  for (auto at = text.find("\\-"); at != std::string::npos; at = text.find("\\-"))
    text.erase(at, 1);
  return text;
}

std::string section(const std::string& page, std::string_view module) {
  const std::string title =
      module.empty() ? "\n.SH GLOBAL PARAMETERS\n" : "\n.SS " + std::string(module) + "\n";
  const auto begin = page.find(title);
  if (begin == std::string::npos) return {};
  const auto after = begin + title.size() - 1;
  return page.substr(after, page.find("\n.S", after) - after + 1);
}

std::string entry(const std::string& text, std::string_view name) {
  const auto begin = text.find("\n.TP\n.BR " + std::string(name) + " \"");
  if (begin == std::string::npos) return {};
  const auto end = text.find("\n.TP\n", begin + 1);
  return text.substr(begin, end == std::string::npos ? end : end - begin + 1);
}

TEST(SchemaTest, EveryParameterIsInTheManual) {
  const std::string page = manual();
  ASSERT_FALSE(page.empty()) << SRCDIR "/man/opensips.cfg.5 cannot be read";
  for (const auto& parameter : parameters()) {
    const std::string text = entry(section(page, parameter.module), parameter.name);
    const std::string wanted = parameter.no_effect
                                   ? "Taken, without effect"
                                   : "\nDefault: " + default_text(parameter) + ".\n";
    EXPECT_NE(text.find(wanted), std::string::npos)
        << parameter.module << " " << parameter.name << ": no entry with " << wanted;
  }
}

TEST(SchemaTest, TheManualHasNoOtherParameter) {
  const std::string page = manual();
  std::set<std::string_view> modules;
  for (const auto& parameter : parameters()) modules.insert(parameter.module);
  for (const auto module : modules) {
    const std::string text = section(page, module);
    const std::string_view item = "\n.TP\n.BR ";
    for (auto at = text.find(item); at != std::string::npos; at = text.find(item, at + 1)) {
      const auto begin = at + item.size();
      const std::string name = text.substr(begin, text.find(' ', begin) - begin);
      EXPECT_NE(find_parameter(module, name), nullptr) << module << " " << name;
    }
  }
}

TEST(SchemaTest, TheManualNamesTheBuiltInModules) {
  const std::string page = manual();
  for (const auto module : built_in_modules()) {
    EXPECT_NE(page.find(std::string(module)), std::string::npos) << module;
  }
}

TEST(SchemaTest, RowsAreWellFormedAndUnlikeEachOther) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const auto& parameter : parameters()) {
    EXPECT_TRUE(seen.emplace(parameter.module, parameter.name).second) << parameter.name;
    EXPECT_TRUE(parameter.doc.ends_with('.')) << parameter.name;
    EXPECT_LE(parameter.min, parameter.max) << parameter.name;
    EXPECT_TRUE(parameter.module.empty() || is_built_in(parameter.module)) << parameter.name;
    if (!parameter.instead_of.empty()) {
      EXPECT_NE(find_parameter(parameter.module, parameter.instead_of), nullptr) << parameter.name;
    }
  }
}

TEST(SchemaTest, EveryDefaultIsAValueThatIsTaken) {
  for (const auto& parameter : parameters()) {
    Settings settings;
    Value value;
    if (const auto* number = std::get_if<Member<int>>(&parameter.target)) {
      value.kind = Value::Kind::integer;
      value.number = (*number)(settings);
      value.text = default_text(parameter);
    } else if (parameter.type == Type::duration || parameter.type == Type::boolean ||
               parameter.type == Type::choice) {
      if (parameter.no_effect) continue;
      value.kind = Value::Kind::string;
      value.text = default_text(parameter);
    } else {
      continue;
    }
    EXPECT_EQ(assign(parameter, value, "", settings), std::nullopt) << parameter.name;
    EXPECT_EQ(default_text(parameter),
              default_text(*find_parameter(parameter.module, parameter.name)));
  }
}

TEST(SchemaTest, EveryFacilityIsOneOfSyslog) {
  const auto* parameter = find_parameter({}, "syslog_facility");
  ASSERT_NE(parameter, nullptr);
  for (const auto name : parameter->choices) EXPECT_TRUE(base::syslog_facility(name)) << name;
  EXPECT_EQ(base::LogOptions().syslog_facility, base::syslog_facility(Settings().syslog_facility));
}

TEST(SchemaTest, SuggestionsAreCloseOrNone) {
  const auto names = parameter_names({});
  EXPECT_EQ(closest("sokcet", names), "socket");
  EXPECT_EQ(closest("Workers", names), "workers");
  EXPECT_EQ(closest("log_levl", names), "log_level");
  EXPECT_EQ(closest("xyzzy", names), "");
  EXPECT_EQ(closest("", names), "");
  EXPECT_EQ(closest(std::string(100'000, 'w'), names), "");
}

}  // namespace
}  // namespace opensips::config
