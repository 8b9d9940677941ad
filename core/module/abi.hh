#pragma once

#include <string_view>

#include "abi.h"

/// What a module and its server have to agree on, as text: the public headers, and what else of a
/// build changes what they mean. Both compile this file, each with its own compiler and flags.
#define OPENSIPS_ABI_TEXT(number) #number
#define OPENSIPS_ABI_NUMBER(number) OPENSIPS_ABI_TEXT(number)

#ifdef __clang__
#define OPENSIPS_ABI_COMPILER "clang-" OPENSIPS_ABI_NUMBER(__clang_major__)
#else
#define OPENSIPS_ABI_COMPILER "gcc-" OPENSIPS_ABI_NUMBER(__GNUC__)
#endif

#ifdef _GLIBCXX_RELEASE
#define OPENSIPS_ABI_LIBRARY "libstdc++-" OPENSIPS_ABI_NUMBER(_GLIBCXX_RELEASE)
#else
#define OPENSIPS_ABI_LIBRARY "libc++-" OPENSIPS_ABI_NUMBER(_LIBCPP_VERSION)
#endif

#ifdef NDEBUG
#define OPENSIPS_ABI_ASSERT "off"
#else
#define OPENSIPS_ABI_ASSERT "on"
#endif

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define OPENSIPS_ABI_SANITIZER "address"
#elif __has_feature(thread_sanitizer)
#define OPENSIPS_ABI_SANITIZER "thread"
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define OPENSIPS_ABI_SANITIZER "address"
#elif defined(__SANITIZE_THREAD__)
#define OPENSIPS_ABI_SANITIZER "thread"
#endif
#ifndef OPENSIPS_ABI_SANITIZER
#define OPENSIPS_ABI_SANITIZER "none"
#endif

/// How it begins: a server finds it in the file of a module, before any of its code has run.
#define OPENSIPS_ABI_MARK "opensips-abi "
#define OPENSIPS_ABI                                                      \
  OPENSIPS_ABI_MARK                                                       \
  "headers=" OPENSIPS_ABI_HEADERS " compiler=" OPENSIPS_ABI_COMPILER      \
  " library=" OPENSIPS_ABI_LIBRARY                                        \
  " c++=" OPENSIPS_ABI_NUMBER(__cplusplus) " assert=" OPENSIPS_ABI_ASSERT \
                                           " sanitizer=" OPENSIPS_ABI_SANITIZER

namespace opensips::modules {

/// Of whoever includes this.
inline constexpr std::string_view kAbi = OPENSIPS_ABI;

}  // namespace opensips::modules
