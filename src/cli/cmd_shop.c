/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest shop: whether anything may be ordered, what, for how much, by which way, and how
 * much each may spend. A change is policy: signed in, kept by the keeper, journaled.
 */
#include <string.h>

#include "base/json.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/everyday.h"
#include "cli/household.h"
#include "cli/verbs.h"
#include "domain/mail_address.h"
#include "domain/shop.h"
#include "domain/web_address.h"

enum { LINE_BYTES = 1024, CENTS = 100, ADDRESS_MAX = PEOPLE_ADDRESS_BYTES - 1 };

static const struct option options[] = {
	{.name = "currency",
	 .kind = OPTION_TEXT,
	 .argument = "CODE",
	 .words = "set: of all prices, three letters"},
	COMMAND_OPTION_DATA,
	{.name = "day",
	 .kind = OPTION_TEXT,
	 .argument = "AMOUNT",
	 .words =
		 "set: what all together spend within 24 hours at most; spend: of that person"},
	COMMAND_OPTION_JSON,
	{.name = "mail",
	 .kind = OPTION_TEXT,
	 .argument = "ADDRESS",
	 .words = "set: where orders go by mail; \"\" nowhere"},
	{.name = "order",
	 .kind = OPTION_TEXT,
	 .argument = "AMOUNT",
	 .words = "set: what one order costs at most"},
	COMMAND_OPTION_OWNER,
	COMMAND_OPTION_PASSPHRASE,
	{.name = "price",
	 .kind = OPTION_TEXT,
	 .argument = "AMOUNT",
	 .words = "add: what it costs, such as 5.99"},
	{.name = "way",
	 .kind = OPTION_TEXT,
	 .argument = "WAY",
	 .words = "add: webhook, mail, or list (it is only put on the shopping list)"},
	{.name = "webhook",
	 .kind = OPTION_TEXT,
	 .argument = "URL",
	 .words =
		 "set: where orders go as signed JSON, https://HOST[:PORT]/PATH; \"\" nowhere"},
};

/* --- what is given ---------------------------------------------------------------------- */

/* "5", "5.9" is no amount, "5.99"; in cents. */
static bool read_cents(const char *text, int64_t *out_cents)
{
	const char *point = strchr(text, '.');
	const size_t whole_size = point ? (size_t)(point - text) : strlen(text);
	char whole[16];
	int64_t units = 0;
	int64_t parts = 0;

	if (!str_copy_bytes(whole, sizeof(whole), text, whole_size) ||
	    !str_to_int(whole, 0, SHOP_CENTS_MAX / CENTS, &units) ||
	    (point && (strlen(point) != 3 || strspn(point + 1, "0123456789") != 2 ||
		       !str_to_int(point[1] == '0' ? point + 2 : point + 1, 0, CENTS - 1,
				   &parts))))
		return false;
	*out_cents = units * CENTS + parts;
	return *out_cents <= SHOP_CENTS_MAX;
}

static enum err read_amount(const struct args *args, const char *option, int64_t smallest,
			    uint32_t *out_cents, struct err_note *note)
{
	const char *text = args_text(args, option, NULL);
	int64_t cents = 0;

	if (!text)
		return OK;
	if (!read_cents(text, &cents) || cents < smallest)
		return err_say(ERR_RANGE, note,
			       "--%s %.40s: expected an amount such as 5.99, from %s to "
			       "%d",
			       option, text, smallest > 0 ? "0.01" : "0",
			       SHOP_CENTS_MAX / CENTS);
	*out_cents = (uint32_t)cents;
	return OK;
}

static enum err read_webhook(const char *text, struct wire_shop_set *set,
			     struct err_note *note)
{
	enum err err = OK;

	if (text[0] != '\0')
		err = web_address_check(text, "--webhook", note);
	if (!err && strlen(text) > ADDRESS_MAX)
		err = err_say(ERR_RANGE, note, "--webhook has at most %d bytes",
			      ADDRESS_MAX);
	if (err)
		return ERR_RANGE;
	must(str_copy(set->webhook, sizeof(set->webhook), text));
	return OK;
}

static enum err read_mail(const char *text, struct wire_shop_set *set,
			  struct err_note *note)
{
	if (text[0] != '\0' && mail_address_check(text, note))
		return ERR_RANGE;
	return str_copy(set->mail, sizeof(set->mail), text)
		       ? OK
		       : err_say(ERR_RANGE, note, "--mail is too long");
}

static enum err read_currency(const char *text, struct wire_shop_set *set,
			      struct err_note *note)
{
	if (strlen(text) != 3 || strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3)
		return err_say(ERR_RANGE, note,
			       "--currency %.20s: expected three capitals, such as EUR",
			       text);
	must(str_copy(set->currency, sizeof(set->currency), text));
	return OK;
}

static enum err read_set(const struct args *args, struct wire_shop_set *set,
			 struct err_note *note)
{
	const char *webhook = args_text(args, "webhook", NULL);
	const char *mail = args_text(args, "mail", NULL);
	const char *currency = args_text(args, "currency", NULL);
	enum err err = read_amount(args, "order", 0, &set->order_cents, note);

