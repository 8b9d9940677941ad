#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace opensips::base {

/// A fixed number of texts in one block of memory, exactly as large as they are; without a block if
/// all are empty. Reading costs nothing; changing one moves them all, which is for what changes
/// rarely.
template <std::size_t kCount>
class PackedTexts {
 public:
  using All = std::array<std::string_view, kCount>;

  PackedTexts() = default;
  explicit PackedTexts(const All& texts) { pack(texts); }

  std::string_view at(std::size_t index) const {
    const auto begin = index == 0 ? 0 : ends_[index - 1];
    return {block_.get() + begin, ends_[index] - begin};
  }
  All all() const {
    All texts;
    for (std::size_t i = 0; i < kCount; ++i) texts[i] = at(i);
    return texts;
  }
  /// `text` may be one of them.
  void set(std::size_t index, std::string_view text) {
    if (at(index) == text) return;
    All texts = all();
    texts[index] = text;
    pack(texts);
  }
  /// Bytes on the heap.
  std::size_t size() const { return ends_[kCount - 1]; }

 private:
  void pack(const All& texts) {
    std::size_t size = 0;
    for (const auto text : texts) size += text.size();
    std::unique_ptr<char[]> block(size == 0 ? nullptr : new char[size]);
    std::size_t at = 0;
    for (std::size_t i = 0; i < kCount; ++i) {
      if (!texts[i].empty()) std::memcpy(block.get() + at, texts[i].data(), texts[i].size());
      at += texts[i].size();
      ends_[i] = static_cast<std::uint32_t>(at);
    }
    block_ = std::move(block);
  }

  std::unique_ptr<char[]> block_;
  std::array<std::uint32_t, kCount> ends_{};
};

}  // namespace opensips::base
