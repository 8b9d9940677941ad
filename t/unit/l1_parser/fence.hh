#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string_view>

namespace opensips::parser::samples {

/// Room between two pages that must not be touched. Text stands at its very end or its very
/// beginning.
class Fence {
 public:
  explicit Fence(std::size_t size) : page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))) {
    room_ = (size + page_ - 1) / page_ * page_;
    void* const all =
        mmap(nullptr, room_ + 2 * page_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED) std::abort();
    begin_ = static_cast<char*>(all) + page_;
    if (mprotect(begin_, room_, PROT_READ | PROT_WRITE) != 0) std::abort();
  }
  Fence(const Fence&) = delete;
  Fence& operator=(const Fence&) = delete;
  ~Fence() { munmap(begin_ - page_, room_ + 2 * page_); }

  std::string_view at_end(std::string_view text) { return put(begin_ + room_ - text.size(), text); }
  std::string_view at_begin(std::string_view text) { return put(begin_, text); }

 private:
  static std::string_view put(char* to, std::string_view text) {
    if (!text.empty()) std::memcpy(to, text.data(), text.size());
    return {to, text.size()};
  }

  std::size_t page_;
  std::size_t room_;
  char* begin_;
};

/// Calls `read` with every prefix at both fences, and with every rest at the one behind it.
template <class Read>
void read_all_prefixes(std::string_view text, Read read) {
  Fence fence(text.size() + 1);
  for (std::size_t size = 0; size <= text.size(); ++size) {
    read(fence.at_end(text.substr(0, size)));
    read(fence.at_begin(text.substr(0, size)));
    read(fence.at_end(text.substr(size)));
  }
}

}  // namespace opensips::parser::samples
