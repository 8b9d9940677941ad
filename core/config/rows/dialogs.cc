#include "config/rows/groups.hh"
#include "config/rows/row.hh"

namespace opensips::config::rows {
namespace {

using S = Settings;
using Dialog = DialogSettings;
using Sst = SstSettings;

constexpr std::string_view kDialog = "dialog";
constexpr std::string_view kSst = "sst";

constexpr Parameter kRows[] = {
    duration(kDialog, "default_timeout", &at<&S::dialog, &Dialog::default_timeout>, kSecond, 0,
             365 * kDay,
             "Lifetime of a dialog, after which both sides get a BYE; 0 is no end; in seconds."),
    duration(kDialog, "options_ping_interval", &at<&S::dialog, &Dialog::options_ping_interval>,
             kSecond, 0, kDay,
             "Between OPTIONS to each side of a dialog; one that does not answer, or knows it no "
             "more, ends it; 0 is none; in seconds."),
    duration(kDialog, "reinvite_ping_interval", &at<&S::dialog, &Dialog::reinvite_ping_interval>,
             kSecond, 0, kDay,
             "Between re-INVITEs to each side of a dialog, in place of OPTIONS; 0 is none; in "
             "seconds."),
    boolean(kDialog, "all_invites", &at<&S::dialog, &Dialog::all_invites>,
            "Make a dialog for every INVITE, not only where the script says so."),
    integer(kDialog, "db_mode", &at<&S::dialog, &Dialog::db_mode>, 0, 3,
            "Keep dialogs in a database, for the next start: 0 no, 1 written at once, 2 every "
            "db_update_period, 3 when the server stops."),
    long_text(kDialog, "db_url", &at<&S::dialog, &Dialog::db_url>,
              "Database that dialogs are kept in; db_default_url without it."),
    duration(kDialog, "db_update_period", &at<&S::dialog, &Dialog::db_update_period>, kSecond, 1,
             kDay, "What happens to dialogs is written so often, with db_mode 2; in seconds."),
    text(kDialog, "table_name", &at<&S::dialog, &Dialog::table_name>,
         "Table that dialogs are kept in."),
    no_effect(kDialog, "db_flush_vals_profiles", Type::any,
              "Variables and profiles are always written with their dialog."),
    no_effect(kDialog, "timer_bulk_del_no", Type::integer, "See db_batch_size."),
    no_effect(kDialog, "profiles_with_value", Type::any, "Profiles need not be declared."),
    no_effect(kDialog, "profiles_no_value", Type::any, "Profiles need not be declared."),
    no_effect(kDialog, "enable_stats", Type::boolean, "There are always statistics."),
    no_effect(kDialog, "hash_size", Type::integer, "Tables grow with what they hold."),
    no_effect(kDialog, "log_profile_hash_size", Type::integer, "Tables grow with what they hold."),
    no_effect(kDialog, "rr_param", Type::any,
              "The parameter did of our Record-Route proves a dialog; it does not number it."),
    no_effect(kDialog, "dlg_match_mode", Type::any, "Dialogs are matched by Call-ID and tags."),
    no_effect(kDialog, "timeout_avp", Type::any, "A script says lifetime when it makes a dialog."),

    duration(kSst, "min_se", &at<&S::sst, &Sst::min_se>, kSecond, 90, kDay,
             "Shortest interval in which a session may have to be refreshed; in seconds."),
    duration(kSst, "sst_interval", &at<&S::sst, &Sst::interval>, kSecond, 0, kDay,
             "Interval in which the sessions of dialogs have to be refreshed; 0 is what the sides "
             "want; in seconds."),
    boolean(kSst, "reject_to_small", &at<&S::sst, &Sst::reject_to_small>,
            "Answer 422 to who asks for less than min_se; else it is raised."),
    no_effect(kSst, "enable_stats", Type::boolean, "There are always statistics."),
    no_effect(kSst, "timeout_avp", Type::any, "A session that is not refreshed ends by itself."),
    no_effect(kSst, "sst_flag", Type::any, "It is for all dialogs; a script may say otherwise."),

    no_effect("rr", "append_fromtag", Type::boolean, "The dialog layer keeps the tags."),
    no_effect("rr", "enable_double_rr", Type::boolean,
              "The dialog layer adds two headers when a call changes sockets."),
};

}  // namespace

std::span<const Parameter> of_dialogs() {
  return kRows;
}

}  // namespace opensips::config::rows
