/* SPDX-License-Identifier: Apache-2.0 */
/*
 * takes - see the header. Makes sounds only; what an endpoint does with them is
 * bench_endpoint's.
 *
 * Invariant: the same wish gives the same samples.
 */
#include "cli/takes.h"

#include <stdlib.h>
#include <string.h>

#include "adapter/voice_flite.h"
#include "base/must.h"
#include "base/str.h"

static const char *const COMMANDS[] = {
	"turn off the kitchen light",
	"set the kitchen light to thirty percent",
	"make the kitchen light red",
	"turn off the bedroom light",
	"set the heating to twenty degrees",
	"switch off the bedroom light",
	"what time is it",
	"close the bedroom blind",
	"turn off all the lights",
	"set the bedroom light to blue",
	"dim the kitchen light to ten percent",
	"turn off everything",
	"make the bedroom light brighter",
	"turn the kitchen light off",
	"lock the front door",
	"set the kitchen light to half brightness",
	"change the color of the kitchen light to green",
	"what is the temperature in the bedroom",
	"switch the kitchen light to white",
	"brighten the bedroom light by twenty percent",
};

static const char *const OPEN[] = {
	"turn on the kitchen light",
	"turn on the bedroom light",
	"turn on the lights",
	"turn off the lights",
	"set the bedroom blind to fifty percent",
	"open the bedroom blind",
	"switch on the kitchen light",
	"turn the kitchen light up",
	"dim the bedroom light",
	"brighten the kitchen light",
};

static const char *const SHORT[] = {"stop", "cancel", "be quiet", "never mind"};

static const struct {
	const char *const *words;
	size_t count;
} SPOKEN[TAKES_SETS] = {
	[TAKES_COMMANDS] = {COMMANDS, STR_COUNT(COMMANDS)},
	[TAKES_OPEN] = {OPEN, STR_COUNT(OPEN)},
	[TAKES_SHORT] = {SHORT, STR_COUNT(SHORT)},
};

struct takes {
	struct clips *clips; /* NULL: none */
	size_t order_count[TAKES_SETS];
	uint16_t orders[TAKES_SETS]
		       [CLIPS_MAX]; /* indices of clips, for the sets of them */
	struct voice voice;
	struct take *take;
};

static void sort_orders(struct takes *takes)
{
	size_t count = takes->clips ? clips_count(takes->clips) : 0;

	for (size_t i = 0; i < count; i++) {
		bool full = clips_has_slot(takes->clips, i, "milkAmount") &&
			    clips_has_slot(takes->clips, i, "sugarAmount");
		enum takes_set set = full ? TAKES_FULL_ORDERS : TAKES_ORDERS;
		takes->orders[set][takes->order_count[set]++] = (uint16_t)i;
	}
}

enum err takes_create(struct takes **out_takes, struct err_note *note)
{
	struct takes *made = calloc(1, sizeof(*made));
	enum err err = ERR_MEMORY;

	if (!made)
		goto out;
	err = clips_open(&made->clips, note);
	if (err == ERR_MISSING)
		err = OK;
	if (!err)
		err = voice_flite_create(&made->voice);
	if (!err)
		err = take_create(&made->take);
	if (err)
		goto out;
	sort_orders(made);
	*out_takes = made;
	made = NULL;
out:
	takes_destroy(made);
	return err;
}

void takes_destroy(struct takes *takes)
{
	if (!takes)
		return;
	clips_close(takes->clips);
	voice_close(&takes->voice);
	take_destroy(takes->take);
	free(takes);
}

bool takes_have_recordings(const struct takes *takes)
{
	return takes->clips != NULL;
}

static bool is_order(enum takes_set set)
{
	return set == TAKES_FULL_ORDERS || set == TAKES_ORDERS;
}

size_t takes_count(const struct takes *takes, enum takes_set set)
{
	return is_order(set) ? takes->order_count[set] : SPOKEN[set].count;
}

