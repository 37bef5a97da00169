/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replays every *.story beside this file. A story is a list of lines, each a verb of the
 * table below; see README.md here. Prints each story's title, and the line that failed.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/must.h"
#include "base/str.h"
#include "domain/forecast.h"
#include "scenario/house.h"

enum { WORDS_MAX = 12, STORY_BYTES = 64 * 1024 };
static const double CLEAR = -5; /* a ratio that passes every floor */

struct story {
	struct house house;
	const char *file;
	int line;
	size_t word_count;
	char *words[WORDS_MAX];  /* of the current line; quotes removed */
	struct house_room *room; /* that spoke last */
	size_t commands_seen;
	size_t proposals_seen;
};

static void story_fail(const struct story *story, const char *what, const char *found)
{
	fail_msg("%s:%d: expected %s; found \"%s\"", story->file, story->line, what,
		 found);
}

static const char *word(const struct story *story, size_t index)
{
	if (index >= story->word_count)
		story_fail(story, "one more word", "the end of the line");
	return story->words[index];
}

static struct house_room *room_of(struct story *story, const char *name)
{
	struct house_room *room = house_room(&story->house, name);

	if (!room)
		story_fail(story, "a room that was given", name);
	return room;
}

/* given ... */

/* Nor is it private: there its owner may hear more. */
static void only_tell(struct room_policy *policy)
{
	policy->capabilities = MAY_TELL;
	policy->is_private = false;
	policy->private_owner = (struct owner_id){{0}};
}

static void given_room(struct story *story)
{
	struct house *house = &story->house;

	(void)house_add_room(house, word(story, 2));
	struct room_policy *policy = &house->policy.rooms[house->policy.room_count - 1];
	for (size_t i = 3; i < story->word_count; i++) {
		if (str_equal(word(story, i), "muted"))
			policy->muted = true;
		else if (str_equal(word(story, i), "may-only-tell"))
			only_tell(policy);
		else if (str_equal(word(story, i), "speaker-dead"))
			house->rooms[house->room_count - 1].speaker_dead = true;
		else if (str_starts(word(story, i), "owner="))
			policy->private_owner.bytes[0] =
				(uint8_t)atoi(word(story, i) + 6);
		else
			story_fail(story, "muted, may-only-tell, owner=N or speaker-dead",
				   word(story, i));
	}
	house_tell_policy(house);
}

/* given muted ROOM: from now on */
static void given_muted(struct story *story)
{
	struct house *house = &story->house;
	const struct house_room *room = room_of(story, word(story, 2));

	house->policy.rooms[room - house->rooms].muted = true;
	house_tell_policy(house);
}

/* A state as the device tells it. */
static void state_of(struct entity *entity, const char *text)
{
	struct entity_state *state = &entity->state;

	state->known = true;
	state->available = true;
	(void)str_copy(state->text, sizeof(state->text), text);
	state->on = str_equal(text, "on") || str_equal(text, "open") ||
		    str_equal(text, "unlocked");
}

/* given arranged "YAML", in one line */
static void given_arranged(struct story *story)
{
	house_arrange(&story->house, word(story, 2));
}

/* given gone ENTITY: the device has left the house */
static void given_gone(struct story *story)
{
	bus_fake_remove(story->house.bus_fake, word(story, 2));
	bus_fake_changed(story->house.bus_fake);
}

/* given dead ENTITY [back]: it does not answer */
static void given_dead(struct story *story)
{
	bus_fake_set_dead(story->house.bus_fake, word(story, 2), story->word_count < 4);
}

