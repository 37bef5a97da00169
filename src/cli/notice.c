/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notice - reads what the keeper tells a device, and finds it again.
 *
 * Knows no socket and prints nothing. Invariants: the hash is over the bytes as they came,
 * and the action is what exactly these bytes say; a number is never given twice.
 */
#include "cli/notice.h"

#include <string.h>

#include "base/seal.h"
#include "base/str.h"
#include "cli/id_prefix.h"
#include "domain/shop.h"

enum { BODY_LETTERS = 8 };

static const double MS_PER_SECOND = 1000;

/* --- reading ---------------------------------------------------------------------------- */

enum err notice_read(const struct wire_notice *told, int64_t now_ms,
		     struct notice *out_notice, struct err_note *note)
{
	const struct seal_part part = {told->action.bytes, told->action.size};
	struct notice notice = {
		.turn = {told->turn},
		.asked_ms = told->asked_ms,
		.until_ms = told->left_ms > 0 ? now_ms + told->left_ms : 0,
		.may = told->may != 0,
		.sound_ms = told->sound_ms,
		.can_recall = told->can_recall != 0,
	};
	enum err err = action_read((const char *)told->action.bytes, told->action.size,
				   &notice.action);

	if (err)
		return err_say(err, note,
			       "the keeper tells of bytes that are no action; "
			       "they are not shown and not signed");
	if (!proposal_state_from_text(told->state, &notice.state))
		return err_say(ERR_FORMAT, note,
			       "the keeper tells of a state that is none: %s",
			       told->state);
	memcpy(notice.id.bytes, told->id.bytes, ID_BYTES);
	(void)str_copy(notice.reason, sizeof(notice.reason), told->reason);
	(void)str_copy(notice.to, sizeof(notice.to), told->to);
	err = seal_sha256(&part, 1, notice.hash);
	if (!err)
		*out_notice = notice;
	return err;
}

/* --- in plain words --------------------------------------------------------------------- */

