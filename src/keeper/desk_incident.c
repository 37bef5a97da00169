/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_incident - the breach desk: what is wrong with somebody's data, from when it is known
 * until an owner closes it. Each step is a row that is only ever appended, and an event.
 *
 * Invariants: an incident freezes exports from the moment it is known, also before it is
 * written down and if it cannot be. Its steps are written one at a time, numbered without
 * gaps; a step is told of only once it is durable. What is due by itself follows from what is
 * written: after a kill at any moment it goes on there. A row that does not verify opens an
 * incident of its own.
 */
#include <stdlib.h>
#include <string.h>

#include "base/key_text.h"
#include "base/log.h"
#include "base/must.h"
#include "base/pack.h"
#include "base/str.h"
#include "journal/entry.h"
#include "keeper/desk_inner.h"
#include "keeper/incident_row.h"
#include "keeper/looking_back.h"

enum {
	WAITING_MAX = 8,         /* steps of owners, while another is being written */
	AGAIN_MAX = 64,          /* what is reported more often is counted */
	LEFT_TO_CLOSE = 16,      /* steps: whatever came before, an owner can close it */
	REFUSALS_MAX = 16,       /* that owners are told of; older ones are in the rows */
	STRANGERS_OPEN_MAX = 16, /* opened by people who are not signed in */
	STRANGERS_PER_HOUR = 8,
	OWNERS_PER_HOUR = 32,
};

struct desk_incident {
	struct incident_step first;
	uint16_t steps; /* that are written; 0: it is not written yet */
	unsigned has;   /* bits of their kinds */
	size_t again;   /* how often it was reported again */
	bool is_writing;
	bool is_drafted;   /* and that is not written yet */
	size_t told_count; /* whom it concerns, and who has heard of it */
	struct incident_told {
		struct owner_id owner;
		char how[INCIDENT_REFERENCE_BYTES];
		bool is_written;
	} told[DESK_OWNERS_MAX];
	size_t waiting_count;
	struct item *waiting[WAITING_MAX]; /* owned */
};

static void go_on(struct desk *desk, struct desk_incident *incident);

static struct incident_place place_of(const struct desk *desk)
{
	return (struct incident_place){.household = desk->parts.household,
				       .house_key = secret_view(desk->parts.house_key)};
}

static bool is_open(const struct desk_incident *incident)
{
	return incident->first.kind == INCIDENT_OPENED;
}

bool desk_incident_freezes(const struct desk *desk)
{
	bool freezes = false;

	for (size_t i = 0; i < STR_COUNT(desk->incidents_due); i++)
		freezes = freezes || desk->incidents_due[i];
	for (size_t i = 0; i < desk->incident_count; i++)
		freezes = freezes || is_open(desk->incidents[i]);
	return freezes;
}

static struct desk_incident *find(const struct desk *desk, struct incident_id id)
{
	for (size_t i = 0; i < desk->incident_count; i++)
		if (id_equal(desk->incidents[i]->first.id.bytes, id.bytes))
			return desk->incidents[i];
	return NULL;
}

bool desk_incident_look(const struct desk *desk, struct incident_id id,
			struct incident_step *out_first)
{
	const struct desk_incident *incident = find(desk, id);

	if (incident)
		*out_first = incident->first;
	return incident != NULL;
}

static void destroy(struct desk_incident *incident)
{
	for (size_t i = 0; i < incident->waiting_count; i++)
		item_destroy(incident->waiting[i]);
	seal_wipe(incident, sizeof(*incident));
	free(incident);
}

static void forget(struct desk *desk, const struct desk_incident *incident)
{
	size_t at = 0;

	while (at < desk->incident_count && desk->incidents[at] != incident)
		at++;
	must(at < desk->incident_count);
	destroy(desk->incidents[at]);
	desk->incident_count--;
	memmove(&desk->incidents[at], &desk->incidents[at + 1],
		(desk->incident_count - at) * sizeof(desk->incidents[0]));
}

