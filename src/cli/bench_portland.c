/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Portland, by chance: random talk is answered by the real stages, and how far it gets
 * towards a message is counted; beside it, what the four steps of 2018 would have sent of
 * the same talk.
 *
 * Everything that is left to luck is left to it against us: the name is heard though nobody
 * said it (again before the phrase), each prompt is heard, a memo of talk always comes, a tenth of what is said is
 * forced onto the sentence that sounds nearest with a ratio about the highest floor, a
 * seventh of the rest of the words onto the word that does, and all else is believed as
 * it was said. Because few dialogues get far, others begin at each later step. What goes
 * out is told by the proposal's own steps; nobody holds a device.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "adapter/recogniser_pocketsphinx.h"
#include "adapter/share.h"
#include "adapter/sounds_lexicon.h"
#include "base/file.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/bench.h"
#include "cli/bench_portland.h"
#include "cli/mishear.h"
#include "cli/naive.h"
#include "cli/rehearsal.h"
#include "decide/floor.h"
#include "train/interval.h"

enum {
	DIALOGUES = 1000000,
	SEED = 2018,
	FORCED_PERCENT = 10, /* of what is said */
	TURNS_MAX = 8,       /* said in one dialogue; the tables end it before */
	LATER_SHARE = 4,  /* for each so many dialogues, one begins at each later step */
	MEMO_BYTES = 100, /* of talk; how many does not matter */
	CONTACTS = 40,
	GRAMMARS = 2 + CONTACTS, /* NONE, TO_WHOM, and CONFIRM for each */
	DAY_HOURS = 16,          /* that talk is heard */
	DAYS = 365,
};

static const double FORCED_SPREAD = 4; /* of the ratio, about the floor of class C */
static const double WORD_ERROR = 0.15;
static const double FALSE_WAKES_PER_HOUR = 0.45; /* docs/why/wake.md, the cautious end */
static const double PER_MILLION = 1e6;

/* Three of four may be confirmed by voice; many are nearly another. */
static const struct rehearsal_contact PEOPLE[CONTACTS] = {
	{"Anna Keller", CONTACT_HOUSE, true}, {"Hannah Keller", CONTACT_HOUSE, true},
	{"Anna Kelly", CONTACT_PEER, true},   {"Anne Miller", CONTACT_MAIL, false},
	{"Mike Wright", CONTACT_PEER, true},  {"Mike White", CONTACT_PEER, true},
	{"Mark Wright", CONTACT_MAIL, true},  {"John Smith", CONTACT_PEER, true},
	{"Joan Smith", CONTACT_PEER, true},   {"Johnny", CONTACT_HOUSE, true},
	{"Grandma", CONTACT_PEER, true},      {"Mom", CONTACT_PEER, true},
	{"Dad", CONTACT_PEER, true},          {"David King", CONTACT_MAIL, false},
	{"Daniel King", CONTACT_PEER, true},  {"Danielle King", CONTACT_PEER, true},
	{"Kate Young", CONTACT_PEER, true},   {"Katie Young", CONTACT_PEER, true},
	{"Paul Long", CONTACT_PEER, false},   {"Paula Long", CONTACT_PEER, true},
	{"Peter Hall", CONTACT_MAIL, true},   {"Mary Hall", CONTACT_PEER, true},
	{"Maria Hill", CONTACT_PEER, true},   {"Marie Hill", CONTACT_PEER, false},
	{"Tom Baker", CONTACT_PEER, true},    {"Tim Baker", CONTACT_PEER, true},
	{"Sam Day", CONTACT_HOUSE, true},     {"Ben", CONTACT_HOUSE, true},
	{"Will Good", CONTACT_PEER, true},    {"Grace Hope", CONTACT_PEER, true},
	{"Frank Love", CONTACT_PEER, true},   {"Jack Black", CONTACT_PEER, true},
	{"Jack Blake", CONTACT_PEER, false},  {"Bob Brown", CONTACT_MAIL, false},
	{"Rob Brown", CONTACT_PEER, true},    {"Max Power", CONTACT_PEER, true},
	{"Sarah Connor", CONTACT_PEER, true}, {"Sara O'Connor", CONTACT_PEER, false},
	{"Lucy Home", CONTACT_PEER, true},    {"Doctor Stone", CONTACT_MAIL, false},
};

/* Where a dialogue begins, and one of how many does. */
static const struct start {
	enum dialogue_step step;
	const char *name;
	size_t share;
} STARTS[] = {
	{DIALOGUE_NONE, "wake", 1},
	{DIALOGUE_TO_WHOM, "to_whom", LATER_SHARE},
	{DIALOGUE_RECORD, "record", LATER_SHARE},
	{DIALOGUE_CONFIRM, "confirm", LATER_SHARE},
};

