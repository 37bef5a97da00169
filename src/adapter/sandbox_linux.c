/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox - no-new-privileges, landlock and seccomp behind one call.
 *
 * The lists of system calls are tables: what every program needs, and what each profile
 * adds. Everything else answers EPERM, so that a library that tries something optional
 * goes on without it. Landlock is spoken by raw system calls, since Debian 12's headers
 * know less than its newer kernels; rights that the kernel does not know are left out.
 */
#include "adapter/sandbox_linux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/must.h"
#include "base/str.h"

/* Sanitizers look into their own process when it ends. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

void sandbox_allow(struct sandbox_rules *rules, const char *path, bool may_write)
{
	if (!path || path[0] == '\0')
		return;
	must(rules->path_count < SANDBOX_PATHS_MAX);
	rules->paths[rules->path_count++] = (struct sandbox_path){path, may_write};
}

/* --- files, ports, scope: landlock --- */

/* From the kernel's interface; newer than Debian 12's <linux/landlock.h>. */
#define FS_TRUNCATE (1ULL << 14)
#define FS_IOCTL_DEV (1ULL << 15)
#define NET_BIND_TCP (1ULL << 0)
#define NET_CONNECT_TCP (1ULL << 1)
#define SCOPE_ABSTRACT_UNIX_SOCKET (1ULL << 0)
#define SCOPE_SIGNAL (1ULL << 1)
enum { RULE_NET_PORT = 2 };

struct ruleset {
	uint64_t files;
	uint64_t ports;
	uint64_t scope;
};

struct port_rule {
	uint64_t allowed;
	uint64_t port;
};

#define FS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FS_WRITE                                                          \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
	 LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |    \
	 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_SOCK |     \
	 LANDLOCK_ACCESS_FS_REFER | FS_TRUNCATE | FS_IOCTL_DEV)
#define FS_NEVER                                                        \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR |    \
	 LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | \
	 LANDLOCK_ACCESS_FS_MAKE_SYM)
/* What counts for a path that is not a folder. */
#define FS_OF_FILE                                                   \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | \
	 LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE | FS_IOCTL_DEV)

static struct ruleset known_rights(int version)
{
	struct ruleset known = {.files = FS_READ | FS_WRITE | FS_NEVER};
	if (version < 2)
		known.files &= ~(uint64_t)LANDLOCK_ACCESS_FS_REFER;
	if (version < 3)
		known.files &= ~FS_TRUNCATE;
	if (version < 5)
		known.files &= ~FS_IOCTL_DEV;
	if (version >= 4)
		known.ports = NET_BIND_TCP | NET_CONNECT_TCP;
	if (version >= 6)
		known.scope = SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL;
	return known;
}

static size_t ruleset_size(int version)
{
	if (version >= 6)
		return sizeof(struct ruleset);
	return version >= 4 ? offsetof(struct ruleset, scope) : sizeof(uint64_t);
}

static uint64_t rights_of(const struct sandbox_path *path, enum sandbox_profile profile)
{
	if (profile == SANDBOX_SKILL)
		return FS_READ | LANDLOCK_ACCESS_FS_EXECUTE;
	return path->may_write ? FS_READ | FS_WRITE : FS_READ;
}

static enum err add_path(int ruleset, const struct sandbox_path *path, uint64_t rights,
			 struct err_note *note)
{
	struct stat about;
	int fd = open(path->path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return OK; /* not there: nothing to permit */
	bool is_folder = fstat(fd, &about) == 0 && S_ISDIR(about.st_mode);
	struct landlock_path_beneath_attr rule = {
		.allowed_access = rights & (is_folder ? UINT64_MAX : FS_OF_FILE),
		.parent_fd = fd,
	};
	long done = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
			    &rule, 0U);
	enum err err = OK;
	if (done != 0)
		err = err_say(ERR_IO, note, "sandbox: %s: landlock: %s", path->path,
			      strerror(errno));
	close(fd);
	return err;
}

static enum err add_port(int ruleset, uint64_t right, uint16_t port,
			 struct err_note *note)
{
	struct port_rule rule = {right, port};

