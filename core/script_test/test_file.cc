#include "script_test/test_file.hh"

#include <filesystem>
#include <utility>

#include <lua.hpp>

#include "script_test/lua_values.hh"
#include "script_test/vocabulary.hh"

namespace opensips::script_test {
namespace {

/// Where in the registry the table lies that the parts of the vocabulary share.
constexpr const char* kKit = "opensips.test";

/// Takes an error off the stack.
std::string take_error(lua_State* state) {
  std::string text = text_at(state, -1);
  if (lua_istable(state, -1)) {  // kit.fail
    lua_getfield(state, -1, "where");
    lua_getfield(state, -2, "text");
    text = text_at(state, -2) + ": " + text_at(state, -1);
    lua_pop(state, 2);
  }
  lua_pop(state, 1);
  return text.empty() ? "an error without a text" : text;
}

void push_kit(lua_State* state) {
  lua_getfield(state, LUA_REGISTRYINDEX, kKit);
}

/// `require "test"` gives the words; the directory of the file is where others are found.
void offer_words(lua_State* state, const std::string& directory) {
  lua_getglobal(state, "package");
  lua_getfield(state, -1, "loaded");
  push_kit(state);
  lua_getfield(state, -1, "test");
  lua_setfield(state, -3, "test");
  lua_pop(state, 2);
  lua_getfield(state, -1, "path");
  const auto path = (directory.empty() ? "." : directory) + "/?.lua;" + text_at(state, -1);
  lua_pop(state, 1);
  set_field(state, "path", path);
  lua_pop(state, 1);
}

}  // namespace

std::expected<std::unique_ptr<TestFile>, std::string> TestFile::load(std::string path,
                                                                     std::vector<std::string> mpath,
                                                                     const std::string& config) {
  std::unique_ptr<TestFile> file(new TestFile(std::move(path)));
  file->bench_.mpath = std::move(mpath);
  file->state_ = luaL_newstate();
  if (!file->state_) return std::unexpected(file->path_ + ": not enough memory");
  luaL_openlibs(file->state_);
  auto problem = file->load_words(config);
  if (!problem) problem = file->load_tests();
  if (problem) return std::unexpected(*std::move(problem));
  return file;
}

TestFile::~TestFile() {
  bench_.current.reset();
  if (state_) lua_close(state_);
}

std::optional<std::string> TestFile::load_words(const std::string& config) {
  const auto directory = std::filesystem::path(path_).parent_path().string();
  lua_newtable(state_);
  set_field(state_, "directory", directory);
  set_field(state_, "name", path_);
  lua_setfield(state_, LUA_REGISTRYINDEX, kKit);
  for (const auto& part : vocabulary()) {
    const auto name = "=" + std::string(part.name);
    if (luaL_loadbuffer(state_, part.source.data(), part.source.size(), name.c_str()) != 0) {
      return take_error(state_);
    }
    push_bench(state_, bench_);
    push_kit(state_);
    if (lua_pcall(state_, 2, 0, 0) != 0) return take_error(state_);
  }
  push_kit(state_);
  lua_getfield(state_, -1, "file");
  const auto beside = (std::filesystem::path(directory) / "opensips.cfg").string();
  set_field(state_, "config", config.empty() ? beside : config);
  if (!config.empty()) {  // nothing that the file says changes that
    lua_getfield(state_, -2, "test");
    for (const char* const name : {"config", "script"}) {
      lua_pushcfunction(state_, [](lua_State*) { return 0; });
      lua_setfield(state_, -2, name);
    }
    lua_pop(state_, 1);
  }
  lua_pop(state_, 2);
  offer_words(state_, directory);
  return std::nullopt;
}

std::optional<std::string> TestFile::load_tests() {
  if (luaL_loadfile(state_, path_.c_str()) != 0 || lua_pcall(state_, 0, 0, 0) != 0) {
    return take_error(state_);
  }
  push_kit(state_);
  lua_getfield(state_, -1, "cases");
  const int count = static_cast<int>(lua_objlen(state_, -1));
  for (int i = 1; i <= count; ++i) {
    lua_rawgeti(state_, -1, i);
    lua_getfield(state_, -1, "name");
    cases_.push_back(text_at(state_, -1));
    lua_pop(state_, 2);
  }
  lua_pop(state_, 2);
  return std::nullopt;
}

TestFile::Outcome TestFile::run(std::size_t number) {
  Outcome outcome;
  push_kit(state_);
  lua_getfield(state_, -1, "run");
  lua_pushnumber(state_, static_cast<lua_Number>(number + 1));
  if (lua_pcall(state_, 1, 1, 0) != 0) {
    outcome.problem = take_error(state_);
  } else {
    if (lua_isstring(state_, -1)) outcome.problem = text_at(state_, -1);
    lua_pop(state_, 1);
  }
  lua_pop(state_, 1);
  if (bench_.current) outcome.ladder = ladder(bench_.current->journal().entries());
  bench_.current.reset();
  return outcome;
}

}  // namespace opensips::script_test
