#pragma once

// Whether a sanitizer watches: it claims more address space than a limited process may have. Test
// code only.

namespace earshotd {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace earshotd
