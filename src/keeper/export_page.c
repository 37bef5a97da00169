/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export_page - see the header. The page holds no script and asks nobody for anything: it
 * opens from a memory stick in ten years.
 */
#include "keeper/export_page.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/must.h"
#include "base/str.h"
#include "domain/audio.h"

enum { MS_PER_S = 1000, ANSWER_BYTES = 1024 };

/* --- sound files ------------------------------------------------------------------------ */

static void put_le(uint8_t *to, uint32_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		to[i] = (uint8_t)(value >> 8 * i);
}

void export_wav_head(uint32_t size, uint8_t to[EXPORT_WAV_HEAD_BYTES])
{
	enum { FORM_BYTES = 16, PCM = 1, CHANNELS = 1, SAMPLE_BYTES = 2 };

	memcpy(to, "RIFF", 4);
	put_le(to + 4, EXPORT_WAV_HEAD_BYTES - 8 + size, 4);
	memcpy(to + 8, "WAVEfmt ", 8);
	put_le(to + 16, FORM_BYTES, 4);
	put_le(to + 20, PCM, 2);
	put_le(to + 22, CHANNELS, 2);
	put_le(to + 24, AUDIO_HZ, 4);
	put_le(to + 28, AUDIO_HZ * SAMPLE_BYTES, 4);
	put_le(to + 32, SAMPLE_BYTES, 2);
	put_le(to + 34, 8 * SAMPLE_BYTES, 2);
	memcpy(to + 36, "data", 4);
	put_le(to + 40, size, 4);
}

/* Every number of milliseconds is of a year that the calendar has, and that fits a text. */
static struct tm calendar(int64_t at_ms)
{
	const time_t seconds = (time_t)(at_ms / MS_PER_S);
	struct tm parts;

	must(gmtime_r(&seconds, &parts));
	return parts;
}

static void day_text(int64_t at_ms, char to[EXPORT_TIME_BYTES])
{
	const struct tm parts = calendar(at_ms);

	must(strftime(to, EXPORT_TIME_BYTES, "%Y-%m-%d", &parts) > 0);
}

static void hour_text(int64_t at_ms, char to[EXPORT_TIME_BYTES])
{
	const struct tm parts = calendar(at_ms);

	must(strftime(to, EXPORT_TIME_BYTES, "%H:%M:%S", &parts) > 0);
}

void export_time_text(int64_t at_ms, char to[EXPORT_TIME_BYTES])
{
	const struct tm parts = calendar(at_ms);

	must(strftime(to, EXPORT_TIME_BYTES, "%Y-%m-%dT%H:%M:%SZ", &parts) > 0);
}

void export_sound_path(const struct export_record *record,
		       char to[EXPORT_SOUND_PATH_BYTES])
{
	char day[EXPORT_TIME_BYTES];
	char id[ID_TEXT_BYTES];
	const struct tm parts = calendar(record->at_ms);

	day_text(record->at_ms, day);
	id_to_text(id, record->record.bytes);
	must(str_format(to, EXPORT_SOUND_PATH_BYTES, "%s/%s/%02d%02d%02d-%s.wav",
			record->is_private ? "by-room" : "recordings", day, parts.tm_hour,
			parts.tm_min, parts.tm_sec, id));
}

/* --- for programs ----------------------------------------------------------------------- */

static void add_hash(struct json_write *write, const char *name,
		     const uint8_t hash[SEAL_HASH_BYTES])
{
	char text[2 * SEAL_HASH_BYTES + 1];

	str_to_hex(text, hash, SEAL_HASH_BYTES);
	json_add_text(write, name, text);
}

static void add_turn(struct json_write *write, struct turn_id turn)
{
	char text[ID_TEXT_BYTES];

	turn_id_to_text(text, turn);
	json_add_text(write, "turn", turn.value != 0 ? text : NULL);
}

static enum err end_line(struct json_write *write, struct buf *to)
{
	enum err err;

	json_close(write, '}');
	err = json_write_finish(write);
	return err == OK ? buf_add_text(to, "\n") : err;
}

enum err export_line_recording(const struct export_set *set,
			       const struct export_record *record, struct buf *to)
{
	char path[EXPORT_SOUND_PATH_BYTES];
	char time[EXPORT_TIME_BYTES];
	char id[ID_TEXT_BYTES];
	struct json_write write;

	id_to_text(id, record->record.bytes);
	export_sound_path(record, path);
	export_time_text(record->at_ms, time);
	json_write_init(&write, to);
	json_open_object(&write, NULL);
	json_add_text(&write, "record", id);
	json_add_text(&write, "at", time);
	json_add_text(&write, "room", export_set_room_name(set, record));
	json_add_text(&write, "by", record->by);
	json_add_int(&write, "ms", audio_ms((size_t)record->size / sizeof(int16_t)));
	json_add_text(&write, "transcript", record->words ? record->words : "");
	json_add_text(&write, "file", path);
	add_hash(&write, "sha256", record->file);
	add_turn(&write, record->turn);
	json_add_int(&write, "journal_place", (int64_t)record->place);
	if (record->has_sealed)
		add_hash(&write, "sealed", record->sealed);
	return end_line(&write, to);
}

