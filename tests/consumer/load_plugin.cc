// Loads the plugin as a program that knows nothing of Earshot would.
//   load_plugin PLUGIN

#include <dlfcn.h>

#include <cstdio>

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  void* const plugin = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  void* const run = plugin == nullptr ? nullptr : dlsym(plugin, "RunEarshot");
  if (run == nullptr) {
    std::fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  return reinterpret_cast<int (*)()>(run)();
}