	if (syscall(SYS_landlock_add_rule, ruleset, RULE_NET_PORT, &rule, 0U) == 0)
		return OK;
	return err_say(ERR_IO, note, "sandbox: port %u: landlock: %s", (unsigned)port,
		       strerror(errno));
}

static enum err add_rules(int ruleset, const struct sandbox_rules *rules,
			  const struct ruleset *known, struct err_note *note)
{
	enum err err = OK;
	for (size_t i = 0; i < rules->path_count && err == OK; i++)
		err = add_path(ruleset, &rules->paths[i],
			       rights_of(&rules->paths[i], rules->profile) & known->files,
			       note);
	/* Looking for leaks at the end, they read their own threads' list. */
	const struct sandbox_path threads = {"/proc", false};
	if (err == OK && SANITIZED)
		err = add_path(ruleset, &threads, FS_READ & known->files, note);
	for (size_t i = 0; i < rules->port_count && err == OK && known->ports != 0; i++)
		err = add_port(ruleset, NET_CONNECT_TCP, rules->ports[i], note);
	if (err == OK && rules->listen_port != 0 && known->ports != 0)
		err = add_port(ruleset, NET_BIND_TCP, rules->listen_port, note);
	return err;
}

static enum err enter_landlock(const struct sandbox_rules *rules,
			       struct sandbox_report *report, struct err_note *note)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
			       LANDLOCK_CREATE_RULESET_VERSION);
	if (version < 1)
		return OK; /* this kernel has none, or it is switched off; report says so */
	struct ruleset known = known_rights((int)version);
	long ruleset = syscall(SYS_landlock_create_ruleset, &known,
			       ruleset_size((int)version), 0U);
	if (ruleset < 0)
		return err_say(ERR_IO, note, "sandbox: landlock: %s", strerror(errno));
	enum err err = add_rules((int)ruleset, rules, &known, note);
	if (err == OK && syscall(SYS_landlock_restrict_self, (int)ruleset, 0U) != 0)
		err = err_say(ERR_IO, note, "sandbox: landlock: %s", strerror(errno));
	close((int)ruleset);
	if (err != OK)
		return err;
	report->landlock_version = (int)version;
	report->files = true;
	report->ports = known.ports != 0;
	report->scope = known.scope != 0;
	return OK;
}

/* --- system calls: seccomp --- */

/* Names, because not every machine has every call; those it lacks are skipped. A skill has
 * these alone, so nothing is in here by which it leaves a word for another one, learns how
 * busy the house is, or has the kernel keep bytes for it. */
static const char *const calls_of_all[] = {
	/* memory, threads, time, end */
	"brk", "clock_getres", "clock_gettime", "clock_nanosleep", "exit", "exit_group",
	"futex", "futex_waitv", "get_robust_list", "getcpu", "getegid", "geteuid",
	"getgid", "getpid", "getppid", "getpriority", "getrandom", "getresgid",
	"getresuid", "getrusage", "gettid", "gettimeofday", "getuid", "madvise",
	"membarrier", "mlock", "mlock2", "mmap", "mprotect", "mremap", "munlock",
	"munmap", "nanosleep", "restart_syscall", "rseq", "rt_sigaction", "rt_sigpending",
	"rt_sigprocmask", "rt_sigreturn", "rt_sigtimedwait", "sched_get_priority_max",
	"sched_get_priority_min", "sched_getaffinity", "sched_getparam",
	"sched_getscheduler", "sched_yield", "set_robust_list", "set_tid_address",
	"sigaltstack", "time", "times", "uname",
	/* descriptors */
	"close", "close_range", "dup", "dup2", "dup3", "epoll_create1", "epoll_ctl",
	"epoll_pwait", "epoll_wait", "eventfd2", "lseek", "pipe", "pipe2", "poll",
	"ppoll", "pread64", "preadv", "pselect6", "pwrite64", "pwritev", "read", "readv",
	"select", "timerfd_create", "timerfd_gettime", "timerfd_settime", "write",
	"writev",
	/* files; which ones is landlock's */
	"access", "faccessat", "faccessat2", "fadvise64", "fstat", "fstatfs", "getcwd",
	"getdents64", "lstat", "newfstatat", "open", "openat", "readlink", "readlinkat",
	"stat", "statfs", "statx", "umask"};