	if (!err)
		err = read_amount(args, "day", 0, &set->day_cents, note);
	if (!err && webhook)
		err = read_webhook(webhook, set, note);
	if (!err && mail)
		err = read_mail(mail, set, note);
	return !err && currency ? read_currency(currency, set, note) : err;
}

static enum err read_item(const struct args *args, struct wire_shop_item *item,
			  struct err_note *note)
{
	const char *way = args_text(args, "way", "");
	enum shop_way known;

	if (!str_copy(item->name, sizeof(item->name), args->rest[1]) || !item->name[0])
		return err_say(ERR_RANGE, note, "a name has 1 to %zu bytes",
			       sizeof(item->name) - 1);
	if (!args_count(args, "price"))
		return err_say(ERR_RANGE, note, "add needs --price");
	if (!shop_way_from_text(way, &known))
		return err_say(ERR_RANGE, note,
			       "--way %.20s: expected list, mail or webhook", way);
	must(str_copy(item->way, sizeof(item->way), way));
	return read_amount(args, "price", 1, &item->cents, note);
}

/* --- what holds ------------------------------------------------------------------------- */

static void print_shop(const struct everyday *everyday, const struct household *household)
{
	const struct wire_shop_set *shop = &everyday->shop;
	char first[SHOP_PRICE_BYTES];
	char second[SHOP_PRICE_BYTES];

	shop_price(shop->order_cents, shop->currency, first);
	shop_price(shop->day_cents, shop->currency, second);
	printf("ordering  %s\n", shop->on ? "on: each order takes a tap" : "off");
	printf("limits    %s an order, %s within 24 hours\n", first, second);
	printf("webhook   %s\n", shop->webhook[0] ? shop->webhook : "none");
	printf("mail      %s\n", shop->mail[0] ? shop->mail : "none");
	for (size_t i = 0; i < everyday->spend_count; i++) {
		const struct wire_spend_set *spend = &everyday->spends[i];

		shop_price(spend->day_cents, shop->currency, first);
		printf("spends    %s: %s within 24 hours\n",
		       household_name(household, spend->person.bytes), first);
	}
	for (size_t i = 0; i < everyday->item_count; i++) {
		const struct wire_shop_item *item = &everyday->items[i];

		shop_price(item->cents, shop->currency, first);
		printf("item      %s, %s, by %s\n", item->name, first, item->way);
	}
}

static void add_items(struct json_write *write, const struct everyday *everyday,
		      const struct household *household)
{
	json_open_array(write, "items");
	for (size_t i = 0; i < everyday->item_count; i++) {
		json_open_object(write, NULL);
		json_add_text(write, "name", everyday->items[i].name);
		json_add_int(write, "cents", everyday->items[i].cents);
		json_add_text(write, "way", everyday->items[i].way);
		json_close(write, '}');
	}
	json_close(write, ']');
	json_open_array(write, "spends");
	for (size_t i = 0; i < everyday->spend_count; i++) {
		json_open_object(write, NULL);
		json_add_text(write, "person",
			      household_name(household,
					     everyday->spends[i].person.bytes));
		json_add_int(write, "day_cents", everyday->spends[i].day_cents);
		json_close(write, '}');
	}
	json_close(write, ']');
}

static enum err print_json(const struct everyday *everyday,
			   const struct household *household)
{
	const struct wire_shop_set *shop = &everyday->shop;
	struct json_write write;
	struct buf line;
	enum err err;

	buf_init(&line, LINE_BYTES * SHOP_ITEMS_MAX);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_bool(&write, "on", shop->on != 0);
	json_add_text(&write, "currency", shop->currency);
	json_add_int(&write, "order_cents", shop->order_cents);
	json_add_int(&write, "day_cents", shop->day_cents);
	json_add_text(&write, "webhook", shop->webhook[0] ? shop->webhook : NULL);
	json_add_text(&write, "mail", shop->mail[0] ? shop->mail : NULL);
	add_items(&write, everyday, household);
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		printf("%s\n", (const char *)line.bytes);
	buf_finish(&line);
	return err;
}

static enum err show_here(struct link_client *client, bool as_json, struct err_note *note)
{
	struct everyday *everyday = NULL;
	struct household *household = NULL;
	enum err err = everyday_get(client, &everyday, note);

	if (!err)
		err = household_get(client, &household, note);
	if (!err && as_json)
		err = print_json(everyday, household);
	else if (!err)
		print_shop(everyday, household);
	everyday_destroy(everyday);
	household_destroy(household);
	return err;
}

static enum err show(const struct args *args, const struct paths *paths,
		     struct err_note *note)
{
	struct link_client *client = NULL;
	enum err err = client_sign_in(args, paths, &client, note);

	if (!err)
		err = show_here(client, args_flag(args, "json"), note);
	link_client_close(client);
	return err;
}

/* --- changes ---------------------------------------------------------------------------- */

