/* SPDX-License-Identifier: Apache-2.0 */
/*
 * music_contract - the promises of port/music.h, one after the other.
 */
#include "fake/music_contract.h"

#include "base/str.h"
#include "unit/cmocka_all.h"

enum { TURNS_MAX = 2000 };

static void on_done(void *context, uint64_t token, enum err err)
{
	struct music_contract *contract = context;

	contract->done_count++;
	contract->token = token;
	contract->err = err;
}

static void on_changed(void *context)
{
	struct music_contract *contract = context;

	contract->changed_count++;
}

struct music_listener music_contract_listener(struct music_contract *contract)
{
	return (struct music_listener){contract, on_done, on_changed};
}

enum err music_contract_order(struct music_contract *contract,
			      const struct music_command *command)
{
	static uint64_t token;
	const unsigned before = contract->done_count;

	assert_int_equal(music_command(contract->music, command, ++token), OK);
	assert_int_equal(contract->done_count, before); /* never from inside */
	for (unsigned i = 0; i < TURNS_MAX && contract->done_count == before; i++)
		contract->turn(contract->context);
	assert_int_equal(contract->done_count, before + 1);
	assert_true(contract->token == token);
	return contract->err;
}

static enum err order(struct music_contract *contract, enum music_order what)
{
	return music_contract_order(contract, &(struct music_command){.order = what});
}

static enum err play(struct music_contract *contract, enum music_kind kind,
		     const char *name)
{
	struct music_command command = {.order = MUSIC_PLAY, .kind = kind};

	assert_true(str_copy(command.name, sizeof(command.name), name));
	return music_contract_order(contract, &command);
}

static void wait_until(struct music_contract *contract,
		       bool (*is_so)(const struct music_state *state, const char *text),
		       const char *text)
{
	for (unsigned i = 0; i < TURNS_MAX; i++) {
		if (is_so(music_state(contract->music), text))
			return;
		contract->turn(contract->context);
	}
	fail_msg("it never came to '%s'", text);
}

static bool is_by(const struct music_state *state, const char *artist)
{
	return state->play == MUSIC_PLAYING && str_equal(state->artist, artist);
}

static bool is_title(const struct music_state *state, const char *title)
{
	return state->play == MUSIC_PLAYING && str_equal(state->title, title);
}

static bool is_paused(const struct music_state *state, const char *text)
{
	(void)text;
	return state->play == MUSIC_PAUSED;
}

static bool is_playing(const struct music_state *state, const char *text)
{
	(void)text;
	return state->play == MUSIC_PLAYING;
}

static bool is_off(const struct music_state *state, const char *name)
{
	for (size_t i = 0; i < state->output_count; i++)
		if (str_equal(state->outputs[i].name, name))
			return !state->outputs[i].is_on;
	return false;
}

static bool has_name(struct music_contract *contract, enum music_kind kind,
		     const char *name)
{
	const struct music_library *library = music_library(contract->music);

	for (size_t i = 0; i < library->count; i++)
		if (library->names[i].kind == kind &&
		    str_equal(library->names[i].text, name))
			return true;
	return false;
}

/* Names are data, whatever they hold. */
static void check_names(struct music_contract *contract)
{
	assert_true(has_name(contract, MUSIC_ARTIST, MUSIC_CONTRACT_ARTIST));
	assert_true(has_name(contract, MUSIC_ARTIST, MUSIC_CONTRACT_ODD_ARTIST));
	assert_true(has_name(contract, MUSIC_ALBUM, MUSIC_CONTRACT_ALBUM));
	assert_true(has_name(contract, MUSIC_GENRE, "Jazz"));
	assert_int_equal(play(contract, MUSIC_ALBUM, MUSIC_CONTRACT_ODD_ALBUM), OK);
	wait_until(contract, is_by, MUSIC_CONTRACT_ODD_ARTIST);
	assert_int_equal(play(contract, MUSIC_GENRE, "jazz"), OK);
	wait_until(contract, is_by, MUSIC_CONTRACT_ARTIST);
	assert_int_equal(play(contract, MUSIC_ARTIST, MUSIC_CONTRACT_ODD_ARTIST), OK);
	wait_until(contract, is_by, MUSIC_CONTRACT_ODD_ARTIST);
	assert_int_equal(play(contract, MUSIC_SEARCH, "lind"), OK);
	wait_until(contract, is_by, MUSIC_CONTRACT_ARTIST);
}

/* What is missing leaves what plays alone. */
static void check_missing(struct music_contract *contract)
{
	static const char *const NAMES[] = {
		"Nobody",
		"x\") OR (artist != \"",
		"Ada Lind\" window \"0:9",
		"\\",
	};

	for (size_t i = 0; i < STR_COUNT(NAMES); i++)
		assert_int_equal(play(contract, MUSIC_ARTIST, NAMES[i]), ERR_MISSING);
	assert_int_equal(play(contract, MUSIC_STATION, "Nowhere"), ERR_MISSING);
	assert_int_equal(play(contract, MUSIC_PLAYLIST, "nothing"), ERR_MISSING);
	wait_until(contract, is_by, MUSIC_CONTRACT_ARTIST);
}

