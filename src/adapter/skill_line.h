/* SPDX-License-Identifier: Apache-2.0 */
/*
 * skill_line - the lines between us and a skill: JSON, one object on each.
 *
 * docs/skills.md describes them for authors. A skill answers what it was asked, or wants a
 * page first; there is no third thing that it can say, and no field that has to do with
 * the microphone. One thread.
 */
#ifndef ADAPTER_SKILL_LINE_H
#define ADAPTER_SKILL_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "domain/skill.h"

enum {
	SKILL_LINE_BYTES_MAX = 4096, /* of a skill's, with its end */
	SKILL_URL_BYTES = 1024,
	SKILL_BODY_BYTES_MAX = 128 * 1024, /* of a page */
	SKILL_HOST_LINE_BYTES_MAX = 8 * SKILL_BODY_BYTES_MAX,
};

struct skill_line {
	uint32_t ask; /* which question it belongs to */
	bool is_fetch;
	char words[SKILL_SAID_BYTES]; /* of an answer; not yet judged */
	enum skill_effect effect;
	char url[SKILL_URL_BYTES]; /* of a page that is wanted */
};

/* One line of a skill's, without its end. FINE: *out_line is set. */
enum skill_offence skill_line_read(const char *bytes, size_t size,
				   struct skill_line *out_line);

/* {"ask": 7, "intent": "Laugh", "slots": {...}} with its end. slots: a JSON object of texts
 * and numbers as domain/skill.h writes it; ERR_FORMAT for anything else. */
MUST_CHECK enum err skill_line_ask(uint32_t ask, const char *intent, const char *slots,
				   struct buf *to);
/* {"fetched": 7, "status": 200, "body": "..."}; what is no UTF-8 in it becomes U+FFFD. */
MUST_CHECK enum err skill_line_page(uint32_t ask, unsigned status, const void *body,
				    size_t size, struct buf *to);
/* {"fetched": 7, "error": "TIMEOUT"}. */
MUST_CHECK enum err skill_line_no_page(uint32_t ask, const char *reason, struct buf *to);

/* The host of an https URL in lower case; false: it is none that is fetched. port 0: https
 * alone; else also http://127.0.0.1:port, whose host is that (tests). */
bool skill_line_host(const char *url, uint16_t port, char *to, size_t size);

#endif
