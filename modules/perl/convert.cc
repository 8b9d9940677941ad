#include "perl/convert.hh"

#include <cmath>
#include <cstring>
#include <string_view>
#include <utility>

#include "perl/perl_headers.hh"

namespace opensips::perl {
namespace {

using routing::Object;
using routing::ObjectKind;
using routing::Value;

constexpr int kMaxDepth = 16;
constexpr std::size_t kMaxEntries = 10'000;

std::string_view text_of(pTHX_ SV* from) {
  STRLEN size = 0;
  const char* const text = SvPV_nomg(from, size);
  return {text, size};
}

Data number_of(pTHX_ SV* from) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (SvIOK(from) && !SvIsUV(from)) return {static_cast<std::int64_t>(SvIVX(from))};
  const double number = SvNV_nomg(from);
  if (std::trunc(number) == number && std::fabs(number) <= kExact)
    return {static_cast<std::int64_t>(number)};
  return {number};
}

#ifdef SvIsBOOL
bool is_boolean(pTHX_ SV* from) {
  return SvIsBOOL(from);
}
#else
bool is_boolean(pTHX_ SV* from) {
  return from == &PL_sv_yes || from == &PL_sv_no;
}
#endif

/// One of ours, of its class: what is in it was written here.
bool read_object(pTHX_ SV* inner, Data& to) {
  if (!SvPOK(inner) || SvCUR(inner) != sizeof(Object)) return false;
  Object object;
  std::memcpy(&object, SvPVX(inner), sizeof object);
  const char* const expected = class_of(object.kind);
  const char* const name = HvNAME(SvSTASH(inner));
  if (!expected || !name || std::string_view(expected) != name) return false;
  to.any = object;
  return true;
}

class Reader {
 public:
  Reader(PerlInterpreter* perl, std::string& why) : my_perl(perl), why_(why) {}

  bool read(SV* from, int depth, Data& to) {
    if (budget_-- == 0 || depth > kMaxDepth) {
      budget_ = 0;
      return fail("is too large a table");
    }
    if (SvROK(from)) return read_reference(SvRV(from), depth, to);
    if (SvTYPE(from) > SVt_PVLV) return fail("is no value that can be passed");
    if (depth > 0 && SvGMAGICAL(from)) return fail("has a tied value in it");
    if (!SvOK(from)) return true;
    if (is_boolean(aTHX_ from)) {
      to.any = SvTRUE_nomg_NN(from) ? true : false;
    } else if (!SvPOK(from) && SvNIOK(from)) {
      to = number_of(aTHX_ from);
    } else {
      to.any = std::string(text_of(aTHX_ from));
    }
    return true;
  }

 private:
  bool read_reference(SV* inner, int depth, Data& to) {
    if (SvOBJECT(inner)) {
      return read_object(aTHX_ inner, to) ||
             fail("is an object, expected undef, a text, a number, an array or a hash");
    }
    if (SvRMAGICAL(inner)) return fail("is tied");
    switch (SvTYPE(inner)) {
      case SVt_PVAV: return read_array(reinterpret_cast<AV*>(inner), depth + 1, to);
      case SVt_PVHV: return read_hash(reinterpret_cast<HV*>(inner), depth + 1, to);
      default: return fail("is a reference, expected one to an array or a hash");
    }
  }

  bool read_array(AV* array, int depth, Data& to) {
    Data::List list;
    for (SSize_t i = 0; i <= av_top_index(array); ++i) {
      SV** const entry = av_fetch(array, i, 0);
      if (!read(entry ? *entry : &PL_sv_undef, depth, list.emplace_back())) return false;
    }
    to.any = std::move(list);
    return true;
  }

  bool read_hash(HV* hash, int depth, Data& to) {
    Data::Map map;
    hv_iterinit(hash);
    while (HE* const entry = hv_iternext(hash)) {
      STRLEN size = 0;
      const char* const key = HePV(entry, size);
      map.emplace_back(std::string(key, size), Data());
      if (!read(HeVAL(entry), depth, map.back().second)) return false;
    }
    to.any = std::move(map);
    return true;
  }

  bool fail(const char* what) {
    why_ = what;
    return false;
  }

  PerlInterpreter* const my_perl;
  std::string& why_;
  std::size_t budget_ = kMaxEntries;
};

struct Writer {
  PerlInterpreter* const my_perl;

  SV* operator()(std::monostate) const { return newSV(0); }
  SV* operator()(bool value) const { return newSVsv(value ? &PL_sv_yes : &PL_sv_no); }
  SV* operator()(std::int64_t value) const { return newSViv(value); }
  SV* operator()(double value) const { return newSVnv(value); }
  SV* operator()(std::string_view value) const { return newSVpvn(value.data(), value.size()); }
  SV* operator()(const std::string& value) const { return newSVpvn(value.data(), value.size()); }
  SV* operator()(const Object& object) const {
    const char* const name = class_of(object.kind);
    if (!name) return newSV(0);
    SV* const reference = newSV(0);
    sv_setref_pvn(reference, name, reinterpret_cast<const char*>(&object), sizeof object);
    return reference;
  }
  SV* operator()(const Data::List& list) const { return array(list); }
  SV* operator()(const Value::List& list) const { return array(list); }
  SV* operator()(const Data::Map& map) const {
    HV* const hash = newHV();
    for (const auto& [name, value] : map) store(hash, name, value);
    return newRV_noinc(reinterpret_cast<SV*>(hash));
  }
  SV* operator()(const Value::Map& map) const {
    HV* const hash = newHV();
    for (const auto& [name, value] : map) store(hash, name, value);
    return newRV_noinc(reinterpret_cast<SV*>(hash));
  }
  template <class Other>
  SV* operator()(const Other&) const {
    return newSV(0);
  }

 private:
  SV* array(const auto& list) const {
    AV* const array = newAV();
    for (const auto& one : list) av_push(array, std::visit(*this, one.any));
    return newRV_noinc(reinterpret_cast<SV*>(array));
  }
  void store(HV* hash, std::string_view name, const auto& value) const {
    static_cast<void>(hv_store(hash, name.data(), static_cast<I32>(name.size()),
                               std::visit(*this, value.any), 0));
  }
};

}  // namespace

bool read(interpreter* my_perl, sv* from, Data& to, std::string& why) {
  return Reader(my_perl, why).read(from, 0, to);
}

sv* write(interpreter* my_perl, const Data& from) {
  return std::visit(Writer{my_perl}, from.any);
}

sv* write(interpreter* my_perl, const Value& from) {
  return std::visit(Writer{my_perl}, from.any);
}

const char* class_of(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::request: return "OpenSIPS::Request";
    case ObjectKind::response: return "OpenSIPS::Response";
    case ObjectKind::uri: return "OpenSIPS::URI";
    case ObjectKind::name_addr: return "OpenSIPS::NameAddr";
    case ObjectKind::source: return "OpenSIPS::Source";
    case ObjectKind::dialog: return "OpenSIPS::Dialog";
    case ObjectKind::variables: return "OpenSIPS::Variables";
    case ObjectKind::shared: return "OpenSIPS::Shared";
    case ObjectKind::sql: return "OpenSIPS::SQL";
    case ObjectKind::redis: return "OpenSIPS::Redis";
    default: return nullptr;
  }
}

}  // namespace opensips::perl
