/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_understand_tests - see the header. Each test is a small home of its own, for
 * which the sentences are compiled again.
 */
#include "cli/bench_understand_tests.h"

#include <stdio.h>
#include <stdlib.h>

#include "adapter/sentence_files.h"
#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "cli/home_file.h"

/* Where a test's speaker stands; no test names it. */
static const char *const HERE = "__context_area__";

struct tally {
	size_t right;
	size_t count;
};

struct test {
	const struct bench_run *run;
	const struct json_value *value;
	const struct understand *understand;
	bool has_here;
};

static bool is_one(const struct slot *slot, const struct json_value *wanted)
{
	if (json_is_number(wanted))
		return slot->is_number
			       ? slot->number == json_number(wanted, 0)
			       : strtod(slot->value, NULL) == json_number(wanted, 0);
	return str_equal_folded(slot->value, json_text(wanted, ""));
}

/* A list is expected where any of its values is right. */
static bool is_expected(const struct slot *slot, const struct json_value *wanted)
{
	for (size_t i = 0; json_is_array(wanted) && i < json_count(wanted); i++) {
		if (is_one(slot, json_at(wanted, i)))
			return true;
	}
	return !json_is_array(wanted) && is_one(slot, wanted);
}

static bool is_among(const struct json_value *texts, const char *text)
{
	for (size_t i = 0; i < json_count(texts); i++) {
		if (str_equal(json_text(json_at(texts, i), ""), text))
			return true;
	}
	return false;
}

/* A slot that no test writes down though it belongs there. */
static bool is_implied(const struct test *test, const struct slot *slot)
{
	if (str_equal(slot->name, "entity")) /* the house's own id */
		return true;
	if (str_equal(slot->name, "area"))
		return test->has_here && str_equal(slot->value, HERE);
	return str_equal(slot->name, "domain") &&
	       is_among(json_get(test->value, "inferred_domains"), slot->value);
}

static bool is_right(const struct test *test, const struct json_value *slots,
		     const struct understanding *understood)
{
	const struct intent *intent = &understood->intent;
	size_t found = 0;

	if (understood->reason != REASON_NONE ||
	    !str_equal(intent->name, json_text(json_get(test->value, "intent"), "")))
		return false;
	for (size_t i = 0; i < intent->slot_count; i++) {
		const struct slot *slot = &intent->slots[i];
		const struct json_value *wanted = json_get(slots, slot->name);

		if (wanted && !is_expected(slot, wanted))
			return false;
		if (!wanted && !is_implied(test, slot))
			return false;
		found += wanted != NULL;
	}
	return found == json_count(slots);
}

static void run_group(const struct test *test, const struct json_value *group,
		      struct tally *tally)
{
	const struct json_value *sentences = json_get(group, "sentences");

	for (size_t i = 0; i < json_count(sentences); i++) {
		const char *text = json_text(json_at(sentences, i), "");
		struct understanding understood;
		bool right;

		understand_text(test->understand, text, test->has_here ? HERE : "",
				&understood);
		right = is_right(test, json_get(group, "slots"), &understood);
		tally->right += right;
		tally->count++;
		if (!right && test->run->verbose)
			fprintf(stderr, "wrong: %s: %s (%s)\n", text,
				understood.intent.name[0] ? understood.intent.name : "-",
				reason_code(understood.reason));
	}
}

static enum err run_test(const struct bench_run *run, const struct sentences *sentences,
			 const struct json_value *value, struct tally *tally,
			 struct err_note *note)
{
	const struct json_value *groups = json_get(value, "groups");
	struct understand *understand = NULL;
	struct home home;
	enum err err = home_file_parse("a test's home", value, &home, note);

	if (!err)
		err = understand_create(sentences, &home, &understand, note);
	for (size_t i = 0; !err && i < json_count(groups); i++) {
		const struct test test = {
			.run = run,
			.value = value,
			.understand = understand,
			.has_here = json_bool(json_get(value, "context_area"), false),
		};

		run_group(&test, json_at(groups, i), tally);
	}
	understand_destroy(understand);
	home_finish(&home);
	return err;
}

static enum err run_file(const struct bench_run *run, const struct sentences *sentences,
			 const char *path, struct tally *tally, struct err_note *note)
{
	const struct json_value *tests;
	struct json *json = NULL;
	struct buf bytes;
	enum err err = file_read(path, SENTENCE_FILE_BYTES_MAX, &bytes, note);

	if (!err)
		err = json_parse(path, (const char *)bytes.bytes, bytes.size,
				 SENTENCE_FILE_BYTES_MAX, &json, note);
	tests = err ? NULL : json_get(json_root(json), "tests");
	for (size_t i = 0; !err && i < json_count(tests); i++)
		err = run_test(run, sentences, json_at(tests, i), tally, note);
	json_destroy(json);
	buf_finish(&bytes);
	return err;
}

enum err bench_understand_tests(struct bench_run *run, const struct sentences *sentences,
				struct err_note *note)
{
	const size_t files = args_count(run->args, "sentences");
	struct tally tally = {0};
	enum err err = OK;

	for (size_t i = 0; i < files && !err; i++) {
		const char *path = args_text_at(run->args, "sentences", i);

		if (str_ends(path, ".json"))
			err = run_file(run, sentences, path, &tally, note);
	}
	if (!err && tally.count > 0)
		bench_add_share(run, "tests_right_percent", (unsigned)tally.right,
				(unsigned)tally.count);
	return err;
}
