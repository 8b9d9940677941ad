cflags.cachedb_redis := $(HIREDIS_CFLAGS)
libs.cachedb_redis := $(HIREDIS_LIBS)
