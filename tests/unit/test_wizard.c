/* SPDX-License-Identifier: Apache-2.0 */
/* The first run without a terminal: what it takes for granted, and what it refuses. */
#include "cmocka_all.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapter/settings_file.h"
#include "base/file.h"
#include "base/seal.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/paths.h"
#include "cli/sound_cards.h"
#include "cli/wizard.h"

static char folder[FILE_PATH_BYTES];

static int set_up(void **state)
{
	int in = open("/dev/null", O_RDONLY);

	(void)state;
	assert_int_equal(seal_init(), OK);
	assert_int_equal(dup2(in, STDIN_FILENO), STDIN_FILENO); /* nobody answers */
	close(in);
	strcpy(folder, "/tmp/behest-wizard-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
	char path[FILE_PATH_BYTES];

	(void)state;
	assert_true(file_join(path, sizeof(path), folder, "new/behest.conf"));
	unlink(path);
	assert_true(file_join(path, sizeof(path), folder, "new"));
	rmdir(path);
	assert_true(file_join(path, sizeof(path), folder, "words"));
	unlink(path);
	return rmdir(folder);
}

static void parse_up(const char *const *words, size_t count, struct args *args)
{
	struct err_note note = {""};

	assert_int_equal(args_parse(command_up.options, command_up.option_count, words,
				    count, args, &note),
			 OK);
}

static void takes_the_defaults(void **state)
{
	const char *words[] = {"--yes"};
	struct err_note note = {""};
	struct wizard wizard;
	struct args args;
	const char *made;

	(void)state;
	parse_up(words, 1, &args);
	assert_int_equal(wizard_run(&args, &wizard, &note), OK);
	assert_false(wizard.asks);
	assert_string_equal(wizard.owner, "owner");
	assert_string_equal(wizard.room, "living room");
	assert_true(wizard.is_private && wizard.made_passphrase);
	made = (const char *)secret_view(wizard.passphrase);
	assert_int_equal(strlen(made), 24);
	assert_int_equal(strspn(made, "abcdefghjkmnpqrstuvwxyz23456789x-"), 24);
	wizard_finish(&wizard);
	args_finish(&args);
}

static void two_passphrases_differ(void **state)
{
	struct err_note note = {""};
	struct wizard one;
	struct wizard two;
	struct args args;

	(void)state;
	parse_up(NULL, 0, &args);
	assert_int_equal(wizard_run(&args, &one, &note), OK);
	assert_int_equal(wizard_run(&args, &two, &note), OK);
	assert_string_not_equal((const char *)secret_view(one.passphrase),
				(const char *)secret_view(two.passphrase));
	wizard_finish(&one);
	wizard_finish(&two);
	args_finish(&args);
}

static void takes_what_the_options_say(void **state)
{
	char path[FILE_PATH_BYTES];
	const char *words[] = {"--owner", "Anna",   "--passphrase-file",
			       path,      "--room", "The Kitchen"};
	struct err_note note = {""};
	struct wizard wizard;
	struct args args;

	(void)state;
	assert_true(file_join(path, sizeof(path), folder, "words"));
	assert_int_equal(file_write(path, "open sesame\nmore\n", 17, 0600, &note), OK);
	parse_up(words, STR_COUNT(words), &args);
	assert_int_equal(wizard_run(&args, &wizard, &note), OK);
	assert_string_equal(wizard.owner, "Anna");
	assert_string_equal(wizard.room, "the kitchen");
	assert_string_equal((const char *)secret_view(wizard.passphrase), "open sesame");
	assert_false(wizard.made_passphrase);
	wizard_finish(&wizard);
	args_finish(&args);
}

static void refuses_a_missing_or_empty_passphrase(void **state)
{
	char path[FILE_PATH_BYTES];
	const char *words[] = {"--passphrase-file", path};
	struct err_note note = {""};
	struct wizard wizard;
	struct args args;

	(void)state;
	assert_true(file_join(path, sizeof(path), folder, "words"));
	unlink(path);
	parse_up(words, STR_COUNT(words), &args);
	assert_int_equal(wizard_run(&args, &wizard, &note), ERR_MISSING);
	assert_non_null(strstr(note.text, path));
	wizard_finish(&wizard);
	note.text[0] = '\0';
	assert_int_equal(file_write(path, "\n", 1, 0600, &note), OK);
	assert_int_equal(wizard_run(&args, &wizard, &note), ERR_FORMAT);
	assert_non_null(strstr(note.text, "words:1: expected a passphrase"));
	wizard_finish(&wizard);
	args_finish(&args);
}

static void writes_a_file_that_reads_back(void **state)
{
	char data[FILE_PATH_BYTES];
	struct err_note note = {""};
	struct wizard wizard;
	struct settings settings;
	struct paths paths;
	struct stat about;
	struct args args;

	(void)state;
	assert_true(file_join(data, sizeof(data), folder, "new"));
	parse_up(NULL, 0, &args);
	assert_int_equal(wizard_run(&args, &wizard, &note), OK);
	wizard.microphone = NULL;
	wizard.speaker = NULL;
	assert_int_equal(paths_find(data, &paths, &note), OK);
	assert_int_equal(wizard_write(&wizard, &paths, &note), OK);
	assert_int_equal(stat(paths.config, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
	assert_int_equal(settings_file_read(paths.config, true, &settings, &note), OK);
	assert_string_equal(settings.room_microphone, "none");
	assert_string_equal(settings.room_speaker, "none");
	assert_string_equal(settings.room_name, "living room");
	wizard_finish(&wizard);
	args_finish(&args);
}

static void says_what_is_wrong_with_the_folder(void **state)
{
	char data[FILE_PATH_BYTES];
	struct err_note note = {""};
	struct wizard wizard;
	struct paths paths;
	struct args args;

	(void)state;
	assert_true(
		file_join(data, sizeof(data), folder, "words")); /* a file in its place */
	assert_int_equal(file_write(data, "x", 1, 0600, &note), OK);
	assert_true(file_join(data, sizeof(data), folder, "words/data"));
	parse_up(NULL, 0, &args);
	assert_int_equal(wizard_run(&args, &wizard, &note), OK);
	assert_int_equal(paths_find(data, &paths, &note), OK);
	assert_int_not_equal(wizard_write(&wizard, &paths, &note), OK);
	assert_non_null(strstr(note.text, "/words"));
	wizard_finish(&wizard);
	args_finish(&args);
}

static void knows_the_sound_cards(void **state)
{
	static struct sound_cards cards;

	(void)state;
	sound_cards_parse(
		"00-00: ALC892 Analog : ALC892 Analog : playback 1 : capture 1\n"
		"00-03: HDMI 0 : HDMI 0 : playback 1\n"
		"rubbish\n"
		"02-00: USB Audio : USB Audio : capture 1\n",
		&cards);
	assert_int_equal(cards.count, 3);
	assert_string_equal(cards.cards[0].device, "plughw:0,0");
	assert_string_equal(cards.cards[0].name, "ALC892 Analog");
	assert_true(cards.cards[0].plays && cards.cards[0].records);
	assert_true(cards.cards[1].plays && !cards.cards[1].records);
	assert_string_equal(cards.cards[2].device, "plughw:2,0");
	assert_true(!cards.cards[2].plays && cards.cards[2].records);
	sound_cards_find("/nowhere/pcm", &cards);
	assert_int_equal(cards.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_the_defaults),
		cmocka_unit_test(two_passphrases_differ),
		cmocka_unit_test(takes_what_the_options_say),
		cmocka_unit_test(refuses_a_missing_or_empty_passphrase),
		cmocka_unit_test(writes_a_file_that_reads_back),
		cmocka_unit_test(says_what_is_wrong_with_the_folder),
		cmocka_unit_test(knows_the_sound_cards),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