void desk_incident_drop_all(struct desk *desk)
{
	while (desk->incident_count > 0)
		destroy(desk->incidents[--desk->incident_count]);
}

/* --- the journal ------------------------------------------------------------------------ */

static void add_id(struct event *event, const char *name, const uint8_t id[ID_BYTES])
{
	if (!id_is_none(id))
		desk_event_add_id(event, name, id);
}

/* Codes and ids: the words of whoever wrote it stay in the row. */
static void step_event(struct desk *desk, struct event *event,
		       const struct incident_step *step)
{
	const bool is_refusal = step->kind == INCIDENT_REFUSED;

	desk_event(desk, event, is_refusal ? EVENT_AUTHORITY : EVENT_INCIDENT, "");
	desk_event_add_id(event, "incident", step->id.bytes);
	event_add(event, "step", incident_kind_text(step->kind));
	event_add_int(event, "number", step->number);
	add_id(event, step->kind == INCIDENT_TOLD ? "owner" : "by", step->by.bytes);
	if (step->kind == INCIDENT_OPENED) {
		event_add(event, "cause", incident_cause_text(step->cause));
		event_add(event, "words", incident_cause_words(step->cause));
		add_id(event, "owner", step->about.owner.bytes);
		add_id(event, "record", step->about.record.bytes);
		add_id(event, "export", step->about.export.bytes);
	} else {
		event_add(event, "words", incident_kind_words(step->kind));
	}
	if (is_refusal) {
		event_add(event, "who", step->who);
		event_add(event, "reference", step->reference);
	}
}

static void counted(struct desk *desk, struct item *item, enum err err, uint64_t place)
{
	(void)desk;
	(void)item;
	(void)place;
	if (err != OK)
		log_line(
			"keeper: it could not be written down that more was reported: %s",
			err_words(err));
}

/* More than there is room for: counted, and written down each time it has doubled, so that
 * who floods the desk does not flood the journal. */
static void count_more(struct desk *desk)
{
	struct item *item = NULL;

	desk->incidents_more++;
	if ((desk->incidents_more & (desk->incidents_more - 1)) != 0)
		return;
	log_line("keeper: more is reported than incidents are opened for count=%llu",
		 (unsigned long long)desk->incidents_more);
	if (item_create(NULL, 0, counted, &item) != OK)
		return;
	desk_event(desk, &item->event, EVENT_INCIDENTS_MORE, "");
	event_add_int(&item->event, "count", (int64_t)desk->incidents_more);
	desk_write_take(desk, &item);
}

/* --- who hears of it -------------------------------------------------------------------- */

/* A request for disclosure concerns every owner, and so does what may be anybody's. */
static bool concerns(const struct desk *desk, const struct desk_incident *incident,
		     struct owner_id owner)
{
	return id_is_none(incident->first.about.owner.bytes)
		       ? desk_owner_is_active(desk, owner)
		       : id_equal(incident->first.about.owner.bytes, owner.bytes);
}

/* NULL: that owner was not told yet. */
static const struct incident_told *told_to(const struct desk_incident *incident,
					   struct owner_id owner)
{
	for (size_t i = 0; i < incident->told_count; i++)
		if (id_equal(incident->told[i].owner.bytes, owner.bytes))
			return &incident->told[i];
	return NULL;
}

/* Of a refusal that is written: then nothing more follows. */
static bool is_told_to_all(const struct desk *desk, const struct desk_incident *incident)
{
	const struct incident_told *told;

	if (is_open(incident))
		return false;
	for (size_t i = 0; i < desk->owner_count; i++) {
		told = told_to(incident, desk->owners[i].id);
		if (concerns(desk, incident, desk->owners[i].id) &&
		    (!told || !told->is_written))
			return false;
	}
	return true;
}

