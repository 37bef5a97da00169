/* SPDX-License-Identifier: Apache-2.0 */
/*
 * template - the few shapes of Home Assistant templates that devices really send.
 *
 * Values: {{ value }}, {{ value_json.a["b"] }}, | lower, one if/else, one dictionary.
 * Commands: text with {{ name }} in it. Everything else is ERR_UNSUPPORTED, and its
 * device is then read-only: a template is never guessed at and never run. Pure.
 */
#ifndef ADAPTER_TEMPLATE_H
#define ADAPTER_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/json.h"

enum {
	TEMPLATE_BYTES_MAX = 1024,
	TEMPLATE_WORD_BYTES = 64,
	TEMPLATE_STEPS_MAX = 4,   /* value_json.a.b.c.d */
	TEMPLATE_CASES_MAX = 24,  /* entries of a dictionary */
	TEMPLATE_INSERTS_MAX = 4, /* {{ name }} in a command */
	TEMPLATE_PAYLOAD_BYTES = 256,
};

struct template;

/* What arrives: the payload as text, and as JSON when it is some (else NULL). */
struct template_input {
	const char *text;
	const struct json_value *json;
};

/* What is sent: the value of {{ name }}. */
struct template_insert {
	const char *name;
	const char *text;
};

/* ERR_UNSUPPORTED: not a shape that is understood; ERR_MEMORY. */
MUST_CHECK enum err template_parse_value(const char *text,
					 struct template **out_template);
MUST_CHECK enum err template_parse_command(const char *text,
					   struct template **out_template);
void template_destroy(struct template *template); /* NULL is fine */

/* True when the template is a command that names nothing but these inserts. */
bool template_knows(const struct template *template, const char *const *names,
		    size_t count);

/* True when the literal text of a command holds the word, ASCII case aside. */
bool template_holds(const struct template *template, const char *folded_word);

/* The text that a value template makes of the input; NULL gives the payload itself.
 * False when the payload lacks it or it does not fit. */
bool template_read(const struct template *template, struct template_input input, char *to,
		   size_t size);

/* The payload that a command template makes; NULL gives the first insert's text. False
 * when a name is missing or it does not fit. */
bool template_write(const struct template *template,
		    const struct template_insert *inserts, size_t count, char *to,
		    size_t size);

#endif