static bool is_zero(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

/* Of these a value of nothing says something. */
static bool has_percent(enum action_kind kind)
{
	return kind == ACTION_LIGHT_DIM || kind == ACTION_SET_HUMIDITY ||
	       kind == ACTION_SET_POSITION || kind == ACTION_SET_SPEED ||
	       kind == ACTION_SET_TILT || kind == ACTION_SET_VOLUME;
}

/* What is bought, by which way, for how much; what was heard, and what may be spent. */
static void order_words(const struct notice *notice, char to[NOTICE_WORDS_BYTES])
{
	const struct wire_order_card *card = &notice->card;
	const bool has_card = id_equal(card->id.bytes, notice->id.bytes);
	char price[SHOP_PRICE_BYTES];
	char most[SHOP_PRICE_BYTES];
	char left[SHOP_PRICE_BYTES];

	if (notice->action.item[0] == '\0' && notice->action.cents == 0)
		return;
	shop_price(notice->action.cents, has_card ? card->currency : "", price);
	(void)str_append(to, NOTICE_WORDS_BYTES, ", \"%s\" for %s", notice->action.item,
			 price);
	if (!has_card)
		return;
	shop_price(card->order_cents, card->currency, most);
	shop_price(card->person_left_cents < card->day_left_cents
			   ? card->person_left_cents
			   : card->day_left_cents,
		   card->currency, left);
	(void)str_append(to, NOTICE_WORDS_BYTES,
			 " (an order costs at most %s, you may spend %s more today)",
			 most, left);
	if (card->heard[0] != '\0')
		(void)str_append(to, NOTICE_WORDS_BYTES, ", heard \"%s\"", card->heard);
}

/* Whoever approves it approves all of it: no field that says something is left out. */
void notice_words(const struct notice *notice, char to[NOTICE_WORDS_BYTES])
{
	const struct action *action = &notice->action;
	const char *const texts[] = {notice->to[0] ? notice->to : action->entity,
				     action->colour, action->mode};
	char body[2 * ACTION_BODY_BYTES + 1];
	const char *mark = ": ";

	(void)str_copy(to, NOTICE_WORDS_BYTES, action_sentence(action->kind));
	for (size_t i = 0; i < STR_COUNT(texts); i++) {
		if (texts[i][0] == '\0')
			continue;
		(void)str_append(to, NOTICE_WORDS_BYTES, "%s%s", mark, texts[i]);
		mark = ", ";
	}
	order_words(notice, to);
	if (action->percent != 0 || has_percent(action->kind))
		(void)str_append(to, NOTICE_WORDS_BYTES, ", %d %%", action->percent);
	if (action->celsius < 0 || action->celsius > 0 || action->kind == ACTION_SET_HEAT)
		(void)str_append(to, NOTICE_WORDS_BYTES, ", %g degrees", action->celsius);
	if (notice->sound_ms > 0)
		(void)str_append(to, NOTICE_WORDS_BYTES, ", %.1f seconds",
				 notice->sound_ms / MS_PER_SECOND);
	str_to_hex(body, action->body, sizeof(action->body));
	if (!is_zero(action->body, sizeof(action->body)))
		(void)str_append(to, NOTICE_WORDS_BYTES, ", recording %.*s", BODY_LETTERS,
				 body);
	if (action->room[0] != '\0')
		(void)str_append(to, NOTICE_WORDS_BYTES, ", asked for in the %s",
				 action->room);
	str_clean(to);
}

/* --- what can become of it -------------------------------------------------------------- */

static bool fits(const struct action *action, enum proposal_kind kind)
{
	if (action->kind == ACTION_SEND_MESSAGE)
		return proposal_is_message(kind);
	return kind ==
	       (action->kind == ACTION_ORDER ? PROPOSAL_PURCHASE : PROPOSAL_AT_ONCE);
}

/* The keeper does not tell how a message leaves; what one way allows is offered. */
static bool can(const struct notice *notice, enum proposal_event event)
{
	enum proposal_state to;
	enum reason reason;

	for (unsigned kind = 0; kind < PROPOSAL_KIND_COUNT; kind++)
		if (fits(&notice->action, (enum proposal_kind)kind) &&
		    proposal_step((enum proposal_kind)kind, notice->state, event, &to,
				  &reason))
			return true;
	return false;
}

bool notice_can_approve(const struct notice *notice)
{
	return can(notice, PROPOSAL_TAPPED);
}

bool notice_can_cancel(const struct notice *notice)
{
	return can(notice, PROPOSAL_CALLED_OFF);
}

bool notice_is_on_its_way(const struct notice *notice)
{
	return notice->action.kind == ACTION_SEND_MESSAGE &&
	       notice->state != PROPOSAL_FETCHED && !proposal_is_over(notice->state);
}

/* --- the list --------------------------------------------------------------------------- */

void notices_begin(struct notices *notices)
{
	notices->left_out = 0;
	for (size_t i = 0; i < notices->count; i++)
		notices->list[i].was_told = false;
}

/* In their order: people have it before their eyes. */
static void drop(struct notices *notices, size_t at)
{
	notices->count--;
	memmove(&notices->list[at], &notices->list[at + 1],
		(notices->count - at) * sizeof(notices->list[0]));
}

void notices_end(struct notices *notices)
{
	for (size_t i = notices->count; i > 0; i--)
		if (!notices->list[i - 1].was_told)
			drop(notices, i - 1);
}

static size_t place_of(const struct notices *notices, struct proposal_id id)
{
	size_t at = 0;

	while (at < notices->count && !id_equal(notices->list[at].id.bytes, id.bytes))
		at++;
	return at;
}

bool notices_take(struct notices *notices, struct notice *notice)
{
	const size_t at = place_of(notices, notice->id);
	const bool is_known = at < notices->count;
	const bool is_news = !is_known || notices->list[at].state != notice->state;

	notice->number = is_known ? notices->list[at].number : ++notices->last_number;
	notice->was_receipted = !is_news && notices->list[at].was_receipted;
	notice->was_told = true;
	if (proposal_is_settled(notice->state)) {
		if (is_known)
			drop(notices, at);
	} else if (is_known || notices->count < NOTICES_MAX) {
		notices->list[at] = *notice;
		notices->count += is_known ? 0 : 1;
	} else {
		notices->left_out++;
	}
	return is_news;
}

const struct notice *notices_numbered(const struct notices *notices, size_t number)
{
	for (size_t i = 0; i < notices->count; i++)
		if (notices->list[i].number == number)
			return &notices->list[i];
	return NULL;
}

static const uint8_t *id_at(const void *context, size_t at)
{
	const struct notices *notices = context;

	return notices->list[at].id.bytes;
}

enum err notices_find(const struct notices *notices, const char *digits,
		      const char *lists, const struct notice **out_notice,
		      struct err_note *note)
{
	const struct id_prefix_list list = {
		.lists = lists,
		.none = "nothing that waits begins so; it may be over",
		.context = notices,
		.count = notices->count,
		.id_at = id_at};
	size_t at = 0;
	enum err err = id_prefix_find(&list, digits, &at, note);

	if (!err)
		*out_notice = &notices->list[at];
	return err;
}
