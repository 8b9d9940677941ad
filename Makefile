# OpenSIPS 2.0. `make help` lists what there is to make. All output goes into the build directory B.
#
# This is the only Makefile; configure never writes over it. What configure found is in $(B)/config.mk.
# Of use on the command line: VARIANT=asan (tsan, debug), WERROR=1, V=1 (whole command lines), DESTDIR=.

B := build
VARIANT := release

override B := $(patsubst $(CURDIR)/%,%,$(abspath $(B)))
O := $(B)$(if $(filter-out release,$(VARIANT)),/$(VARIANT))
VERSION := $(shell sed -n 's/^AC_INIT(\[opensips\], \[\(.*\)\])/\1/p' configure.ac)
DIST := opensips-$(VERSION)
Q := $(if $(V),,@)
say = $(if $(V),,@echo "  $(1)")

MAKEFLAGS += --no-print-directory
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc)
endif
.DELETE_ON_ERROR:
.SECONDEXPANSION:
.PHONY: all tests unit model micro fuzzers generate run check fuzz jssip soak bench check-bare lint format tidy install uninstall dist distcheck \
        clean distclean help FORCE

all:                    ## the server build/opensips, the modules build/modules/*.so

# ---------------------------------------------------------------------------------------- configure

# These goals need no configuration: they come with it, or call make again for what does.
unconfigured := run check jssip fuzz soak bench check-bare lint format dist distcheck clean distclean help configure
ifneq ($(filter-out $(unconfigured),$(or $(MAKECMDGOALS),all)),)
include $(B)/config.mk
endif

configure: configure.ac
	autoreconf -i

$(B)/config.mk: configure build-aux/config.mk.in build-aux/config.h.in build-aux/Makefile.in
	@mkdir -p $(B)
	cd $(B) && if test -x config.status; then ./config.status --recheck && ./config.status; \
	           else $(if $(filter build,$(B)),..,$(CURDIR))/configure; fi

# -------------------------------------------------------------------------------------------- build

# The fuzzers are clang's: g++ has none.
ifeq ($(VARIANT),fuzz)
CXX := $(filter ccache %/ccache,$(CXX)) $(notdir $(or $(shell command -v clang++-19),clang++))
endif

flags.release := -DNDEBUG
flags.debug := -Og -D_GLIBCXX_ASSERTIONS
# A test's log needs lines, not variables: -g1 builds in two thirds of the time, and -Og in three quarters of what -O1 takes.
# What is left out of `undefined` takes as long to build as all the rest: the fuzzers have it, and a null is a fault anyway.
# What may be uninitialized g++ cannot tell among a sanitizer's own code: release says that.
flags.asan := -Og -g1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all \
              -fno-sanitize=null,alignment,object-size,vptr -D_GLIBCXX_ASSERTIONS -Wno-maybe-uninitialized
flags.tsan := -Og -g1 -fno-omit-frame-pointer -fsanitize=thread -D_GLIBCXX_ASSERTIONS
# With libstdc++ 12 clang 19 finds its own stable_sort deprecated.
flags.fuzz := $(filter-out -Wno-maybe-%,$(flags.asan)) -fsanitize=fuzzer-no-link,undefined -Wno-deprecated-declarations
$(if $(flags.$(VARIANT)),,$(error VARIANT=$(VARIANT): there are release, debug, asan, tsan and fuzz))

# A designated initializer that names only what is not the default is meant so.
warnings := -Wall -Wextra -Wshadow -Wno-missing-field-initializers
compile = $(CXX) $(STDFLAGS) $(warnings) -Icore -It -I$(B) $(DEPS_CFLAGS) $(CPPFLAGS) -pthread $(CXXFLAGS) \
          $(flags.$(VARIANT))
link = $(CXX) -pthread $(CXXFLAGS) $(flags.$(VARIANT)) $(LDFLAGS)

find = $(sort $(shell find $(1) -name '*.cc' 2>/dev/null))
sources.core := $(filter-out core/main.cc,$(call find,core))
sources.ctl := $(call find,ctl)
sources.unit := $(call find,t/unit)
sources.model := $(call find,t/model)
sources.micro := $(call find,t/bench/micro)
# All layers without sockets, which other tests are made of too.
sources.unit += t/model/model.cc
sources.micro += t/model/model.cc
objects = $(patsubst %.cc,$(O)/obj/%.o,$(1))
sources.fuzz := $(call find,t/fuzz)

