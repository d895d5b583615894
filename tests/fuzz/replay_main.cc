// The main() of a fuzz target where there is no libFuzzer: runs every file of a corpus and then a
// number of seeded mutations of them, so that every build guards what fuzzing has shown.
//   stun_fuzz CORPUS_DIRECTORY MUTATIONS

#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "base/random.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

using Input = std::vector<uint8_t>;

constexpr uint64_t kSeed = 1;
constexpr size_t kMaxInputSize = 64 * 1024;

// What the signal handler writes out.
const Input* g_current = nullptr;

void WriteCurrentInput(int signal_number) {
  constexpr char kName[] = "crash_input";
  if (FILE* const file = std::fopen(kName, "wb"); file != nullptr && g_current != nullptr) {
    std::fwrite(g_current->data(), 1, g_current->size(), file);
    std::fclose(file);
    std::fprintf(stderr, "the input is in ./%s\n", kName);
  }
  std::signal(signal_number, SIG_DFL);
  raise(signal_number);
}

// An input of its own for each run, so that a sanitizer sees a read behind its end.
void Run(const Input& input) {
  const Input exact(input.begin(), input.end());
  g_current = &exact;
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
  g_current = nullptr;
}

std::vector<Input> ReadCorpus(const char* directory) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<Input> corpus;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return corpus;
}

// One small change at a random place.
void Mutate(Input& input, const Input& other, earshot::Random& random) {
  constexpr std::array<uint8_t, 8> kTelling = {0x00, 0x01, 0x7f, 0x80, 0xff, 0xfe, '0', '\n'};
  const size_t at = input.empty() ? 0 : random.Below(static_cast<uint32_t>(input.size()));
  const auto place = input.begin() + static_cast<ptrdiff_t>(at);
  const size_t size = std::min<size_t>(input.size() - at, 1 + random.Below(16));
  const auto end = place + static_cast<ptrdiff_t>(size);
  switch (input.empty() ? 3u : random.Below(7)) {
    case 0:
      *place = static_cast<uint8_t>(*place ^ (1u << random.Below(8)));
      break;
    case 1:
      *place = kTelling[random.Below(kTelling.size())];
      break;
    case 2:
      input.erase(place, end);
      break;
    case 3:
      input.insert(place, static_cast<uint8_t>(random.U32()));
      break;
    case 4: {
      const Input copy(place, end);
      input.insert(place, copy.begin(), copy.end());
      break;
    }
    case 5:
      input.resize(at);
      break;
    default:
      input.resize(at);
      input.insert(input.end(), other.begin() + static_cast<ptrdiff_t>(std::min(at, other.size())),
                   other.end());
  }
  input.resize(std::min(input.size(), kMaxInputSize));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s CORPUS_DIRECTORY MUTATIONS\n", argv[0]);
    return 64;
  }
  for (const int signal_number : {SIGABRT, SIGSEGV, SIGFPE, SIGBUS}) {
    std::signal(signal_number, WriteCurrentInput);
  }
  const std::vector<Input> corpus = ReadCorpus(argv[1]);
  if (corpus.empty()) {
    std::fprintf(stderr, "no corpus in %s\n", argv[1]);
    return 66;
  }
  for (const Input& input : corpus) Run(input);
  Run({});
  earshot::SeededRandom random(kSeed);
  const auto pick = [&]() -> const Input& {
    return corpus[random.Below(static_cast<uint32_t>(corpus.size()))];
  };
  const int mutations = std::atoi(argv[2]);
  for (int i = 0; i < mutations; ++i) {
    Input input = pick();
    for (uint32_t changes = 1 + random.Below(4); changes > 0; --changes) {
      Mutate(input, pick(), random);
    }
    Run(input);
  }
  std::printf("%zu files and %d mutations\n", corpus.size(), mutations);
  return 0;
}
