/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pair_show - see the header. Invariant: what holds the code is wiped; what standard
 * output buffers is not, as with cli/qr_print.h.
 */
#include "cli/pair_show.h"

#include <string.h>

#include "adapter/qr_code.h"
#include "base/json.h"
#include "base/loop.h"
#include "base/str.h"
#include "cli/qr_print.h"
#include "cli/terminal.h"
#include "domain/pairing.h"

enum {
	STEP_MS = 1000,
	SECONDS_PER_MINUTE = 60,
	OFFER_JSON_BYTES = 2048,
};

/* Where a device on this machine finds the house: by its own socket. */
#define ADDRESS "unix"

static enum err offer_text(const struct wire_pair_offer *offer, const char *house,
			   char to[PAIRING_TEXT_BYTES], struct err_note *note)
{
	struct pairing_offer whole = {.address = ADDRESS};
	enum err err = OK;

	if (offer->key.size != sizeof(whole.key) ||
	    !str_copy(whole.code, sizeof(whole.code), offer->code) ||
	    !str_copy(whole.house, sizeof(whole.house), house))
		err = err_say(ERR_FORMAT, note, "the keeper's offer is none");
	if (!err) {
		memcpy(whole.key, offer->key.bytes, sizeof(whole.key));
		err = pairing_offer_write(&whole, to, note);
	}
	pairing_offer_wipe(&whole);
	return err;
}

static enum err show_picture(const char *text, const char *code)
{
	struct qr_code square;
	enum err err = qr_code_make(text, &square);

	if (err)
		return err;
	err = qr_print(&square, qr_print_form(stdout), stdout);
	qr_code_wipe(&square);
	printf("%s\n\nPoint the device's camera at it, or type there:\n"
	       "  behest pair --code %s\n",
	       text, code);
	fflush(stdout);
	return err;
}

static enum err show_json(const char *text, const char *code)
{
	struct json_write write;
	struct buf line;
	enum err err;

	buf_init(&line, OFFER_JSON_BYTES);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_text(&write, "offer", text);
	json_add_text(&write, "code", code);
	json_add_int(&write, "lasts_ms", PAIRING_LASTS_MS);
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		puts((const char *)line.bytes);
	fflush(stdout);
	if (line.bytes)
		explicit_bzero(line.bytes, line.size);
	buf_finish(&line);
	return err;
}

enum err pair_show(const struct wire_pair_offer *offer, const char *house, bool as_json,
		   struct err_note *note)
{
	char text[PAIRING_TEXT_BYTES];
	enum err err = offer_text(offer, house, text, note);

	if (!err)
		err = as_json ? show_json(text, offer->code)
			      : show_picture(text, offer->code);
	explicit_bzero(text, sizeof(text));
	return err;
}

static void draw_left(int64_t left_ms)
{
	const long long seconds = (left_ms + STEP_MS - 1) / STEP_MS;

	if (!terminal_is(stderr))
		return;
	terminal_clear_line();
	fprintf(stderr, "waits for the device: %lld:%02lld left, ^C takes it back",
		seconds / SECONDS_PER_MINUTE, seconds % SECONDS_PER_MINUTE);
	fflush(stderr);
	terminal_line_drawn(true);
}

enum err pair_wait(struct link_client *owner, struct err_note *note)
{
	const int64_t until_ms = loop_now_ms() + PAIRING_LASTS_MS;
	const struct wire_message *message = NULL;
	enum err err = ERR_TIMEOUT;

	while (err == ERR_TIMEOUT && loop_now_ms() < until_ms) {
		struct err_note none = {""};

		draw_left(until_ms - loop_now_ms());
		err = link_client_wait(owner, STEP_MS, &message, &none);
	}
	terminal_clear_line();
	if (err == ERR_TIMEOUT)
		return err_say(err, note, "no device took the code within %d minutes",
			       PAIRING_LASTS_MS / STEP_MS / SECONDS_PER_MINUTE);
	if (err)
		return err_say(err, note, "the keeper is gone, and the code with it");
	if (message->type != WIRE_done)
		return client_other(message, note);
	return (enum err)message->done.err;
}
