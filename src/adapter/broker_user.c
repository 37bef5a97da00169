/* SPDX-License-Identifier: Apache-2.0 */
/*
 * broker_user - one row per program: its files in the data folder.
 */
#include "adapter/broker_user.h"

#include "adapter/settings_file.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/seal.h"
#include "base/str.h"

static const struct {
	const char *private_conf; /* written by `behest up` for its own broker */
	const char *private_password;
	const char *password; /* for a broker that the owner named */
} USERS[] = {
	[BROKER_USER_HUB] = {"broker/hub.conf", "broker/hub.password", "broker.password"},
	[BROKER_USER_GATE] = {"broker/gate.conf", "broker/gate.password",
			      "broker.gate.password"},
};

enum err broker_user_settings(const char *data, enum broker_user user,
			      struct settings *out_settings, struct err_note *note)
{
	enum err err;

	settings_init(out_settings);
	err = settings_file_add(data, "behest.conf", out_settings, note);
	if (!err && out_settings->broker_host[0] == '\0')
		err = settings_file_add(data, USERS[user].private_conf, out_settings,
					note);
	return err;
}

enum err broker_user_password(const char *data, enum broker_user user,
			      const struct settings *settings,
			      char out_password[BROKER_PASSWORD_BYTES],
			      struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	struct buf bytes;
	enum err err = OK;

	out_password[0] = '\0';
	if (!file_join(path, sizeof(path), data,
		       settings->broker_host[0] ? USERS[user].password
						: USERS[user].private_password))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", data);
	if (!file_exists(path))
		return OK;
	err = file_read(path, BROKER_PASSWORD_BYTES - 1, &bytes, note);
	if (!err && !str_copy_bytes(out_password, BROKER_PASSWORD_BYTES,
				    (char *)bytes.bytes, bytes.size))
		err = err_say(ERR_LIMIT, note, "%s: the password is too long", path);
	if (!err)
		str_trim(out_password);
	if (bytes.bytes)
		seal_wipe(bytes.bytes, bytes.size);
	buf_finish(&bytes);
	return err;
}

const char *broker_user_name(enum broker_user user, const struct settings *settings)
{
	return user == BROKER_USER_GATE && settings->broker_host[0]
		       ? settings->broker_gate_user
		       : settings->broker_user;
}

static bool is_gates_own(enum broker_user user, const struct settings *settings)
{
	return user == BROKER_USER_GATE && settings->broker_gate_certificate[0];
}

const char *broker_user_certificate(enum broker_user user,
				    const struct settings *settings)
{
	return is_gates_own(user, settings) ? settings->broker_gate_certificate
					    : settings->broker_certificate;
}

const char *broker_user_key(enum broker_user user, const struct settings *settings)
{
	return is_gates_own(user, settings) ? settings->broker_gate_key
					    : settings->broker_key;
}

enum err broker_user_check_tls(enum broker_user user, const struct settings *settings,
			       struct err_note *note)
{
	const struct {
		const char *name;
		const char *path;
	} files[] = {
		{"authority", settings->broker_authority},
		{"certificate", broker_user_certificate(user, settings)},
		{"key", broker_user_key(user, settings)},
	};

	if (!str_equal(settings->broker_tls, "yes"))
		return OK;
	if (settings->broker_host[0] == '\0')
		return err_say(ERR_RANGE, note,
			       "behest.conf: [broker] tls needs host; the private "
			       "broker speaks none");
	for (size_t i = 0; i < STR_COUNT(files); i++)
		if (files[i].path[0] && !file_exists(files[i].path))
			return err_say(ERR_MISSING, note,
				       "behest.conf: [broker] %s: %.200s is not there",
				       files[i].name, files[i].path);
	if ((files[1].path[0] == '\0') != (files[2].path[0] == '\0'))
		return err_say(ERR_RANGE, note,
			       "behest.conf: [broker] certificate and key are set "
			       "together or not at all");
	return OK;
}
