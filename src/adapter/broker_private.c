/* SPDX-License-Identifier: Apache-2.0 */
/*
 * broker_private - files for mosquitto.
 *
 * Passwords are hashed by mosquitto's own mosquitto_passwd, so that no clear password
 * stands in a file that the broker reads. The access list allows by layout: a device
 * takes commands on <anything>/<component>/<id>/[<part>/]set, and only components that
 * are harmless to command are listed. mosquitto 2.0 does not tell an MQTT 3.1.1 client
 * that a publication was refused; it is dropped.
 */
#include "adapter/broker_private.h"

#include <errno.h>
#include <netinet/in.h>
#include <pwd.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/must.h"
#include "base/str.h"

enum { CONFIG_MAX = 16 * 1024, PASSWORD_LETTERS = 64, MODE_PRIVATE = 0600 };

static const char ACL[] =
	"# Written by behest; changes are lost. Who may read and write which topics.\n"
	"# The hub may command what is harmless, by where such devices listen:\n"
	"#   <anything>/<component>/<id>/set and .../<part>/set\n"
	"# Nothing here lets it unlock, disarm, press a button or open a door: those take\n"
	"# their commands on lock/.../set, alarm_control_panel/.../set, button/.../set,\n"
	"# door/.../set, and belong to the gate. On .../secure a lock only locks and an\n"
	"# alarm only arms.\n"
	"user hub\n"
	"topic read #\n"
	"topic write homeassistant/status\n"
	"topic write +/climate/+/set\n"
	"topic write +/climate/+/+/set\n"
	"topic write +/cover/+/set\n"
	"topic write +/cover/+/+/set\n"
	"topic write +/fan/+/set\n"
	"topic write +/fan/+/+/set\n"
	"topic write +/humidifier/+/set\n"
	"topic write +/light/+/set\n"
	"topic write +/light/+/+/set\n"
	"topic write +/vacuum/+/set\n"
	"topic write +/lock/+/secure\n"
	"topic write +/alarm_control_panel/+/secure\n"
	"\n"
	"# The gate carries out what a paired device approved.\n"
	"user gate\n"
	"topic read #\n"
	"topic write +/+/+/set\n"
	"topic write +/+/+/+/set\n"
	"\n"
	"user toy\n"
	"topic read homeassistant/status\n"
	"topic write homeassistant/+/+/config\n"
	"topic readwrite toy/#\n";

/* A loopback port that nobody uses now. */
static enum err find_port(uint16_t *out_port, struct err_note *note)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	enum err err = OK;

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &size) != 0)
		err = err_say(ERR_IO, note, "no free port on 127.0.0.1: %s",
			      strerror(errno));
	else
		*out_port = ntohs(address.sin_port);
	if (fd >= 0)
		close(fd);
	return err;
}

static enum err find_program(const char *name, char to[FILE_PATH_BYTES],
			     struct err_note *note)
{
	static const char *const folders[] = {"/usr/sbin", "/usr/bin", "/usr/local/sbin",
					      "/usr/local/bin"};

	for (size_t i = 0; i < STR_COUNT(folders); i++)
		if (file_join(to, FILE_PATH_BYTES, folders[i], name) &&
		    access(to, X_OK) == 0)
			return OK;
	return err_say(ERR_MISSING, note,
		       "%s is not installed; expected Debian's package mosquitto", name);
}

static void make_password(struct rand *rand, char to[BROKER_PRIVATE_PASSWORD_BYTES])
{
	static const char letters[PASSWORD_LETTERS + 1] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	uint8_t bytes[BROKER_PRIVATE_PASSWORD_BYTES - 1];

	rand_fill(rand, bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		to[i] = letters[bytes[i] % PASSWORD_LETTERS];
	to[sizeof(bytes)] = 0;
	explicit_bzero(bytes, sizeof(bytes));
}

static enum err write_text(const char *folder, const char *name, const char *text,
			   struct err_note *note)
{
	char path[FILE_PATH_BYTES];

	if (!file_join(path, sizeof(path), folder, name))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", folder);
	return file_write(path, text, strlen(text), MODE_PRIVATE, note);
}

/* Runs mosquitto_passwd -U, which hashes the passwords of the file in place. */
static enum err hash_passwords(const char *path, struct err_note *note)
{
	char program[FILE_PATH_BYTES];
	char update[] = "-U";
	char file[FILE_PATH_BYTES];
	char *argv[] = {program, update, file, NULL};
	char *const no_environment[] = {NULL};
	pid_t pid = 0;
	int status = 0;
	enum err err = find_program("mosquitto_passwd", program, note);

	if (err)
		return err;
	must(str_copy(file, sizeof(file), path));
	if (posix_spawn(&pid, program, NULL, NULL, argv, no_environment) != 0)
		return err_say(ERR_IO, note, "%s: cannot be started", program);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_say(ERR_IO, note, "%s: lost", program);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 ||
	    chmod(path, MODE_PRIVATE) != 0)
		return err_say(ERR_IO, note, "%s: failed on %s", program, path);
	return OK;
}

