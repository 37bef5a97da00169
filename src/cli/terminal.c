/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Talks to a person at a terminal, if there is one.
 *
 * The echo is switched back on whatever happens, also by a signal: the signals that end
 * a program are held while a secret is typed.
 */
#include "cli/terminal.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/must.h"
#include "base/str.h"

enum { ANSWER_YES_BYTES = 16 };

static bool line_drawn;

const char *terminal_style(bool colours, enum terminal_style style)
{
	static const char *const escapes[STYLE_COUNT] = {
		[STYLE_PLAIN] = "\033[0m",     [STYLE_BOLD] = "\033[1m",
		[STYLE_DIM] = "\033[2m",       [STYLE_GOOD] = "\033[32m",
		[STYLE_BAD] = "\033[31m",      [STYLE_WARN] = "\033[33m",
		[STYLE_PAPER] = "\033[30;47m", [STYLE_INK] = "\033[30;40m",
	};

	must(style < STYLE_COUNT);
	return colours ? escapes[style] : "";
}

bool terminal_is(FILE *of)
{
	return isatty(fileno(of)) == 1;
}

bool terminal_colours(FILE *of)
{
	const char *no_colour = getenv("NO_COLOR");
	const char *kind = getenv("TERM");

	if (no_colour && *no_colour)
		return false;
	if (!kind || str_equal(kind, "dumb"))
		return false;
	return terminal_is(of);
}

/* The programs keep the "C" locale, so the variables are asked in the C library's order. */
bool terminal_utf8(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	for (size_t i = 0; i < STR_COUNT(names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
	}
	return false;
}

bool terminal_asks(void)
{
	return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
}

void terminal_line_drawn(bool drawn)
{
	line_drawn = drawn;
}

void terminal_clear_line(void)
{
	if (line_drawn)
		fputs("\r\033[K", stderr);
	line_drawn = false;
}

/* One line of standard input, byte by byte so that no stdio buffer keeps a secret. */
static enum err read_line(char *to, size_t size)
{
	size_t used = 0;
	bool cut = false;

	for (;;) {
		char letter;
		ssize_t got = read(STDIN_FILENO, &letter, 1);

		if (got <= 0 && used == 0)
			return ERR_CLOSED;
		if (got <= 0 || letter == '\n')
			break;
		if (used + 1 < size)
			to[used++] = letter;
		else
			cut = true;
	}
	to[used] = '\0';
	return cut ? ERR_LIMIT : OK;
}

enum err terminal_ask(const char *question, const char *fallback, char *to, size_t size)
{
	enum err err;

	must(size > 1);
	terminal_clear_line();
	fprintf(stderr, *fallback ? "%s [%s] " : "%s ", question, fallback);
	fflush(stderr);
	err = read_line(to, size);
	if (err)
		return err;
	str_trim(to);
	if (!*to && !str_copy(to, size, fallback))
		return ERR_LIMIT;
	return OK;
}

enum err terminal_ask_yes(const char *question, bool fallback, bool *out_yes)
{
	for (;;) {
		char answer[ANSWER_YES_BYTES];
		enum err err = terminal_ask(question, fallback ? "yes" : "no", answer,
					    sizeof(answer));

		if (err == ERR_LIMIT)
			continue;
		if (err)
			return err;
		str_fold(answer);
		if (str_equal(answer, "y") || str_equal(answer, "yes")) {
			*out_yes = true;
			return OK;
		}
		if (str_equal(answer, "n") || str_equal(answer, "no")) {
			*out_yes = false;
			return OK;
		}
	}
}

static void hold_signals(bool hold)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGTSTP);
	sigprocmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

enum err terminal_ask_secret(const char *question, char *to, size_t size)
{
	struct termios before;
	struct termios silent;
	enum err err;

	if (tcgetattr(STDIN_FILENO, &before) != 0)
		return ERR_IO;
	silent = before;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	hold_signals(true);
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) != 0) {
		hold_signals(false);
		return ERR_IO;
	}
	/* Asked only now: what is typed at once is neither shown nor lost. */
	terminal_clear_line();
	fprintf(stderr, "%s ", question);
	fflush(stderr);
	err = read_line(to, size);
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &before) != 0 && !err)
		err = ERR_IO;
	hold_signals(false);
	fputc('\n', stderr);
	return err;
}