/* It is written down by go_on(). */
static void note_told(struct desk_incident *incident, struct owner_id owner,
		      const char *how)
{
	struct incident_told *told = &incident->told[incident->told_count];

	if (told_to(incident, owner) || incident->told_count == DESK_OWNERS_MAX)
		return;
	*told = (struct incident_told){.owner = owner};
	must(str_copy(told->how, sizeof(told->how), how));
	incident->told_count++;
}

void desk_incident_tell(struct desk *desk, struct owner_id owner, uint32_t *out_open,
			uint32_t *out_requests)
{
	*out_open = 0;
	*out_requests = 0;
	for (size_t i = desk->incident_count; i > 0; i--) {
		struct desk_incident *incident = desk->incidents[i - 1];

		if (incident->steps == 0 || !concerns(desk, incident, owner))
			continue;
		*out_open += is_open(incident);
		*out_requests += !is_open(incident) && !told_to(incident, owner);
		note_told(incident, owner, "at signing in");
		go_on(desk, incident);
	}
}

/* False: it is no owner's, or none whom it concerns. */
static bool tell_device(struct desk *desk, const struct desk_incident *incident,
			struct desk_link *link, struct owner_id *out_owner)
{
	struct wire_incident_news news = {.at_ms = incident->first.at_ms};
	const struct device *device = policy_device(&desk->policy, link->key);

	if (link->side != DESK_DEVICE || !link->has_key || !device || device->is_revoked)
		return false;
	memcpy(out_owner->bytes, device->person.bytes, ID_BYTES);
	if (desk_owner_index(desk, *out_owner) == DESK_OWNERS_MAX ||
	    !concerns(desk, incident, *out_owner))
		return false;
	memcpy(news.id.bytes, incident->first.id.bytes, ID_BYTES);
	must(str_copy(news.kind, sizeof(news.kind),
		      incident_kind_text(incident->first.kind)));
	if (is_open(incident))
		must(str_copy(news.cause, sizeof(news.cause),
			      incident_cause_text(incident->first.cause)));
	desk_say(link, WIRE_incident_news, &news);
	return true;
}

static void note_device(struct desk_incident *incident, struct owner_id owner,
			const uint8_t key[PEOPLE_KEY_BYTES])
{
	char how[INCIDENT_REFERENCE_BYTES] = "on a paired device";
	char print[KEY_FINGERPRINT_BYTES];

	if (key_fingerprint(key, print) == OK)
		must(str_append(how, sizeof(how), " %s", print));
	note_told(incident, owner, how);
}

/* It is new: the devices that are here. */
static void tell_devices(struct desk *desk, struct desk_incident *incident)
{
	struct owner_id owner;

	for (size_t i = 0; i < DESK_LINKS_MAX; i++)
		if (desk->links[i] && tell_device(desk, incident, desk->links[i], &owner))
			note_device(incident, owner, desk->links[i]->key);
}

/* One device has come: what is open, and what its owner has not heard of. */
void desk_incident_tell_device(struct desk *desk, struct desk_link *link)
{
	struct owner_id owner;

	for (size_t i = desk->incident_count; i > 0; i--) {
		struct desk_incident *incident = desk->incidents[i - 1];

		if (incident->steps == 0 || !tell_device(desk, incident, link, &owner))
			continue;
		note_device(incident, owner, link->key);
		go_on(desk, incident);
	}
}

/* --- a step, from the asking to the answer ---------------------------------------------- */

static void take_told(struct desk_incident *incident, const struct incident_step *step)
{
	size_t at = 0;

	while (at < incident->told_count &&
	       !id_equal(incident->told[at].owner.bytes, step->by.bytes))
		at++;
	if (at == DESK_OWNERS_MAX)
		return;
	incident->told[at].owner = step->by;
	incident->told[at].is_written = true;
	if (at == incident->told_count)
		incident->told_count++;
}

