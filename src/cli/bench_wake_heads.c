/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_wake_heads - see the header. One head after the other, each over the same files:
 * DIR/NAME of --clips holds clips of the word NAME, and the other folders beside it are
 * words that must not wake it.
 *
 * That no head has seen a file before cannot be checked here; wake_seen helps who looks.
 */
#include "cli/bench_wake_heads.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "adapter/wake_files.h"
#include "base/file.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/terminal.h"
#include "cli/wake_seen.h"
#include "cli/wake_tally.h"
#include "train/interval.h"

enum { PERCENT = 100, SNR_DB = 10 };

struct heads {
	struct bench_run *run;
	struct wake_outside outside;
	struct wake_noise noise;
	struct listing speech;
	const char *clips; /* NULL: none */
};

/* What one head hears. */
struct hearing {
	const char *name; /* "hey_behest" */
	struct wake_trial *trial;
	struct listing own;   /* clips of its word */
	struct listing other; /* of the other words */
};

bool bench_wake_heads_asked(const struct args *args)
{
	return args_count(args, "clips") + args_count(args, "speech") > 0;
}

/* ---- figures ---- */

static void figure_name(char to[BENCH_NAME_BYTES], const char *head, const char *name)
{
	must(str_format(to, BENCH_NAME_BYTES, "%s_%s", head, name));
}

static void add_share(struct heads *heads, const char *head, const char *name,
		      size_t part, size_t of, const char *words)
{
	const struct interval interval = interval_share(part, of);
	char full[BENCH_NAME_BYTES];
	char with[BENCH_WORDS_BYTES];

	figure_name(full, head, name);
	(void)str_format(with, sizeof(with), "%zu of %zu %s", part, of, words);
	bench_add_range(heads->run, full, of ? PERCENT * (double)part / (double)of : 0,
			PERCENT * interval.low, PERCENT * interval.high, 2, with);
}

static void add_rate(struct heads *heads, const char *head, const char *name,
		     size_t events, double hours, const char *words)
{
	const struct interval interval = interval_count(events);
	char full[BENCH_NAME_BYTES];
	char with[BENCH_WORDS_BYTES];

	figure_name(full, head, name);
	(void)str_format(with, sizeof(with), "%zu in %.2f h, %s", events, hours, words);
	bench_add_range(heads->run, full, (double)events / hours, interval.low / hours,
			interval.high / hours, 2, with);
}

/* ---- one head ---- */

static void tell_wrong(const struct hearing *hearing, const struct listing *listing,
		       const struct wake_heard *heard, bool are_names)
{
	for (size_t i = 0; i < listing->count; i++) {
		if (are_names && !heard[i].complaint.text[0] && heard[i].sure == 0)
			fprintf(stderr, "%s missed %s (%.2f)\n", hearing->name,
				listing->files[i].path, heard[i].max_score);
		for (size_t j = 0; !are_names && j < heard[i].count; j++) {
			const struct wake_accept *accept = &heard[i].accepts[j];

			if (accept->sure || accept->passed)
				fprintf(stderr, "%s woke in %s at %.1f s (%.2f)\n",
					hearing->name, listing->files[i].path,
					(double)accept->end_ms / 1000.0, accept->score);
		}
	}
}

/* Counts all of it, and says what could not be heard. */
static struct wake_tally take_stock(struct heads *heads, const struct hearing *hearing,
				    const struct listing *listing,
				    const struct wake_heard *heard, bool are_names)
{
	wake_outside_quiet(&heads->outside);
	if (wake_tally_complain(listing, heard))
		heads->run->failed = true;
	if (heads->run->verbose)
		tell_wrong(hearing, listing, heard, are_names);
	return wake_tally_count(listing, heard, 0, listing->count);
}

struct manner {
	const char *stage;
	const char *missed;
	const char *missed_second;
	const char *words;
	bool in_noise;
};

static const struct manner manners[] = {
	{"clips of the word", "missed_percent", "missed_second_percent", "missed", false},
	{"clips of the word in noise", "missed_noise_percent",
	 "missed_noise_second_percent", "missed in noise", true},
};

static enum err hear_own(struct heads *heads, struct hearing *hearing,
			 const struct manner *manner, struct err_note *note)
{
	struct wake_heard *heard = NULL;
	const enum err err = wake_trial_names(hearing->trial, &hearing->own,
					      manner->in_noise ? &heads->noise : NULL,
					      manner->stage, &heard, note);

	if (!err) {
		const struct wake_tally tally =
			take_stock(heads, hearing, &hearing->own, heard, true);
		const size_t clips = tally.files - tally.unread;
		char words[BENCH_WORDS_BYTES];

		add_share(heads, hearing->name, manner->missed, tally.missed, clips,
			  manner->words);
		(void)str_format(words, sizeof(words), "%s, after the second stage",
				 manner->words);
		add_share(heads, hearing->name, manner->missed_second,
			  tally.missed_second, clips, words);
	}
	wake_heard_free(heard, hearing->own.count);
	return err;
}

static enum err hear_other(struct heads *heads, struct hearing *hearing,
			   struct err_note *note)
{
	struct wake_heard *heard = NULL;
	const enum err err = wake_trial_names(hearing->trial, &hearing->other, NULL,
					      "clips of other words", &heard, note);