/* given device DOMAIN "name" "area" [read-only|harmless|hidden] [class=X] */
static void given_device(struct story *story)
{
	struct house *house = &story->house;
	struct entity *entity = NULL;

	must(bus_fake_add(house->bus_fake, entity_domain_from_text(word(story, 2)),
			  word(story, 3), word(story, 4), &entity) == OK);
	for (size_t i = 5; i < story->word_count; i++) {
		const char *mark = word(story, i);
		if (str_equal(mark, "read-only"))
			entity->read_only = true;
		else if (str_equal(mark, "hidden"))
			entity->exposed = false;
		else if (str_equal(mark, "harmless"))
			(void)str_copy(
				house->policy.harmless[house->policy.harmless_count++],
				sizeof(house->policy.harmless[0]), entity->id);
		else if (str_starts(mark, "class="))
			(void)str_copy(entity->device_class, sizeof(entity->device_class),
				       mark + 6);
		else if (str_starts(mark, "state="))
			state_of(entity, mark + 6);
		else if (str_equal(mark, "away"))
			entity->state.available = false;
		else if (str_starts(mark, "measured="))
			entity->state.measured_celsius = atof(mark + 9);
		else if (str_starts(mark, "target="))
			entity->state.target_celsius = atof(mark + 7);
		else
			story_fail(story, "a mark of a device", mark);
	}
	bus_fake_changed(house->bus_fake);
	house_tell_policy(house);
}

static void given_no_approver(struct story *story)
{
	keep_fake_set_approver(story->house.keep_fake, false);
}

static void given_no_owner(struct story *story)
{
	story->house.policy.has_owner = false;
	house_tell_policy(&story->house);
}

/* given keeper up|down|holds|answers */
static void given_place(struct story *story)
{
	story->house.policy.day.place.is_set = true;
	house_tell_policy(&story->house);
}

/* Of noon on the Sunday that stories begin on: each hour is half a degree colder and rain a
 * percent likelier, and each day is another weather. */
static void fill_forecast(struct forecast *forecast)
{
	static const uint8_t codes[FORECAST_DAYS_MAX] = {2, 61, 0, 73, 95, 3, 45};
	static const uint8_t percents[FORECAST_DAYS_MAX] = {
		10, 80, 0, 50, 40, 25, FORECAST_PERCENT_UNKNOWN};
	const int64_t noon_s = INT64_C(1772366400); /* 2026-03-01 12:00 UTC */

	*forecast = (struct forecast){
		.fetched_ms = noon_s * 1000,
		.now = {2, FORECAST_PERCENT_UNKNOWN, 94, 94, 0, 11, 0},
		.first_hour_s = noon_s,
		.hour_count = FORECAST_HOURS_MAX,
		.first_day = noon_s / FORECAST_SECONDS_OF_DAY,
		.day_count = FORECAST_DAYS_MAX,
	};
	for (int i = 0; i < FORECAST_HOURS_MAX; i++)
		forecast->hours[i] =
			(struct forecast_row){3,  (uint8_t)i, 100 - 5 * i, 100 - 5 * i, 0,
					      20, 0};
	for (int i = 0; i < FORECAST_DAYS_MAX; i++)
		forecast->days[i] = (struct forecast_row){codes[i],
							  percents[i],
							  10 * i,
							  10 * i + 60,
							  codes[i] == 61 ? 40 : 0,
							  (uint32_t)(10 + 5 * i),
							  90 * (uint32_t)i};
}

static void given_forecast(struct story *story)
{
	struct forecast forecast;

	fill_forecast(&forecast);
	keep_fake_set_forecast(story->house.keep_fake, &forecast);
}

/* given sold "name" CENTS; an order costs at most 20 */
static void given_sold(struct story *story)
{
	struct shop_policy *shop = &story->house.policy.day.shop;
	struct shop_item *item = &shop->items[shop->item_count++];

	shop->is_on = true;
	shop->order_cents = 2000;
	shop->day_cents = 5000;
	*item = (struct shop_item){.cents = (uint32_t)atoi(word(story, 3)),
				   .way = SHOP_WEBHOOK};
	must(str_copy(item->name, sizeof(item->name), word(story, 2)));
	must(home_add_goods(bus_fake_home(story->house.bus_fake), item->name) == OK);
	bus_fake_changed(story->house.bus_fake);
	house_tell_policy(&story->house);
}

/* given calendar 2026-03-02[T09:30] "dentist" */
static void given_calendar(struct story *story)
{
	struct house *house = &story->house;
	struct agenda_entry entry = {.series = house->agenda.count};
	struct tm local = {.tm_isdst = -1};
	const char *rest = strptime(word(story, 2), "%Y-%m-%d", &local);

	entry.all_day = rest && *rest == '\0';
	if (!rest || (*rest && !strptime(rest, "T%H:%M", &local)))
		story_fail(story, "a date, or a date and a time", word(story, 2));
	entry.start_s = (int64_t)mktime(&local);
	entry.end_s = entry.start_s + (entry.all_day ? 24 * 3600 : 0);
	(void)str_copy(entry.text, sizeof(entry.text), word(story, 3));
	house->has_agenda = true;
	agenda_add(&house->agenda, &entry);
}