/* It is written: what that changes. */
static void take_step(struct desk_incident *incident, const struct incident_step *step)
{
	must(step->number > incident->steps);
	incident->steps = step->number;
	incident->has |= 1U << step->kind;
	incident->again += step->kind == INCIDENT_AGAIN;
	if (step->kind == INCIDENT_TOLD)
		take_told(incident, step);
	if (step->kind == INCIDENT_DRAFTED)
		incident->is_drafted = false;
}

static void say_opened(struct desk_link *link, const struct incident_step *step)
{
	struct wire_incident_opened opened = {.is_new = step->kind != INCIDENT_AGAIN};

	memcpy(opened.id.bytes, step->id.bytes, ID_BYTES);
	desk_say(link, WIRE_incident_opened, &opened);
}

static void step_answer(struct desk *desk, const struct item *item, enum err err,
			uint64_t place)
{
	struct desk_link *link = desk_link_by_id(desk, item->link_id);

	if (!link)
		return;
	if (err != OK)
		desk_refuse_token(link, item->token, DESK_REFUSE_NOT_WRITTEN);
	else if (item->step->kind == INCIDENT_AGAIN ||
		 incident_kind_begins(item->step->kind))
		say_opened(link, item->step);
	else
		desk_say_done(link, item->token, OK, place, (struct record_id){{0}});
}

static void refuse_waiting(struct desk *desk, struct desk_incident *incident,
			   enum desk_refusal why)
{
	for (size_t i = 0; i < incident->waiting_count; i++) {
		struct desk_link *link =
			desk_link_by_id(desk, incident->waiting[i]->link_id);

		if (link)
			desk_refuse(link, why);
		item_destroy(incident->waiting[i]);
	}
	incident->waiting_count = 0;
}

/* Whoever asked for it was told no; what the keeper found itself stays, and is tried again. */
static void step_failed(struct desk *desk, struct desk_incident *incident,
			const struct item *item, enum err err)
{
	incident->is_writing = false;
	log_line("keeper: a step of an incident was not written: %s", err_words(err));
	step_answer(desk, item, err, 0);
	if (incident->steps == 0 && item->link_id != 0) {
		refuse_waiting(desk, incident, DESK_REFUSE_NOT_WRITTEN);
		forget(desk, incident);
	}
}

static void step_written(struct desk *desk, struct item *item, enum err err,
			 uint64_t place)
{
	struct desk_incident *incident = find(desk, item->step->id);

	must(incident && incident->is_writing);
	if (err != OK) {
		step_failed(desk, incident, item, err);
		return;
	}
	incident->is_writing = false;
	take_step(incident, item->step);
	step_answer(desk, item, OK, place);
	if (incident_kind_begins(item->step->kind))
		tell_devices(desk, incident);
	if (item->step->kind == INCIDENT_CLOSED) {
		desk->incident_closings++;
		refuse_waiting(desk, incident, DESK_REFUSE_INCIDENT_CLOSED);
	}
	if (item->step->kind == INCIDENT_CLOSED || is_told_to_all(desk, incident))
		forget(desk, incident);
	else
		go_on(desk, incident);
}

/* Completes the row and hands the item over; its incident has nothing else under way. */
static void start(struct desk *desk, struct desk_incident *incident, struct item *item)
{
	const struct incident_place place = place_of(desk);
	uint8_t row[INCIDENT_ROW_BYTES_MAX];
	uint8_t bytes[INCIDENT_KEY_BYTES];
	struct store_key key;
	size_t size = 0;
	enum err err;

	must(!incident->is_writing);
	incident->is_writing = true;
	item->step->number = (uint16_t)(incident->steps + 1);
	incident_row_key(item->step, bytes);
	key = desk_key(desk, STORE_INCIDENT, bytes, sizeof(bytes));
	err = incident_row_write(&place, item->step, secret_view(desk->parts.seed), row,
				 &size);
	if (err == OK)
		err = item_add_row(item, &key, row, size);
	if (err != OK) {
		step_failed(desk, incident, item, err);
		item_destroy(item);
		return;
	}
	step_event(desk, &item->event, item->step);
	desk_write_take(desk, &item);
}