static void check_steps(struct music_contract *contract)
{
	assert_int_equal(play(contract, MUSIC_ALBUM, MUSIC_CONTRACT_ALBUM), OK);
	wait_until(contract, is_title, "First");
	assert_int_equal(order(contract, MUSIC_NEXT), OK);
	wait_until(contract, is_title, "Second");
	assert_int_equal(order(contract, MUSIC_PREVIOUS), OK);
	wait_until(contract, is_title, "First");
	assert_int_equal(order(contract, MUSIC_PAUSE), OK);
	wait_until(contract, is_paused, "paused");
	assert_int_equal(order(contract, MUSIC_RESUME), OK);
	wait_until(contract, is_playing, "playing");
}

static void wait_loudness(struct music_contract *contract, int percent)
{
	for (unsigned i = 0; i < TURNS_MAX; i++) {
		if (contract->loudness(contract->context) == percent)
			return;
		contract->turn(contract->context);
	}
	fail_msg("it sounds at %d and not at %d", contract->loudness(contract->context),
		 percent);
}

/* While it is ducked, what is told and set is what people hear afterwards. */
static void check_volume(struct music_contract *contract)
{
	struct music_command command = {.order = MUSIC_VOLUME, .percent = 50};

	assert_int_equal(music_contract_order(contract, &command), OK);
	wait_loudness(contract, 50);
	music_duck(contract->music, true);
	wait_loudness(contract, 50 * MUSIC_DUCK_PERCENT / 100);
	assert_int_equal(music_state(contract->music)->volume_percent, 50);
	command.percent = 40;
	assert_int_equal(music_contract_order(contract, &command), OK);
	wait_loudness(contract, 40 * MUSIC_DUCK_PERCENT / 100);
	assert_int_equal(music_state(contract->music)->volume_percent, 40);
	music_duck(contract->music, false);
	wait_loudness(contract, 40);
	assert_int_equal(music_state(contract->music)->volume_percent, 40);
}

static void check_outputs(struct music_contract *contract)
{
	const struct music_state *state = music_state(contract->music);
	struct music_command command = {.order = MUSIC_SWITCH, .switch_count = 1};

	assert_true(state->output_count >= 2);
	for (size_t i = 0; i < state->output_count; i++)
		if (str_equal(state->outputs[i].name, "bedroom"))
			command.switches[0].output = state->outputs[i].id;
	assert_int_equal(music_contract_order(contract, &command), OK);
	wait_until(contract, is_off, "bedroom");
	assert_false(is_off(music_state(contract->music), "kitchen"));
}

/* What is refused at once is never done. */
static void check_refused(struct music_contract *contract)
{
	const unsigned before = contract->done_count;
	struct music_command loud = {.order = MUSIC_VOLUME, .percent = 101};
	struct music_command nameless = {.order = MUSIC_PLAY, .kind = MUSIC_ARTIST};
	struct music_command line = {.order = MUSIC_PLAY,
				     .kind = MUSIC_ARTIST,
				     .name = "a\nclear"};

	assert_int_equal(music_command(contract->music, &loud, 1), ERR_RANGE);
	assert_int_equal(music_command(contract->music, &nameless, 1), ERR_RANGE);
	assert_int_equal(music_command(contract->music, &line, 1), ERR_RANGE);
	contract->turn(contract->context);
	assert_int_equal(contract->done_count, before);
}

/* Away: it says so, tells the listener, keeps the names, and takes no order. */
static void check_away(struct music_contract *contract)
{
	const unsigned changed = contract->changed_count;

	contract->fall(contract->context);
	for (unsigned i = 0; i < TURNS_MAX && music_trouble(contract->music)[0] == 0; i++)
		contract->turn(contract->context);
	assert_true(music_trouble(contract->music)[0] != 0);
	assert_true(contract->changed_count > changed);
	assert_true(has_name(contract, MUSIC_ARTIST, MUSIC_CONTRACT_ARTIST));
	assert_int_equal(music_state(contract->music)->play, MUSIC_STOPPED);
	assert_int_equal(music_command(contract->music,
				       &(struct music_command){.order = MUSIC_NEXT}, 1),
			 ERR_CLOSED);
}

void music_contract_check(struct music_contract *contract)
{
	assert_string_equal(music_trouble(contract->music), "");
	check_names(contract);
	check_missing(contract);
	check_steps(contract);
	check_volume(contract);
	check_outputs(contract);
	check_refused(contract);
	check_away(contract);
}