static void given_keeper(struct story *story)
{
	const char *how = word(story, 2);
	struct keep_fake *keep = story->house.keep_fake;

	if (str_equal(how, "up") || str_equal(how, "down"))
		keep_fake_set_up(keep, str_equal(how, "up"));
	else if (str_equal(how, "times-out"))
		keep_fake_time_out(keep, false);
	else
		keep_fake_hold(keep, str_equal(how, "silent"));
	house_step(&story->house);
}

/* given broker up|down|answers|answers-alone|silent */
static void given_broker(struct story *story)
{
	const char *how = word(story, 2);
	struct bus_fake *bus = story->house.bus_fake;

	if (str_equal(how, "up") || str_equal(how, "down"))
		bus_fake_set_up(bus, str_equal(how, "up"));
	else
		bus_fake_set_ack(bus, str_equal(how, "answers") ? BUS_FAKE_ACK_NOW
				      : str_equal(how, "answers-alone")
					      ? BUS_FAKE_ACK_ALONE
					      : BUS_FAKE_ACK_NEVER);
	house_step(&story->house);
}

/* given book: a house book, before the rooms */
static void given_book(struct story *story)
{
	house_add_book(&story->house);
}

/* given restart: the hub was killed, and knows of the book what the keeper has */
static void given_restart(struct story *story)
{
	house_book_restart(story->house.book);
}

/* given quiet on|off: the owner's quiet hours */
static void given_quiet(struct story *story)
{
	story->house.is_quiet = str_equal(word(story, 2), "on");
}

/* given skill: "can you laugh" makes a sound, "tell me a joke" is answered in words; or, with a
 * reason, what it was asked last ends so, and with answers it is answered */
static void given_skill(struct story *story)
{
	enum reason reason = REASON_NONE;

	if (story->word_count < 3)
		house_add_skill(&story->house);
	else if (str_equal(word(story, 2), "answers") ||
		 reason_from_code(word(story, 2), &reason))
		house_skill_answers(&story->house, reason);
	else
		story_fail(story, "answers, or a reason", word(story, 2));
	house_step(&story->house);
}

/* given player [OUTPUT on|off]... */
static void given_player(struct story *story)
{
	house_add_player(&story->house);
	for (size_t i = 2; i + 1 < story->word_count; i += 2)
		music_fake_add_output(story->house.music_fake, word(story, i),
				      str_equal(word(story, i + 1), "on"));
}

/* given player-is up|down */
static void given_player_is(struct story *story)
{
	music_fake_set_up(story->house.music_fake, str_equal(word(story, 2), "up"));
	house_step(&story->house);
}

/* say ROOM "text" [ratio]; answer ROOM "text" [ratio]; play ROOM "text" [ratio]; type ROOM "text"; wait SECONDS */

static void see_all(struct story *story)
{
	story->commands_seen = bus_fake_command_count(story->house.bus_fake);
	story->proposals_seen = keep_fake_proposal_count(story->house.keep_fake);
}

static void do_spoken(struct story *story, void (*said)(struct house_room *room,
							const char *text, double ratio))
{
	double ratio = story->word_count > 3 ? atof(word(story, 3)) : CLEAR;

	story->room = room_of(story, word(story, 1));
	see_all(story);
	said(story->room, word(story, 2), ratio);
}

static void do_answer(struct story *story)
{
	do_spoken(story, house_answer);
}

static void do_say(struct story *story)
{
	do_spoken(story, house_say);
}

static void do_play(struct story *story)
{
	do_spoken(story, house_play);
}

static void do_type(struct story *story)
{
	story->room = room_of(story, word(story, 1));
	see_all(story);
	house_type(story->room, word(story, 2));
}

static void do_wait(struct story *story)
{
	house_pass(&story->house, (int64_t)(atof(word(story, 1)) * 1000));
}

