/* SPDX-License-Identifier: Apache-2.0 */
/*
 * smtp_fixture - exim with a configuration file of the test's.
 *
 * Invariant: only the process that was started here gets a signal. exim4 is a program
 * with root's rights, gives them up at once for a configuration that is not the
 * system's, and then wants to be told that its user is who started it.
 */
#include "e2e/smtp_fixture.h"

#include "unit/cmocka_all.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "e2e/loopback.h"
#include "e2e/process.h"
#include "folder.h"

#define SERVER "/usr/sbin/exim4"

enum {
	NOBODY = 65534,
	CONFIGURATION_MAX = 8192,
	CERTIFICATE_WAIT_MS = 30000,
};

/* folder, ports, ports, user, group; the rest is as it stands. */
static const char MAIN[] =
	"primary_hostname = mail.example\n"
	"keep_environment =\n"
	"spool_directory = %1$s/spool\n"
	"log_file_path = %1$s/%%slog\n"
	"pid_file_path = %1$s/pid\n"
	"local_interfaces = 127.0.0.1\n"
	"daemon_smtp_ports = %2$u : %3$u : %4$u\n"
	"tls_on_connect_ports = %3$u\n"
	"tls_advertise_hosts = ${if eq{$received_port}{%4$u}{}{*}}\n"
	"auth_advertise_hosts = ${if def:tls_in_cipher{*}{}}\n"
	"tls_certificate = %1$s/server.pem\n"
	"tls_privatekey = %1$s/server.key\n"
	"exim_user = %5$u\n"
	"exim_group = %5$u\n"
	"rfc1413_query_timeout = 0s\n"
	"host_lookup =\n"
	"acl_smtp_rcpt = rcpt\n"
	"acl_smtp_data = content\n"
	"begin acl\n"
	"rcpt:\n"
	"  deny local_parts = " SMTP_FIXTURE_NOBODY "\n"
	"       message = 5.1.1 nobody of that name lives here\n"
	"  defer local_parts = " SMTP_FIXTURE_LATER "\n"
	"       condition = ${if exists{%1$s/" SMTP_FIXTURE_LATE_ENOUGH "}{no}{yes}}\n"
	"       message = 4.7.1 greylisted, come back later\n"
	"  accept authenticated = *\n"
	"  deny message = sign in first\n"
	"content:\n"
	"  deny condition = ${if eq{$h_subject:}{" SMTP_FIXTURE_UNWANTED "}}\n"
	"       message = we do not want that\n"
	"  accept\n"
	"begin routers\n"
	"all:\n"
	"  driver = accept\n"
	"  transport = file\n"
	"begin transports\n"
	"file:\n"
	"  driver = appendfile\n"
	"  directory = %1$s/mail\n"
	"  maildir_format\n"
	"begin authenticators\n"
	"plain:\n"
	"  driver = plaintext\n"
	"  public_name = PLAIN\n"
	"  server_prompts = :\n"
	"  server_condition = "
	"${if and{{eq{$auth2}{" SMTP_FIXTURE_USER "}}{eq{$auth3}{" SMTP_FIXTURE_PASSWORD
	"}}}}\n"
	"  server_set_id = $auth2\n";

static void step(void)
{
	(void)poll(NULL, 0, SMTP_FIXTURE_STEP_MS);
}

bool smtp_fixture_is_here(void)
{
	const bool is_here = file_exists(SERVER);

	if (!is_here)
		(void)puts("skipped: no " SERVER " (another mail server is installed, or "
			   "tools/setup was not run)");
	return is_here;
}

void smtp_fixture_certificate(const char *path, const char *key_path)
{
	const char *const words[] = {"/usr/bin/openssl",
				     "req",
				     "-x509",
				     "-newkey",
				     "rsa:2048",
				     "-nodes",
				     "-days",
				     "2",
				     "-subj",
				     "/CN=localhost",
				     "-addext",
				     "subjectAltName=DNS:localhost",
				     "-keyout",
				     key_path,
				     "-out",
				     path,
				     NULL};
	struct process_ran ran;

	process_run(words, CERTIFICATE_WAIT_MS, &ran);
	if (ran.status != 0)
		print_message("%s\n", process_err(&ran));
	assert_int_equal(ran.status, 0);
	process_ran_finish(&ran);
}

