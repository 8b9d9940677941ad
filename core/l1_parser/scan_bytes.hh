#pragma once

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <bit>

#include "l1_parser/chars.hh"

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

/// The first ',', '<' or '"', or `end`: what has a meaning between the values of a list.
inline const char* find_list_mark(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i comma = _mm_set1_epi8(',');
  const __m128i bracket = _mm_set1_epi8('<');
  const __m128i quote = _mm_set1_epi8('"');
  while (end - at >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i found =
        _mm_or_si128(_mm_cmpeq_epi8(bytes, comma),
                     _mm_or_si128(_mm_cmpeq_epi8(bytes, bracket), _mm_cmpeq_epi8(bytes, quote)));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(found));
    if (mask) return at + std::countr_zero(mask);
    at += 16;
  }
#endif
  while (at != end && *at != ',' && *at != '<' && *at != '"') ++at;
  return at;
}

/// Where it is certain that an unquoted value of a parameter (chars::value) has not ended before:
/// at what ends it, or in the last 16 bytes.
inline const char* leap_value(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i zero = _mm_setzero_si128();
  while (end - at >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const auto is = [bytes](char c) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)); };
    // Signed: what is not above 0x20 is blank, a control, or UTF-8, which is none of these.
    const __m128i low =
        _mm_andnot_si128(_mm_cmplt_epi8(bytes, zero), _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x21)));
    const __m128i marks = _mm_or_si128(_mm_or_si128(is(';'), is(',')),
                                       _mm_or_si128(_mm_or_si128(is('"'), is('<')), is('>')));
    const __m128i ends = _mm_or_si128(_mm_or_si128(low, marks), is(0x7f));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(ends));
    if (mask) return at + std::countr_zero(mask);
    at += 16;
  }
#endif
  return at;
}

/// Whether all bytes are of chars::visible.
inline bool all_visible(const char* at, const char* end) {
#if defined(__SSE2__)
  const auto is_visible = [](const char* from) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    // Signed: UTF-8 is below it too.
    const __m128i above = _mm_cmpgt_epi8(bytes, _mm_set1_epi8(0x20));
    const __m128i seen = _mm_andnot_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f)), above);
    return _mm_movemask_epi8(seen) == 0xffff;
  };
  if (end - at >= 16) {
    for (; end - at > 16; at += 16) {
      if (!is_visible(at)) return false;
    }
    return is_visible(end - 16);
  }
#endif
  while (at != end && static_cast<unsigned char>(*at) > 0x20 &&
         static_cast<unsigned char>(*at) < 0x7f) {
    ++at;
  }
  return at == end;
}

/// Where it is certain that a quoted string (chars::quoted) has not ended before: at what ends it,
/// at a byte that has to be looked at, or in the last 16 bytes.
inline const char* leap_quoted(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i control = _mm_set1_epi8(0x1f);
  while (end - at >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const auto is = [bytes](char c) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)); };
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, control), bytes);
    const __m128i marks = _mm_or_si128(is('"'), _mm_or_si128(is('\\'), is(0x7f)));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(low, marks)));
    if (mask) return at + std::countr_zero(mask);
    at += 16;
  }
#endif
  return at;
}

/// Whether all bytes are hexadecimal digits.
inline bool all_hex(const char* at, const char* end) {
#if defined(__SSE2__)
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const auto is_between = [](__m128i text, char first, char last) {
      return _mm_and_si128(_mm_cmpgt_epi8(text, _mm_set1_epi8(static_cast<char>(first - 1))),
                           _mm_cmplt_epi8(text, _mm_set1_epi8(static_cast<char>(last + 1))));
    };
    // Folded, a letter is a small one, and nothing else becomes one.
    const __m128i folded = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
    const __m128i good = _mm_or_si128(is_between(bytes, '0', '9'), is_between(folded, 'a', 'f'));
    if (_mm_movemask_epi8(good) != 0xffff) return false;
  }
#endif
  while (at != end && chars::hex(*at) >= 0) ++at;
  return at == end;
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
