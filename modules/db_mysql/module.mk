cflags.db_mysql := $(MARIADB_CFLAGS)
libs.db_mysql := $(MARIADB_LIBS)