static const char *const calls_of_ours[] = {
	"fcntl", "ioctl", "sysinfo",
	/* files that are written */
	"fallocate", "fchmod", "fdatasync", "flock", "fsync", "ftruncate", "mkdir",
	"mkdirat", "rename", "renameat", "renameat2", "rmdir", "unlink", "unlinkat",
	/* sockets that are open; socket(2) itself is below */
	"accept", "accept4", "bind", "connect", "getpeername", "getsockname",
	"getsockopt", "listen", "recvfrom", "recvmmsg", "recvmsg", "sendmmsg", "sendmsg",
	"sendto", "setsockopt", "shutdown"};

/* SQLite gives its files the owner of the database when it runs as root. */
static const char *const calls_of_keeper[] = {"fchown", "fchown32"};

/* Sound servers share memory and ask for a better place in the queue. */
static const char *const calls_of_room[] = {"memfd_create",    "sched_setscheduler",
					    "sched_setparam",  "setpriority",
					    "inotify_init1",   "inotify_add_watch",
					    "inotify_rm_watch"};

/* To become the program, and to start it. */
static const char *const calls_of_skill[] = {"arch_prctl", "execve"};

static const char *const calls_of_sanitizers[] = {
	"clone",    "clone3",          "getdents",         "getdents64",
	"kill",     "prctl",           "process_vm_readv", "ptrace",
	"readlink", "rt_sigqueueinfo", "setrlimit",        "wait4"};

static int allow_calls(scmp_filter_ctx filter, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int number = seccomp_syscall_resolve_name(names[i]);
		if (number == __NR_SCMP_ERROR)
			continue;
		int failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
		if (failed != 0 && failed != -EDOM)
			return failed;
	}
	return 0;
}

static int allow_socket(scmp_filter_ctx filter, int family, int type)
{
	/* SOCK_NONBLOCK and SOCK_CLOEXEC share the argument with the type. The last 0 of a
	 * comparison is unused; clang wants it. */
	const struct scmp_arg_cmp kind =
		SCMP_A1_64(SCMP_CMP_MASKED_EQ, 0xf, (scmp_datum_t)type);
	const struct scmp_arg_cmp of = SCMP_A0_64(SCMP_CMP_EQ, (scmp_datum_t)family, 0);
	int failed =
		seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2, of, kind);
	if (failed == 0 && family == AF_UNIX)
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socketpair), 2,
					  of, kind);
	return failed;
}

static int allow_sockets(scmp_filter_ctx filter, const struct sandbox_rules *rules)
{
	if (rules->profile == SANDBOX_SKILL)
		return 0;
	int failed = allow_socket(filter, AF_UNIX, SOCK_STREAM);
	if (failed == 0 && rules->profile == SANDBOX_ROOM)
		failed = allow_socket(filter, AF_UNIX, SOCK_DGRAM);
	if (failed != 0 || (rules->profile != SANDBOX_HUB && rules->port_count == 0))
		return failed;
	static const int families[] = {AF_INET, AF_INET6};
	for (size_t i = 0; i < STR_COUNT(families) && failed == 0; i++) {
		failed = allow_socket(filter, families[i], SOCK_STREAM);
		if (failed == 0 && rules->may_resolve)
			failed = allow_socket(filter, families[i], SOCK_DGRAM);
	}
	return failed;
}

/* New threads but no new processes. The flags of clone3 lie in memory, where no filter
 * sees them: it is said not to exist, and the C library falls back to clone. */
static int allow_threads(scmp_filter_ctx filter, const struct sandbox_rules *rules)
{
	const struct scmp_arg_cmp thread =
		SCMP_A0_64(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD);
	const struct scmp_arg_cmp name = SCMP_A0_64(SCMP_CMP_EQ, PR_SET_NAME, 0);
	const struct scmp_arg_cmp own = SCMP_A0_64(SCMP_CMP_EQ, 0, 0);
	const struct scmp_arg_cmp self =
		SCMP_A0_64(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0);
	const struct scmp_arg_cmp only_ask = SCMP_A2_64(SCMP_CMP_EQ, 0, 0);
	int failed = 0;
	if (rules->profile != SANDBOX_SKILL)
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
					  thread);
	if (failed == 0 && !SANITIZED)
		failed = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
					  SCMP_SYS(clone3), 0);
	if (failed == 0) /* abort(3) */
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
					  self);
	if (failed == 0)
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
					  name);
	if (failed == 0)
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 2,
					  own, only_ask);
	return failed;
}