struct tally {
	size_t dialogues;
	size_t said;
	size_t intents;
	size_t recipients;
	size_t memos;
	size_t phrases; /* confirmed by voice; waits for a device's receipt */
	size_t bound;   /* of class C, done */
	size_t moved;   /* of class B, done */
	size_t asked;   /* of class C, waiting for a tap; no message */
	size_t sends;
	size_t harms; /* of them, without any device */
	/* the four steps of 2018, on the same talk */
	size_t orders_2018;
	size_t names_2018;
	size_t sends_2018;
};

struct work {
	const struct args *args;
	struct rehearsal_house *house;
	struct chatter *chatter;
	struct mishear *mishear;
	struct arena *arena;
	uint64_t seed;
	double forced; /* this share onto the sentence that sounds nearest */
	unsigned out;  /* barriers taken out */
	size_t voiced_count;
	size_t voiced[CONTACTS]; /* contacts that may be confirmed by voice */
};

static double cpu_s(void)
{
	struct timespec spent;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
	return (double)spent.tv_sec + (double)spent.tv_nsec / 1e9;
}

/* --- one dialogue ----------------------------------------------------------------------- */

/* What is said at that place of that dialogue, whoever listens. random goes on behind it. */
static void draw(const struct work *work, const struct start *start, size_t dialogue,
		 size_t place, struct random *random, struct chatter_said *out_said)
{
	*random = random_stream(work->seed, (uint64_t)start->step,
				dialogue * TURNS_MAX + place);
	chatter_draw(work->chatter, random, out_said);
}

static size_t grammar_of(const struct work *work, const struct dialogue *dialogue)
{
	if (dialogue->step != DIALOGUE_CONFIRM)
		return dialogue->step == DIALOGUE_TO_WHOM;
	return 2 + (size_t)(policy_contact(&work->house->policy, dialogue->contact) -
			    work->house->policy.contacts);
}

static enum err mishear_words(const struct work *work, size_t grammar,
			      struct random *random, struct chatter_said *said)
{
	enum err err = OK;

	for (size_t i = 0; !err && i < said->count; i++)
		if (random_chance(random, WORD_ERROR))
			err = mishear_word(work->mishear, grammar, said->words[i],
					   &said->words[i]);
	return err;
}

static enum err hear(const struct work *work, struct rehearsal *rehearsal,
		     struct chatter_said *said, struct random *random)
{
	const size_t grammar = grammar_of(work, &rehearsal->dialogue);
	const uint32_t frames = (uint32_t)said->count * CHATTER_FRAMES;
	char text[TEXT_BYTES];
	struct rehearsal_heard heard = {.text = text,
					.word_count = said->count,
					.speech_frames = frames};
	enum err err;

	if (random_chance(random, work->forced)) {
		heard.ratio = floor_for_class(CLASS_C, frames) +
			      FORCED_SPREAD * random_normal(random);
		err = mishear_sentence(work->mishear, grammar, said, text,
				       &heard.word_count);
	} else {
		err = mishear_words(work, grammar, random, said);
		chatter_to_text(work->chatter, said, text);
	}
	if (!err)
		rehearsal_hears(rehearsal, &heard);
	return err;
}

/* The contact in the middle of whose message it begins. */
static size_t some_contact(const struct work *work, const struct start *start,
			   size_t dialogue)
{
	struct random random =
		random_stream(work->seed, DIALOGUE_STEP_COUNT + (uint64_t)start->step,
			      dialogue);

	if (start->step == DIALOGUE_CONFIRM)
		return work->voiced[random_below(&random, work->voiced_count)];
	return random_below(&random, CONTACTS);
}

static enum err go_through(const struct work *work, const struct start *start,
			   size_t dialogue, struct rehearsal *rehearsal, size_t *out_said)
{
	static const struct rehearsal_sound TALK = {.ring = MEMO_BYTES,
						    .behind_tone = MEMO_BYTES};
	struct chatter_said said;
	struct random random;
	size_t place = 0;
	enum err err = OK;

	rehearsal_begin(rehearsal, work->house, work->arena, work->out);
	if (start->step != DIALOGUE_NONE)
		rehearsal_begin_in(rehearsal, start->step,
				   some_contact(work, start, dialogue));
	do {
		if (rehearsal->dialogue.step == DIALOGUE_RECORD) {
			rehearsal_records(rehearsal, &TALK);
			continue;
		}
		must(place < TURNS_MAX);
		draw(work, start, dialogue, place++, &random, &said);
		err = hear(work, rehearsal, &said, &random);
	} while (!err && rehearsal->dialogue.step != DIALOGUE_NONE);
	rehearsal_waits(rehearsal);
	*out_said = place;
	return err;
}

