/* SPDX-License-Identifier: Apache-2.0 */
/*
 * house - puts the real line together with fake ports, as the hub does with real ones.
 */
#include "scenario/house.h"

#include <stdlib.h>
#include <string.h>

#include "adapter/sentence_files.h"
#include "base/file.h"
#include "base/must.h"
#include "base/seal.h"
#include "base/str.h"
#include "own_phrases.h"
#include "understand/arrange.h"

enum { WORD_MS = 500, STEP_MS = 100 };

/* The watch on the bus. */

/* The newest turn has a decision to act, and to do that. */
static bool was_decided(const struct house *house, const char *action)
{
	const struct event *newest = keep_fake_newest(house->keep_fake, EVENT_DECIDED);

	for (size_t i = keep_fake_event_count(house->keep_fake); newest && i-- > 0;) {
		const struct event *event = keep_fake_event(house->keep_fake, i);
		if (event->kind == EVENT_DECIDED &&
		    event->turn.value == newest->turn.value &&
		    str_equal(event_value(event, "decision"), "act") &&
		    str_equal(event_value(event, "action"), action))
			return true;
	}
	return false;
}

static bool is_harmless(const struct house *house, const struct entity *entity)
{
	for (size_t i = 0; i < house->policy.harmless_count; i++)
		if (str_equal(house->policy.harmless[i], entity->id))
			return true;
	return entity_domain_harmless(entity->domain);
}

/* What binds the household is never the hub's to do: by what the action is, or by what
 * the device is. Written from the promise, not from what decide/ does. */
static bool binds(const struct house *house, const struct action *action)
{
	static const char *const ENTRANCES[] = {"door", "garage", "gate", "window"};
	const struct entity *entity =
		home_find_const(bus_fake_home(house->bus_fake), action->entity);

	if (action_class(action->kind) == CLASS_C)
		return true;
	if (!entity || action->kind == ACTION_LOCK || action->kind == ACTION_ARM_ALARM)
		return false;
	for (size_t i = 0; i < STR_COUNT(ENTRANCES); i++)
		if (entity->domain == ENTITY_COVER &&
		    str_equal(entity->device_class, ENTRANCES[i]))
			return action->kind != ACTION_CLOSE_COVER;
	return !is_harmless(house, entity);
}

static enum err watch_command(void *self, const struct action *action, uint64_t token)
{
	struct house *house = self;

	must(!binds(house, action));
	must(was_decided(house, action_name(action->kind)));
	return bus_command(&house->bus_inside, action, token);
}

static const struct home *watch_home(void *self)
{
	struct house *house = self;
	return bus_home(&house->bus_inside);
}

static bool watch_is_up(void *self)
{
	struct house *house = self;
	return bus_is_up(&house->bus_inside);
}

static const char *watch_trouble(void *self)
{
	struct house *house = self;
	return bus_trouble(&house->bus_inside);
}

static void watch_close(void *self)
{
	(void)self;
}

static const struct bus_ops WATCH = {
	.command = watch_command,
	.home = watch_home,
	.is_up = watch_is_up,
	.trouble = watch_trouble,
	.close = watch_close,
};

/* Answers of the ports. */

static void house_bus_done(void *context, uint64_t token, enum err err)
{
	struct house *house = context;

	for (size_t i = 0; i < house->room_count; i++)
		turn_bus_done(house->rooms[i].line, token, err);
}

static void house_bus_changed(void *context)
{
	struct house *house = context;

	for (size_t i = 0; i < DIALOGUE_STEP_COUNT; i++) {
		understand_destroy(house->understand[i]);
		house->understand[i] = NULL;
	}
}

static void house_keep_done(void *context, uint64_t token, enum err err,
			    struct event_id event, struct record_id record)
{
	struct house *house = context;

	if (!err && event.value > house->newest.value)
		house->newest = event;
	house_book_done(house->book, token, err);
	for (size_t i = 0; i < house->room_count; i++)
		turn_keep_done(house->rooms[i].line, token, err, event, record);
}

static void house_keep_changed(void *context)
{
	(void)context;
}

/* A skill's, as its manifest gives them; without an approval it is not asked. */
static const char JOKES[] =
	"{\"language\": \"en\", \"intents\": {"
	"\"effect/jokes/Laugh\": {\"data\": [{\"sentences\": [\"can you laugh\"]}]},"
	"\"skill/jokes/Joke\": {\"data\": [{\"sentences\": [\"tell me a joke\"]}]}}}";

/* The household's, and a file beside them; NULL: none. */
static struct sentences *read_sentences(const char *beside)
{
	struct sentences *sentences = NULL;
	struct err_note note = {""};
	char folder[FILE_PATH_BYTES];
	char path[FILE_PATH_BYTES];
	const char *source = getenv("BEHEST_SOURCE");

