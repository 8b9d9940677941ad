#include "manage/layer_commands.hh"

#include <string>

#include <fmt/format.h>

#include "base/log.hh"

namespace opensips::manage {
namespace {

using loop::LayerSwitch;

const CommandParameter kLayer{.name = "layer",
                              .doc = "An optional layer: \"nat\", \"presence\" or \"location\"."};

CommandResult list(const LayerSwitch& layers) {
  Json all = Json::array();
  for (const auto name : LayerSwitch::names()) {
    all.push_back({{"name", name}, {"enabled", layers.is_on(*LayerSwitch::layer_of(name))}});
  }
  return Json{{"Layers", std::move(all)}};
}

CommandResult set(LayerSwitch& layers, const std::string& name, bool on) {
  const auto layer = LayerSwitch::layer_of(name);
  if (!layer)
    return std::unexpected(CommandError{404, fmt::format("no optional layer {:.64}", name)});
  layers.set(*layer, on);
  base::log_notice("layer {} is {}", name, on ? "on" : "off");
  return "OK";
}

}  // namespace

void add_layer_commands(Commands& commands, LayerSwitch& layers) {
  commands.add({.name = "layer:list",
                .old_name = "",
                .doc = "Lists the optional layers, and whether messages pass through them.",
                .run = [&layers](const CommandArguments&) { return list(layers); }});
  for (const bool on : {true, false}) {
    commands.add({.name = on ? "layer:enable" : "layer:disable",
                  .old_name = "",
                  .doc = on ? "Has messages pass through a layer again."
                            : "Has messages pass a layer by, from the next one on.",
                  .parameters = {kLayer},
                  .run = [&layers, on](const CommandArguments& arguments) {
                    return set(layers, arguments.text(0), on);
                  }});
  }
}

}  // namespace opensips::manage