static void count(const struct rehearsal *rehearsal, struct tally *tally)
{
	tally->dialogues++;
	tally->intents += rehearsal->reached_intent;
	tally->recipients += rehearsal->reached_recipient;
	tally->memos += rehearsal->reached_memo;
	tally->phrases += rehearsal->reached_phrase;
	tally->bound += rehearsal->acts_bound;
	tally->moved += rehearsal->acts_moved;
	tally->asked += rehearsal->asked_others;
	tally->sends += rehearsal->is_released;
	tally->harms += rehearsal->is_harm;
}

static void count_2018(const struct work *work, const struct start *start,
		       size_t dialogue, struct tally *tally)
{
	char texts[3][TEXT_BYTES];
	struct chatter_said said;
	struct random random;

	for (size_t i = 0; i < STR_COUNT(texts); i++) {
		draw(work, start, dialogue, i, &random, &said);
		chatter_to_text(work->chatter, &said, texts[i]);
		if (!naive_is_order(texts[0]))
			return;
	}
	tally->orders_2018++;
	if (!naive_contact(&work->house->policy, texts[1], true))
		return;
	tally->names_2018++;
	tally->sends_2018 += naive_is_yes(texts[2]);
}

static enum err run_start(const struct work *work, const struct start *start,
			  size_t dialogues, struct tally *tally)
{
	struct rehearsal rehearsal;
	enum err err = OK;

	for (size_t i = 0; !err && i < dialogues; i++) {
		size_t said = 0;

		err = go_through(work, start, i, &rehearsal, &said);
		tally->said += said;
		count(&rehearsal, tally);
		if (start->step == DIALOGUE_NONE)
			count_2018(work, start, i, tally);
	}
	return err;
}

/* --- figures ---------------------------------------------------------------------------- */

/* How many, of all that began there, with the 95 % interval of the expected number. */
static void add_count(struct bench_run *run, const char *from, const char *what,
		      size_t counted, size_t of)
{
	const struct interval interval = interval_count(counted);
	char name[BENCH_NAME_BYTES];
	char words[BENCH_WORDS_BYTES];

	must(str_format(name, sizeof(name), "%s_%s", from, what));
	must(str_format(words, sizeof(words), "of %zu; %.1f, at most %.1f per million",
			of, (double)counted * PER_MILLION / (double)of,
			interval.high * PER_MILLION / (double)of));
	bench_add_range(run, name, (double)counted, interval.low, interval.high, 1,
			words);
}

static void add_tally(struct bench_run *run, const struct start *start,
		      const struct tally *tally)
{
	const struct {
		const char *what;
		size_t counted;
		enum dialogue_step last; /* in which it can still come about */
	} rows[] = {
		{"intent", tally->intents, DIALOGUE_NONE},
		{"recipient", tally->recipients, DIALOGUE_TO_WHOM},
		{"memo", tally->memos, DIALOGUE_RECORD},
		{"phrase", tally->phrases, DIALOGUE_CONFIRM},
		{"tap_asked", tally->asked, DIALOGUE_NONE},
		{"moved", tally->moved, DIALOGUE_NONE},
		{"class_c_acts", tally->bound, DIALOGUE_CONFIRM},
		{"sends", tally->sends, DIALOGUE_CONFIRM},
		{"harm", tally->harms, DIALOGUE_CONFIRM},
	};
	char name[BENCH_NAME_BYTES];

	must(str_format(name, sizeof(name), "%s_dialogues", start->name));
	bench_add(run, name, (double)tally->dialogues, 0, "");
	for (size_t i = 0; i < STR_COUNT(rows); i++)
		if (start->step <= rows[i].last)
			add_count(run, start->name, rows[i].what, rows[i].counted,
				  tally->dialogues);
	if (start->step != DIALOGUE_NONE)
		return;
	add_count(run, "chain_2018", "intent", tally->orders_2018, tally->dialogues);
	add_count(run, "chain_2018", "recipient", tally->names_2018, tally->dialogues);
	add_count(run, "chain_2018", "sends", tally->sends_2018, tally->dialogues);
}

/* True: something was done that sound alone never does. */
static bool is_harm(const struct tally *tally)
{
	return tally->bound > 0 || tally->harms > 0 || tally->sends > 0;
}

static enum err run_chance(struct bench_run *run, const struct work *work, bool *out_harm)
{
	const size_t dialogues = (size_t)args_number(run->args, "dialogues", DIALOGUES);
	const double begun = cpu_s();
	enum err err = OK;

