/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox - gives up what a program does not need, for good, at its start.
 *
 * No new privileges, no core dumps, system calls from a list (seccomp), files and TCP
 * ports from a list (landlock, as far as the kernel knows it), no signals and no abstract
 * sockets to the outside. Refused calls fail with EPERM or EACCES. Call it once, before
 * the first thread; what is open already stays open.
 */
#ifndef ADAPTER_SANDBOX_LINUX_H
#define ADAPTER_SANDBOX_LINUX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
	SANDBOX_PATHS_MAX = 32,
	SANDBOX_PORTS_MAX = 8,
	SANDBOX_WORDS_BYTES = 256,
};

enum sandbox_profile {
	SANDBOX_KEEPER, /* unix sockets only; writes its own folder */
	SANDBOX_HUB,    /* unix sockets, and TCP to the broker's port */
	SANDBOX_ROOM,   /* unix sockets; sound devices; a hub's port on another machine */
	SANDBOX_SKILL, /* runs one program of somebody else: no sockets, no threads, no other
			 * process; paths are read and run, never written */
};

struct sandbox_path {
	const char *path; /* a file or a folder with all below it; skipped when missing */
	bool may_write;   /* also make, remove, and control devices */
};

struct sandbox_rules {
	enum sandbox_profile profile;
	size_t path_count;
	struct sandbox_path paths[SANDBOX_PATHS_MAX];
	size_t port_count; /* HUB, ROOM: TCP ports it may connect to, anywhere */
	uint16_t ports[SANDBOX_PORTS_MAX];
	uint16_t listen_port; /* HUB: the TCP port it may listen on; 0 none */
	bool may_resolve;     /* HUB: UDP too, when the broker is given by name */
};

/* What holds now. */
struct sandbox_report {
	bool no_new_privileges;
	bool no_core_dumps;
	bool system_calls;
	int landlock_version; /* 0: this kernel has none, files are not limited */
	bool files;
	bool ports;
	bool scope;
};

/* Adds a path; NULL and "" are skipped, more than the maximum is a bug. */
void sandbox_allow(struct sandbox_rules *rules, const char *path, bool may_write);

/* Cannot be undone. ERR_UNSUPPORTED or ERR_IO with a note: do not go on. A kernel without
 * landlock is no error; out_report says so (may be NULL). */
MUST_CHECK enum err sandbox_enter(const struct sandbox_rules *rules,
				  struct sandbox_report *out_report,
				  struct err_note *note);

/* No network from here on, for this program and all that it starts: sockets other than
 * those of files and of the kernel fail with EPERM, and so do the calls by which one could
 * be had in another way, or by which another program is looked into. Everything else stays.
 * Cannot be undone. ERR_UNSUPPORTED or ERR_IO with a note: do not go on. */
MUST_CHECK enum err sandbox_leave_network(struct err_note *note);

/* "privileges fixed, core dumps off, system calls limited, files limited, TCP limited,
 * signals kept inside (landlock 7)"; what does not hold begins with NOT. */
void sandbox_words(const struct sandbox_report *report, char to[SANDBOX_WORDS_BYTES]);

#endif