/* NULL: out of memory. */
static struct item *make_item(struct desk_link *link, const struct incident_step *step)
{
	struct item *item = NULL;

	if (item_create(link, 0, step_written, &item) != OK)
		return NULL;
	item->step = malloc(sizeof(*item->step));
	if (!item->step) {
		item_destroy(item);
		return NULL;
	}
	*item->step = *step;
	return item;
}

/* --- what is due by itself -------------------------------------------------------------- */

static bool has(const struct desk_incident *incident, enum incident_kind kind)
{
	return (incident->has & 1U << kind) != 0;
}

static bool due_told(const struct desk_incident *incident, struct incident_step *step)
{
	for (size_t i = 0; i < incident->told_count; i++) {
		if (incident->told[i].is_written)
			continue;
		step->kind = INCIDENT_TOLD;
		step->by = incident->told[i].owner;
		memcpy(step->reference, incident->told[i].how, sizeof(step->reference));
		return true;
	}
	return false;
}

/* The next step that the keeper takes by itself; false: none. */
static bool due(const struct desk *desk, const struct desk_incident *incident,
		struct incident_step *step)
{
	if (incident->steps == 0) {
		*step = incident->first;
		return true;
	}
	*step = (struct incident_step){.id = incident->first.id,
				       .at_ms = clock_wall_ms(&desk->parts.clock)};
	if (is_open(incident) && !has(incident, INCIDENT_FROZEN)) {
		step->kind = INCIDENT_FROZEN;
		return true;
	}
	if (is_open(incident) && !has(incident, INCIDENT_CLOCK) &&
	    desk->policy.operator_name[0] != '\0') {
		step->kind = INCIDENT_CLOCK;
		must(str_copy(step->reference, sizeof(step->reference),
			      desk->policy.operator_name));
		return true;
	}
	if (incident->is_drafted) {
		step->kind = INCIDENT_DRAFTED;
		return true;
	}
	return due_told(incident, step);
}

static void go_on(struct desk *desk, struct desk_incident *incident)
{
	struct incident_step step;
	struct item *item;

	if (incident->is_writing || desk->state != DESK_READY)
		return;
	if (incident->waiting_count > 0) {
		must(incident->steps >
		     0); /* who waits for the first is refused with it */
		item = incident->waiting[0];
		incident->waiting_count--;
		memmove(&incident->waiting[0], &incident->waiting[1],
			incident->waiting_count * sizeof(incident->waiting[0]));
		start(desk, incident, item);
		return;
	}
	if (incident->steps >= INCIDENT_STEPS_MAX - LEFT_TO_CLOSE ||
	    !due(desk, incident, &step))
		return;
	item = make_item(NULL, &step);
	if (item)
		start(desk, incident, item);
}

/* Backwards: an incident whose step fails may be forgotten. */
void desk_incident_tick(struct desk *desk)
{
	for (size_t i = desk->incident_count; i > 0; i--)
		go_on(desk, desk->incidents[i - 1]);
}

/* --- opening ---------------------------------------------------------------------------- */

/* In order of time, like ids of recordings. */
static struct incident_id make_id(struct desk *desk)
{
	const uint64_t now_ms = (uint64_t)clock_wall_ms(&desk->parts.clock);
	struct incident_id id;

	rand_fill(&desk->parts.rand, id.bytes, ID_BYTES);
	for (size_t i = 0; i < 6; i++)
		id.bytes[i] = (uint8_t)(now_ms >> (8 * (5 - i)));
	return id;
}

