cflags.db_sqlite := $(SQLITE_CFLAGS)
libs.db_sqlite := $(SQLITE_LIBS)
