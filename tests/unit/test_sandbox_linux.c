/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox: each profile is entered in a child, which then tries what it must not.
 *
 * A child's exit status is the number of the first expectation that failed, 0 for none.
 */
#include "unit/cmocka_all.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapter/sandbox_linux.h"
#include "base/file.h"
#include "base/str.h"

#if defined(__SANITIZE_ADDRESS__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

static char folder[] = "/tmp/behest-sandbox-XXXXXX";
static char readable[FILE_PATH_BYTES]; /* a file that may be read */
static char writable[FILE_PATH_BYTES]; /* a folder that may be written */
static char secret[FILE_PATH_BYTES];   /* a file that nobody permitted */

#define EXPECT(number, condition)        \
	do {                             \
		if (!(condition))        \
			return (number); \
	} while (0)

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	bool fits = file_join(readable, sizeof(readable), folder, "readable") &&
		    file_join(writable, sizeof(writable), folder, "writable") &&
		    file_join(secret, sizeof(secret), folder, "secret");
	return fits && file_write(readable, "r", 1, 0600, NULL) == OK &&
			       file_write(secret, "s", 1, 0600, NULL) == OK &&
			       file_make_folder(writable, NULL) == OK
		       ? 0
		       : -1;
}

static int teardown(void **state)
{
	(void)state;
	return unlink(readable) || unlink(secret) || rmdir(writable) || rmdir(folder);
}

static struct sandbox_rules rules_of(enum sandbox_profile profile)
{
	struct sandbox_rules rules = {.profile = profile};
	sandbox_allow(&rules, readable, false);
	sandbox_allow(&rules, writable, true);
	sandbox_allow(&rules, "/nonexistent/optional", false);
	sandbox_allow(&rules, "", true);
	sandbox_allow(&rules, NULL, true);
	return rules;
}

typedef int child_fn(const struct sandbox_report *report);

static int run_child(const struct sandbox_rules *rules, child_fn *fn)
{
	fflush(NULL);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct sandbox_report report = {0};
		struct err_note note = {0};
		if (sandbox_enter(rules, &report, &note) != OK) {
			fprintf(stderr, "%s\n", note.text);
			_exit(99);
		}
		_exit(fn(&report));
	}
	int status = 0;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool fails_with(long result, int number)
{
	return result < 0 && errno == number;
}

static int socket_of(int family, int type)
{
	return socket(family, type | SOCK_CLOEXEC, 0);
}

/* What no profile may. */
static int try_everything_forbidden(const struct sandbox_report *report)
{
	char *const arguments[] = {NULL};
	EXPECT(1, report->no_new_privileges && report->no_core_dumps &&
			  report->system_calls);
	EXPECT(18, report->files == (report->landlock_version >= 1));
	EXPECT(19, report->ports == (report->landlock_version >= 4));
	EXPECT(20, report->scope == (report->landlock_version >= 6));
	EXPECT(2, fails_with(execve("/bin/true", arguments, arguments), EPERM));
	if (report->files) {
		EXPECT(3, fails_with(open(secret, O_RDONLY), EACCES));
		EXPECT(4, fails_with(open("/etc/passwd", O_RDONLY), EACCES));
		EXPECT(5, fails_with(open(readable, O_WRONLY), EACCES));
		EXPECT(6, fails_with(unlink(secret), EACCES));
	}
	EXPECT(7, fails_with(socket_of(AF_PACKET, SOCK_RAW), EPERM));
	EXPECT(8, fails_with(socket_of(AF_NETLINK, SOCK_RAW), EPERM));
	EXPECT(9, fails_with(socket_of(AF_INET, SOCK_RAW), EPERM));
	EXPECT(10, fails_with(mount("none", writable, "tmpfs", 0, NULL), EPERM));
	if (!SANITIZED) {
		EXPECT(11, fails_with(ptrace(PTRACE_ATTACH, getppid(), 0, 0), EPERM));
		EXPECT(12, fails_with(fork(), EPERM));
		EXPECT(13, fails_with(kill(getppid(), 0), EPERM));
	}
	if (report->scope)
		EXPECT(16,
		       fails_with(syscall(SYS_tgkill, getppid(), getppid(), 0), EPERM));
	EXPECT(17, fails_with(chmod(secret, 0666), EPERM));
	EXPECT(14, fails_with(syscall(SYS_bpf, 0, 0, 0), EPERM));
	EXPECT(15, fails_with(syscall(SYS_io_uring_setup, 1, 0), EPERM));
	return 0;
}

