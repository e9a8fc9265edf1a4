// SPDX-License-Identifier: MIT
// Nodes found by endpoint, and in the order of activity.
#pragma once

#include <netcon/core/endpoint.hpp>
#include <netcon/receive/internal/endpoint_hash.hpp>

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::detail {

/// What a Node of the table derives from.
template <class Node>
struct endpoint_links {
  endpoint address;
  Node* chain = nullptr;  // in the bucket, or in the list of free ones
  Node* older = nullptr;
  Node* newer = nullptr;
};

/// Nodes are allocated in slabs and keep their place until the table is destroyed.
template <class Node>
class endpoint_table {
 public:
  explicit endpoint_table(const hash_key& key) : hash_{key} {}

  Node* find(const endpoint& address) noexcept {
    auto* node = bucket_of(address);
    while (node != nullptr && node->address != address) node = node->chain;
    return node;
  }

  /// The new node is the newest. Precondition: not in the table.
  Node& add(const endpoint& address) {
    if (size_ >= buckets_.size()) grow();
    if (free_ == nullptr) more_nodes();
    Node& node = *free_;
    free_ = node.chain;
    node = Node{};
    node.address = address;
    node.chain = std::exchange(bucket_of(address), &node);
    link(node);
    ++size_;
    return node;
  }

  void make_newest(Node& node) noexcept {
    unlink(node);
    link(node);
  }

  void remove(Node& node) noexcept {
    auto* chain = &bucket_of(node.address);
    while (*chain != &node) chain = &(*chain)->chain;
    *chain = node.chain;
    unlink(node);
    node.chain = std::exchange(free_, &node);
    --size_;
  }

  Node* newest() const noexcept { return newest_; }
  Node* oldest() const noexcept { return oldest_; }
  std::size_t size() const noexcept { return size_; }
  /// Memory of each, at most.
  static constexpr std::size_t bytes_each() noexcept { return sizeof(Node) + 2 * sizeof(Node*); }

 private:
  Node*& bucket_of(const endpoint& address) noexcept {
    return buckets_[hash_(address) & (buckets_.size() - 1)];
  }

  void link(Node& node) noexcept {
    node.older = newest_;
    node.newer = nullptr;
    (newest_ == nullptr ? oldest_ : newest_->newer) = &node;
    newest_ = &node;
  }
  void unlink(Node& node) noexcept {
    (node.older == nullptr ? oldest_ : node.older->newer) = node.newer;
    (node.newer == nullptr ? newest_ : node.newer->older) = node.older;
  }

  void grow() {
    buckets_.assign(buckets_.size() * 2, nullptr);
    for (auto* node = oldest_; node != nullptr; node = node->newer)
      node->chain = std::exchange(bucket_of(node->address), node);
  }

  void more_nodes() {
    constexpr std::size_t slab = 16;
    slabs_.push_back(std::make_unique<Node[]>(slab));
    for (std::size_t i = 0; i < slab; ++i) slabs_.back()[i].chain = std::exchange(free_, &slabs_.back()[i]);
  }

  endpoint_hash hash_;
  std::vector<Node*> buckets_ = std::vector<Node*>(64, nullptr);
  std::vector<std::unique_ptr<Node[]>> slabs_;
  Node* free_ = nullptr;
  Node* oldest_ = nullptr;
  Node* newest_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace netcon::inline v0_1::detail