static enum err write_users(const char *folder, struct rand *rand, struct err_note *note)
{
	static const char *const users[] = {"gate", "hub", "toy"};
	char lines[STR_COUNT(users) * (BROKER_PRIVATE_PASSWORD_BYTES + 8)] = "";
	char password[BROKER_PRIVATE_PASSWORD_BYTES];
	char path[FILE_PATH_BYTES];
	char name[32];
	enum err err = OK;

	for (size_t i = 0; !err && i < STR_COUNT(users); i++) {
		make_password(rand, password);
		must(str_append(lines, sizeof(lines), "%s:%s\n", users[i], password));
		must(str_format(name, sizeof(name), "%s.password", users[i]));
		err = write_text(folder, name, password, note);
	}
	if (!err)
		err = write_text(folder, "users", lines, note);
	if (!err && !file_join(path, sizeof(path), folder, "users"))
		err = ERR_LIMIT;
	if (!err)
		err = hash_passwords(path, note);
	explicit_bzero(password, sizeof(password));
	explicit_bzero(lines, sizeof(lines));
	return err;
}

/* Started as root it would become "mosquitto", who cannot read the folder. */
static enum err write_config(const char *folder, uint16_t port, struct err_note *note)
{
	const struct passwd *user = getpwuid(geteuid());
	struct buf text;
	enum err err = OK;

	if (strpbrk(folder, "\r\n"))
		return err_say(ERR_RANGE, note,
			       "the data folder's name holds a line break");
	buf_init(&text, CONFIG_MAX);
	err = buf_add_format(&text,
			     "# Written by behest; changes are lost.\n"
			     "listener %u 127.0.0.1\n"
			     "set_tcp_nodelay true\n"
			     "allow_anonymous false\n"
			     "password_file %s/users\n"
			     "acl_file %s/acl\n"
			     "persistence true\n"
			     "persistence_location %s/retained/\n"
			     "autosave_interval 60\n"
			     "message_size_limit 262144\n"
			     "max_queued_messages 20000\n"
			     "max_connections 64\n"
			     "log_dest stderr\n"
			     "log_type error\n"
			     "log_type warning\n",
			     port, folder, folder, folder);
	if (!err && user && geteuid() == 0)
		err = buf_add_format(&text, "user %s\n", user->pw_name);
	if (!err)
		err = write_text(folder, "mosquitto.conf", (const char *)text.bytes,
				 note);
	buf_finish(&text);
	return err;
}

static enum err make_folders(const char *folder, struct err_note *note)
{
	char retained[FILE_PATH_BYTES];
	enum err err = file_make_folder(folder, note);

	if (!err && !file_join(retained, sizeof(retained), folder, "retained"))
		err = err_say(ERR_LIMIT, note, "%s: the path is too long", folder);
	return err ? err : file_make_folder(retained, note);
}

enum err broker_private_prepare(const char *folder, struct rand rand,
				struct broker_private *out_broker, struct err_note *note)
{
	struct broker_private broker = {0};
	enum err err = find_program("mosquitto", broker.program, note);

	if (!err)
		err = make_folders(folder, note);
	if (!err)
		err = find_port(&broker.port, note);
	if (!err)
		err = write_users(folder, &rand, note);
	if (!err)
		err = write_text(folder, "acl", ACL, note);
	if (!err)
		err = write_config(folder, broker.port, note);
	if (err)
		return err;
	if (!file_join(broker.config, sizeof(broker.config), folder, "mosquitto.conf") ||
	    !file_join(broker.hub_password, sizeof(broker.hub_password), folder,
		       "hub.password") ||
	    !file_join(broker.toy_password, sizeof(broker.toy_password), folder,
		       "toy.password"))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", folder);
	*out_broker = broker;
	out_broker->argv[0] = out_broker->program;
	out_broker->argv[1] = "-c";
	out_broker->argv[2] = out_broker->config;
	out_broker->argv[3] = NULL;
	return OK;
}