/* Of the calls that do many things: of fcntl what a descriptor is, but no locks, no leases,
 * no signals and no larger pipes; of ioctl what a C library asks. */
static int allow_skill(scmp_filter_ctx filter)
{
	static const struct {
		int call;
		unsigned command;
	} COMMANDS[] = {
		{SCMP_SYS(fcntl), F_DUPFD}, {SCMP_SYS(fcntl), F_DUPFD_CLOEXEC},
		{SCMP_SYS(fcntl), F_GETFD}, {SCMP_SYS(fcntl), F_GETFL},
		{SCMP_SYS(fcntl), F_SETFD}, {SCMP_SYS(fcntl), F_SETFL},
		{SCMP_SYS(ioctl), FIOCLEX}, {SCMP_SYS(ioctl), FIONCLEX},
		{SCMP_SYS(ioctl), TCGETS},
	};
	int failed = allow_calls(filter, calls_of_skill, STR_COUNT(calls_of_skill));

	for (size_t i = 0; i < STR_COUNT(COMMANDS) && failed == 0; i++) {
		const struct scmp_arg_cmp is =
			SCMP_A1_64(SCMP_CMP_EQ, COMMANDS[i].command, 0);

		failed =
			seccomp_rule_add(filter, SCMP_ACT_ALLOW, COMMANDS[i].call, 1, is);
	}
	return failed;
}

static int fill_filter(scmp_filter_ctx filter, const struct sandbox_rules *rules)
{
	int failed = allow_calls(filter, calls_of_all, STR_COUNT(calls_of_all));
	if (failed == 0 && rules->profile == SANDBOX_SKILL)
		failed = allow_skill(filter);
	if (failed == 0 && rules->profile != SANDBOX_SKILL)
		failed = allow_calls(filter, calls_of_ours, STR_COUNT(calls_of_ours));
	if (failed == 0 && rules->profile == SANDBOX_KEEPER)
		failed = allow_calls(filter, calls_of_keeper, STR_COUNT(calls_of_keeper));
	if (failed == 0 && rules->profile == SANDBOX_ROOM)
		failed = allow_calls(filter, calls_of_room, STR_COUNT(calls_of_room));
	if (failed == 0 && SANITIZED)
		failed = allow_calls(filter, calls_of_sanitizers,
				     STR_COUNT(calls_of_sanitizers));
	if (failed == 0)
		failed = allow_threads(filter, rules);
	if (failed == 0)
		failed = allow_sockets(filter, rules);
	return failed;
}

static enum err enter_seccomp(const struct sandbox_rules *rules,
			      struct sandbox_report *report, struct err_note *note)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (!filter)
		return err_say(ERR_MEMORY, note,
			       "sandbox: no memory for the system call filter");
	int failed = fill_filter(filter, rules);
	if (failed == 0)
		failed = seccomp_load(filter);
	seccomp_release(filter);
	if (failed != 0)
		return err_say(ERR_UNSUPPORTED, note,
			       "sandbox: this kernel takes no system call filter: %s",
			       strerror(-failed));
	report->system_calls = true;
	return OK;
}

/* --- together --- */

static enum err drop_privileges(struct sandbox_report *report, struct err_note *note)
{
	const struct rlimit none = {0, 0};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return err_say(ERR_UNSUPPORTED, note, "sandbox: no_new_privs: %s",
			       strerror(errno));
	report->no_new_privileges = true;
	if (setrlimit(RLIMIT_CORE, &none) != 0 ||
	    (!SANITIZED && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0))
		return err_say(ERR_IO, note, "sandbox: core dumps: %s", strerror(errno));
	report->no_core_dumps = true;
	return OK;
}

/* By which a socket could be had without socket(2), or what another program of the same
 * user holds. */