	must(sentences_create(&sentences) == OK);
	must(file_join(folder, sizeof(folder), source ? source : ".", "share/lang/en"));
	if (sentence_files_add(sentences, folder, &note))
		must_fail(note.text, folder, 0);
	if (sentences_add(sentences, "jokes", JOKES, strlen(JOKES), &note))
		must_fail(note.text, "jokes", 0);
	if (!beside)
		return sentences;
	must(file_join(path, sizeof(path), folder, beside));
	if (sentence_files_add(sentences, path, &note))
		must_fail(note.text, path, 0);
	return sentences;
}

static const char *const beside[DIALOGUE_STEP_COUNT] = {
	[DIALOGUE_WHICH] = "dialogue/which.yaml",
	[DIALOGUE_FOLLOW] = "dialogue/follow.yaml",
};

/* What may be said in that step. Read once, for all houses of a test. */
static const struct sentences *sentences_of(enum dialogue_step step)
{
	static struct sentences *sentences[DIALOGUE_STEP_COUNT];

	must(step == DIALOGUE_NONE || beside[step]);
	if (!sentences[step])
		sentences[step] = read_sentences(beside[step]);
	return sentences[step];
}

/* The same of a house that has routines. */
static const struct sentences *own_sentences(struct house *house, enum dialogue_step step)
{
	struct err_note note = {""};

	if (house->arranged->routine_count == 0)
		return sentences_of(step);
	if (!house->own_sentences[step]) {
		house->own_sentences[step] = read_sentences(beside[step]);
		if (arrange_sentences(house->arranged, house->own_sentences[step], &note))
			must_fail(note.text, "house", 0);
	}
	return house->own_sentences[step];
}

/* What a line asks of its room. */

static const struct understand *room_understand(void *context, enum dialogue_step step)
{
	struct house_room *room = context;
	struct house *house = room->house;
	struct err_note note = {""};

	if (!house->understand[step]) {
		struct home home;

		must(home_copy(bus_home(&house->bus), &home) == OK);
		arranged_name(house->arranged, &home);
		must(understand_create(own_sentences(house, step), &home,
				       &house->understand[step], &note) == OK);
		home_finish(&home);
	}
	return house->understand[step];
}

static const struct dialogue *room_dialogue(void *context)
{
	const struct house_room *room = context;
	return &room->dialogue;
}

static const struct agenda *room_agenda(void *context)
{
	const struct house_room *room = context;

	return room->house->has_agenda ? &room->house->agenda : NULL;
}

static int room_volume(void *context)
{
	const struct house_room *room = context;
	return room->volume_percent;
}

static void room_set_volume(void *context, int percent)
{
	struct house_room *room = context;
	room->volume_percent = percent;
}

static void room_say(void *context, const struct turn *turn, const char *text,
		     struct event_id parent)
{
	struct house_room *room = context;

	must(parent.value != 0); /* nothing is spoken without a reason on record */
	must(parent.value <= keep_fake_event_count(room->house->keep_fake));
	must(room->house->say_count < HOUSE_SAYS_MAX);
	room->house->says[room->house->say_count++] =
		(struct house_said){turn->id, parent, turn->decision.reason,
				    keep_fake_event_count(room->house->keep_fake)};
	must(!turn->heard.spoken || !turn->is_quiet); /* then the light answers */
	room->said_turn = turn->id;
	(void)str_copy(room->said, sizeof(room->said), text);
}

static bool room_is_quiet(void *context)
{
	const struct house_room *room = context;
	return room->house->is_quiet;
}

/* Of two rooms that ask at once the first is not answered. */
static enum reason room_ask_skill(void *context, const struct action *action,
				  uint64_t token)
{
	struct house_room *room = context;
	struct house *house = room->house;

	must(action->kind == ACTION_SKILL && str_equal(action->entity, "jokes"));
	house_skill_answers(house, REASON_SKILL_FAILED);
	house->skill_token = token;
	house->skill_room = room;
	return REASON_NONE;
}

void house_skill_answers(struct house *house, enum reason reason)
{
	struct house_room *room = house->skill_room;
	struct saying said = saying_make(SAYING_TOLD_SKILL);

	if (!room)
		return;
	house->skill_room = NULL;
	saying_set_text(&said, SLOT_WORDS, "It goes without saying.");
	turn_act_done(room->line, house->skill_token, reason,
		      reason == REASON_NONE ? &said : NULL);
}

void house_add_skill(struct house *house)
{
	struct skill_policy *skill = &house->policy.day.skills[0];

	house->policy.day.skill_count = 1;
	must(str_copy(skill->name, sizeof(skill->name), "jokes"));
	house_tell_policy(house);
}

static void room_late(void *context, const struct event *event)
{
	struct house_room *room = context;

	must(room->house->late_count < HOUSE_LATE_MAX);
	room->house->late[room->house->late_count++] = *event;
}