# A folder modules/NAME with sources becomes $(O)/modules/NAME.so; its tests in modules/NAME/t go into t/unit, its benchmarks
# in modules/NAME/bench into t/micro. What it needs beyond the server's libraries is said in modules/NAME/module.mk:
# cflags.NAME, libs.NAME.
modules := $(filter-out $(WITHOUT),$(patsubst modules/%/,%,$(sort $(dir $(wildcard modules/*/*.cc)))))
sources.modules := $(sort $(wildcard $(modules:%=modules/%/*.cc)))
sources.unit += $(if $(modules),$(call find,$(modules:%=modules/%/t)))
sources.micro += $(if $(modules),$(call find,$(modules:%=modules/%/bench)))
# A test in which one thread is at work has nothing to say to ThreadSanitizer.
ifeq ($(VARIANT),tsan)
sources.unit := $(shell grep -lE 'thread|Worker|Pool|future|connections_fixture' $(filter-out t/unit/lp_routing/% t/model/%,$(sources.unit)))
endif
libs.modules = $(foreach m,$(modules),$(libs.$(m)))
compile.test = -O0 -g1  # half the time to build; what they test is optimised
compile.module = -fPIC -Imodules $(cflags.$(word 2,$(subst /, ,$(1))))
-include $(wildcard $(modules:%=modules/%/module.mk))

# A folder is compiled by the dozen, in half the time: what its files have in common is read and made once. The release takes
# two: under a sanitizer that would save nothing and take a gigabyte. A file apart has macros that are a neighbour's too, or
# uses behind its unnamed namespace what a neighbour has in one; a dozen in which one is missing here is compiled twice, the
# second time one by one. TOGETHER= compiles all so, and debug does: then each includes what it needs.
TOGETHER ?= $(filter release asan tsan,$(VARIANT))
apart := core/config/endpoint.cc core/l0_transport/dns_client.cc core/l0_transport/search.cc core/l0_transport/sockets.cc \
         core/l0_transport/tls/peer_name.cc core/l0_transport/udp_bind.cc core/l0_transport/udp_socket.cc \
         core/l0_transport/ws_framing.cc core/l1_parser/edits.cc core/l1_parser/message_view.cc \
         core/l2_transaction/server_side.cc core/l3_dialog/dialog_loader.cc core/l3_dialog/session_timer.cc \
         core/l6_location/contact_store.cc core/loop/worker.cc core/lp_routing/checks/lexer.cc \
         core/lp_routing/checks/program.cc core/lp_routing/checks/typing.cc core/lp_routing/functions/request_copy.cc \
         core/manage/stream_server.cc ctl/main.cc modules/db_mysql/result.cc modules/dialplan/replacement.cc \
         modules/dialplan/text_table.cc $(wildcard modules/perl/*.cc) \
         t/model/model.cc t/model/out_of_memory_test.cc t/model/recorded_day.cc t/unit/base/log_test.cc
define gather
pieces.$(1) += $(O)/together/$(basename $(firstword $(2)))
$(O)/together/$(basename $(firstword $(2))).cc $(O)/together/$(basename $(firstword $(2))).o: text := $(wordlist 1,$(dozen),$(2))
$(if $(behind),$(call gather,$(1),$(behind)))
endef
behind = $(filter-out $(wordlist 1,$(dozen),$(2)),$(2))
dozen := $(if $(filter release,$(VARIANT)),24,12)
gathered := $(if $(TOGETHER),$(filter-out $(apart),$(foreach s,core ctl modules unit model micro,$(sources.$s))))
$(foreach d,$(sort $(dir $(gathered))),$(eval $(call gather,$(d),$(filter $(wildcard $(d)*.cc),$(gathered)))))
pieces := $(foreach d,$(sort $(dir $(gathered))),$(pieces.$(d)))
compiled = $(addsuffix .o,$(sort $(foreach s,$(filter $(gathered),$(1)),$(pieces.$(dir $(s)))))) \
           $(call objects,$(filter-out $(gathered),$(1)))

all_objects := $(sort $(call objects,core/main.cc $(foreach s,core ctl modules unit model micro,$(sources.$(s)))))

# Names the public headers by their contents: see core/module/abi.hh.
public_headers := $(shell sed '/^\#/d' build-aux/public-headers)
$(B)/abi.h: FORCE
	@mkdir -p $(B)
	@hash=$$(cd core && cat $(public_headers) | sha256sum | cut -c1-16); \
	text=$$(printf '%s\n' "#pragma once" "#define OPENSIPS_ABI_HEADERS \"$$hash\""); \
	echo "$$text" | cmp -s - $@ || echo "$$text" >$@

all: $(O)/opensips $(O)/opensipsctl $(modules:%=$(O)/modules/%.so)

# All of the library, exported: modules call what the server itself may not.
server = -rdynamic -Wl,--whole-archive $(O)/libopensips.a -Wl,--no-whole-archive $(DEPS_LIBS) $(LIBS)

$(O)/opensips: $(O)/obj/core/main.o $(O)/libopensips.a
	$(call say,LINK $@)
	$(Q)$(link) -o $@ $< $(server)

# Knows the server's socket and nothing of its insides.
$(O)/opensipsctl: $(call compiled,$(sources.ctl)) $(O)/sources
	$(call say,LINK $@)
	$(Q)$(link) -o $@ $(filter %.o,$^) $(shell $(PKG_CONFIG) --libs fmt) $(LIBS)

$(modules:%=$(O)/modules/%.so): $(O)/modules/%.so: $$(call compiled,$$(wildcard modules/$$*/*.cc)) $(O)/sources
	$(call say,LINK $@)
	$(Q)mkdir -p $(@D) && $(link) -shared -o $@ $(filter %.o,$^) $(libs.$*)

$(O)/libopensips.a: $(call compiled,$(sources.core)) $(O)/sources
	$(call say,AR   $@)
	$(Q)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

# Tests read headers precompiled, which takes them half the time. The server and its modules do not: their time is the
# optimiser's. PCH= compiles without.
PCH ?= $(if $(filter fuzz,$(VARIANT)),,yes)
precompiled.model := $(if $(PCH),$(sort $(sources.model)) $(filter t/unit/lp_routing/%,$(sources.unit)))
precompiled.test := $(if $(PCH),$(filter-out modules/% $(precompiled.model),$(sources.unit) $(sources.model)))
precompiled = $(strip $(foreach p,test model,$(if $(filter $(1),$(precompiled.$(p))),$(p))))

compile.model = $(compile.test)
$(O)/precompiled/%.gch: build-aux/precompiled/% $(O)/flags | $(B)/abi.h
	$(call say,CXX  $<$(if $(filter-out release,$(VARIANT)), [$(VARIANT)]))
	$(Q)mkdir -p $(@D) && $(compile) $(compile.$*) -MMD -MP -x c++-header -o $@ $<
-include $(wildcard $(O)/precompiled/*.d)

# The command for a file, or for the dozen that it is the first of.
command = $(compile) $(patsubst %,-include $(O)/precompiled/% -Winvalid-pch,$(call precompiled,$(1))) \
          $(if $(filter modules/%,$(1)),$(call compile.module,$(1))) $(if $(filter ctl/% t/unit/ctl/%,$(1)),-I.) \
          $(if $(filter $(sources.unit) $(sources.model),$(1)),$(compile.test)) $(if $(WERROR),-Werror) -MMD -MP -c
needed = $$(addprefix $(O)/precompiled/,$$(addsuffix .gch,$$(call precompiled,$$*.cc))) | $(B)/abi.h

all_objects += $(call objects,$(sources.fuzz))
$(all_objects): $(O)/obj/%.o: %.cc $(O)/flags $(needed)
	$(call say,CXX  $<$(if $(filter-out release,$(VARIANT)), [$(VARIANT)]))
	$(Q)mkdir -p $(@D) && $(call command,$<) -o $@ $<

$(addsuffix .cc,$(pieces)): FORCE
	@mkdir -p $(@D); build-aux/dozen.sh $(text) >$@.new && if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

# Without the warnings that there are only because of the neighbours; make distcheck has them.
no_neighbours = -Wno-shadow $(if $(findstring clang,$(CXX)),,-Wshadow=local -Wno-subobject-linkage -Wno-maybe-uninitialized)
$(addsuffix .o,$(pieces)): $(O)/together/%.o: $(O)/together/%.cc $(O)/flags $(needed)
	$(call say,CXX  $*.cc and its neighbours$(if $(filter-out release,$(VARIANT)), [$(VARIANT)]))
	$(Q)compile() { $(call command,$*.cc) -I. -iquote $(*D) "$$@"; }; \
	  compile $(no_neighbours) -o $@ $< 2>$@.errors && { cat $@.errors >&2; exit; }; \
	  grep -m1 error $@.errors >&2; each=; for file in $(text); do \
	    name=$@.$$(basename $$file .cc).o && compile -o $$name $$file && each="$$each $$name" || exit; done; \
	  ld -r -o $@ $$each

# Everything is compiled again when the command changes, archived again when the list of files does.
$(O)/flags: text = $(compile) $(compile.test) $(foreach m,$(modules),$(cflags.$(m)))
$(O)/sources: text = $(foreach s,core ctl modules unit model micro,$(sources.$s))
$(O)/flags $(O)/sources: FORCE
	@mkdir -p $(@D); echo '$(text)' | cmp -s - $@ || echo '$(text)' >$@

-include $(all_objects:.o=.d) $(foreach p,$(pieces),$(wildcard $(p)*.d))

# -------------------------------------------------------------------------------------------- tests

libs.gtest = $(shell $(PKG_CONFIG) --libs gmock gtest_main gtest)
libs.unit = $(libs.gtest) $(libs.modules)
libs.model = $(libs.gtest)
libs.micro = -lbenchmark_main $(shell $(PKG_CONFIG) --libs benchmark) $(libs.modules)

tests: unit model       ## the test programs (unit, model), not run; micro is the benchmarks
unit model micro: $$(if $$(sources.$$@),$(O)/t/$$@)

# t/modules/*.cc are modules with faults of all kinds, and a good one, for the tests to load.
test_modules := $(patsubst %.cc,$(O)/%.so,$(wildcard t/modules/$(if $(filter tsan,$(VARIANT)),good,*).cc))
$(O)/t/unit $(O)/t/micro: $(call compiled,$(sources.modules))
$(O)/t/unit: $(call compiled,$(filter-out ctl/main.cc,$(sources.ctl)))
$(O)/t/unit $(O)/t/model: | $(test_modules) $(modules:%=$(O)/modules/%.so)
$(O)/t/modules/%.so: t/modules/%.cc $(O)/flags $(B)/abi.h
	$(call say,CXX  $<)
	$(Q)mkdir -p $(@D) && $(compile) $(compile.test) $(if $(WERROR),-Werror) -fPIC -shared -o $@ $<

$(O)/t/%: $$(call compiled,$$(sources.$$*)) $(O)/libopensips.a $(O)/sources
	$(call say,LINK $@)
	$(Q)mkdir -p $(@D) && $(link) -o $@ $(filter %.o,$^) $(libs.$*) $(server)

# A fuzzer is one file and the rooms that it reads with: not the whole server is built once more.
fuzzed := $(call find,core/base core/config $(wildcard $(addprefix core/l0_transport/,framer* stun* dns_answer* ws_frames* ws_handshake*))) \
          $(addprefix core/lp_routing/checks/,lexer.cc parser.cc expressions.cc) \
          $(filter-out core/l1_parser/layer.cc,$(call find,core/l1_parser))
fuzzers := $(patsubst t/fuzz/%.cc,$(O)/t/fuzz/%,$(sources.fuzz))

fuzzers: $(fuzzers)     ## with VARIANT=fuzz: the fuzzers, not run

$(fuzzers): $(O)/t/fuzz/%: $(O)/obj/t/fuzz/%.o $(call objects,$(fuzzed))
	$(call say,LINK $@)
	$(Q)mkdir -p $(@D) && $(link) -fsanitize=fuzzer -o $@ $^ $(DEPS_LIBS) $(LIBS)

# The telephone of t/scenario/jssip: packages of the versions that its lock file names, made one file. Without network
# there is none, and the scenario says so.
jssip: $(B)/t/jssip/jssip.js    ## JsSIP for the test with a browser, by npm

$(B)/t/jssip/jssip.js: t/scenario/jssip/package.json t/scenario/jssip/package-lock.json
	$(call say,NPM  $@)
	$(Q)mkdir -p $(@D) && cp $^ $(@D) && cd $(@D) && npm ci --ignore-scripts --no-audit --no-fund --silent && \
	  node_modules/.bin/esbuild node_modules/jssip/lib-es5/JsSIP.js --bundle --format=iife --global-name=JsSIP \
	  --platform=browser --log-level=warning --outfile=jssip.js

# What is made from the table of script functions; a unit test fails while the files differ from it.
generate: $(O)/t/generate $(modules:%=$(O)/modules/%.so)  ## write what is made from tables anew: man/*.7, lua/types/
	$< manual >man/opensips-lua.7
	$< stubs >lua/types/opensips.lua
	set -e; for m in $(modules); do \
	  $< manual $(O)/modules/$$m.so >man/opensips-module-$$m.7; $< stubs $(O)/modules/$$m.so >lua/types/$$m.lua; done

$(O)/t/generate: build-aux/generate.cc $(O)/libopensips.a
	$(call say,LINK $@)
	$(Q)mkdir -p $(@D) && $(compile) -c -o $@.o $< && $(link) -o $@ $@.o $(server)

run:                    ## build, then start the server in the foreground with etc/opensips.cfg
	@build-aux/deps.sh build
	@$(MAKE) VARIANT=$(VARIANT) all
	@build-aux/first-start.sh $(O) $(B)/run && cat build-aux/welcome.txt && \
	  exec $(O)/opensips -D -f $(B)/run/opensips.cfg

check:                  ## build all variants, run every test; ends with `N passed, N failed`
	@build-aux/deps.sh test
	@exec t/run --build $(B) --make $(MAKE)

fuzz:                   ## fuzz each reader of bytes, for FUZZ_SECONDS (600)
	@build-aux/deps.sh test
	@$(MAKE) VARIANT=fuzz fuzzers
	@FUZZ_SECONDS=$(or $(FUZZ_SECONDS),600) exec t/run --build $(B) fuzz

soak:                   ## what runs long: ten million random steps, 10,000 recorded calls, memory over a million calls
	@build-aux/deps.sh test
	@$(MAKE) VARIANT=$(VARIANT) all model
	@OPENSIPS_RANDOM_STEPS=10000000 $(O)/t/model --gtest_brief=1 --gtest_filter='Seeds/RandomTest.*/0'
	@OPENSIPS_RECORDED_CALLS=10000 $(O)/t/model --gtest_brief=1 --gtest_filter='Replay.ADay*'
	@exec t/scenario/run.py --build $(O) --soak

bench:                  ## measure: micro-benchmarks, then the server beside Kamailio
	@build-aux/deps.sh bench
	@$(MAKE) VARIANT=release all micro
	@if test -x $(B)/t/micro; then $(B)/t/micro; fi
	@if test -x t/bench/run; then exec t/bench/run --build $(B); fi

check-bare:             ## `make check` of HEAD on a bare Debian (debootstrap, needs root)
	@build-aux/debootstrap-check.sh

lint:                   ## the checks of t/lint
	@t/run --build $(B) lint

format:                 ## let clang-format rewrite core/, modules/ and t/
	@t/lint/format --fix

tidy: CLANG_TIDY = clang-tidy-19
tidy:                   ## clang-tidy over core/ and modules/ (19 is the first that knows std::expected)
	@command -v $(CLANG_TIDY) >/dev/null || { echo "no $(CLANG_TIDY) here; CLANG_TIDY=… names another" >&2; exit 1; }
	@printf '%s\n' core/main.cc $(sources.core) $(sources.modules) | xargs -P $$(nproc) -I{} \
	  $(CLANG_TIDY) --quiet {} -- $(STDFLAGS) -Icore -Imodules -I$(B) $(DEPS_CFLAGS)

# ------------------------------------------------------------------------------------------ install

confdir = $(DESTDIR)$(sysconfdir)/opensips
completions = $(DESTDIR)$(datadir)/bash-completion/completions
luadir = $(DESTDIR)$(datadir)/opensips/lua
moduledir = $(DESTDIR)$(libdir)/opensips/modules
headerdir = $(DESTDIR)$(includedir)/opensips
pcdir = $(DESTDIR)$(libdir)/pkgconfig
abi = $$(printf '\#include "module/abi.hh"\nOPENSIPS_ABI\n' | $(compile) -x c++ -E -P - | \
  sed -n '$$s/" *"//g; $$s/.*opensips-abi \(.*\)"$$/\1/p')
abi_flags = $(STDFLAGS) $(filter -D% -fsanitize% -fno-sanitize%,$(flags.$(VARIANT))) -pthread
lua := $(shell test ! -d lua || (cd lua && find . -name '*.lua'))
man := $(wildcard man/*.[578])
man_target = $(DESTDIR)$(mandir)/man$(subst .,,$(suffix $(1)))/$(notdir $(1))

# A configuration that is already there is the operator's: it stays.
install: all            ## install under DESTDIR and the directories given to configure
	set -e; for f in opensips opensipsctl; do install -D $(O)/$$f $(DESTDIR)$(sbindir)/$$f; done
	install -D -m 644 ctl/opensipsctl.bash $(completions)/opensipsctl
	set -e; for h in $(public_headers); do install -D -m 644 core/$$h $(headerdir)/$$h; done
	install -m 644 $(B)/abi.h $(headerdir)
	install -d $(pcdir)
	sed "s|@prefix@|$(prefix)|; s|@exec_prefix@|$(exec_prefix)|; s|@libdir@|$(libdir)|; s|@includedir@|$(includedir)|; \
	     s|@version@|$(VERSION)|; s|@cflags@|$(abi_flags)|; s|@abi@|$(abi)|" build-aux/opensips.pc.in >$(pcdir)/opensips.pc
	chmod 644 $(pcdir)/opensips.pc
	set -e; for m in $(modules); do install -D -m 644 $(O)/modules/$$m.so $(moduledir)/$$m.so; done
	for f in opensips.cfg route.lua; do \
	  if test -e $(confdir)/$$f; then echo "keeping $(confdir)/$$f"; \
	  else install -D -m 644 etc/$$f $(confdir)/$$f || exit 1; fi; \
	done
	set -e; for f in $(lua); do install -D -m 644 lua/$$f $(luadir)/$$f; done
	set -e; $(foreach m,$(man),install -D -m 644 $(m) $(call man_target,$(m));) :
	install -d $(DESTDIR)$(unitdir)
	sed 's|@sbindir@|$(sbindir)|g; s|@confdir@|$(sysconfdir)/opensips|' etc/opensips.service \
	  >$(DESTDIR)$(unitdir)/opensips.service
	chmod 644 $(DESTDIR)$(unitdir)/opensips.service

uninstall:              ## remove what install put there, but not a configuration that was edited
	rm -f $(addprefix $(DESTDIR)$(sbindir)/,opensips opensipsctl) $(DESTDIR)$(unitdir)/opensips.service
	rm -f $(completions)/opensipsctl
	rm -f $(foreach m,$(man),$(call man_target,$(m)))
	rm -rf $(DESTDIR)$(datadir)/opensips $(moduledir) $(headerdir)
	rm -f $(pcdir)/opensips.pc
	test ! -d $(dir $(moduledir)) || rmdir --ignore-fail-on-non-empty $(dir $(moduledir))
	for f in opensips.cfg route.lua; do \
	  if cmp -s etc/$$f $(confdir)/$$f; then rm $(confdir)/$$f; fi; \
	done
	test ! -d $(confdir) || rmdir --ignore-fail-on-non-empty $(confdir)

# --------------------------------------------------------------------------------------------- dist

# The files are those git tracks or, in an unpacked tarball, those its MANIFEST lists.
dist: configure         ## opensips-VERSION.tar.gz, with configure
	@mkdir -p $(B)/dist
	@if test -e .git; then git ls-files; echo configure; echo MANIFEST; else cat MANIFEST; fi \
	  | LC_ALL=C sort >$(B)/dist/MANIFEST
	@grep -qx Makefile $(B)/dist/MANIFEST || { echo "git tracks no files here yet" >&2; exit 1; }
	@tar -cf $(B)/dist/tar --owner=0 --group=0 --numeric-owner --format=gnu \
	  --mtime=@$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct 2>/dev/null || stat -c %Y configure.ac)} \
	  --transform 's,^,$(DIST)/,' -C $(B)/dist MANIFEST -C $(CURDIR) \
	  $$(grep -vx MANIFEST $(B)/dist/MANIFEST)
	@gzip -n9 <$(B)/dist/tar >$(B)/$(DIST).tar.gz
	@echo $(B)/$(DIST).tar.gz

distcheck: dist         ## prove the tarball: read-only source, VPATH build, unit tests, install, clean
	@build-aux/distcheck.sh $(B)/$(DIST).tar.gz $(abspath $(B))/distcheck

# -------------------------------------------------------------------------------------------- clean

clean:                  ## remove what was built
	rm -rf $(addprefix $(B)/,obj together precompiled run opensips opensipsctl libopensips.a abi.h flags sources modules t \
	  debug asan tsan fuzz dist distcheck $(DIST).tar.gz)

distclean: clean        ## and what configure wrote
	rm -f $(addprefix $(B)/,config.mk config.h config.log config.status Makefile)
	if test $(B) = build; then rm -rf autom4te.cache; fi
	if test $(B) = build && test -d build; then rmdir --ignore-fail-on-non-empty build; fi
	if test $(B) = build && test -e .git; then rm -f configure configure~ aclocal.m4; fi

help:                   ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1\t\2/p' Makefile | expand -t 14