static size_t clip_index(const struct takes *takes, const struct takes_wanted *wanted)
{
	must(wanted->item < takes->order_count[wanted->set]);
	return takes->orders[wanted->set][wanted->item];
}

const char *takes_words(enum takes_set set, size_t item)
{
	must((size_t)set < STR_COUNT(SPOKEN) && item < SPOKEN[set].count);
	return SPOKEN[set].words[item];
}

static const char *take_name(const struct takes *takes, const struct takes_wanted *wanted)
{
	if (is_order(wanted->set))
		return clips_name(takes->clips, clip_index(takes, wanted));
	return takes_words(wanted->set, wanted->item);
}

static enum err speak(struct takes *takes, const char *text, double factor)
{
	struct audio_span sound;
	enum err err = voice_speak(&takes->voice, text, &sound);

	return err ? err : take_add(takes->take, sound, factor);
}

/* The start of the word behind the place-th gap; NULL: there is none. */
static const char *word_behind(const char *text, size_t place)
{
	const char *gap = strchr(text, ' ');

	for (; gap && place > 0; place--)
		gap = strchr(gap + 1, ' ');
	return gap ? gap + 1 : NULL;
}

/* Two parts, each spoken on its own; the silence around them is cut by the measure of
 * the first, whose end is where the pause goes. */
static enum err speak_parts(struct takes *takes, const struct takes_wanted *wanted,
			    const char *text)
{
	const char *second = word_behind(text, wanted->place);
	char first[VOICE_TEXT_MAX];
	enum err err;

	if (!second)
		return ERR_MISSING;
	must(str_copy(first, sizeof(first), text));
	first[second - text - 1] = '\0';
	err = speak(takes, first, wanted->factor);
	if (err)
		return err;
	take_measure(takes->take);
	take_cut_end(takes->take);
	size_t place = take_end(takes->take);
	err = speak(takes, second, wanted->factor);
	if (err)
		return err;
	take_measure(takes->take);
	take_cut_silence(takes->take, place);
	return take_pause(takes->take, place, wanted->pause_ms);
}

static enum err make_spoken(struct takes *takes, const struct takes_wanted *wanted)
{
	const char *text = SPOKEN[wanted->set].words[wanted->item];
	enum err err;

	if (wanted->pause_ms > 0)
		return speak_parts(takes, wanted, text);
	err = speak(takes, text, wanted->factor);
	if (!err)
		take_measure(takes->take);
	return err;
}

static enum err make_order(struct takes *takes, const struct takes_wanted *wanted,
			   struct err_note *note)
{
	static const struct clips_noise CLEAN = {CLIPS_CLEAN, 0, 0};
	struct audio_span sound;
	size_t places[TAKE_PLACES_MAX];
	enum err err =
		clips_load(takes->clips, clip_index(takes, wanted), CLEAN, &sound, note);

	if (!err)
		err = take_add(takes->take, sound, wanted->factor);
	if (err)
		return err;
	take_measure(takes->take);
	if (wanted->pause_ms == 0)
		return OK;
	if (wanted->place >= take_places(takes->take, places))
		return ERR_MISSING;
	return take_pause(takes->take, places[wanted->place], wanted->pause_ms);
}

enum err takes_make(struct takes *takes, const struct takes_wanted *wanted,
		    struct take **out_take, struct err_note *note)
{
	enum err err;

	take_clear(takes->take);
	err = is_order(wanted->set) ? make_order(takes, wanted, note)
				    : make_spoken(takes, wanted);
	if (!err)
		err = take_surround(takes->take, TAKES_BEFORE_MS, TAKES_AFTER_MS);
	if (err)
		return err;
	if (takes->clips) {
		size_t count;
		int16_t *samples = take_samples(takes->take, &count);
		clips_add_noise(takes->clips, take_name(takes, wanted), wanted->noise,
				samples, count);
	}
	*out_take = takes->take;
	return OK;
}