static void *thread_main(void *context)
{
	*(int *)context = 17;
	return NULL;
}

/* What every profile needs. */
static int try_everything_needed(void)
{
	struct buf buf;
	char path[FILE_PATH_BYTES];
	pthread_t thread;
	int value = 0;
	EXPECT(30, file_read(readable, 10, &buf, NULL) == OK);
	buf_finish(&buf);
	EXPECT(31, file_join(path, sizeof(path), writable, "made"));
	EXPECT(32, file_write(path, "x", 1, 0600, NULL) == OK);
	EXPECT(33, unlink(path) == 0);
	EXPECT(34, pthread_create(&thread, NULL, thread_main, &value) == 0);
	EXPECT(35, pthread_join(thread, NULL) == 0 && value == 17);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	EXPECT(36,
	       file_join(address.sun_path, sizeof(address.sun_path), writable, "socket"));
	int fd = socket_of(AF_UNIX, SOCK_STREAM);
	EXPECT(37, fd >= 0);
	EXPECT(38, bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	EXPECT(39, listen(fd, 1) == 0);
	EXPECT(40, unlink(address.sun_path) == 0);
	close(fd);
	return 0;
}

static int keeper_child(const struct sandbox_report *report)
{
	int failed = try_everything_forbidden(report);
	if (failed == 0)
		failed = try_everything_needed();
	if (failed != 0)
		return failed;
	EXPECT(50, fails_with(socket_of(AF_INET, SOCK_STREAM), EPERM));
	EXPECT(51, fails_with(socket_of(AF_INET6, SOCK_STREAM), EPERM));
	EXPECT(52, fails_with(socket_of(AF_INET, SOCK_DGRAM), EPERM));
	EXPECT(53, fails_with(socket_of(AF_UNIX, SOCK_DGRAM), EPERM));
	return 0;
}

static int room_child(const struct sandbox_report *report)
{
	int failed = try_everything_forbidden(report);
	if (failed == 0)
		failed = try_everything_needed();
	if (failed != 0)
		return failed;
	EXPECT(60, fails_with(socket_of(AF_INET, SOCK_STREAM), EPERM));
	EXPECT(61, fails_with(socket_of(AF_INET, SOCK_DGRAM), EPERM));
	return 0;
}

/* A listening TCP socket on a free loopback port. */
static int listen_somewhere(uint16_t *out_port)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t size = sizeof(address);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = socket_of(AF_INET, SOCK_STREAM);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	*out_port = ntohs(address.sin_port);
	return fd;
}

static uint16_t broker_port;
static uint16_t other_port;

static int try_connect(uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = socket_of(AF_INET, SOCK_STREAM);
	if (fd < 0)
		return errno;
	int number = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0
			     ? 0
			     : errno;
	close(fd);
	return number;
}

static int hub_child(const struct sandbox_report *report)
{
	int failed = try_everything_forbidden(report);
	if (failed == 0)
		failed = try_everything_needed();
	if (failed != 0)
		return failed;
	EXPECT(70, try_connect(broker_port) == 0);
	EXPECT(71, !report->ports || try_connect(other_port) == EACCES);
	EXPECT(72, fails_with(socket_of(AF_INET, SOCK_DGRAM), EPERM));
	struct sockaddr_in any = {.sin_family = AF_INET};
	int fd = socket_of(AF_INET, SOCK_STREAM);
	EXPECT(73, fd >= 0);
	if (report->ports)
		EXPECT(74, fails_with(bind(fd, (struct sockaddr *)&any, sizeof(any)),
				      EACCES));
	return 0;
}

