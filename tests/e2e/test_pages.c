/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages for skills: from the hosts that an owner approved for that very skill, and from no
 * other; no redirects, nothing of this house.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/link_unix.h"
#include "adapter/transfer.h"
#include "base/file.h"
#include "base/seal.h"
#include "base/str.h"
#include "e2e/scripted_server.h"
#include "folder.h"
#include "gate/pages.h"
#include "unit/cmocka_all.h"

enum { WAIT_MS = 60000 };

struct asked {
	struct loop *loop;
	struct pages *pages;
	struct link *link;
	bool is_open;
	bool is_over;
	char reason[32];
	uint32_t status;
	struct buf body;
};

static char folder[64];
static struct asked asked;

/* --- as the skills ---------------------------------------------------------------------- */

static void on_opened(void *context, struct link *link)
{
	(void)context;
	(void)link;
	asked.is_open = true;
}

static void on_message(void *context, struct link *link,
		       const struct wire_message *message)
{
	const struct wire_skill_page *page = &message->skill_page;

	(void)context;
	(void)link;
	if (message->type != WIRE_skill_page)
		return;
	assert_true(str_copy(asked.reason, sizeof(asked.reason), page->reason));
	asked.status = page->status;
	assert_int_equal(buf_add(&asked.body, page->bytes.bytes, page->bytes.size), OK);
	asked.is_over = page->last != 0;
}

static void on_closed(void *context, struct link *link, enum err err, const char *why)
{
	(void)context;
	(void)link;
	(void)err;
	fail_msg("the link closed: %s", why);
}

static void pass_until(const bool *done)
{
	const int64_t until_ms = loop_now_ms() + WAIT_MS;

	while (!*done) {
		assert_true(loop_now_ms() < until_ms);
		assert_int_equal(loop_run_once(asked.loop, 100), OK);
	}
}

static void begin(uint16_t test_port)
{
	const struct link_listener listener = {NULL, on_opened, on_message, on_closed};
	static struct settings settings;
	struct err_note note = {""};
	char run[FILE_PATH_BYTES];
	char path[FILE_PATH_BYTES];

	memset(&asked, 0, sizeof(asked));
	buf_init(&asked.body, 1 << 20);
	assert_int_equal(seal_init(), OK);
	assert_true(str_copy(folder, sizeof(folder), "/tmp/behest-pages.XXXXXX"));
	assert_non_null(mkdtemp(folder));
	settings_init(&settings);
	settings.skills_test_port = test_port;
	assert_int_equal(loop_create(&asked.loop), OK);
	assert_true(file_join(run, sizeof(run), folder, "gate"));
	assert_int_equal(file_make_folder(run, NULL), OK);
	if (pages_open(asked.loop, &settings, folder, &asked.pages, &note))
		fail_msg("%s", note.text);
	assert_true(file_join(path, sizeof(path), run, "skills.sock"));
	assert_int_equal(link_connect(asked.loop, path, WIRE_LINK_SKILLS_GATE,
				      WIRE_PARTY_SKILLS, "skills", &listener, &asked.link,
				      NULL),
			 OK);
	pass_until(&asked.is_open);
}

static void finish(void)
{
	link_close(asked.link);
	pages_close(asked.pages);
	loop_destroy(asked.loop);
	buf_finish(&asked.body);
	assert_int_equal(folder_remove(folder), 0);
}

static void allow(const char *skill, const char *hosts)
{
	struct wire_skill_hosts row = {.first = 1, .last = 1};

	assert_true(str_copy(row.name, sizeof(row.name), skill));
	assert_true(str_copy(row.hosts, sizeof(row.hosts), hosts));
	pages_hosts(asked.pages, &row);
}

/* The reason, "" for a page. */
static const char *fetch(const char *skill, const char *url)
{
	struct wire_skill_fetch row = {.token = 7};

	assert_true(str_copy(row.skill, sizeof(row.skill), skill));
	assert_true(str_copy(row.url, sizeof(row.url), url));
	asked.is_over = false;
	buf_clear(&asked.body);
	assert_int_equal(link_send_skill_fetch(asked.link, &row), OK);
	pass_until(&asked.is_over);
	return asked.reason;
}

static const char *fetch_here(uint16_t port)
{
	char url[64];

	assert_true(
		str_format(url, sizeof(url), "http://127.0.0.1:%u/x", (unsigned)port));
	return fetch("bins", url);
}

/* --- the tests -------------------------------------------------------------------------- */