/* What is not given stays as it is. on: 1, 0, or -1 for as it is. */
static enum err change_shop(const struct args *args, const struct paths *paths, int on,
			    struct err_note *note)
{
	struct wire_shop_set set = {.on = 0};
	struct link_client *client = NULL;
	struct everyday *everyday = NULL;
	enum err err = read_set(args, &set, note); /* before anybody signs in */

	if (!err)
		err = client_sign_in(args, paths, &client, note);
	if (!err)
		err = everyday_get(client, &everyday, note);
	if (!err) {
		set = everyday->shop;
		if (on >= 0)
			set.on = (uint8_t)on;
		err = read_set(args, &set, note);
	}
	if (!err)
		err = link_client_send_shop_set(client, &set, note);
	if (!err)
		err = client_expect_done(client, note);
	if (!err)
		err = show_here(client, args_flag(args, "json"), note);
	everyday_destroy(everyday);
	link_client_close(client);
	return err;
}

static enum err set_on(const struct args *args, const struct paths *paths,
		       struct err_note *note)
{
	return change_shop(args, paths, 1, note);
}

static enum err set_off(const struct args *args, const struct paths *paths,
			struct err_note *note)
{
	return change_shop(args, paths, 0, note);
}

static enum err set_values(const struct args *args, const struct paths *paths,
			   struct err_note *note)
{
	static const char *const values[] = {"currency", "day", "mail", "order",
					     "webhook"};
	size_t given = 0;

	for (size_t i = 0; i < STR_COUNT(values); i++)
		given += args_count(args, values[i]);
	if (given == 0)
		return err_say(ERR_RANGE, note,
			       "set needs --currency, --order, --day, --webhook or "
			       "--mail");
	return change_shop(args, paths, -1, note);
}

static enum err change_item(const struct args *args, const struct paths *paths,
			    const struct wire_shop_item *item, struct err_note *note)
{
	struct link_client *client = NULL;
	enum err err = client_sign_in(args, paths, &client, note);

	if (!err)
		err = link_client_send_shop_item(client, item, note);
	if (!err)
		err = client_expect_done(client, note);
	link_client_close(client);
	return err;
}

static enum err add(const struct args *args, const struct paths *paths,
		    struct err_note *note)
{
	struct wire_shop_item item = {.is_gone = 0};
	enum err err = read_item(args, &item, note);

	return err ? err : change_item(args, paths, &item, note);
}

static enum err remove_item(const struct args *args, const struct paths *paths,
			    struct err_note *note)
{
	struct wire_shop_item item = {.is_gone = 1};

	if (!str_copy(item.name, sizeof(item.name), args->rest[1]))
		return err_say(ERR_RANGE, note, "a name has at most %zu bytes",
			       sizeof(item.name) - 1);
	return change_item(args, paths, &item, note);
}

/* Without --day: by their role again. */
static enum err spend(const struct args *args, const struct paths *paths,
		      struct err_note *note)
{
	struct wire_spend_set set = {.is_gone = !args_count(args, "day")};
	const struct wire_person *person = NULL;
	struct household *household = NULL;
	struct link_client *client = NULL;
	enum err err = read_amount(args, "day", 0, &set.day_cents, note);

	if (!err)
		err = household_meet(args, paths, &client, &household, note);
	if (!err)
		err = household_person(household, args->rest[1], &person, note);
	if (!err) {
		memcpy(set.person.bytes, person->id.bytes, ID_BYTES);
		err = link_client_send_spend_set(client, &set, note);
	}
	if (!err)
		err = client_expect_done(client, note);
	household_destroy(household);
	link_client_close(client);
	return err;
}

static enum cli_exit run(const struct args *args)
{
	static const struct verb verbs[] = {
		{"show", 0, 0, NULL, show},
		{"add", 1, 1, "the name of one thing", add},
		{"off", 0, 0, NULL, set_off},
		{"on", 0, 0, NULL, set_on},
		{"remove", 1, 1, "the name of one thing", remove_item},
		{"set", 0, 0, NULL, set_values},
		{"spend", 1, 1, "the name of one person", spend},
	};

	return verbs_run(verbs, STR_COUNT(verbs), args, "the shop");
}

const struct command command_shop = {
	.name = "shop",
	.summary = "set what may be ordered, for how much, and by which way",
	.operands = "[show | add NAME | off | on | remove NAME | set | spend NAME]",
	.words =
		"Ordering is off until an owner switches it on, and then nothing can be ordered "
		"but what stands in this catalogue, at its price. What is asked for aloud is "
		"shown on devices (behest approve) and ordered only when somebody who may buy "
		"taps it; no word does. At most three can be asked for within an hour. One "
		"order, one person and all together spend no more than their limits; who has "
		"none of their own: an owner what all may, anybody else nothing (spend --day; "
		"without it, so again). An order goes out once, as JSON signed by the house's "
		"gate or as mail. A change is policy: it needs the owner's passphrase, is kept "
		"by the keeper and written into the journal.",
	.choices = "show|add|off|on|remove|set|spend",
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_max = 2,
	.run = run,
};
