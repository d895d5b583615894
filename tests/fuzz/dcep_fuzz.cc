// What parses is bounded, and what is written of it parses to the same.

#include "fuzz_check.h"
#include "transport/dcep.h"

namespace earshot {

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto message = ParseDcepMessage({data, size});
  if (!message) return 0;
  if (const DcepOpen* const open = std::get_if<DcepOpen>(&*message)) {
    FUZZ_CHECK(open->label.size() <= DcepOpen::kMaxTextSize);
    FUZZ_CHECK(open->protocol.size() <= DcepOpen::kMaxTextSize);
    const auto again = ParseDcepMessage(WriteDcepOpen(*open));
    FUZZ_CHECK(again && *again == *message);
  } else {
    FUZZ_CHECK(size == 1);
  }
  return 0;
}

}  // namespace earshot