static struct event_id room_newest(void *context)
{
	const struct house_room *room = context;
	return room->house->newest;
}

static void room_over(void *context, const struct turn *turn)
{
	struct house_room *room = context;

	room->last = *turn;
	room->over = true;
	if (!turn->heard.spoken)
		return; /* what is typed ends nothing that was asked aloud */
	if (dialogue_is_ordinary(turn->decision.dialogue.step))
		room->dialogue = turn->decision.dialogue;
	else
		room->dialogue = (struct dialogue){.step = DIALOGUE_NONE};
}

static void house_keep_proposed(void *context, uint64_t token,
				const struct keep_news *news)
{
	struct house *house = context;

	for (size_t i = 0; i < house->room_count; i++)
		turn_proposed(house->rooms[i].line, token, news->reason, news->id);
}

void house_open(struct house *house, uint64_t seed)
{
	must(seal_init() == OK);
	memset(house, 0, sizeof(*house));
	house->clock = clock_fake_init(&house->clock_fake);
	house->rand = rand_fake_init(&house->rand_fake, seed);
	policy_init(&house->policy);
	house->arranged = calloc(1, sizeof(*house->arranged));
	must(house->arranged);
	must(keep_fake_create(&house->keep_fake) == OK);
	keep_fake_listen(house->keep_fake,
			 (struct keep_listener){.context = house,
						.done = house_keep_done,
						.changed = house_keep_changed,
						.proposed = house_keep_proposed});
	house->keep = keep_fake_port(house->keep_fake);
	must(bus_fake_create(house->clock,
			     (struct bus_listener){house, house_bus_done,
						   house_bus_changed, NULL},
			     &house->bus_fake) == OK);
	house->bus_inside = bus_fake_bus(house->bus_fake);
	house->bus = (struct bus){&WATCH, house};
}

static void forget_sentences(struct house *house)
{
	for (size_t i = 0; i < DIALOGUE_STEP_COUNT; i++) {
		sentences_destroy(house->own_sentences[i]);
		house->own_sentences[i] = NULL;
	}
}

void house_close(struct house *house)
{
	for (size_t i = 0; i < house->room_count; i++)
		turn_line_destroy(house->rooms[i].line);
	for (size_t i = 0; i < DIALOGUE_STEP_COUNT; i++)
		understand_destroy(house->understand[i]);
	bus_fake_destroy(house->bus_fake);
	music_fake_destroy(house->music_fake);
	house_book_destroy(house->book);
	keep_fake_destroy(house->keep_fake);
	forget_sentences(house);
	free(house->arranged);
}

void house_arrange(struct house *house, const char *yaml)
{
	struct err_note note = {""};

	if (arrange_read("arranged", yaml, strlen(yaml), house->arranged, &note))
		must_fail(note.text, "house", 0);
	forget_sentences(house);
	house_bus_changed(house);
}

static void house_music_done(void *context, uint64_t token, enum err err)
{
	struct house *house = context;

	for (size_t i = 0; i < house->room_count; i++)
		turn_act_done(house->rooms[i].line, token, act_music_reason(err), NULL);
}

static void house_music_changed(void *context)
{
	(void)context;
}

void house_add_player(struct house *house)
{
	static const struct music_fake_piece pieces[] = {
		{"Ada Lind", "Rain", "Jazz", "First"},
		{"Ada Lind", "Rain", "Jazz", "Second"},
		{"Otto Brand", "Snow", "Pop", "Third"},
	};
	static struct radio radio;
	struct err_note note = {""};

	must(house->room_count == 0);
	must(music_fake_create((struct music_listener){house, house_music_done,
						       house_music_changed},
			       &house->music_fake) == OK);
	house->music = music_fake_music(house->music_fake);
	for (size_t i = 0; i < STR_COUNT(pieces); i++)
		music_fake_add(house->music_fake, &pieces[i]);
	must(radio_set(&radio, "Our Radio", "http://radio.example/live", &note) == OK);
	music_use_stations(&house->music, &radio);
	must(home_add_music(bus_fake_home(house->bus_fake),
			    music_library(&house->music)) == OK);
	bus_fake_changed(house->bus_fake);
}

void house_add_book(struct house *house)
{
	must(house->room_count == 0);
	house->book = house_book_create(house);
}

void house_tell_policy(struct house *house)
{
	keep_fake_set_policy(house->keep_fake, &house->policy);
	house_step(house);
}

struct house_room *house_room(struct house *house, const char *name)
{
	for (size_t i = 0; i < house->room_count; i++)
		if (str_equal(house->rooms[i].name, name))
			return &house->rooms[i];
	return NULL;
}