	bench_add(run, "seed", (double)work->seed, 0, "");
	bench_add(run, "forced_percent", 100 * work->forced, 0,
		  "of what is said, onto the sentence that sounds nearest");
	bench_add(run, "words", (double)chatter_word_count(work->chatter), 0, "");
	bench_add(run, "sentences", (double)chatter_sentence_count(work->chatter), 0,
		  "real ones: every second thing said, where there are any");
	for (size_t i = 0; !err && i < STR_COUNT(STARTS); i++) {
		const size_t of = (dialogues + STARTS[i].share - 1) / STARTS[i].share;
		struct tally tally = {0};

		err = run_start(work, &STARTS[i], of, &tally);
		add_tally(run, &STARTS[i], &tally);
		*out_harm |= is_harm(&tally);
	}
	bench_add(run, "device_years",
		  (double)dialogues / (FALSE_WAKES_PER_HOUR * DAY_HOURS * DAYS), 0,
		  "in which a device wakes so often: 0.45 an hour, 16 h a day");
	bench_add(run, "chance_s", cpu_s() - begun, 1, "of processor time");
	return err;
}

/* --- material --------------------------------------------------------------------------- */

static enum err load_words(struct work *work, struct err_note *note)
{
	const char *path = args_text(work->args, "words", NULL);
	struct err_note unused = {""};
	char shared[FILE_PATH_BYTES];
	enum err err = OK;

	if (!path && share_find("words", "subtlex.json", shared, sizeof(shared), &unused))
		return err_say(ERR_MISSING, note,
			       "no %s/words/subtlex.json; tools/fetch-data check fetches "
			       "it, or give --words",
			       share_folder());
	err = chatter_create(&work->chatter);
	if (!err)
		err = chatter_add_words(work->chatter, path ? path : shared, note);
	for (size_t i = 0; !err && i < args_count(work->args, "requests"); i++)
		err = chatter_add_sentences(work->chatter,
					    args_text_at(work->args, "requests", i),
					    note);
	return path && err == ERR_MISSING ? ERR_IO : err;
}

static enum err load_house(struct work *work, struct err_note *note)
{
	enum err err = rehearsal_house_create(PEOPLE, CONTACTS, &work->house, note);

	for (size_t i = 0; i < CONTACTS; i++)
		if (PEOPLE[i].voice_allowed && contact_kind_can_recall(PEOPLE[i].kind))
			work->voiced[work->voiced_count++] = i;
	return err;
}

static enum err load_ear(struct work *work, struct err_note *note)
{
	const struct rehearsal_house *house = work->house;
	const struct grammar *grammars[GRAMMARS] = {
		house->steps[DIALOGUE_NONE].grammar,
		house->steps[DIALOGUE_TO_WHOM].grammar,
	};
	struct sounds sounds = {.ops = NULL};
	enum err err =
		sounds_lexicon_open("en", recogniser_pocketsphinx_defaults().dictionary,
				    &sounds, note);

	for (size_t i = 0; i < CONTACTS; i++)
		grammars[2 + i] = house->phrases[i].grammar;
	if (!err)
		err = mishear_create(work->chatter, grammars, GRAMMARS, sounds,
				     &work->mishear);
	if (sounds.ops)
		sounds.ops->close(sounds.self);
	return err;
}

static enum err take_out(struct work *work, struct err_note *note)
{
	for (size_t i = 0; i < args_count(work->args, "without"); i++) {
		const char *text = args_text_at(work->args, "without", i);
		enum barrier barrier;

		if (!barrier_from_text(text, &barrier))
			return err_say(ERR_RANGE, note,
				       "no barrier is called \"%.40s\"; expected "
				       "intent, recipient, phrase, hold or memo",
				       text);
		work->out |= 1U << barrier;
	}
	return OK;
}

static enum err load(struct work *work, struct err_note *note)
{
	enum err err = take_out(work, note);

	if (!err)
		err = load_words(work, note);
	if (!err)
		err = load_house(work, note);
	if (!err)
		err = load_ear(work, note);
	return err ? err : arena_create(REHEARSAL_ARENA_BYTES, &work->arena);
}

static void forget(struct work *work)
{
	arena_destroy(work->arena);
	mishear_destroy(work->mishear);
	chatter_destroy(work->chatter);
	rehearsal_house_destroy(work->house);
}

static enum err run(struct bench_run *run, struct err_note *note)
{
	const int64_t forced = args_number(run->args, "forced", FORCED_PERCENT);
	struct work work = {.args = run->args,
			    .seed = (uint64_t)args_number(run->args, "seed", SEED),
			    .forced = (double)forced / 100};
	bool harm = false;
	bool worse = false;
	enum err err = load(&work, note);

	if (!err)
		err = run_chance(run, &work, &harm);
	if (!err)
		err = bench_portland_search(run, work.arena, work.out, &worse, note);
	if (!err && (harm || worse)) {
		run->failed = true;
		fprintf(stderr,
			"portland: %s went out, or was confirmed, by sound alone\n",
			harm ? "by chance something" : "on purpose something");
	}
	forget(&work);
	return err;
}

static const char *const takes[] = {"dialogues", "forced", "requests", "seed",
				    "without",   "words",  NULL};

const struct bench bench_portland = {
	.name = "portland",
	.summary = "how far talk gets towards a message, by chance and on purpose",
	.takes = takes,
	.run = run,
};