/* expect ... */

static void expect_over(struct story *story)
{
	if (!story->room || !story->room->over)
		story_fail(story, "the turn to be over", "it is not");
}

static void expect_waiting(struct story *story)
{
	if (story->room->over)
		story_fail(story, "the turn to wait", "it is over");
}

static void expect_decision(struct story *story)
{
	expect_over(story);
	const char *found = decision_kind_text(story->room->last.decision.kind);
	if (!str_equal(found, word(story, 2)))
		story_fail(story, word(story, 2), found);
}

static void expect_reason(struct story *story)
{
	const struct turn *turn = &story->room->last;

	expect_over(story);
	const char *found =
		reason_code(turn->decision.kind == DECISION_ACT ? turn->outcome
								: turn->decision.reason);
	if (!str_equal(found, word(story, 2)))
		story_fail(story, word(story, 2), found);
}

static void expect_reply(struct story *story)
{
	if (!strstr(story->room->said, word(story, 2)))
		story_fail(story, word(story, 2), story->room->said);
}

static void expect_silence(struct story *story)
{
	if (story->room->said[0])
		story_fail(story, "silence", story->room->said);
}

/* expect proposed NAME ENTITY: it was asked for since the last say or type, and is held */
static void expect_proposed(struct story *story)
{
	const struct keep_fake *keep = story->house.keep_fake;
	char found[256] = "nothing proposed";

	for (size_t i = story->proposals_seen; i < keep_fake_proposal_count(keep); i++) {
		const struct action *action = keep_fake_proposal(keep, i);
		(void)str_format(found, sizeof(found), "%s %s", action_name(action->kind),
				 action->entity);
		if (str_equal(action_name(action->kind), word(story, 2)) &&
		    str_equal(action->entity, word(story, 3)))
			return;
	}
	story_fail(story, word(story, 3), found);
}

static void expect_proposals(struct story *story)
{
	char found[32];
	size_t count =
		keep_fake_proposal_count(story->house.keep_fake) - story->proposals_seen;

	(void)str_format(found, sizeof(found), "%zu", count);
	if (!str_equal(found, word(story, 2)))
		story_fail(story, word(story, 2), found);
}

/* expect command NAME ENTITY [percent|celsius|colour|mode] */
static void expect_command(struct story *story)
{
	struct bus_fake *bus = story->house.bus_fake;
	char found[256] = "no command";

	for (size_t i = story->commands_seen; i < bus_fake_command_count(bus); i++) {
		const struct action *action = bus_fake_command(bus, i);
		char value[64] = "";
		if (action->colour[0])
			(void)str_copy(value, sizeof(value), action->colour);
		else if (action->mode[0])
			(void)str_copy(value, sizeof(value), action->mode);
		else if (action->kind == ACTION_SET_HEAT)
			(void)str_format(value, sizeof(value), "%g", action->celsius);
		else
			(void)str_format(value, sizeof(value), "%d", action->percent);
		(void)str_format(found, sizeof(found), "%s %s %s",
				 action_name(action->kind), action->entity, value);
		if (str_equal(action_name(action->kind), word(story, 2)) &&
		    str_equal(action->entity, word(story, 3)) &&
		    (story->word_count < 5 || str_equal(value, word(story, 4))))
			return;
	}
	story_fail(story, word(story, 3), found);
}

static void expect_commands(struct story *story)
{
	char found[32];
	size_t count =
		bus_fake_command_count(story->house.bus_fake) - story->commands_seen;

	(void)str_format(found, sizeof(found), "%zu", count);
	if (!str_equal(found, word(story, 2)))
		story_fail(story, word(story, 2), found);
}

static void expect_recordings(struct story *story)
{
	char found[32];

	(void)str_format(found, sizeof(found), "%zu",
			 keep_fake_recording_count(story->house.keep_fake));
	if (!str_equal(found, word(story, 2)))
		story_fail(story, word(story, 2), found);
}

