/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shop - see the header.
 *
 * Invariant: nothing is handed to a port whose id is not durable in the ledger first.
 */
#include "gate/shop.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/key_text.h"
#include "base/must.h"
#include "base/seal.h"
#include "base/str.h"
#include "domain/day.h"
#include "domain/shop.h"

enum { MS_OF_SECOND = 1000, TIME_BYTES = 24, SIGNED_BYTES = 128 + WEBHOOK_BODY_MAX };

/* Above all that letters number: both are answered by one listener. */
#define TOKEN_BASE (UINT64_C(1) << 62)

struct shop {
	struct shop_parts parts;
	uint64_t last_token;
	size_t count;
	struct {
		struct proposal_id id;
		uint64_t token;
	} open[SHOP_OPEN_MAX];
};

enum err shop_create(const struct shop_parts *parts, struct shop **out_shop)
{
	struct shop *made = calloc(1, sizeof(*made));

	if (!made)
		return ERR_MEMORY;
	made->parts = *parts;
	made->last_token = TOKEN_BASE;
	*out_shop = made;
	return OK;
}

void shop_destroy(struct shop *shop)
{
	free(shop);
}

/* --- the webhook ------------------------------------------------------------------------ */

struct letter {
	char id[ID_TEXT_BYTES];
	char at[TIME_BYTES];
	struct buf body;
};

static enum err write_body(struct letter *letter, const struct action *action,
			   const struct contact *to)
{
	struct json_write write;

	buf_init(&letter->body, WEBHOOK_BODY_MAX);
	json_write_init(&write, &letter->body);
	json_open_object(&write, NULL);
	json_add_text(&write, "form", "behest-order-v1");
	json_add_text(&write, "id", letter->id);
	json_add_text(&write, "item", action->item);
	json_add_int(&write, "cents", action->cents);
	json_add_text(&write, "currency", to->name);
	json_close(&write, '}');
	return json_write_finish(&write);
}

static enum err sign(const struct shop *shop, const struct letter *letter,
		     char to[SEAL_BASE64_BYTES(SEAL_SIGNATURE_BYTES)])
{
	char bytes[SIGNED_BYTES];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	enum err err;

	must(str_format(bytes, sizeof(bytes), "%s.%s.%s", letter->at, letter->id,
			(const char *)letter->body.bytes));
	err = seal_sign_labelled(secret_view(shop->parts.identity->seed), SHOP_LABEL,
				 bytes, strlen(bytes), signature);
	if (!err)
		seal_base64(to, SEAL_BASE64_BYTES(SEAL_SIGNATURE_BYTES), signature,
			    sizeof(signature));
	return err;
}

static enum err post_signed(struct shop *shop, const struct letter *letter,
			    const char *address, uint64_t token)
{
	const uint8_t *public_key = shop->parts.identity->public_key;
	char headers[WEBHOOK_HEADERS][WEBHOOK_HEADER_MAX];
	char signature[SEAL_BASE64_BYTES(SEAL_SIGNATURE_BYTES)];
	char key[SEAL_BASE64_BYTES(SEAL_SIGN_PUBLIC_BYTES)];
	char fingerprint[KEY_FINGERPRINT_BYTES];
	enum err err = sign(shop, letter, signature);

	if (!err)
		err = key_fingerprint(public_key, fingerprint);
	if (err)
		return err;
	seal_base64(key, sizeof(key), public_key, SEAL_SIGN_PUBLIC_BYTES);
	must(str_format(headers[0], WEBHOOK_HEADER_MAX, "Behest-Id: %s", letter->id));
	must(str_format(headers[1], WEBHOOK_HEADER_MAX, "Behest-Time: %s", letter->at));
	must(str_format(headers[2], WEBHOOK_HEADER_MAX, "Behest-Key: %s", key));
	must(str_format(headers[3], WEBHOOK_HEADER_MAX, "Behest-Fingerprint: %s",
			fingerprint));
	must(str_format(headers[4], WEBHOOK_HEADER_MAX, "Behest-Signature: %s",
			signature));
	const struct webhook_order order = {
		.address = address,
		.headers = {headers[0], headers[1], headers[2], headers[3], headers[4]},
		.body = (const char *)letter->body.bytes,
	};
	return webhook_post(shop->parts.webhook, &order, token);
}

