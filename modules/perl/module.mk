cflags.perl := $(PERL_CFLAGS)
libs.perl := $(PERL_LIBS)