struct house_room *house_add_room(struct house *house, const char *name)
{
	must(house->room_count < HOUSE_ROOMS_MAX);
	struct house_room *room = &house->rooms[house->room_count++];
	struct room_policy *policy = &house->policy.rooms[house->policy.room_count++];
	struct turn_parts parts = {
		.clock = &house->clock,
		.rand = &house->rand,
		.bus = &house->bus,
		.music = house->music_fake ? &house->music : NULL,
		.book = house->book ? &house_book_port : NULL,
		.keep = &house->keep,
		.recent = &room->recent,
		.follow = &room->follow,
		.dialogue = room_dialogue,
		.phrasebook = own_phrasebook(),
		.arranged = house->arranged,
		.understand = room_understand,
		.volume = room_volume,
		.agenda = room_agenda,
		.set_volume = room_set_volume,
		.ask_skill = room_ask_skill,
		.is_quiet = room_is_quiet,
		.say = room_say,
		.late = room_late,
		.newest = room_newest,
		.over = room_over,
		.context = room,
	};

	memset(room, 0, sizeof(*room));
	room->house = house;
	room->volume_percent = 50;
	must(str_copy(room->name, sizeof(room->name), name));
	must(turn_line_create(&parts, &room->line) == OK);
	memset(policy, 0, sizeof(*policy));
	must(str_copy(policy->room.text, sizeof(policy->room.text), name));
	policy->capabilities = MAY_ALL;
	policy->has_key = true;
	policy->is_private = true;
	policy->private_owner.bytes[0] = 1;
	house->policy.has_owner = true;
	house_tell_policy(house);
	return room;
}

void house_step(struct house *house)
{
	bool moved = true;

	while (moved) {
		moved = keep_fake_step(house->keep_fake) > 0;
		if (house->music_fake)
			music_fake_step(house->music_fake);
		for (size_t i = 0; i < house->room_count; i++) {
			struct house_room *room = &house->rooms[i];
			if (room->said_turn.value == 0)
				continue;
			struct turn_id turn = room->said_turn;
			room->said_turn.value = 0;
			turn_spoken(room->line, turn, room->speaker_dead ? 0 : 900);
			moved = true;
		}
	}
}

void house_pass(struct house *house, int64_t ms)
{
	for (int64_t passed = 0; passed < ms; passed += STEP_MS) {
		clock_fake_pass(&house->clock_fake, STEP_MS);
		bus_fake_pass(house->bus_fake);
		house_book_look(house->book);
		house_step(house);
	}
}

static uint32_t count_words(const char *text)
{
	uint32_t count = text[0] != '\0';

	for (; *text; text++)
		count += *text == ' ';
	return count;
}

static void room_begin(struct house_room *room, const struct turn_heard *heard,
		       size_t samples)
{
	struct house *house = room->house;
	int16_t *sound = NULL;

	if (samples > 0) {
		sound = calloc(samples, sizeof(*sound));
		must(sound);
		sound[0] = 12345;
	}
	room->over = false;
	room->said[0] = '\0';
	must(turn_begin(room->line, turn_id_make(&house->clock, &house->rand), room->name,
			heard, (struct audio_span){sound, samples}) == OK);
	free(sound);
	house_step(house);
}

/* How it comes: by the name, as our own voice, or without the name. */
enum way { NAMED, OWN_VOICE, ANSWERED };

static void say(struct house_room *room, const char *text, double ratio, enum way way)
{
	uint32_t words = count_words(text);
	int64_t now_ms = clock_now_ms(&room->house->clock);
	struct turn_heard heard = {
		.spoken = true,
		.woke = way != ANSWERED,
		.is_answer = way == ANSWERED,
		.wake_score = way != ANSWERED,
		.ratio = ratio,
		.word_count = words,
		.speech_frames = words * WORD_MS / 10,
		.last_voiced_ms = now_ms - 300,
		.endpoint_ms = now_ms,
		.media_match = way == OWN_VOICE,
	};

	if (way != ANSWERED) /* whoever says the name is listened to */
		room->dialogue = (struct dialogue){.step = DIALOGUE_NONE};
	must(str_copy(heard.text, sizeof(heard.text), text));
	room_begin(room, &heard, (size_t)words * WORD_MS * AUDIO_HZ / 1000);
}

void house_say(struct house_room *room, const char *text, double ratio)
{
	say(room, text, ratio, NAMED);
}

void house_answer(struct house_room *room, const char *text, double ratio)
{
	must(room->dialogue.step != DIALOGUE_NONE); /* else no microphone is open */
	say(room, text, ratio, ANSWERED);
}

void house_play(struct house_room *room, const char *text, double ratio)
{
	say(room, text, ratio, OWN_VOICE);
}

void house_type(struct house_room *room, const char *text)
{
	struct turn_heard heard = {.spoken = false};

	must(str_copy(heard.text, sizeof(heard.text), text));
	room_begin(room, &heard, 0);
}
