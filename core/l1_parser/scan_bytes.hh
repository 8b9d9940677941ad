#pragma once

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <bit>

namespace opensips::parser {

/// The first byte below 0x20, or `end`: every line end is one, and what is none has to be looked at
/// anyway.
inline const char* find_control(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i limit = _mm_set1_epi8(0x1f);
  while (end - at >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, limit), bytes);
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(low));
    if (mask) return at + std::countr_zero(mask);
    at += 16;
  }
#endif
  while (at != end && static_cast<unsigned char>(*at) >= 0x20) ++at;
  return at;
}

/// The first ':', or `end`.
inline const char* find_colon(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i colon = _mm_set1_epi8(':');
  while (end - at >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, colon)));
    if (mask) return at + std::countr_zero(mask);
    at += 16;
  }
#endif
  while (at != end && *at != ':') ++at;
  return at;
}

}  // namespace opensips::parser