/* expect journal EVENT [FIELD VALUE]: the newest event of that kind */
static void expect_journal(struct story *story)
{
	enum event_kind kind;

	if (!event_kind_from_text(word(story, 2), &kind))
		story_fail(story, "an event of events.def", word(story, 2));
	const struct event *event = keep_fake_newest(story->house.keep_fake, kind);
	if (!event)
		story_fail(story, word(story, 2), "no such event");
	if (story->word_count > 3 &&
	    !str_equal(event_value(event, word(story, 3)), word(story, 4)))
		story_fail(story, word(story, 4), event_value(event, word(story, 3)));
}

static void expect_no_journal(struct story *story)
{
	enum event_kind kind;

	must(event_kind_from_text(word(story, 2), &kind));
	if (keep_fake_newest(story->house.keep_fake, kind))
		story_fail(story, "no such event", word(story, 2));
}

static void expect_volume(struct story *story)
{
	char found[16];

	(void)str_format(found, sizeof(found), "%d", story->room->volume_percent);
	if (!str_equal(found, word(story, 2)))
		story_fail(story, word(story, 2), found);
}

/* expect music playing|paused|stopped [TITLE] */
static void expect_music(struct story *story)
{
	static const char *const plays[] = {"stopped", "paused", "playing"};
	const struct music_state *told = music_state(&story->house.music);

	if (!str_equal(plays[told->play], word(story, 2)))
		story_fail(story, word(story, 2), plays[told->play]);
	if (story->word_count > 3 && !str_equal(told->title, word(story, 3)))
		story_fail(story, word(story, 3), told->title);
}

/* expect music-in [OUTPUT]...: those that are on */
static void expect_music_in(struct story *story)
{
	const struct music_state *told = music_state(&story->house.music);

	for (size_t i = 0; i < told->output_count; i++) {
		bool wanted = false;

		for (size_t k = 2; k < story->word_count; k++)
			wanted = wanted ||
				 str_equal(word(story, k), told->outputs[i].name);
		if (wanted != told->outputs[i].is_on)
			story_fail(story, wanted ? "it to be on" : "it to be off",
				   told->outputs[i].name);
	}
}

static void expect_music_volume(struct story *story)
{
	char found[16];

	(void)str_format(found, sizeof(found), "%d",
			 music_fake_loudness(story->house.music_fake));
	if (!str_equal(found, word(story, 2)))
		story_fail(story, word(story, 2), found);
}

static void expect_station(struct story *story)
{
	const char *found = music_fake_url(story->house.music_fake);

	if (!str_equal(found, word(story, 2)))
		story_fail(story, word(story, 2), found);
}

/* expect rings ROOM: something that was asked for there */
static void expect_rings(struct story *story)
{
	if (!house_book_rings(story->house.book, word(story, 2)))
		story_fail(story, word(story, 2), "nothing rings there");
}

static void expect_no_ring(struct story *story)
{
	if (house_book_rings(story->house.book, NULL))
		story_fail(story, "nothing to ring", "something does");
}

/* expect kept COUNT: rows of the house book that the keeper has */
static void expect_kept(struct story *story)
{
	char found[32];

	(void)str_format(found, sizeof(found), "%zu",
			 keep_fake_book_count(story->house.keep_fake));
	if (!str_equal(found, word(story, 2)))
		story_fail(story, word(story, 2), found);
}

/* expect late EVENT: it waits for the keeper to come back */
static void expect_late(struct story *story)
{
	for (size_t i = 0; i < story->house.late_count; i++)
		if (str_equal(event_kind_text(story->house.late[i].kind), word(story, 2)))
			return;
	story_fail(story, word(story, 2), "no such event waits");
}

