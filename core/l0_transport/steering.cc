#include "l0_transport/steering.hh"

#include <linux/filter.h>
#include <sys/socket.h>

#include <cstdint>
#include <string_view>
#include <vector>

namespace opensips::transport {

namespace {

using Instruction = sock_filter;

constexpr std::string_view kName = "\nCall-ID: ";
constexpr unsigned kWord = 4;
constexpr unsigned kReach = 1408;              // bytes that are searched: a datagram of one frame
constexpr unsigned kLongestValue = 64;         // of a Call-ID that is hashed
constexpr unsigned kWordsPerCheck = 8;         // between two looks at the length
constexpr std::uint32_t kNobody = UINT32_MAX;  // beyond the group: the kernel's own choice

// A load behind the end of the datagram ends the program with 0, so the length is checked before.
// The words of kName at every fourth byte, whatever its place: which one is found tells the place.
// Each stands so late in the name that few other headers have it.
struct Sign {
  unsigned at;  ///< in kName
  std::uint32_t word;
};
constexpr std::uint32_t word_at(unsigned at) {
  std::uint32_t word = 0;
  for (unsigned i = 0; i < kWord; ++i) word = word << 8 | static_cast<unsigned char>(kName[at + i]);
  return word;
}
constexpr Sign kSigns[kWord] = {{4, word_at(4)}, {5, word_at(5)}, {6, word_at(6)}, {3, word_at(3)}};

/// The program, written from its beginning to its end; jumps to places that come later are mended
/// when those are known.
class Program {
 public:
  explicit Program(const loop::Owners& owners) : owners_(owners) {
    search();
    const auto not_found = here();
    put(BPF_RET | BPF_K, kNobody);
    land(give_up_, not_found);
    verify();
    hash();
  }

  bool attach(int fd) const {
    const sock_fprog program{static_cast<unsigned short>(code_.size()),
                             const_cast<Instruction*>(code_.data())};
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program) == 0;
  }

 private:
  using Places = std::vector<std::size_t>;

  std::size_t here() const { return code_.size(); }
  void put(unsigned operation, std::uint32_t operand, unsigned skip_if = 0,
           unsigned skip_else = 0) {
    code_.push_back({static_cast<std::uint16_t>(operation), static_cast<std::uint8_t>(skip_if),
                     static_cast<std::uint8_t>(skip_else), operand});
  }
  void jump(Places& from) {
    from.push_back(here());
    put(BPF_JMP | BPF_JA, 0);
  }
  void land(const Places& from, std::size_t target) {
    for (const auto place : from) code_[place].k = static_cast<std::uint32_t>(target - place - 1);
  }
  void load_constant(std::uint32_t value) { put(BPF_LDX | BPF_IMM, value); }

  /// Looks at every fourth byte; X is where a sign was found.
  void search() {
    for (unsigned at = 0; at < kReach; at += kWord) {
      if (at % (kWord * kWordsPerCheck) == 0) {
        put(BPF_LD | BPF_W | BPF_LEN, 0);
        put(BPF_JMP | BPF_JGE | BPF_K, at + kWord * kWordsPerCheck, 1, 0);
        jump(give_up_);
      }
      put(BPF_LD | BPF_W | BPF_ABS, at);
      for (unsigned i = 0; i < kWord; ++i) {
        const bool last = i + 1 == kWord;
        put(BPF_JMP | BPF_JEQ | BPF_K, kSigns[i].word, last ? 0 : kWord - 1 - i, last ? 2 : 0);
      }
      load_constant(at);
      jump(found_);
    }
  }

  /// X becomes where the name begins, if it is all there.
  void verify() {
    land(found_, here());
    put(BPF_LD | BPF_W | BPF_IND, 0);
    Places begun;
    for (const auto& sign : kSigns) {
      put(BPF_JMP | BPF_JEQ | BPF_K, sign.word, 0, 4);
      put(BPF_MISC | BPF_TXA, 0);
      put(BPF_ALU | BPF_SUB | BPF_K, sign.at);
      put(BPF_MISC | BPF_TAX, 0);
      jump(begun);
    }
    land(begun, here());
    put(BPF_STX, kBegin);
    expect(BPF_W, 0, word_at(0));
    expect(BPF_W, 4, word_at(4));
    expect(BPF_H, 8, word_at(6) & 0xffff);
  }

  void expect(unsigned size, unsigned at, std::uint32_t value) {
    put(BPF_LD | size | BPF_IND, at);
    put(BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0);
    put(BPF_RET | BPF_K, kNobody);
  }

  /// OwnerHash of what is between the name and the end of its line.
  void hash() {
    const auto& key = owners_.hash();
    Places ended;
    put(BPF_LD | BPF_IMM, key.seed);
    put(BPF_ST, kHash);
    for (unsigned i = 0; i <= kLongestValue; ++i) {
      put(BPF_LD | BPF_B | BPF_IND, static_cast<std::uint32_t>(kName.size()) + i);
      put(BPF_JMP | BPF_JEQ | BPF_K, '\r', 0, 1);
      jump(ended);
      put(BPF_LDX | BPF_MEM, kHash);
      put(BPF_ALU | BPF_XOR | BPF_X, 0);
      put(BPF_ALU | BPF_MUL | BPF_K, key.multiplier);
      put(BPF_ST, kHash);
      put(BPF_LDX | BPF_MEM, kBegin);
    }
    put(BPF_RET | BPF_K, kNobody);
    land(ended, here());
    put(BPF_LD | BPF_MEM, kHash);
    put(BPF_ALU | BPF_RSH | BPF_K, loop::OwnerHash::kMixShift);
    put(BPF_LDX | BPF_MEM, kHash);
    put(BPF_ALU | BPF_XOR | BPF_X, 0);
    put(BPF_ALU | BPF_MUL | BPF_K, key.multiplier);
    put(BPF_ALU | BPF_RSH | BPF_K, loop::OwnerHash::kShift);
    put(BPF_ALU | BPF_MOD | BPF_K, owners_.workers());
    put(BPF_RET | BPF_A, 0);
  }

  // Places in the program's memory.
  static constexpr unsigned kBegin = 0;
  static constexpr unsigned kHash = 1;

  const loop::Owners& owners_;
  std::vector<Instruction> code_;
  Places found_;
  Places give_up_;
};

}  // namespace

bool steer_by_call_id(const FileDescriptor& group, const loop::Owners& owners) {
  if (owners.workers() == 1) return true;
  return Program(owners).attach(group.get());
}

}  // namespace opensips::transport