enum err export_line_event(uint64_t place, const struct event *event, struct buf *to)
{
	char sentence[EVENT_SENTENCE_BYTES];
	char time[EXPORT_TIME_BYTES];
	struct json_write write;

	event_sentence(event, sentence);
	export_time_text(event->at_ms, time);
	json_write_init(&write, to);
	json_open_object(&write, NULL);
	json_add_int(&write, "journal_place", (int64_t)place);
	json_add_text(&write, "at", time);
	add_turn(&write, event->turn);
	json_add_text(&write, "room", event->room.text);
	json_add_text(&write, "kind", event_kind_text(event->kind));
	json_add_text(&write, "sentence", sentence);
	json_open_object(&write, "fields");
	for (size_t i = 0; i < event->field_count; i++)
		json_add_text(&write, event->fields[i].name, event->fields[i].value);
	json_close(&write, '}');
	return end_line(&write, to);
}

static void add_id(struct json_write *write, const char *name, const uint8_t id[ID_BYTES])
{
	char text[ID_TEXT_BYTES];

	id_to_text(text, id);
	json_add_text(write, name, text);
}

enum err export_line_about(const struct export_about *about, struct buf *to)
{
	char time[EXPORT_TIME_BYTES];
	struct json_write write;

	export_time_text(about->made_ms, time);
	json_write_init(&write, to);
	json_open_object(&write, NULL);
	add_id(&write, "export", about->export.bytes);
	add_id(&write, "household", about->household.bytes);
	json_add_text(&write, "owner", about->owner);
	json_add_text(&write, "made", time);
	json_add_int(&write, "recordings", (int64_t)about->recordings);
	json_add_int(&write, "left_out", (int64_t)about->left_out);
	json_add_bool(&write, "by_room", about->by_room);
	json_add_int(&write, "retention_days", about->retention_days);
	json_add_text(&write, "operator",
		      about->operator_name[0] ? about->operator_name : NULL);
	json_add_text(&write, "operator_contact",
		      about->operator_contact[0] ? about->operator_contact : NULL);
	json_add_int(&write, "journal_entries", (int64_t)about->journal_size);
	return end_line(&write, to);
}

/* --- pages ------------------------------------------------------------------------------ */

static const char *entity_of(char letter)
{
	switch (letter) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	default:
		return "&#39;";
	}
}

static enum err add_escaped(struct buf *to, const char *text)
{
	enum err err = OK;

	while (err == OK && *text) {
		size_t plain = strcspn(text, "&<>\"'");

		err = buf_add(to, text, plain);
		text += plain;
		if (err == OK && *text)
			err = buf_add_text(to, entity_of(*text++));
	}
	return err;
}

static const char STYLE[] =
	"<style>\n"
	"body { font-family: sans-serif; line-height: 1.5; max-width: 50rem;\n"
	"       margin: 2rem auto; padding: 0 1rem; }\n"
	"li { margin: .8rem 0; }\n"
	"audio { display: block; width: 100%; margin-top: .3rem; }\n"
	"code { background: #eee; padding: 0 .2rem; overflow-wrap: anywhere; }\n"
	".small { color: #555; font-size: .9rem; }\n"
	"</style>\n";

static enum err begin_page(struct buf *to, const char *title)
{
	return buf_add_format(to,
			      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
			      "<meta charset=\"utf-8\">\n"
			      "<meta name=\"viewport\" content=\"width=device-width\">\n"
			      "<title>%s</title>\n%s</head>\n<body>\n<h1>%s</h1>\n",
			      title, STYLE, title);
}

enum err export_index_begin(const struct export_about *about, struct buf *to)
{
	char time[EXPORT_TIME_BYTES];
	enum err err = begin_page(to, "Your recordings");

	export_time_text(about->made_ms, time);
	if (err == OK)
		err = buf_add_text(to, "<p>Of ");
	if (err == OK)
		err = add_escaped(to, about->owner);
	if (err == OK)
		err = buf_add_format(
			to,
			", made %s: %zu recording%s. Times are UTC. "
			"<a href=\"about.html\">What this is, your rights, and "
			"how to check it</a>.</p>\n",
			time, about->recordings, about->recordings == 1 ? "" : "s");
	if (err == OK && about->left_out > 0)
		err = buf_add_format(
			to,
			"<p>%zu more, of rooms that you declared private, are "
			"not in it: they may hold other people's voices. Ask "
			"for them with <code>behest export --by-room</code>."
			"</p>\n",
			about->left_out);
	if (err == OK && about->recordings == 0)
		err = buf_add_text(
			to, "<p><strong>There are no recordings.</strong> This archive "
			    "holds no sound.</p>\n");
	return err;
}