static const char *const calls_of_nobody[] = {"add_key",           "bpf",
					      "io_uring_enter",    "io_uring_register",
					      "io_uring_setup",    "keyctl",
					      "open_by_handle_at", "perf_event_open",
					      "pidfd_getfd",       "process_vm_readv",
					      "process_vm_writev", "ptrace",
					      "request_key",       "userfaultfd"};

/* Every family but that of files and the kernel's own, by which the box's loopback is set
 * up. In 32 bits, as many as the kernel looks at: the others would carry any family past a
 * longer comparison. */
static int refuse_families(scmp_filter_ctx filter)
{
	int failed = 0;

	for (unsigned family = 0; family <= AF_NETLINK && failed == 0; family++) {
		const struct scmp_arg_cmp of = SCMP_A0_32(SCMP_CMP_EQ, family, 0);

		if (family != AF_UNIX && family != AF_NETLINK)
			failed = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM),
						  SCMP_SYS(socket), 1, of);
	}
	const struct scmp_arg_cmp beyond = SCMP_A0_32(SCMP_CMP_GT, AF_NETLINK, 0);
	return failed ? failed
		      : seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket),
					 1, beyond);
}

static int refuse_calls(scmp_filter_ctx filter)
{
	int failed = 0;

	for (size_t i = 0; i < STR_COUNT(calls_of_nobody) && failed == 0; i++) {
		const int number = seccomp_syscall_resolve_name(calls_of_nobody[i]);

		if (number != __NR_SCMP_ERROR &&
		    !(SANITIZED && number == SCMP_SYS(ptrace)))
			failed = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), number,
						  0);
	}
	return failed;
}

enum err sandbox_leave_network(struct err_note *note)
{
	scmp_filter_ctx filter = NULL;
	int failed = 0;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return err_say(ERR_IO, note, "sandbox: privileges: %s", strerror(errno));
	filter = seccomp_init(SCMP_ACT_ALLOW);
	if (!filter)
		return err_say(ERR_MEMORY, note, "sandbox: %s", err_words(ERR_MEMORY));
	failed = refuse_families(filter);
	if (failed == 0)
		failed = refuse_calls(filter);
	if (failed == 0)
		failed = seccomp_load(filter);
	seccomp_release(filter);
	if (failed == 0)
		return OK;
	return err_say(ERR_UNSUPPORTED, note, "sandbox: system calls: %s",
		       strerror(-failed));
}

enum err sandbox_enter(const struct sandbox_rules *rules,
		       struct sandbox_report *out_report, struct err_note *note)
{
	must(rules->path_count <= SANDBOX_PATHS_MAX &&
	     rules->port_count <= SANDBOX_PORTS_MAX);
	must(rules->profile != SANDBOX_KEEPER || rules->port_count == 0);
	must(rules->profile == SANDBOX_HUB ||
	     (rules->listen_port == 0 && !rules->may_resolve));
	struct sandbox_report report = {0};
	enum err err = drop_privileges(&report, note);
	if (err == OK)
		err = enter_landlock(rules, &report, note);
	if (err == OK)
		err = enter_seccomp(rules, &report, note);
	if (err == OK && out_report)
		*out_report = report;
	return err;
}

void sandbox_words(const struct sandbox_report *report, char to[SANDBOX_WORDS_BYTES])
{
	const struct {
		bool holds;
		const char *words;
	} parts[] = {
		{report->no_new_privileges, "privileges fixed"},
		{report->no_core_dumps, "core dumps off"},
		{report->system_calls, "system calls limited"},
		{report->files, "files limited"},
		{report->ports, "TCP limited"},
		{report->scope, "signals kept inside"},
	};
	to[0] = '\0';
	for (size_t i = 0; i < STR_COUNT(parts); i++) {
		const char *comma = to[0] == '\0' ? "" : ", ";
		must(str_append(to, SANDBOX_WORDS_BYTES, "%s%s%s", comma,
				parts[i].holds ? "" : "NOT ", parts[i].words));
	}
	must(str_append(to, SANDBOX_WORDS_BYTES, " (landlock %d)",
			report->landlock_version));
}
