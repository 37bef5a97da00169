/* SPDX-License-Identifier: Apache-2.0 */
/*
 * radio - a small table and its file. Opens nothing and asks nobody whether a station is
 * there.
 *
 * Invariant: what is in a struct radio passed both checks, and no name stands twice.
 */
#include "domain/radio.h"

#include <string.h>

#include "base/str.h"
#include "base/yaml.h"

enum { LINE_BYTES = 2 * (MUSIC_NAME_BYTES + RADIO_URL_BYTES) };

enum err radio_check_name(const char *name, struct err_note *note)
{
	char kept[MUSIC_NAME_BYTES];

	if (!music_name_take(kept, sizeof(kept), name) || !str_equal(kept, name))
		return err_say(ERR_FORMAT, note,
			       "a station's name is 1 to %d bytes of one line, without "
			       "blanks at its ends",
			       MUSIC_NAME_BYTES - 1);
	return OK;
}

/* Behind the scheme; NULL: it has none of ours. */
static const char *after_scheme(const char *url)
{
	static const char *const SCHEMES[] = {"http://", "https://"};

	for (size_t i = 0; i < STR_COUNT(SCHEMES); i++)
		if (str_starts(url, SCHEMES[i]))
			return url + strlen(SCHEMES[i]);
	return NULL;
}

static bool is_one_word(const char *url)
{
	for (const char *at = url; *at; at++)
		if (*at <= ' ' || *at > '~' || strchr("\"'\\<>`{}|^", *at))
			return false;
	return true;
}

enum err radio_check_url(const char *url, struct err_note *note)
{
	const char *host = after_scheme(url);
	const size_t host_size = host ? strcspn(host, "/?#") : 0;

	if (strlen(url) >= RADIO_URL_BYTES)
		return err_say(ERR_LIMIT, note, "the address is longer than %d bytes",
			       RADIO_URL_BYTES - 1);
	if (!is_one_word(url))
		return err_say(ERR_FORMAT, note,
			       "the address holds something other than plain ASCII; "
			       "write %%20 for a blank");
	if (!host || host_size == 0 || host[0] == ':')
		return err_say(ERR_FORMAT, note,
			       "the address is not http://HOST... or https://HOST...");
	if (memchr(host, '@', host_size))
		return err_say(ERR_FORMAT, note,
			       "the address holds a user name, which would be shown to "
			       "whoever asks what plays");
	return OK;
}

static struct station *find(struct radio *radio, const char *name)
{
	for (size_t i = 0; i < radio->count; i++)
		if (str_equal_folded(radio->stations[i].name, name))
			return &radio->stations[i];
	return NULL;
}

const struct station *radio_find(const struct radio *radio, const char *name)
{
	for (size_t i = 0; i < radio->count; i++)
		if (str_equal_folded(radio->stations[i].name, name))
			return &radio->stations[i];
	return NULL;
}

enum err radio_set(struct radio *radio, const char *name, const char *url,
		   struct err_note *note)
{
	struct station *station = find(radio, name);
	enum err err = radio_check_name(name, note);

	if (!err)
		err = radio_check_url(url, note);
	if (!err && !station && radio->count == RADIO_STATIONS_MAX)
		err = err_say(ERR_LIMIT, note, "there are %d stations already",
			      RADIO_STATIONS_MAX);
	if (err)
		return err;
	if (!station)
		station = &radio->stations[radio->count++];
	(void)str_copy(station->name, sizeof(station->name), name);
	(void)str_copy(station->url, sizeof(station->url), url);
	return OK;
}

bool radio_remove(struct radio *radio, const char *name)
{
	struct station *station = find(radio, name);
	const struct station *last = &radio->stations[radio->count];

	if (!station)
		return false;
	memmove(station, station + 1, (size_t)(last - station - 1) * sizeof(*station));
	radio->count--;
	return true;
}

/* ---- the file ---- */

static enum err complain(const char *file, const struct yaml_node *node, enum err err,
			 const char *words, struct err_note *note)
{
	return err_say(err, note, "%s:%u:%u: %s", file, node->line, node->column, words);
}

static enum err read_station(const char *file, const struct yaml_node *node,
			     struct radio *radio, struct err_note *note)
{
	const struct yaml_node *name = yaml_get(node, "name");
	const struct yaml_node *url = yaml_get(node, "url");
	struct err_note why = {""};
	enum err err;

	if (node->kind != YAML_MAP || node->count != 2 || !name || !url ||
	    name->kind != YAML_TEXT || url->kind != YAML_TEXT)
		return complain(file, node, ERR_FORMAT,
				"something else; a station has a name and a url", note);
	if (find(radio, name->text))
		return complain(file, name, ERR_FORMAT, "this name stands there twice",
				note);
	err = radio_check_name(name->text, &why);
	if (err)
		return complain(file, name, err, why.text, note);
	err = radio_set(radio, name->text, url->text, &why);
	return err ? complain(file, url, err, why.text, note) : OK;
}

static enum err read_root(const char *file, const struct yaml_node *root,
			  struct radio *radio, struct err_note *note)
{
	const struct yaml_node *stations = yaml_get(root, "stations");
	enum err err = OK;

	if (root->kind != YAML_MAP || root->count != 1 || !stations ||
	    stations->kind != YAML_LIST)
		return complain(file, root, ERR_FORMAT,
				"something else; \"stations:\" and a list is expected",
				note);
	for (size_t i = 0; !err && i < stations->count; i++)
		err = read_station(file, &stations->children[i], radio, note);
	return err;
}

enum err radio_read(const char *file, const char *bytes, size_t size,
		    struct radio *out_radio, struct err_note *note)
{
	struct radio radio = {.count = 0};
	struct yaml *yaml = NULL;
	enum err err = yaml_parse(file, bytes, size, &yaml, note);

	if (!err)
		err = read_root(file, yaml_root(yaml), &radio, note);
	if (!err)
		*out_radio = radio;
	yaml_destroy(yaml);
	return err;
}

/* Quotes as YAML's double-quoted style does: of what a name may hold these two count. */
static bool quote(char *to, size_t size, const char *text)
{
	bool fits = str_append(to, size, "\"");

	for (const char *at = text; fits && *at; at++)
		fits = str_append(to, size, strchr("\"\\", *at) ? "\\%c" : "%c", *at);
	return fits && str_append(to, size, "\"");
}

static enum err write_station(const struct station *station, struct buf *to)
{
	char line[LINE_BYTES] = "  - name: ";

	if (!quote(line, sizeof(line), station->name) ||
	    !str_append(line, sizeof(line), "\n    url: ") ||
	    !quote(line, sizeof(line), station->url) ||
	    !str_append(line, sizeof(line), "\n"))
		return ERR_LIMIT;
	return buf_add(to, line, strlen(line));
}

enum err radio_write(const struct radio *radio, struct buf *to)
{
	static const char HEAD[] = "# Radio stations of this house, by `behest radio`.\n"
				   "stations:\n";
	static const char NONE[] = "# Radio stations of this house, by `behest radio`.\n"
				   "stations: []\n";
	enum err err = radio->count > 0 ? buf_add(to, HEAD, sizeof(HEAD) - 1)
					: buf_add(to, NONE, sizeof(NONE) - 1);

	for (size_t i = 0; !err && i < radio->count; i++)
		err = write_station(&radio->stations[i], to);
	return err;
}