static enum err post(struct shop *shop, struct proposal_id id,
		     const struct action *action, const struct contact *to,
		     uint64_t token)
{
	struct letter letter;
	enum err err;

	id_to_text(letter.id, id.bytes);
	must(str_format(letter.at, sizeof(letter.at), "%lld",
			(long long)(clock_wall_ms(&shop->parts.clock) / MS_OF_SECOND)));
	err = write_body(&letter, action, to);
	if (!err)
		err = post_signed(shop, &letter, to->address, token);
	buf_finish(&letter.body);
	return err;
}

/* --- mail ------------------------------------------------------------------------------- */

static enum err mail_it(struct shop *shop, struct proposal_id id,
			const struct action *action, const struct contact *to,
			uint64_t token)
{
	char number[ID_TEXT_BYTES];
	char price[SHOP_PRICE_BYTES];
	char subject[MAIL_SUBJECT_MAX + 1];
	char text[MAIL_TEXT_MAX + 1];
	const struct mail_message message = {
		.id = number,
		.at_ms = clock_wall_ms(&shop->parts.clock),
		.to = to->address,
		.subject = subject,
		.text = text,
	};

	if (!shop->parts.mail->ops)
		return ERR_UNSUPPORTED;
	id_to_text(number, id.bytes);
	shop_price(action->cents, to->name, price);
	must(str_format(subject, sizeof(subject), "Order: %s", action->item));
	must(str_format(text, sizeof(text),
			"One: %s\nPrice: %s\nOrder: %s\n\nSomebody of this household "
			"has approved it on a device. Please do not deliver it at "
			"another price.\n",
			action->item, price, number));
	return mail_send(shop->parts.mail, &message, token, NULL);
}

/* --- one order's life ------------------------------------------------------------------- */

static void over(struct shop *shop, struct proposal_id id, enum err err)
{
	/* Unwritten: asked again, nobody knows how it ended. */
	(void)!ledger_end(shop->parts.ledger, id, err);
	shop->parts.carried(shop->parts.context, id, err);
}

bool shop_has(const struct shop *shop, struct proposal_id id)
{
	for (size_t i = 0; i < shop->count; i++)
		if (id_equal(shop->open[i].id.bytes, id.bytes))
			return true;
	return false;
}

static enum err hand_over(struct shop *shop, struct proposal_id id,
			  const struct action *action, const struct contact *to,
			  uint64_t token)
{
	if (str_equal(action->mode, shop_way_text(SHOP_WEBHOOK)))
		return post(shop, id, action, to, token);
	if (str_equal(action->mode, shop_way_text(SHOP_MAIL)))
		return mail_it(shop, id, action, to, token);
	return ERR_UNSUPPORTED;
}

void shop_take(struct shop *shop, struct proposal_id id, const struct action *action,
	       const struct contact *to)
{
	const struct shop_parts *parts = &shop->parts;
	const uint64_t token = ++shop->last_token;
	enum err err = OK;

	if (shop_has(shop, id))
		return;
	if (shop->count == SHOP_OPEN_MAX)
		err = ERR_BUSY;
	if (!err)
		err = ledger_begin(parts->ledger, id);
	if (err) {
		parts->carried(parts->context, id, err);
		return;
	}
	shop->open[shop->count].id = id;
	shop->open[shop->count++].token = token;
	err = hand_over(shop, id, action, to, token);
	if (!err)
		return;
	shop->count--; /* nothing left, and done() does not follow */
	over(shop, id, err == ERR_UNSUPPORTED ? err : ERR_DENIED);
}

static enum err outcome_of(enum delivery_outcome outcome)
{
	switch (outcome) {
	case DELIVERY_ACCEPTED:
		return OK;
	case DELIVERY_REFUSED:
	case DELIVERY_LATER: /* nobody is asked later: it would come unexpected */
		return ERR_DENIED;
	case DELIVERY_UNKNOWN:
		return ERR_EXISTS;
	}
	must(false); /* an outcome is one of these */
	return ERR_EXISTS;
}

bool shop_delivered(struct shop *shop, uint64_t token, const struct delivery *result)
{
	for (size_t i = 0; i < shop->count; i++) {
		const struct proposal_id id = shop->open[i].id;

		if (shop->open[i].token != token)
			continue;
		shop->count--;
		shop->open[i] = shop->open[shop->count];
		over(shop, id, outcome_of(result->outcome));
		return true;
	}
	return token > TOKEN_BASE;
}