static void fetches_for_whom_it_was_approved(void **state)
{
	static const struct script_row ROWS[] = {
		{.on = "\r", .say = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"},
		{.on = "",
		 .is_whole = true,
		 .say = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"},
		{0}};
	const struct script script = {.rows = ROWS};
	struct scripted_server *server = scripted_server_begin(&script);
	const uint16_t port = scripted_server_port(server);

	(void)state;
	begin(port);
	assert_string_equal(fetch_here(port), "HOST"); /* nobody has said anything yet */
	allow("other", "127.0.0.1");
	assert_string_equal(fetch_here(port), "HOST");
	allow("bins", "27.0.0.1 127.0.0.10");
	assert_string_equal(fetch_here(port), "HOST");
	allow("bins", "example.org 127.0.0.1");
	assert_string_equal(fetch_here(port), "");
	assert_int_equal(asked.status, 200);
	assert_int_equal(asked.body.size, 5);
	assert_memory_equal(asked.body.bytes, "hello", 5);
	finish();
	scripted_server_end(server);
}

static void follows_no_redirect(void **state)
{
	static const struct script_row ROWS[] = {
		{.on = "",
		 .is_whole = true,
		 .say = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
			"Content-Length: 0\r\n\r\n"},
		{0}};
	const struct script script = {.rows = ROWS};
	struct scripted_server *server = scripted_server_begin(&script);

	(void)state;
	begin(scripted_server_port(server));
	allow("bins", "127.0.0.1");
	assert_string_equal(fetch_here(scripted_server_port(server)), "REDIRECT");
	assert_int_equal(asked.body.size, 0);
	finish();
	scripted_server_end(server);
}

static void takes_no_flood(void **state)
{
	static char flood[65536];
	static const struct script_row ROWS[] = {
		{.on = "", .is_whole = true, .say = "HTTP/1.1 200 OK\r\n\r\n"}, {0}};
	struct script_row rows[3] = {ROWS[0], {0}};
	struct scripted_server *server;

	(void)state;
	memset(flood, 'x', sizeof(flood));
	memcpy(flood, "HTTP/1.1 200 OK\r\n\r\n", 19);
	rows[0].say = flood;
	rows[0].say_size = sizeof(flood);
	rows[0].then = SCRIPT_FLOOD;
	server = scripted_server_begin(&(struct script){.rows = rows});
	begin(scripted_server_port(server));
	allow("bins", "127.0.0.1");
	assert_string_equal(fetch_here(scripted_server_port(server)), "LONG");
	finish();
	scripted_server_end(server);
}

/* A name that is said to have an address of this house is not connected to. */
static void stays_out_of_the_house(void **state)
{
	(void)state;
	begin(0);
	allow("bins", "localhost 127.0.0.1 192.168.0.1");
	assert_string_equal(fetch("bins", "https://localhost/"), "UNREACHED");
	assert_string_equal(fetch("bins", "https://127.0.0.1/"), "UNREACHED");
	assert_string_equal(fetch("bins", "https://192.168.0.1/"), "UNREACHED");
	assert_string_equal(fetch("bins", "https://elsewhere.example/"), "HOST");
	assert_string_equal(fetch("bins", "http://localhost/"), "HOST");
	finish();
}

static void counts_by_the_hour(void **state)
{
	(void)state;
	begin(0);
	allow("bins", "127.0.0.1");
	for (int i = 0; i < PAGES_PER_HOUR; i++)
		assert_string_equal(fetch("bins", "https://127.0.0.1/"), "UNREACHED");
	assert_string_equal(fetch("bins", "https://127.0.0.1/"), "TOO_MANY");
	/* Also when it is told anew. */
	allow("bins", "127.0.0.1");
	assert_string_equal(fetch("bins", "https://127.0.0.1/"), "TOO_MANY");
	finish();
}

static void knows_what_is_public(void **state)
{
	static const struct {
		const char *address;
		bool is_public;
	} ROWS[] = {
		{"1.1.1.1", true},
		{"93.184.216.34", true},
		{"172.15.0.1", true},
		{"172.32.0.1", true},
		{"192.169.0.1", true},
		{"2606:4700::1", true},
		{"2a00::1", true},
		{"0.0.0.0", false},
		{"10.1.2.3", false},
		{"100.64.0.1", false},
		{"127.0.0.1", false},
		{"127.255.0.1", false},
		{"169.254.169.254", false},
		{"172.16.0.1", false},
		{"172.31.255.1", false},
		{"192.0.0.8", false},
		{"192.168.1.1", false},
		{"198.18.0.1", false},
		{"224.0.0.1", false},
		{"240.0.0.1", false},
		{"255.255.255.255", false},
		{"::", false},
		{"::1", false},
		{"::ffff:10.0.0.1", false},
		{"::ffff:1.1.1.1", false},
		{"::10.0.0.1", false},
		{"64:ff9b::a00:1", false},
		{"2002:a00:1::", false},
		{"fc00::1", false},
		{"fdff::1", false},
		{"fe80::1", false},
		{"fec0::1", false},
		{"ff02::1", false},
		{"2001:db8::1", false},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(ROWS); i++) {
		const bool is_six = strchr(ROWS[i].address, ':') != NULL;
		uint8_t bytes[16];

		assert_int_equal(inet_pton(is_six ? AF_INET6 : AF_INET, ROWS[i].address,
					   bytes),
				 1);
		if (transfer_is_public(bytes, is_six ? 16 : 4) != ROWS[i].is_public)
			fail_msg("%s", ROWS[i].address);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fetches_for_whom_it_was_approved),
		cmocka_unit_test(follows_no_redirect),
		cmocka_unit_test(takes_no_flood),
		cmocka_unit_test(stays_out_of_the_house),
		cmocka_unit_test(counts_by_the_hour),
		cmocka_unit_test(knows_what_is_public),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
