// A configuration file, plans included. It is read or refused with reasons that name a line of it
// and hold no control characters; every plan that is not refused is one that the library takes.

#include <algorithm>
#include <string>

#include "config_reader.h"
#include "fuzz_check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace earshotd;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Config config;
  ConfigLog log;
  ReadConfig(text, config, log);
  const auto lines =
      1 + std::count(text.begin(), text.end(), '\n') + std::count(text.begin(), text.end(), '\r');
  for (const ConfigProblem& problem : log.problems) {
    FUZZ_CHECK(!problem.message.empty());
    FUZZ_CHECK(problem.line >= 0 && problem.line <= lines + 1);
  }
  const std::string told = ProblemsAsText("earshotd.yaml", log.problems);
  FUZZ_CHECK(std::none_of(told.begin(), told.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f;
  }));
  ProblemsAsJson("earshotd.yaml", log.problems);
  if (!log.problems.empty()) return 0;
  for (const auto& space : config.server.spaces) {
    FUZZ_CHECK(earshot::IsSpaceId(space.id) && earshot::ValidateFloorPlan(space.plan).empty());
  }
  return 0;
}
