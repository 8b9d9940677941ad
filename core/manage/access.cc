#include "manage/access.hh"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

namespace opensips::manage {

namespace {

std::optional<unsigned> id_of(const std::string& text) {
  unsigned value = 0;
  const auto end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || at != end) return std::nullopt;
  return value;
}

std::optional<uid_t> user_id(const std::string& user) {
  if (const auto id = id_of(user)) return *id;
  const passwd* const entry = ::getpwnam(user.c_str());
  if (!entry) return std::nullopt;
  return entry->pw_uid;
}

}  // namespace

std::expected<Access, std::string> Access::of(mode_t mode, const std::string& user,
                                              const std::string& group) {
  Access access{.mode = mode};
  if (!user.empty()) {
    access.user = user_id(user);
    if (!access.user) return std::unexpected("no user " + user);
  }
  if (group.empty()) return access;
  access.group = id_of(group);
  const ::group* const entry = access.group ? ::getgrgid(*access.group) : ::getgrnam(group.c_str());
  if (!entry && !access.group) return std::unexpected("no group " + group);
  if (!entry) return access;
  access.group = entry->gr_gid;
  for (char** member = entry->gr_mem; *member; ++member) {
    if (const auto id = user_id(*member)) access.members.push_back(*id);
  }
  return access;
}

bool Access::permits(uid_t uid, gid_t gid) const {
  if (uid == 0 || uid == ::geteuid() || uid == user) return true;
  return group && (gid == *group || std::ranges::find(members, uid) != members.end());
}

}  // namespace opensips::manage
