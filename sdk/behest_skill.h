/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest_skill - all that a skill in C needs, in one file. Copy it beside your program.
 *
 * A skill reads one line for each question and writes one for its answer:
 *
 *     static void answer(struct behest_question *question)
 *     {
 *             behest_say(question, "Hello.");
 *     }
 *
 *     int main(void)
 *     {
 *             return behest_skill_run(answer);
 *     }
 *
 * docs/skills.md says what may be said, and what a skill may use of the machine: one
 * process, one thread, no network, nothing written. There is nothing in here by which a
 * microphone could be opened, because there is no such thing in the protocol.
 */
#ifndef BEHEST_SKILL_H
#define BEHEST_SKILL_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	BEHEST_LINE_BYTES = 1024 * 1024, /* of a page's line, at most */
	BEHEST_WORD_BYTES = 64,
	BEHEST_PAGE_BYTES = 128 * 1024 + 1,
};

struct behest_question {
	unsigned long number;
	char intent[BEHEST_WORD_BYTES];
	const char *line; /* as it came */
	bool is_answered;
};

typedef void behest_answer_fn(struct behest_question *question);

/* Behind "key": in a line of ours, which never has the same key twice; NULL: not there. */
static inline const char *behest_find(const char *line, const char *key)
{
	const size_t size = strlen(key);

	for (const char *at = line; (at = strchr(at, '"')) != NULL; at++) {
		if (strncmp(at + 1, key, size) != 0 || at[size + 1] != '"')
			continue;
		at += size + 2;
		while (*at == ' ')
			at++;
		if (*at != ':')
			continue;
		at++;
		while (*at == ' ')
			at++;
		return at;
	}
	return NULL;
}

/* A text or a number as it is written, without escapes: what is asked has none. */
static inline bool behest_value(const char *line, const char *key, char *to, size_t size)
{
	const char *at = behest_find(line, key);
	const bool is_text = at && *at == '"';
	size_t length;

	if (!at)
		return false;
	at += is_text;
	length = strcspn(at, is_text ? "\"" : ",}] \n");
	if (length >= size)
		return false;
	memcpy(to, at, length);
	to[length] = '\0';
	return true;
}

/* The slot of that name; false: it was not said. */
static inline bool behest_slot(const struct behest_question *question, const char *name,
			       char *to, size_t size)
{
	const char *slots = behest_find(question->line, "slots");

	return slots && behest_value(slots, name, to, size);
}

static inline void behest_put_text(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		if ((unsigned char)*text >= ' ')
			putchar(*text);
	}
	putchar('"');
}

/* The answer, and a sound of the house behind it: "cheer", "drum" or "laugh", where the
 * manifest says that this intent has an effect. */
static inline void behest_say_with(struct behest_question *question, const char *words,
				   const char *effect)
{
	if (question->is_answered)
		return;
	question->is_answered = true;
	printf("{\"answer\": %lu, \"say\": ", question->number);
	behest_put_text(words);
	if (effect && effect[0]) {
		printf(", \"effect\": ");
		behest_put_text(effect);
	}
	puts("}");
	fflush(stdout);
}

static inline void behest_say(struct behest_question *question, const char *words)
{
	behest_say_with(question, words, NULL);
}

/* What an escape stands for; *at is on the letter behind the backslash, and then on its
 * last. The house writes letters as they are, so \u is a control character: a blank. */
static inline char behest_escaped(const char **at)
{
	const char letter = **at;

	if (letter == 'n')
		return '\n';
	if (letter == 'r')
		return '\r';
	if (letter == 't')
		return '\t';
	if (letter != 'u')
		return letter;
	for (int i = 0; i < 4 && (*at)[1]; i++)
		(*at)++;
	return ' ';
}

/* The body of a page as text. */
static inline void behest_unescape(const char *from, char *to, size_t size)
{
	size_t used = 0;

	for (; *from && *from != '"' && used + 1 < size; from++) {
		char c = *from;

		if (c == '\\' && from[1]) {
			from++;
			c = behest_escaped(&from);
		}
		to[used++] = c;
	}
	to[used] = '\0';
}

/* Has the house fetch a page from a host that the manifest names. The status, or 0: there is
 * none, also where the owner has not turned fetching on, as nobody has at first; `to` is then
 * empty. to: BEHEST_PAGE_BYTES always suffice. */
static inline unsigned behest_fetch(struct behest_question *question, const char *url,
				    char *to, size_t size)
{
	static char line[BEHEST_LINE_BYTES];
	char status[BEHEST_WORD_BYTES];
	const char *body;

	to[0] = '\0';
	printf("{\"fetch\": %lu, \"url\": ", question->number);
	behest_put_text(url);
	puts("}");
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin) ||
	    !behest_value(line, "status", status, sizeof(status)))
		return 0;
	body = behest_find(line, "body");
	if (body && *body == '"')
		behest_unescape(body + 1, to, size);
	return (unsigned)strtoul(status, NULL, 10);
}

/* Answers questions until the house ends it. */
static inline int behest_skill_run(behest_answer_fn *answer)
{
	static char line[BEHEST_WORD_BYTES * 64];
	char number[BEHEST_WORD_BYTES];

	while (fgets(line, sizeof(line), stdin)) {
		struct behest_question question = {.line = line};

		if (!behest_value(line, "ask", number, sizeof(number)) ||
		    !behest_value(line, "intent", question.intent,
				  sizeof(question.intent)))
			return 1;
		question.number = strtoul(number, NULL, 10);
		answer(&question);
		behest_say(&question, "I have nothing to say to that.");
	}
	return 0;
}

#endif