/* Owned by who runs the server. */
static void make_files(struct smtp_fixture *fixture, unsigned user)
{
	char path[FILE_PATH_BYTES];
	char text[CONFIGURATION_MAX];

	assert_true(file_join(fixture->certificate, sizeof(fixture->certificate),
			      fixture->folder, "server.pem"));
	assert_true(file_join(fixture->key, sizeof(fixture->key), fixture->folder,
			      "server.key"));
	assert_true(
		file_join(fixture->log, sizeof(fixture->log), fixture->folder, "output"));
	smtp_fixture_certificate(fixture->certificate, fixture->key);
	assert_int_equal(chown(fixture->key, user, user), 0);
	assert_true(file_join(path, sizeof(path), fixture->folder, "exim.conf"));
	assert_true(str_format(text, sizeof(text), MAIN, fixture->folder,
			       fixture->starttls_port, fixture->implicit_port,
			       fixture->plain_port, user));
	assert_int_equal(file_write(path, text, strlen(text), 0644, NULL), OK);
	assert_int_equal(chown(fixture->folder, user, user), 0);
}

static void start_server(struct smtp_fixture *fixture)
{
	char path[FILE_PATH_BYTES];
	const char *const words[] = {"/usr/bin/setpriv",
				     "--reuid=65534",
				     "--regid=65534",
				     "--clear-groups",
				     SERVER,
				     "-C",
				     path,
				     "-bdf",
				     NULL};
	/* Who is nobody already starts it at once. */
	const size_t first = geteuid() == 0 ? 0 : 4;

	assert_true(file_join(path, sizeof(path), fixture->folder, "exim.conf"));
	fixture->pid = process_start(words + first, fixture->log);
}

void smtp_fixture_begin(struct smtp_fixture *fixture)
{
	const char *base = getenv("TMPDIR");
	int waited_ms = 0;

	*fixture = (struct smtp_fixture){.starttls_port = loopback_free_port(),
					 .implicit_port = loopback_free_port(),
					 .plain_port = loopback_free_port()};
	assert_true(str_format(fixture->folder, sizeof(fixture->folder),
			       "%s/behest-smtp-XXXXXX", base ? base : "/tmp"));
	assert_non_null(mkdtemp(fixture->folder));
	make_files(fixture, geteuid() == 0 ? NOBODY : geteuid());
	start_server(fixture);
	while (!loopback_is_listening(fixture->plain_port) &&
	       waited_ms < SMTP_FIXTURE_WAIT_MS) {
		step();
		waited_ms += SMTP_FIXTURE_STEP_MS;
	}
	assert_true(waited_ms < SMTP_FIXTURE_WAIT_MS);
}

void smtp_fixture_end(struct smtp_fixture *fixture)
{
	(void)process_end(&fixture->pid, SIGTERM);
	if (fixture->folder[0])
		(void)folder_remove(fixture->folder);
}

/* --- what was delivered --- */

typedef void mail_file_fn(const char *path, void *context);

static unsigned each_mail(const struct smtp_fixture *fixture, mail_file_fn *fn,
			  void *context)
{
	char folder[FILE_PATH_BYTES];
	char path[FILE_PATH_BYTES];
	const struct dirent *entry = NULL;
	unsigned count = 0;
	DIR *open = NULL;

	assert_true(file_join(folder, sizeof(folder), fixture->folder, "mail/new"));
	open = opendir(folder);
	while (open && (entry = readdir(open)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		assert_true(file_join(path, sizeof(path), folder, entry->d_name));
		count++;
		if (fn)
			fn(path, context);
	}
	if (open)
		(void)closedir(open);
	return count;
}

static void keep_path(const char *path, void *context)
{
	assert_true(str_copy(context, FILE_PATH_BYTES, path));
}

static void remove_mail(const char *path, void *context)
{
	(void)context;
	assert_int_equal(unlink(path), 0);
}

unsigned smtp_fixture_count(const struct smtp_fixture *fixture)
{
	return each_mail(fixture, NULL, NULL);
}

void smtp_fixture_await(const struct smtp_fixture *fixture, unsigned count,
			char to[FILE_PATH_BYTES])
{
	for (int waited_ms = 0;
	     smtp_fixture_count(fixture) < count && waited_ms < SMTP_FIXTURE_WAIT_MS;
	     waited_ms += SMTP_FIXTURE_STEP_MS)
		step();
	assert_int_equal(each_mail(fixture, keep_path, to), count);
}

void smtp_fixture_clear(const struct smtp_fixture *fixture)
{
	(void)each_mail(fixture, remove_mail, NULL);
}
