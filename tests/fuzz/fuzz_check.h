#pragma once

// A property that must hold for every input: libFuzzer reports the abort together with the input.

#include <cstdlib>

#define FUZZ_CHECK(condition)  \
  do {                         \
    if (!(condition)) abort(); \
  } while (false)