static int resolving_hub_child(const struct sandbox_report *report)
{
	(void)report;
	EXPECT(80, socket_of(AF_INET, SOCK_DGRAM) >= 0);
	return 0;
}

static void the_keeper(void **state)
{
	(void)state;
	struct sandbox_rules rules = rules_of(SANDBOX_KEEPER);
	assert_int_equal(run_child(&rules, keeper_child), 0);
}

static void the_room(void **state)
{
	(void)state;
	struct sandbox_rules rules = rules_of(SANDBOX_ROOM);
	assert_int_equal(run_child(&rules, room_child), 0);
}

static void the_hub(void **state)
{
	(void)state;
	struct sandbox_rules rules = rules_of(SANDBOX_HUB);
	int broker = listen_somewhere(&broker_port);
	int other = listen_somewhere(&other_port);
	rules.ports[rules.port_count++] = broker_port;
	assert_int_equal(run_child(&rules, hub_child), 0);
	rules.may_resolve = true;
	assert_int_equal(run_child(&rules, resolving_hub_child), 0);
	close(broker);
	close(other);
}

static long raw_socket(unsigned long family, int type)
{
	return syscall(SYS_socket, family, (long)type, 0L);
}

/* What starts the boxes of skills: it has to be able to make namespaces, and no network. */
static int without_network_child(void)
{
	EXPECT(90, sandbox_leave_network(NULL) == OK);
	for (unsigned family = 0; family < 64; family++) {
		const bool may = family == AF_UNIX || family == AF_NETLINK;

		if (!may) /* the number itself says which */
			EXPECT(100 + (int)family,
			       fails_with(raw_socket(family, SOCK_STREAM), EPERM));
	}
	EXPECT(91, raw_socket(AF_UNIX, SOCK_STREAM) >= 0);
	EXPECT(92, raw_socket(AF_NETLINK, SOCK_RAW) >= 0);
	/* The kernel looks at half of the number. */
	EXPECT(93, fails_with(raw_socket(1UL << 32 | AF_INET, SOCK_STREAM), EPERM));
	EXPECT(94, fails_with(raw_socket(1UL << 63 | AF_INET6, SOCK_DGRAM), EPERM));
	/* A ring opens sockets that no filter sees. */
	EXPECT(95, fails_with(syscall(SYS_io_uring_setup, 1, 0), EPERM));
	EXPECT(96, fails_with(syscall(SYS_io_uring_enter, 0, 0, 0, 0, 0, 0), EPERM));
	EXPECT(97, fails_with(syscall(SYS_pidfd_getfd, 0, 0, 0), EPERM));
	EXPECT(98, fails_with(syscall(SYS_process_vm_readv, getppid(), 0, 0, 0, 0, 0),
			      EPERM));
	EXPECT(99,
	       SANITIZED || fails_with(ptrace(PTRACE_ATTACH, getppid(), 0, 0), EPERM));
	return 0;
}

static void without_network(void **state)
{
	int status = 0;
	pid_t child;

	(void)state;
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(without_network_child());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void words(void **state)
{
	(void)state;
	char text[SANDBOX_WORDS_BYTES];
	struct sandbox_report report = {.no_new_privileges = true, .system_calls = true};
	sandbox_words(&report, text);
	assert_string_equal(text,
			    "privileges fixed, NOT core dumps off, system calls limited, "
			    "NOT files limited, NOT TCP limited, NOT signals kept inside "
			    "(landlock 0)");
	report = (struct sandbox_report){true, true, true, 7, true, true, true};
	sandbox_words(&report, text);
	assert_null(strstr(text, "NOT"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_keeper), cmocka_unit_test(the_room),
		cmocka_unit_test(the_hub),    cmocka_unit_test(without_network),
		cmocka_unit_test(words),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