	if (!err) {
		const struct wake_tally tally =
			take_stock(heads, hearing, &hearing->other, heard, false);
		const size_t clips = tally.files - tally.unread;

		add_share(heads, hearing->name, "other_words_percent",
			  clips - tally.missed, clips, "clips of other words woke it");
		add_share(heads, hearing->name, "other_words_second_percent",
			  clips - tally.missed_second, clips,
			  "clips of other words, after the second stage");
	}
	wake_heard_free(heard, hearing->other.count);
	return err;
}

static enum err hear_speech(struct heads *heads, struct hearing *hearing,
			    struct err_note *note)
{
	struct wake_heard *heard = NULL;
	const enum err err = wake_trial_others(hearing->trial, &heads->speech,
					       "other sound", &heard, note);

	if (!err) {
		const struct wake_tally tally =
			take_stock(heads, hearing, &heads->speech, heard, false);

		add_rate(heads, hearing->name, "false_accepts_per_hour", tally.sure,
			 tally.hours, "false accepts");
		add_rate(heads, hearing->name, "false_accepts_second_per_hour",
			 tally.sure + tally.passed, tally.hours,
			 "false accepts of both stages");
	}
	wake_heard_free(heard, heads->speech.count);
	return err;
}

/* "hey_behest" is the file of "hey behest". */
static enum err find_head(const char *name, char path[FILE_PATH_BYTES],
			  struct err_note *note)
{
	char word[WAKE_FILES_NAME_BYTES];

	must(str_copy(word, sizeof(word), name));
	for (char *at = strchr(word, '_'); at; at = strchr(at, '_'))
		*at = ' ';
	return wake_files_find_head(word, path, FILE_PATH_BYTES, note);
}

/* The clips of its own word, and of the others. */
static enum err list_clips(const char *clips, struct hearing *hearing,
			   struct err_note *note)
{
	enum err err = file_is_folder(clips, note);
	const struct dirent *entry;
	DIR *folder = err ? NULL : opendir(clips);

	if (!err && !folder)
		return err_say(ERR_IO, note, "%s: cannot be read", clips);
	while (!err && (entry = readdir(folder))) {
		const bool is_own = str_equal(entry->d_name, hearing->name);
		struct err_note unused = {""};
		char path[FILE_PATH_BYTES];

		if (entry->d_name[0] == '.' ||
		    !file_join(path, sizeof(path), clips, entry->d_name) ||
		    file_is_folder(path, &unused) != OK)
			continue;
		err = listing_add(is_own ? &hearing->own : &hearing->other, path, note);
	}
	if (folder)
		(void)closedir(folder);
	if (!err && hearing->own.count + hearing->other.count == 0)
		return err_say(ERR_FORMAT, note,
			       "%s: expected a folder for each word, such as %s", clips,
			       hearing->name);
	return err;
}

static void tell_seen(const struct heads *heads, const struct hearing *hearing,
		      const char *path)
{
	const struct listing *const listings[] = {&hearing->own, &hearing->other,
						  &heads->speech};
	struct err_note note = {""};
	char seen[WAKE_SEEN_BYTES];

	terminal_clear_line();
	if (wake_seen_tell(path, listings, STR_COUNT(listings), seen, &note) == OK)
		fprintf(stderr, "bench wake: %s %s\n", hearing->name, seen);
	else
		fprintf(stderr, "bench wake: %s: nothing says what it learned from: %s\n",
			hearing->name, note.text);
}

static enum err hear_all(struct heads *heads, struct hearing *hearing,
			 struct err_note *note)
{
	enum err err = OK;

	for (size_t i = 0; !err && i < STR_COUNT(manners); i++) {
		if (hearing->own.count > 0 &&
		    (!manners[i].in_noise || heads->noise.sound.count > 0))
			err = hear_own(heads, hearing, &manners[i], note);
	}
	if (!err && hearing->other.count > 0)
		err = hear_other(heads, hearing, note);
	if (!err && heads->speech.count > 0)
		err = hear_speech(heads, hearing, note);
	return err;
}

static enum err test_head(struct heads *heads, const char *name, struct err_note *note)
{
	struct hearing hearing = {.name = name};
	char path[FILE_PATH_BYTES];
	enum err err = OK;

	if (heads->clips)
		err = list_clips(heads->clips, &hearing, note);
	if (!err)
		err = find_head(name, path, note);
	if (!err) {
		tell_seen(heads, &hearing, path);
		err = wake_trial_open(&heads->outside, path, &hearing.trial, note);
	}
	if (!err)
		err = hear_all(heads, &hearing, note);
	wake_trial_close(hearing.trial);
	listing_finish(&hearing.own);
	listing_finish(&hearing.other);
	return err;
}

enum err bench_wake_heads(struct bench_run *run, struct err_note *note)
{
	const struct args *args = run->args;
	struct heads heads = {.run = run, .clips = args_text(args, "clips", NULL)};
	struct wake_file_names names;
	enum err err = wake_files_list_heads(&names, note);

	if (!err)
		err = wake_outside_list(args, "speech", &heads.speech, note);
	if (!err)
		err = wake_outside_open((size_t)args_number(args, "jobs", 0),
					&heads.outside, note);
	if (!err)
		err = wake_noise_read(&heads.outside, args_text(args, "noise", NULL),
				      (double)args_number(args, "snr", SNR_DB),
				      &heads.noise, note);
	for (size_t i = 0; !err && i < names.count; i++)
		err = test_head(&heads, names.names[i], note);
	wake_noise_finish(&heads.noise);
	wake_outside_close(&heads.outside);
	listing_finish(&heads.speech);
	/* What was asked for by name is not skipped. */
	return err == ERR_MISSING ? ERR_IO : err;
}