static bool is_same_day(const struct export_record *one,
			const struct export_record *other)
{
	char days[2][EXPORT_TIME_BYTES];

	day_text(one->at_ms, days[0]);
	day_text(other->at_ms, days[1]);
	return one->is_private == other->is_private && str_equal(days[0], days[1]);
}

static enum err begin_day(const struct export_record *before,
			  const struct export_record *record, struct buf *to)
{
	char day[EXPORT_TIME_BYTES];

	day_text(record->at_ms, day);
	return buf_add_format(to, "%s<h2>%s%s</h2>\n<ul>\n", before ? "</ul>\n" : "", day,
			      record->is_private ? ", by room" : "");
}

enum err export_index_row(const struct export_set *set,
			  const struct export_record *before,
			  const struct export_record *record, struct buf *to)
{
	char path[EXPORT_SOUND_PATH_BYTES];
	char time[EXPORT_TIME_BYTES];
	char id[ID_TEXT_BYTES];
	enum err err = OK;

	if (!before || !is_same_day(before, record))
		err = begin_day(before, record, to);
	export_sound_path(record, path);
	hour_text(record->at_ms, time);
	id_to_text(id, record->record.bytes);
	if (err == OK)
		err = buf_add_format(to, "<li><strong>%s</strong> in ", time);
	if (err == OK)
		err = add_escaped(to, export_set_room_name(set, record));
	if (err == OK)
		err = buf_add_text(to, ": ");
	if (err == OK)
		err = record->words && record->words[0]
			      ? add_escaped(to, record->words)
			      : buf_add_text(to, "<em>no words were understood</em>");
	if (err == OK)
		err = buf_add_format(
			to,
			"\n<audio controls preload=\"none\" src=\"%s\"></audio>"
			"\n<span class=\"small\">not yours? <code>behest "
			"incident report %s</code></span></li>\n",
			path, id);
	return err;
}

enum err export_index_end(const struct export_about *about, struct buf *to)
{
	return buf_add_format(
		to,
		"%s<p class=\"small\">For programs: <a href=\"recordings.jsonl\">"
		"recordings.jsonl</a>, <a href=\"actions.jsonl\">actions.jsonl</a>.</p>\n"
		"</body>\n</html>\n",
		about->recordings > 0 ? "</ul>\n" : "");
}

/* --- about ------------------------------------------------------------------------------ */

typedef void answer_fn(const struct export_about *about, char to[ANSWER_BYTES]);

static void say_what(const struct export_about *about, char to[ANSWER_BYTES])
{
	char household[ID_TEXT_BYTES];
	char time[EXPORT_TIME_BYTES];

	id_to_text(household, about->household.bytes);
	export_time_text(about->made_ms, time);
	must(str_format(to, ANSWER_BYTES,
			"An archive of the recordings of %s in the household %s, made %s "
			"by its keeper: %zu recording%s%s. It holds what that owner's "
			"unlocked key opened, and nothing else: nobody can name another "
			"owner when one is made, and each recording was authenticated "
			"twice. It was handed over directly. There is no link to it; who "
			"wants it again asks again.",
			about->owner, household, time, about->recordings,
			about->recordings == 1 ? "" : "s",
			about->by_room ? ", those of private rooms (by-room) included"
				       : ""));
}

static void say_retention(const struct export_about *about, char to[ANSWER_BYTES])
{
	if (about->retention_days == 0)
		must(str_copy(to, ANSWER_BYTES,
			      "You chose that nothing is kept. The journal's rows stay: "
			      "they hold what was decided and done, and no words."));
	else
		must(str_format(to, ANSWER_BYTES,
				"Recordings and transcripts are destroyed after %u days, "
				"or when you delete them. The journal's rows stay: they "
				"hold what was decided and done, and no words.",
				(unsigned)about->retention_days));
}

static void say_operator(const struct export_about *about, char to[ANSWER_BYTES])
{
	if (!about->operator_name[0])
		must(str_copy(to, ANSWER_BYTES,
			      "A household that runs this for itself. The GDPR does not "
			      "apply to purely personal or household activity (Article "
			      "2(2)(c)); its questions are answered here all the same."));
	else
		must(str_format(to, ANSWER_BYTES, "%s. To be reached at: %s.",
				about->operator_name,
				about->operator_contact[0] ? about->operator_contact
							   : "(no address is set)"));
}

