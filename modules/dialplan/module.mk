cflags.dialplan := $(PCRE2_CFLAGS)
libs.dialplan := $(PCRE2_LIBS)
