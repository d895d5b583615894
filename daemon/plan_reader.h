#pragma once

// The part of the configuration that describes spaces: from a YAML map to a floor plan. Start-up
// only.

#include "earshot/options.h"
#include "yaml_map.h"

namespace earshotd {

void ReadSpace(YamlMap& map, earshot::SpaceOptions& space);

}  // namespace earshotd
