// The nth allocation of a call fails, for every n: the call goes on, or is refused as a whole.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <new>
#include <utility>

#include "base/memory.hh"
#include "model/model.hh"

namespace {

/// The allocation that fails, counted from now on, once; 0: none.
thread_local std::uint64_t to_deny = 0;

bool is_denied() {
  return to_deny != 0 && --to_deny == 0;
}

void* allocate(std::size_t size) {
  for (;;) {
    void* const found = is_denied() ? nullptr : std::malloc(size != 0 ? size : 1);
    if (found) return found;
    const auto handler = std::get_new_handler();
    if (!handler) throw std::bad_alloc();
    handler();
  }
}

}  // namespace

// In this program instead of the library's.
void* operator new(std::size_t size) {
  return allocate(size);
}
void* operator new[](std::size_t size) {
  return allocate(size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size != 0 ? size : 1);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size != 0 ? size : 1);
}
void operator delete(void* block) noexcept {
  std::free(block);
}
void operator delete[](void* block) noexcept {
  std::free(block);
}
void operator delete(void* block, std::size_t) noexcept {
  std::free(block);
}
void operator delete[](void* block, std::size_t) noexcept {
  std::free(block);
}

namespace opensips::model {
namespace {

using Lines = std::vector<std::string>;

const std::string kCallee = "127.0.0.1:5080";
const std::string kShed = "SIP/2.0 503 Service Unavailable";

class OutOfMemory : public ::testing::Test {
 protected:
  OutOfMemory() { base::keep_memory_reserve(1 << 20); }
  ~OutOfMemory() override { base::keep_memory_reserve(0); }

  static Lines lines_of(const std::vector<Network::Sent>& sent) {
    Lines lines;
    for (const auto& one : sent) lines.push_back(one.bytes.substr(0, one.bytes.find("\r\n")));
    return lines;
  }

  /// What is sent in a whole call, which a dialog is kept of; of one that is refused only that.
  Lines call(Model& model) {
    model.receive(Request{}.bytes());
    auto sent = model.take();
    Lines lines = lines_of(sent);
    if (lines.back() == kShed) return lines;
    const auto invite = sent.back().bytes;
    const auto hear = [&](std::string_view bytes, std::string_view from) {
      model.receive(bytes, from);
      std::ranges::move(model.take_start_lines(), std::back_inserter(lines));
    };
    hear(answer(invite, 180), kCallee);
    hear(answer(invite, 200), kCallee);
    Request inside{.method = "ACK",
                   .uri = "sip:callee@127.0.0.1:5080",
                   .branch = "z9hG4bKack",
                   .to_tag = "callee",
                   .extra = "Route: " + values(invite, "Record-Route").at(0) + "\r\n"};
    hear(inside.bytes(), "127.0.0.1:5070");
    inside.method = "BYE";
    inside.branch = "z9hG4bKbye";
    inside.cseq = 2;
    model.receive(inside.bytes());
    sent = model.take();
    std::ranges::move(lines_of(sent), std::back_inserter(lines));
    if (!sent.empty()) hear(answer(sent.back().bytes, 200), kCallee);
    return lines;
  }

  static Shared::Options options() {
    Shared::Options options;
    options.dialogs.all_invites = true;
    return options;
  }
};

TEST_F(OutOfMemory, WhicheverAllocationFailsTheCallGoesOnOrIsRefused) {
  Model undisturbed(options());
  const Lines whole = call(undisturbed);
  ASSERT_EQ(whole.size(), 7U);

  unsigned refused = 0;
  std::uint64_t nth = 0;
  for (bool denied = true; denied;) {
    Model model(options());
    to_deny = ++nth;
    const Lines lines = call(model);
    denied = std::exchange(to_deny, 0) == 0;
    const bool is_refused = lines == Lines{kShed};
    refused += is_refused;
    if (!is_refused) {
      ASSERT_EQ(lines, whole) << "allocation " << nth;
    }
    ASSERT_EQ(base::memory_is_short(), denied) << "allocation " << nth;

    if (denied) {  // nothing new for now, but again when there is memory
      model.receive(Request{.branch = "z9hG4bKnext", .call_id = "next"}.bytes());
      ASSERT_EQ(model.take_start_lines(), Lines{kShed});
      base::watch_memory(false);
    }
    model.receive(Request{.branch = "z9hG4bKlast", .call_id = "last"}.bytes());
    ASSERT_EQ(model.take().size(), 2U) << "allocation " << nth;
  }
  EXPECT_GT(nth, 50U);      // there were so many
  EXPECT_LT(refused, nth);  // and most of them came too late to refuse anything
}

}  // namespace
}  // namespace opensips::model
