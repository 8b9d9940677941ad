#pragma once

#include "loop/layer_switch.hh"
#include "manage/command.hh"

namespace opensips::manage {

/// layer:list, layer:enable, layer:disable. Before there are workers; the switch outlives the
/// commands.
void add_layer_commands(Commands& commands, loop::LayerSwitch& layers);

}  // namespace opensips::manage
