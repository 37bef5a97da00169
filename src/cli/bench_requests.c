/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_requests - see the header. Slots are not judged: the labels have none of ours.
 */
#include "cli/bench_requests.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/must.h"
#include "base/str.h"

enum { INTENTS_PER_LABEL = 6 };

struct label {
	const char *scenario;
	const char *action;
	const char *intents[INTENTS_PER_LABEL]; /* any of them is right */
};

static const struct label LABELS[] = {
	{"alarm", "query", {"BehestGetAlarms"}},
	{"alarm", "remove", {"BehestCancelAlarm"}},
	{"alarm", "set", {"BehestSetAlarm", "HassStartTimer", "BehestSetReminder"}},
	{"audio", "volume_down", {"HassSetVolumeRelative", "HassSetVolume"}},
	{"audio",
	 "volume_mute",
	 {"HassSetVolumeRelative", "HassSetVolume", "HassNevermind",
	  "BehestMuteMicrophone", "BehestUnmuteMicrophone", "HassMediaPause"}},
	{"audio",
	 "volume_up",
	 {"HassSetVolumeRelative", "HassSetVolume", "BehestUnmuteMicrophone"}},
	{"calendar", "query", {"BehestGetReminders"}},
	{"calendar", "remove", {"BehestCancelReminder"}},
	{"calendar", "set", {"BehestSetReminder"}},
	{"general", "commandstop", {"HassNevermind", "HassMediaPause"}},
	{"datetime", "query", {"HassGetCurrentTime", "HassGetCurrentDate"}},
	{"iot", "cleaning", {"HassTurnOn"}},
	{"iot", "coffee", {"HassTurnOn"}},
	{"iot", "hue_lightchange", {"HassLightSet"}},
	{"iot", "hue_lightdim", {"HassLightSet"}},
	{"iot", "hue_lightoff", {"HassTurnOff"}},
	{"iot", "hue_lighton", {"HassTurnOn", "HassLightSet"}},
	{"iot", "hue_lightup", {"HassLightSet", "HassTurnOn"}},
	{"iot", "wemo_off", {"HassTurnOff"}},
	{"iot", "wemo_on", {"HassTurnOn"}},
	{"lists", "createoradd", {"HassShoppingListAddItem"}},
	{"lists", "query", {"BehestGetShoppingList"}},
	{"lists", "remove", {"HassShoppingListCompleteItem", "BehestClearShoppingList"}},
	{"music", "query", {"BehestWhatPlays"}},
	{"play",
	 "audiobook",
	 {"HassMediaSearchAndPlay", "HassMediaUnpause", "HassMediaPause",
	  "HassMediaNext"}},
	{"play",
	 "music",
	 {"HassMediaSearchAndPlay", "BehestPlayMusic", "HassMediaUnpause",
	  "HassMediaNext"}},
	{"play",
	 "podcasts",
	 {"HassMediaSearchAndPlay", "HassMediaUnpause", "HassMediaNext"}},
	{"play", "radio", {"HassMediaSearchAndPlay", "HassMediaUnpause"}},
	{"weather", "query", {"HassGetWeather", "HassClimateGetTemperature"}},
};

struct tally {
	size_t ours; /* of a label with a row */
	size_t right;
	size_t asked;
	size_t wrong;
	size_t others;
	size_t accepted; /* of others */
};

static const struct label *find(const char *scenario, const char *action)
{
	for (size_t i = 0; i < STR_COUNT(LABELS); i++) {
		if (str_equal(LABELS[i].scenario, scenario) &&
		    str_equal(LABELS[i].action, action))
			return &LABELS[i];
	}
	return NULL;
}

static bool means(const struct label *label, const char *intent)
{
	for (size_t i = 0; i < INTENTS_PER_LABEL && label->intents[i]; i++) {
		if (str_equal(label->intents[i], intent))
			return true;
	}
	return false;
}

/* True where it came out as something else than it means. */
static bool count(const struct label *label, const struct understanding *understood,
		  struct tally *tally)
{
	const bool accepted = understood->reason == REASON_NONE;
	const bool right = label && means(label, understood->intent.name);

	tally->ours += label != NULL;
	tally->others += label == NULL;
	tally->right += accepted && right;
	tally->asked += label && understood->asks.key != SAYING_NONE;
	tally->wrong += accepted && label && !right;
	tally->accepted += accepted && !label;
	return accepted && !right;
}

static enum err read_request(struct bench_run *run, const struct json_value *request,
			     const struct understand *understand, const char *here,
			     struct tally *tally)
{
	const char *text = json_text(json_get(request, "text"), NULL);
	const char *scenario = json_text(json_get(request, "scenario"), NULL);
	const char *action = json_text(json_get(request, "action"), NULL);
	struct understanding understood;

	if (!text || !scenario || !action)
		return ERR_FORMAT;
	understand_text(understand, text, here, &understood);
	if (count(find(scenario, action), &understood, tally) && run->verbose)
		fprintf(stderr, "wrong: %s: %s, not %s %s\n", text,
			understood.intent.name, scenario, action);
	return OK;
}

static void add_figures(struct bench_run *run, const struct tally *tally)
{
	bench_add_share(run, "requests_right_percent", (unsigned)tally->right,
			(unsigned)tally->ours);
	bench_add_share(run, "requests_asked_percent", (unsigned)tally->asked,
			(unsigned)tally->ours);
	bench_add_share(run, "requests_wrong_percent", (unsigned)tally->wrong,
			(unsigned)tally->ours);
	bench_add_share(run, "others_accepted_percent", (unsigned)tally->accepted,
			(unsigned)tally->others);
}

enum err bench_requests(struct bench_run *run, const char *path,
			const struct understand *understand, const char *here,
			struct err_note *note)
{
	struct tally tally = {0};
	struct buf bytes;
	size_t number = 0;
	enum err err = file_read(path, BENCH_REQUESTS_BYTES_MAX, &bytes, note);
	char *rest = err ? NULL : (char *)bytes.bytes;

	while (!err && rest) {
		const char *line = strsep(&rest, "\n");
		struct json *json = NULL;

		number++;
		if (!*line)
			continue;
		err = json_parse(path, line, strlen(line), BENCH_REQUESTS_BYTES_MAX,
				 &json, note);
		if (!err)
			err = read_request(run, json_root(json), understand, here,
					   &tally);
		json_destroy(json);
		if (err)
			(void)err_say(err, note,
				      "%s:%zu: expected {\"text\", \"scenario\", "
				      "\"action\"}",
				      path, number);
	}
	buf_finish(&bytes);
	if (!err)
		add_figures(run, &tally);
	return err;
}