/* An open one of the same cause and about the same; NULL: none. */
static struct desk_incident *same(const struct desk *desk, enum incident_cause cause,
				  const struct incident_about *about)
{
	for (size_t i = 0; i < desk->incident_count; i++) {
		const struct incident_step *first;

		must(desk->incidents[i]);
		first = &desk->incidents[i]->first;
		if (first->kind == INCIDENT_OPENED && first->cause == cause &&
		    id_equal(first->about.record.bytes, about->record.bytes) &&
		    id_equal(first->about.export.bytes, about->export.bytes) &&
		    first->about.turn.value == about->turn.value)
			return desk->incidents[i];
	}
	return NULL;
}

/* What an owner has not heard of in so many requests they find in the list. */
static void make_room_for_refusal(struct desk *desk)
{
	const struct desk_incident *oldest = NULL;
	size_t count = 0;

	for (size_t i = 0; i < desk->incident_count; i++) {
		const struct desk_incident *incident = desk->incidents[i];

		if (is_open(incident))
			continue;
		count++;
		if (!oldest && !incident->is_writing)
			oldest = incident;
	}
	if (count >= REFUSALS_MAX && oldest)
		forget(desk, oldest);
}

/* NULL: there is no room, or no memory. */
static struct desk_incident *add(struct desk *desk, const struct incident_step *first)
{
	struct desk_incident *incident = NULL;

	if (first->kind == INCIDENT_REFUSED)
		make_room_for_refusal(desk);
	if (desk->incident_count < DESK_INCIDENTS_MAX)
		incident = calloc(1, sizeof(*incident));
	if (!incident)
		return NULL;
	incident->first = *first;
	desk->incidents[desk->incident_count++] = incident;
	return incident;
}

void desk_incident_open(struct desk *desk, enum incident_cause cause,
			struct record_id record, const struct desk_link *link)
{
	struct incident_step first = {
		.kind = INCIDENT_OPENED,
		.number = 1,
		.at_ms = clock_wall_ms(&desk->parts.clock),
		.cause = cause,
		.about = {.record = record},
	};
	struct desk_incident *incident;

	if (link && link->view)
		first.about.owner = owner_view_id(link->view);
	if (desk->state == DESK_LOADING) {
		desk->incidents_due[cause] = true;
		return;
	}
	if (same(desk, cause, &first.about))
		return;
	first.id = make_id(desk);
	incident = add(desk, &first);
	if (!incident) {
		count_more(desk);
		return;
	}
	log_line("keeper: an incident is open, and exports are frozen cause=%s; see: "
		 "behest incident list",
		 incident_cause_text(cause));
	go_on(desk, incident);
}

/* --- what people ask for ---------------------------------------------------------------- */

static bool is_of_strangers(const struct desk_incident *incident)
{
	return is_open(incident) && incident->first.cause == INCIDENT_REPORTED &&
	       id_is_none(incident->first.by.bytes);
}

/* False: too many came within the hour, or are open. Counts it. */
static bool may_report(struct desk *desk, const struct incident_step *first, bool is_new)
{
	const bool is_stranger = id_is_none(first->by.bytes);
	struct hourly_times *times = &desk->reports[is_stranger];
	const unsigned limit = is_stranger ? STRANGERS_PER_HOUR : OWNERS_PER_HOUR;
	size_t open = 0;

	for (size_t i = 0; i < desk->incident_count; i++)
		open += is_of_strangers(desk->incidents[i]);
	if (is_new && is_stranger && open >= STRANGERS_OPEN_MAX)
		return false;
	return hourly_count(times, limit, clock_now_ms(&desk->parts.clock));
}

/* Queues it behind what is being written of the same incident. */
static void queue_step(struct desk *desk, struct desk_link *link,
		       struct desk_incident *incident, const struct incident_step *step)
{
	struct item *item =
		incident->waiting_count < WAITING_MAX ? make_item(link, step) : NULL;

	if (!item) {
		desk_refuse(link, DESK_REFUSE_TOO_MUCH_WAITS);
		return;
	}
	incident->waiting[incident->waiting_count++] = item;
	go_on(desk, incident);
}

