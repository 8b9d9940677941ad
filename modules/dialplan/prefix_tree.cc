#include "dialplan/prefix_tree.hh"

#include <algorithm>

namespace opensips::dialplan {

PrefixTree::PrefixTree(std::vector<Item> items) {
  std::ranges::sort(items);
  const auto rest = std::ranges::unique(items);
  items.erase(rest.begin(), rest.end());

  nodes_.emplace_back();
  first_bytes_ += '\0';
  // One branch for each node, in the order of the nodes.
  std::vector<Branch> branches{{0, items.size(), 0}};
  for (std::size_t node = 0; node < branches.size(); ++node) {
    grow(node, branches[node], items, branches);
  }
}

void PrefixTree::grow(std::size_t node, Branch branch, const std::vector<Item>& items,
                      std::vector<Branch>& later) {
  auto [begin, end, depth] = branch;
  nodes_[node].first_number = static_cast<std::uint32_t>(numbers_.size());
  for (; begin < end && items[begin].prefix.size() == depth; ++begin) {
    numbers_.push_back(items[begin].number);
    ++nodes_[node].number_count;
  }
  nodes_[node].first_child = static_cast<std::uint32_t>(nodes_.size());
  while (begin < end) {
    const std::string& first = items[begin].prefix;
    std::size_t until = begin + 1;
    while (until < end && items[until].prefix[depth] == first[depth]) ++until;
    // Sorted: what the first and the last share all of them share.
    const std::string& last = items[until - 1].prefix;
    const auto shared =
        static_cast<std::size_t>(std::ranges::mismatch(first, last).in1 - first.begin());

    nodes_.push_back({.label = static_cast<std::uint32_t>(labels_.size()),
                      .label_size = static_cast<std::uint32_t>(shared - depth)});
    first_bytes_ += first[depth];
    labels_.append(first, depth, shared - depth);
    later.push_back({begin, until, shared});
    ++nodes_[node].child_count;
    begin = until;
  }
}

const PrefixTree::Node* PrefixTree::child(const Node& node, std::string_view& text) const {
  if (text.empty() || node.child_count == 0) return nullptr;
  const auto bytes = std::string_view(first_bytes_).substr(node.first_child, node.child_count);
  const auto at = bytes.find(text.front());
  if (at == std::string_view::npos) return nullptr;
  const Node& found = nodes_[node.first_child + at];
  // Most labels are the one byte that was just found.
  if (found.label_size > 1 &&
      !text.starts_with(std::string_view(labels_).substr(found.label, found.label_size))) {
    return nullptr;
  }
  text.remove_prefix(found.label_size);
  return &found;
}

}  // namespace opensips::dialplan
