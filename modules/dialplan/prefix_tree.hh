#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace opensips::dialplan {

/// Numbers filed under strings; gives those filed under the beginnings of a text. A tree with a
/// node for each place where strings part, in a few arrays. Built once, then immutable.
class PrefixTree {
 public:
  struct Item {
    std::string prefix;
    std::uint32_t number;

    auto operator<=>(const Item&) const = default;
  };

  PrefixTree() : PrefixTree(std::vector<Item>()) {}
  explicit PrefixTree(std::vector<Item> items);

  /// Calls `visit(std::span<const std::uint32_t>)` for each prefix of `text` that something is
  /// filed under, the shortest first; the numbers of one are in ascending order.
  template <class Visit>
  void find(std::string_view text, Visit visit) const {
    for (const Node* node = &nodes_.front(); node != nullptr; node = child(*node, text)) {
      if (node->number_count != 0) {
        visit(std::span(numbers_).subspan(node->first_number, node->number_count));
      }
    }
  }

 private:
  struct Node {
    std::uint32_t label = 0;  // in labels_
    std::uint32_t label_size = 0;
    std::uint32_t first_child = 0;
    std::uint32_t child_count = 0;
    std::uint32_t first_number = 0;
    std::uint32_t number_count = 0;
  };
  /// Part of the items while the tree grows: those below a node, which share `depth` bytes.
  struct Branch {
    std::size_t begin;
    std::size_t end;
    std::size_t depth;
  };

  void grow(std::size_t node, Branch branch, const std::vector<Item>& items,
            std::vector<Branch>& later);
  /// The child of `node` that goes on as `text` does; takes its label off the text.
  const Node* child(const Node& node, std::string_view& text) const;

  std::vector<Node> nodes_;  // the root first; children of a node are neighbours
  std::string first_bytes_;  // of the labels of nodes_
  std::string labels_;
  std::vector<std::uint32_t> numbers_;
};

}  // namespace opensips::dialplan