static void begin(struct desk *desk, struct desk_link *link, struct incident_step *first)
{
	struct desk_incident *incident;
	struct item *item;

	first->id = make_id(desk);
	item = make_item(link, first);
	incident = item ? add(desk, first) : NULL;
	if (!incident) {
		item_destroy(item);
		count_more(desk);
		desk_refuse(link, DESK_REFUSE_TOO_MUCH_WAITS);
		return;
	}
	start(desk, incident, item);
}

void desk_incident_report(struct desk *desk, struct desk_link *link,
			  struct incident_step *first)
{
	struct desk_incident *known = same(desk, first->cause, &first->about);

	if (!may_report(desk, first, !known)) {
		count_more(desk);
		desk_refuse(link, DESK_REFUSE_TOO_MANY_REPORTS);
	} else if (!known) {
		begin(desk, link, first);
	} else {
		first->id = known->first.id;
		first->kind = INCIDENT_AGAIN;
		if (known->again < AGAIN_MAX) {
			queue_step(desk, link, known, first);
			return;
		}
		count_more(desk);
		say_opened(link, first);
	}
}

void desk_incident_refuse(struct desk *desk, struct desk_link *link,
			  struct incident_step *first)
{
	begin(desk, link, first);
}

void desk_incident_step(struct desk *desk, struct desk_link *link,
			const struct incident_step *step)
{
	struct desk_incident *incident = find(desk, step->id);

	if (!incident || !is_open(incident) || incident->steps == 0)
		desk_refuse(link, DESK_REFUSE_INCIDENT_CLOSED);
	else if (step->kind != INCIDENT_CLOSED &&
		 incident->steps + incident->waiting_count >
			 INCIDENT_STEPS_MAX - LEFT_TO_CLOSE)
		desk_refuse(link, DESK_REFUSE_TOO_MUCH_WAITS);
	else
		queue_step(desk, link, incident, step);
}

void desk_incident_drafted(struct desk *desk, struct incident_id id)
{
	struct desk_incident *incident = find(desk, id);

	if (!incident)
		return;
	incident->is_drafted = true;
	go_on(desk, incident);
}

/* --- loading ---------------------------------------------------------------------------- */

struct store_range desk_incident_range(const struct desk *desk)
{
	uint8_t first[INCIDENT_KEY_BYTES] = {0};
	uint8_t last[INCIDENT_KEY_BYTES];

	memset(last, 0xff, sizeof(last));
	return (struct store_range){
		.first = desk_key(desk, STORE_INCIDENT, first, sizeof(first)),
		.last = desk_key(desk, STORE_INCIDENT, last, sizeof(last)),
		.limit = STORE_RANGE_ROWS_MAX,
	};
}

/* Rows come in order: incident by incident, step by step. False: something is missing, or
 * there that should not be. */
static bool take_loaded(struct desk *desk, const struct incident_step *step)
{
	struct desk_incident *incident = find(desk, step->id);
	const bool begins = incident_kind_begins(step->kind);
	bool is_next;

	if (id_equal(desk->incident_closed.bytes, step->id.bytes))
		return false; /* nothing follows the last */
	if (!incident && (step->number != 1 || !begins))
		return false;
	if (incident && (begins || step->number <= incident->steps))
		return false;
	if (!incident)
		incident = add(desk, step);
	if (!incident)
		return true; /* more than there is room for; those that are there freeze */
	is_next = step->number == incident->steps + 1;
	take_step(incident, step);
	if (step->kind == INCIDENT_CLOSED) {
		desk->incident_closed = step->id;
		forget(desk, incident);
	}
	return is_next;
}