static void say_journal(const struct export_about *about, char to[ANSWER_BYTES])
{
	must(str_format(to, ANSWER_BYTES,
			"journal/checkpoint is the signed root of the house's journal "
			"with %" PRIu64 " entries (C2SP tlog-checkpoint). For the "
			"recording in entry N, journal/N.entry is the entry as it is "
			"stored and journal/N.tlog-proof proves it (C2SP tlog-proof): "
			"the leaf is SHA-256 of a zero byte and the entry, its index N - "
			"1. Any RFC 6962 tool checks that.",
			about->journal_size));
}

static const struct {
	const char *title;
	const char *text; /* NULL: say */
	answer_fn *say;
} ANSWERS[] = {
	{"What this is", NULL, say_what},
	{"Who is responsible", NULL, say_operator},
	{"Purposes",
	 "To do what was asked of the assistant, to let you hear what it heard, and to "
	 "answer why it did what it did. Nobody else listens to it; nothing is trained "
	 "with it.",
	 NULL},
	{"Categories of data",
	 "Sound of requests, from the name that was said to the end of the sentence; what "
	 "was understood of it; the room and the time; what was decided, and what came of "
	 "it.",
	 NULL},
	{"Recipients",
	 "Nobody. Recordings and transcripts do not leave the house but by this archive. "
	 "Whoever you sent a message to got that message: it stands in actions.jsonl.",
	 NULL},
	{"Transfers to other countries", "None.", NULL},
	{"How long it is kept", NULL, say_retention},
	{"Where it comes from", "The microphones of the rooms of the house.", NULL},
	{"Decisions by machine",
	 "None with legal or similarly serious effect (GDPR Article 22). What binds the "
	 "house takes the word of a paired device.",
	 NULL},
	{"Your rights",
	 "You may hear, correct by deleting, erase (behest erase), restrict (behest rooms "
	 "set: what a room may record), object, and take your data with you, which is this "
	 "archive. You may complain to a supervisory authority for data protection.",
	 NULL},
	{"This is not mine",
	 "Report it at once: behest incident report RECORD, with the number that stands "
	 "beside the recording. It gets an id, and no archive is made before it is settled. "
	 "Do not pass the archive on.",
	 NULL},
	{"How to check it",
	 "sha256sum -c SHA256SUMS says whether each file is whole. minisign -Vm SHA256SUMS "
	 "-p minisign.pub says that the list is the keeper's; compare the key with the one "
	 "that the house has (behest verify does). With our own program: behest verify "
	 "FILE.zip.",
	 NULL},
	{"The journal", NULL, say_journal},
};

static const char *answer(size_t at, const struct export_about *about,
			  char to[ANSWER_BYTES])
{
	if (ANSWERS[at].text)
		return ANSWERS[at].text;
	ANSWERS[at].say(about, to);
	return to;
}

enum err export_about_page(const struct export_about *about, struct buf *to)
{
	char text[ANSWER_BYTES];
	enum err err = begin_page(to, "About this archive");

	for (size_t i = 0; err == OK && i < STR_COUNT(ANSWERS); i++) {
		err = buf_add_format(to, "<h2>%s</h2>\n<p>", ANSWERS[i].title);
		if (err == OK)
			err = add_escaped(to, answer(i, about, text));
		if (err == OK)
			err = buf_add_text(to, "</p>\n");
	}
	return err == OK ? buf_add_text(to, "<p><a href=\"index.html\">The recordings</a>"
					    "</p>\n</body>\n</html>\n")
			 : err;
}

/* Words up to the width, then a new line. */
static enum err add_wrapped(struct buf *to, const char *text)
{
	enum { WIDTH = 78 };
	size_t column = 0;
	enum err err = OK;

	while (err == OK && *text) {
		size_t word = strcspn(text, " ");

		if (column > 0 && column + 1 + word > WIDTH) {
			err = buf_add_text(to, "\n");
			column = 0;
		} else if (column > 0) {
			err = buf_add_text(to, " ");
			column++;
		}
		if (err == OK)
			err = buf_add(to, text, word);
		column += word;
		text += word;
		text += strspn(text, " ");
	}
	return err == OK ? buf_add_text(to, "\n") : err;
}

enum err export_about_text(const struct export_about *about, struct buf *to)
{
	char text[ANSWER_BYTES];
	enum err err = OK;

	for (size_t i = 0; err == OK && i < STR_COUNT(ANSWERS); i++) {
		err = buf_add_format(to, "%s%s\n\n", i > 0 ? "\n" : "", ANSWERS[i].title);
		if (err == OK)
			err = add_wrapped(to, answer(i, about, text));
	}
	return err;
}