static const struct {
	const char *verb;
	const char *object; /* NULL: the verb stands alone */
	void (*run)(struct story *story);
} VERBS[] = {
	{"expect", "command", expect_command},
	{"expect", "commands", expect_commands},
	{"expect", "decision", expect_decision},
	{"expect", "journal", expect_journal},
	{"expect", "kept", expect_kept},
	{"expect", "late", expect_late},
	{"expect", "music", expect_music},
	{"expect", "music-in", expect_music_in},
	{"expect", "music-volume", expect_music_volume},
	{"expect", "no-journal", expect_no_journal},
	{"expect", "no-ring", expect_no_ring},
	{"expect", "over", expect_over},
	{"expect", "reason", expect_reason},
	{"expect", "proposals", expect_proposals},
	{"expect", "proposed", expect_proposed},
	{"expect", "recordings", expect_recordings},
	{"expect", "rings", expect_rings},
	{"expect", "reply", expect_reply},
	{"expect", "silence", expect_silence},
	{"expect", "station", expect_station},
	{"expect", "volume", expect_volume},
	{"expect", "waiting", expect_waiting},
	{"given", "arranged", given_arranged},
	{"given", "book", given_book},
	{"given", "broker", given_broker},
	{"given", "calendar", given_calendar},
	{"given", "dead", given_dead},
	{"given", "device", given_device},
	{"given", "forecast", given_forecast},
	{"given", "gone", given_gone},
	{"given", "keeper", given_keeper},
	{"given", "muted", given_muted},
	{"given", "no-approver", given_no_approver},
	{"given", "no-owner", given_no_owner},
	{"given", "place", given_place},
	{"given", "player", given_player},
	{"given", "player-is", given_player_is},
	{"given", "quiet", given_quiet},
	{"given", "restart", given_restart},
	{"given", "room", given_room},
	{"given", "skill", given_skill},
	{"given", "sold", given_sold},
	{"answer", NULL, do_answer},
	{"play", NULL, do_play},
	{"say", NULL, do_say},
	{"type", NULL, do_type},
	{"wait", NULL, do_wait},
};

/* Cuts a line into words in place; "a b" is one word. */
static void story_split(struct story *story, char *line)
{
	story->word_count = 0;
	while (*(line += strspn(line, " \t"))) {
		char end = ' ';
		if (*line == '"') {
			end = '"';
			line++;
		}
		must(story->word_count < WORDS_MAX);
		story->words[story->word_count++] = line;
		line += strcspn(line, end == '"' ? "\"" : " \t");
		if (!*line)
			return;
		*line++ = '\0';
	}
}

static void story_line(struct story *story, char *line)
{
	if (line[0] == '\0' || line[0] == '#' || str_starts(line, "title "))
		return;
	story_split(story, line);
	for (size_t i = 0; i < STR_COUNT(VERBS); i++) {
		if (str_equal(VERBS[i].verb, story->words[0]) &&
		    (!VERBS[i].object || (story->word_count > 1 &&
					  str_equal(VERBS[i].object, story->words[1])))) {
			VERBS[i].run(story);
			return;
		}
	}
	story_fail(story, "a verb that stories know", story->words[0]);
}

static void story_run(void **state)
{
	struct story *story = calloc(1, sizeof(*story));
	struct err_note note = {""};
	struct buf text;
	char *rest;

	must(story);
	story->file = *state;
	if (file_read(story->file, STORY_BYTES, &text, &note))
		fail_msg("%s", note.text);
	house_open(&story->house, 1);
	rest = (char *)text.bytes;
	for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
		story->line++;
		story_line(story, line);
	}
	house_close(&story->house);
	buf_finish(&text);
	free(story);
}

static int is_story(const struct dirent *entry)
{
	return str_ends(entry->d_name, ".story");
}

int main(void)
{
	char folder[FILE_PATH_BYTES];
	struct dirent **names = NULL;
	/* Times of day are told in the house's own zone. */
	must(setenv("TZ", "UTC", 1) == 0);
	const char *source = getenv("BEHEST_SOURCE");

	must(file_join(folder, sizeof(folder), source ? source : ".", "tests/scenario"));
	int count = scandir(folder, &names, is_story, alphasort);
	must(count > 0);
	struct CMUnitTest *tests = calloc((size_t)count, sizeof(*tests));
	must(tests);
	for (int i = 0; i < count; i++) {
		char *path = malloc(FILE_PATH_BYTES);
		must(path && file_join(path, FILE_PATH_BYTES, folder, names[i]->d_name));
		tests[i] = (struct CMUnitTest){.name = strdup(names[i]->d_name),
					       .test_func = story_run,
					       .initial_state = path};
		free(names[i]);
	}
	free(names);
	int failed = _cmocka_run_group_tests("stories", tests, (size_t)count, NULL, NULL);
	for (int i = 0; i < count; i++) {
		free(tests[i].initial_state);
		free((void *)(uintptr_t)tests[i].name);
	}
	free(tests);
	return failed;
}