/* It is not to be believed, and stands where a step would be written: behind it, then. */
static void pass_over(struct desk *desk, const struct store_key *key)
{
	struct incident_step step = {.number = 0};
	struct desk_incident *incident;
	struct unpack unpack;

	unpack_init(&unpack, key->bytes, key->size);
	unpack_bytes(&unpack, step.id.bytes, ID_BYTES);
	step.number = (uint16_t)(unpack_u8(&unpack) << 8);
	step.number = (uint16_t)(step.number | unpack_u8(&unpack));
	incident = find(desk, step.id);
	if (incident && step.number == incident->steps + 1)
		incident->steps = step.number;
}

void desk_incident_loaded(struct desk *desk, const struct store_rows *rows)
{
	const struct incident_place place = place_of(desk);

	for (size_t i = 0; i < rows->count; i++) {
		const struct store_row *row = &rows->rows[i];
		struct incident_step step;

		if (row->key.size == INCIDENT_KEY_BYTES &&
		    incident_row_read(&place, row->key.bytes, desk->public_key,
				      row->value, row->size, &step) == OK &&
		    take_loaded(desk, &step))
			continue;
		desk->incidents_due[INCIDENT_FOREIGN_ROW] = true;
		pass_over(desk, &row->key);
	}
}

void desk_incident_ready(struct desk *desk)
{
	bool due_now[INCIDENT_CAUSE_COUNT];

	memcpy(due_now, desk->incidents_due, sizeof(due_now));
	memset(desk->incidents_due, 0, sizeof(desk->incidents_due));
	for (size_t i = 0; i < STR_COUNT(due_now); i++)
		if (due_now[i])
			desk_incident_open(desk, (enum incident_cause)i,
					   (struct record_id){{0}}, NULL);
	desk_incident_tick(desk);
}

/* --- what the journal says -------------------------------------------------------------- */

void desk_incident_audit_begin(const struct desk *desk, struct desk_incident_audit *audit)
{
	*audit = (struct desk_incident_audit){.closings = desk->incident_closings};
}

static size_t audit_find(const struct desk_incident_audit *audit, struct incident_id id)
{
	size_t at = 0;

	while (at < audit->count && !id_equal(audit->open[at].bytes, id.bytes))
		at++;
	return at;
}

void desk_incident_audit_row(struct desk *desk, struct desk_incident_audit *audit,
			     const struct store_row *row)
{
	struct entry_visible visible;
	struct event event;
	uint64_t place = 0;

	/* Most are told by what anybody sees, and need not be opened. */
	if (entry_peek(row->value, row->size, &visible) == OK &&
	    str_equal(visible.kind, event_kind_text(EVENT_INCIDENT)) &&
	    looking_back_event(desk, row, &place, &event))
		desk_incident_audit_event(audit, &event);
}

void desk_incident_audit_event(struct desk_incident_audit *audit,
			       const struct event *event)
{
	struct incident_id id;
	enum incident_kind kind;
	size_t at;

	if (event->kind != EVENT_INCIDENT ||
	    !id_from_text(id.bytes, event_value(event, "incident")) ||
	    !incident_kind_from_text(event_value(event, "step"), &kind))
		return;
	at = audit_find(audit, id);
	if (kind == INCIDENT_CLOSED && at < audit->count)
		audit->open[at] = audit->open[--audit->count];
	if (kind != INCIDENT_OPENED || at < audit->count)
		return;
	audit->is_full = audit->is_full || audit->count == STR_COUNT(audit->open);
	if (!audit->is_full)
		audit->open[audit->count++] = id;
}

void desk_incident_audit_end(struct desk *desk, const struct desk_incident_audit *audit)
{
	size_t missing = audit->is_full;

	if (audit->closings != desk->incident_closings)
		return;
	for (size_t i = 0; i < audit->count; i++)
		missing += !find(desk, audit->open[i]);
	if (missing == 0)
		return;
	log_line("keeper: rows of incidents are missing that the journal tells of "
		 "count=%zu",
		 missing);
	desk_incident_open(desk, INCIDENT_FOREIGN_ROW, (struct record_id){{0}}, NULL);
}
