/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vfs_power - see the header.
 *
 * Each file is what readers see, what is durable, and, in order, the writes and truncations
 * between the two. Invariant: carrying all of these out on what is durable gives what is
 * seen, but for those that a failed sync has lost.
 */
#include "fault/vfs_power.h"

#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/must.h"
#include "base/str.h"
#include "fault/fault_ways.h"

enum {
	FILES_MAX = 8,
	PATH_BYTES = 512,
	SECTOR_BYTES = 512,
	PERCENT = 100,
	TORN_PERCENT = 20, /* of the sectors that arrived */
};

struct bytes {
	size_t size;
	size_t capacity;
	uint8_t *at; /* owned */
};

struct change {
	bool is_truncation;
	bool is_lost; /* by a sync that failed */
	size_t offset;
	size_t size;
	uint8_t *bytes; /* owned */
};

struct file {
	char path[PATH_BYTES];
	bool exists;
	bool is_durable; /* its name in the folder */
	bool syncs_folder;
	struct bytes seen;
	struct bytes durable;
	size_t change_count;
	size_t change_capacity;
	struct change *changes; /* owned */
};

struct vfs_power {
	sqlite3_vfs vfs;
	sqlite3_vfs *before; /* the default of before */
	uint64_t dice;
	size_t open_count;
	struct file files[FILES_MAX];
	bool is_cut;
	bool cuts;
	bool fails;
	bool for_ever;
	bool has_failed;
	enum vfs_power_fault fault;
	unsigned calls; /* that count towards n */
	uint64_t n;
	uint64_t counts[VFS_POWER_CALL_COUNT];
};

struct vfs_power_image {
	size_t count;
	struct {
		char path[PATH_BYTES];
		struct bytes bytes;
	} files[FILES_MAX];
};

/* What SQLite holds of an open file. */
struct handle {
	sqlite3_file base;
	struct vfs_power *power;
	struct file *file;
};

/* --- luck ------------------------------------------------------------------------------- */

static uint32_t random_below(struct vfs_power *power, uint32_t limit)
{
	power->dice = power->dice * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(power->dice >> 33) % limit;
}

void vfs_power_seed(struct vfs_power *power, uint64_t seed)
{
	power->dice = seed;
	(void)random_below(power, 1);
}

/* --- bytes ------------------------------------------------------------------------------ */

/* The disk itself does not fail so: where a test lets an allocation fail, it is asked for
 * once more. */
static void *memory(void *before, size_t size)
{
	void *first = realloc(before, size > 0 ? size : 1);
	void *at = first ? first : realloc(before, size > 0 ? size : 1);

	must(at);
	return at;
}

/* What is new is rubbish when dice are given, else zero. */
static void set_size(struct bytes *bytes, size_t size, struct vfs_power *dice)
{
	if (size > bytes->capacity) {
		bytes->capacity = size * 2;
		bytes->at = memory(bytes->at, bytes->capacity);
	}
	if (!dice && size > bytes->size)
		memset(bytes->at + bytes->size, 0, size - bytes->size);
	for (size_t i = bytes->size; dice && i < size; i++)
		bytes->at[i] = (uint8_t)random_below(dice, 256);
	bytes->size = size;
}

static void copy_bytes(struct bytes *to, const struct bytes *from)
{
	to->size = 0;
	set_size(to, from->size, NULL);
	if (from->size > 0)
		memcpy(to->at, from->at, from->size);
}

static void put(struct bytes *bytes, size_t offset, const uint8_t *from, size_t size,
		struct vfs_power *dice)
{
	if (offset + size > bytes->size)
		set_size(bytes, offset + size, dice);
	memcpy(bytes->at + offset, from, size);
}

static void free_bytes(struct bytes *bytes)
{
	free(bytes->at);
	*bytes = (struct bytes){.at = NULL};
}

/* --- files ------------------------------------------------------------------------------ */

static void forget_changes(struct file *file)
{
	for (size_t i = 0; i < file->change_count; i++)
		free(file->changes[i].bytes);
	file->change_count = 0;
}

static void add_change(struct file *file, bool is_truncation, size_t offset,
		       const uint8_t *bytes, size_t size)
{
	struct change *change;

	if (file->change_count == file->change_capacity) {
		file->change_capacity = file->change_capacity * 2 + 16;
		file->changes = memory(file->changes,
				       file->change_capacity * sizeof(file->changes[0]));
	}
	change = &file->changes[file->change_count++];
	*change = (struct change){.is_truncation = is_truncation,
				  .offset = offset,
				  .size = size};
	if (!is_truncation) {
		change->bytes = memory(NULL, size);
		memcpy(change->bytes, bytes, size);
	}
}

static void write_file(struct file *file, size_t offset, const uint8_t *bytes,
		       size_t size)
{
	add_change(file, false, offset, bytes, size);
	put(&file->seen, offset, bytes, size, NULL);
}

static void truncate_file(struct file *file, size_t size)
{
	add_change(file, true, size, NULL, 0);
	set_size(&file->seen, size, NULL);
}

static struct file *find_file(struct vfs_power *power, const char *path)
{
	for (size_t i = 0; i < FILES_MAX; i++) {
		if (power->files[i].path[0] && str_equal(power->files[i].path, path))
			return &power->files[i];
	}
	return NULL;
}

static struct file *file_for(struct vfs_power *power, const char *path)
{
	struct file *file = find_file(power, path);

	for (size_t i = 0; !file && i < FILES_MAX; i++) {
		if (!power->files[i].path[0]) {
			file = &power->files[i];
			must(str_copy(file->path, sizeof(file->path), path));
		}
	}
	must(file);
	return file;
}

static void free_file(struct file *file)
{
	forget_changes(file);
	free(file->changes);
	free_bytes(&file->seen);
	free_bytes(&file->durable);
	*file = (struct file){.exists = false};
}

static void sync_folder(struct vfs_power *power)
{
	for (size_t i = 0; i < FILES_MAX; i++)
		power->files[i].is_durable = power->files[i].exists;
}

/* All of it, but what is lost, is durable. */
static void sync_file(struct file *file)
{
	for (size_t i = 0; i < file->change_count; i++) {
		const struct change *change = &file->changes[i];

		if (change->is_lost)
			continue;
		if (change->is_truncation)
			set_size(&file->durable, change->offset, NULL);
		else
			put(&file->durable, change->offset, change->bytes, change->size,
			    NULL);
	}
	forget_changes(file);
}

/* --- the power goes --------------------------------------------------------------------- */

/* A write comes in sectors, each there, not there, or torn. */
static void settle_write(struct vfs_power *power, struct file *file,
			 const struct change *change, uint32_t percent)
{
	size_t at = 0;

	while (at < change->size) {
		const size_t offset = change->offset + at;
		const size_t left = SECTOR_BYTES - offset % SECTOR_BYTES;
		const size_t whole = change->size - at < left ? change->size - at : left;
		size_t part = whole;

		if (random_below(power, PERCENT) < TORN_PERCENT)
			part = random_below(power, (uint32_t)whole) + 1;
		if (random_below(power, PERCENT) < percent)
			put(&file->durable, offset, change->bytes + at, part, power);
		at += whole;
	}
}

/* percent: of how much of it arrives. */
static void settle_file(struct vfs_power *power, struct file *file, uint32_t percent)
{
	const bool was_durable = file->is_durable;

	for (size_t i = 0; i < file->change_count; i++) {
		const struct change *change = &file->changes[i];

		if (change->is_lost)
			continue;
		if (!change->is_truncation)
			settle_write(power, file, change, percent);
		else if (random_below(power, PERCENT) < percent)
			set_size(&file->durable, change->offset, power);
	}
	forget_changes(file);
	if (file->exists != was_durable && random_below(power, PERCENT) >= percent)
		file->exists = was_durable; /* made and gone, or deleted and back */
	file->is_durable = file->exists;
	if (!file->exists)
		set_size(&file->durable, 0, NULL);
	copy_bytes(&file->seen, &file->durable);
}

void vfs_power_restore(struct vfs_power *power)
{
	/* All, nothing, and between. */
	static const uint32_t percents[] = {0, 5, 50, 95, PERCENT};
	const uint32_t percent = percents[random_below(power, STR_COUNT(percents))];

	must(power->open_count == 0);
	for (size_t i = 0; i < FILES_MAX; i++)
		settle_file(power, &power->files[i], percent);
	power->is_cut = false;
	vfs_power_heal(power);
}

/* --- what fails ------------------------------------------------------------------------- */

static void begin_counting(struct vfs_power *power, unsigned calls, uint64_t n)
{
	memset(power->counts, 0, sizeof(power->counts));
	power->calls = calls;
	power->n = n;
	power->cuts = false;
	power->fails = false;
	power->for_ever = false;
	power->has_failed = false;
}

void vfs_power_cut_at(struct vfs_power *power, unsigned calls, uint64_t n)
{
	begin_counting(power, calls, n);
	power->cuts = true;
}

void vfs_power_cut(struct vfs_power *power)
{
	power->is_cut = true;
}

bool vfs_power_is_cut(const struct vfs_power *power)
{
	return power->is_cut;
}

void vfs_power_fail_at(struct vfs_power *power, unsigned calls, uint64_t n,
		       enum vfs_power_fault fault, bool for_ever)
{
	begin_counting(power, calls, n);
	power->fails = true;
	power->fault = fault;
	power->for_ever = for_ever;
}

bool vfs_power_has_failed(const struct vfs_power *power)
{
	return power->has_failed;
}

void vfs_power_heal(struct vfs_power *power)
{
	begin_counting(power, 0, 0);
}

uint64_t vfs_power_count(const struct vfs_power *power, unsigned calls)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < VFS_POWER_CALL_COUNT; i++)
		count += (calls >> i & 1u) ? power->counts[i] : 0;
	return count;
}

/* Counts the call; whether it fails. */
static bool falls(struct vfs_power *power, enum vfs_power_call call)
{
	const bool counts = power->calls >> call & 1u;
	const uint64_t number = vfs_power_count(power, power->calls);

	if (power->is_cut)
		return true;
	power->counts[call]++;
	if (counts)
		fault_ways_note();
	if (!counts || number < power->n)
		return false;
	if (power->cuts)
		power->is_cut = true;
	if (power->fails && (number == power->n || power->for_ever))
		power->has_failed = true;
	else if (!power->cuts)
		return false;
	return true;
}

static bool is_full(const struct vfs_power *power)
{
	return !power->is_cut && power->fault == VFS_POWER_ENOSPC;
}

/* --- calls on an open file -------------------------------------------------------------- */

static struct handle *handle_of(sqlite3_file *base)
{
	return (struct handle *)(void *)base;
}

static int call_close(sqlite3_file *base)
{
	handle_of(base)->power->open_count--;
	return SQLITE_OK;
}

static int call_read(sqlite3_file *base, void *to, int size, sqlite3_int64 offset)
{
	struct handle *handle = handle_of(base);
	const struct bytes *seen = &handle->file->seen;
	size_t there = 0;

	if (falls(handle->power, VFS_POWER_READ))
		return SQLITE_IOERR_READ;
	if ((size_t)offset < seen->size)
		there = seen->size - (size_t)offset;
	if (there > (size_t)size)
		there = (size_t)size;
	if (there > 0)
		memcpy(to, seen->at + offset, there);
	if (there == (size_t)size)
		return SQLITE_OK;
	memset((uint8_t *)to + there, 0, (size_t)size - there);
	return SQLITE_IOERR_SHORT_READ;
}

static int call_write(sqlite3_file *base, const void *bytes, int size,
		      sqlite3_int64 offset)
{
	struct handle *handle = handle_of(base);
	const bool was_cut = handle->power->is_cut;
	const size_t all = (size_t)size;

	if (!falls(handle->power, VFS_POWER_WRITE)) {
		write_file(handle->file, (size_t)offset, bytes, all);
		return SQLITE_OK;
	}
	/* The half of it is on its way. */
	if (!was_cut && all > 1)
		write_file(handle->file, (size_t)offset, bytes, all / 2);
	return is_full(handle->power) ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

static int call_truncate(sqlite3_file *base, sqlite3_int64 size)
{
	struct handle *handle = handle_of(base);

	if (falls(handle->power, VFS_POWER_TRUNCATE))
		return SQLITE_IOERR_TRUNCATE;
	truncate_file(handle->file, (size_t)size);
	return SQLITE_OK;
}

static int call_sync(sqlite3_file *base, int flags)
{
	struct handle *handle = handle_of(base);
	struct vfs_power *power = handle->power;
	struct file *file = handle->file;

	(void)flags;
	if (falls(power, VFS_POWER_SYNC)) {
		for (size_t i = 0; !power->is_cut && i < file->change_count; i++)
			file->changes[i].is_lost = random_below(power, 2) == 0;
		return SQLITE_IOERR_FSYNC;
	}
	sync_file(file);
	if (file->syncs_folder)
		sync_folder(power);
	file->syncs_folder = false;
	return SQLITE_OK;
}

static int call_size(sqlite3_file *base, sqlite3_int64 *out_size)
{
	struct handle *handle = handle_of(base);

	if (falls(handle->power, VFS_POWER_SIZE))
		return SQLITE_IOERR_FSTAT;
	*out_size = (sqlite3_int64)handle->file->seen.size;
	return SQLITE_OK;
}

static int call_lock(sqlite3_file *base, int level)
{
	(void)level;
	return falls(handle_of(base)->power, VFS_POWER_LOCK) ? SQLITE_IOERR_LOCK
							     : SQLITE_OK;
}

static int call_unlock(sqlite3_file *base, int level)
{
	(void)base;
	(void)level;
	return SQLITE_OK;
}

static int call_check_lock(sqlite3_file *base, int *out_is_locked)
{
	(void)base;
	*out_is_locked = 0;
	return SQLITE_OK;
}

static int call_control(sqlite3_file *base, int what, void *argument)
{
	(void)base;
	(void)what;
	(void)argument;
	return SQLITE_NOTFOUND;
}

/* As SQLite has it on Unix. */
static int call_sector(sqlite3_file *base)
{
	(void)base;
	return 4096;
}

static int call_character(sqlite3_file *base)
{
	(void)base;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static const sqlite3_io_methods methods = {
	.iVersion = 1,
	.xClose = call_close,
	.xRead = call_read,
	.xWrite = call_write,
	.xTruncate = call_truncate,
	.xSync = call_sync,
	.xFileSize = call_size,
	.xLock = call_lock,
	.xUnlock = call_unlock,
	.xCheckReservedLock = call_check_lock,
	.xFileControl = call_control,
	.xSectorSize = call_sector,
	.xDeviceCharacteristics = call_character,
};

/* --- calls on the folder ---------------------------------------------------------------- */

static struct vfs_power *power_of(sqlite3_vfs *vfs)
{
	return vfs->pAppData;
}

/* What was deleted and is not durably so comes back when the power goes; until then it is
 * empty. */
static void make_file(struct file *file)
{
	file->exists = true;
	if (file->durable.size > 0)
		truncate_file(file, 0);
	set_size(&file->seen, 0, NULL);
}

static int call_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *base, int flags,
		     int *out_flags)
{
	struct vfs_power *power = power_of(vfs);
	struct handle *handle = handle_of(base);
	struct file *file;

	handle->base.pMethods = NULL;
	must(path && !(flags & SQLITE_OPEN_DELETEONCLOSE)); /* all else is in memory */
	if (falls(power, VFS_POWER_OPEN))
		return SQLITE_CANTOPEN;
	file = find_file(power, path);
	if ((!file || !file->exists) && !(flags & SQLITE_OPEN_CREATE))
		return SQLITE_CANTOPEN;
	if (!file || !file->exists) {
		file = file_for(power, path);
		make_file(file);
		file->syncs_folder = flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL);
	}
	*handle = (struct handle){.base = {.pMethods = &methods},
				  .power = power,
				  .file = file};
	power->open_count++;
	if (out_flags)
		*out_flags = flags;
	return SQLITE_OK;
}

static int call_delete(sqlite3_vfs *vfs, const char *path, int syncs_folder)
{
	struct vfs_power *power = power_of(vfs);
	struct file *file = find_file(power, path);

	if (falls(power, VFS_POWER_DELETE))
		return SQLITE_IOERR_DELETE;
	if (!file || !file->exists)
		return SQLITE_IOERR_DELETE_NOENT;
	file->exists = false;
	if (syncs_folder)
		sync_folder(power);
	if (!file->is_durable) {
		forget_changes(file);
		set_size(&file->durable, 0, NULL);
	}
	set_size(&file->seen, 0, NULL);
	return SQLITE_OK;
}

static int call_access(sqlite3_vfs *vfs, const char *path, int flags, int *out_is)
{
	struct vfs_power *power = power_of(vfs);
	const struct file *file = find_file(power, path);

	if (falls(power, VFS_POWER_ACCESS))
		return SQLITE_IOERR_ACCESS;
	*out_is = file && file->exists &&
		  (flags != SQLITE_ACCESS_EXISTS || file->seen.size > 0);
	return SQLITE_OK;
}

static int call_path(sqlite3_vfs *vfs, const char *path, int size, char *out_path)
{
	(void)vfs;
	return str_copy(out_path, (size_t)size, path) ? SQLITE_OK : SQLITE_CANTOPEN;
}

static int call_random(sqlite3_vfs *vfs, int size, char *to)
{
	for (int i = 0; i < size; i++)
		to[i] = (char)random_below(power_of(vfs), 256);
	return size;
}

static int call_sleep(sqlite3_vfs *vfs, int us)
{
	(void)vfs;
	return us;
}

static int call_time(sqlite3_vfs *vfs, double *out_days)
{
	(void)vfs;
	*out_days = 2460000.5;
	return SQLITE_OK;
}

static int call_last_error(sqlite3_vfs *vfs, int size, char *to)
{
	(void)vfs;
	(void)size;
	(void)to;
	return 0;
}

/* --- all of it -------------------------------------------------------------------------- */

struct vfs_power *vfs_power_create(uint64_t seed)
{
	struct vfs_power *power = calloc(1, sizeof(*power));

	must(power);
	vfs_power_seed(power, seed);
	power->before = sqlite3_vfs_find(NULL);
	power->vfs = (sqlite3_vfs){
		.iVersion = 1,
		.szOsFile = sizeof(struct handle),
		.mxPathname = PATH_BYTES,
		.zName = "power",
		.pAppData = power,
		.xOpen = call_open,
		.xDelete = call_delete,
		.xAccess = call_access,
		.xFullPathname = call_path,
		.xRandomness = call_random,
		.xSleep = call_sleep,
		.xCurrentTime = call_time,
		.xGetLastError = call_last_error,
	};
	must(sqlite3_vfs_register(&power->vfs, 1) == SQLITE_OK);
	return power;
}

void vfs_power_destroy(struct vfs_power *power)
{
	must(power->open_count == 0);
	must(sqlite3_vfs_unregister(&power->vfs) == SQLITE_OK);
	must(sqlite3_vfs_register(power->before, 1) == SQLITE_OK);
	for (size_t i = 0; i < FILES_MAX; i++)
		free_file(&power->files[i]);
	free(power);
}

struct vfs_power_image *vfs_power_keep(const struct vfs_power *power)
{
	struct vfs_power_image *image = calloc(1, sizeof(*image));

	must(image && power->open_count == 0);
	for (size_t i = 0; i < FILES_MAX; i++) {
		if (!power->files[i].exists)
			continue;
		must(str_copy(image->files[image->count].path, PATH_BYTES,
			      power->files[i].path));
		copy_bytes(&image->files[image->count].bytes, &power->files[i].seen);
		image->count++;
	}
	return image;
}

void vfs_power_put_back(struct vfs_power *power, const struct vfs_power_image *image)
{
	must(power->open_count == 0);
	for (size_t i = 0; i < FILES_MAX; i++)
		free_file(&power->files[i]);
	for (size_t i = 0; i < image->count; i++) {
		struct file *file = file_for(power, image->files[i].path);

		file->exists = true;
		file->is_durable = true;
		copy_bytes(&file->seen, &image->files[i].bytes);
		copy_bytes(&file->durable, &image->files[i].bytes);
	}
	power->is_cut = false;
	vfs_power_heal(power);
}

void vfs_power_image_destroy(struct vfs_power_image *image)
{
	for (size_t i = 0; i < image->count; i++)
		free_bytes(&image->files[i].bytes);
	free(image);
}

size_t vfs_power_find(const struct vfs_power *power, const void *bytes, size_t size)
{
	size_t count = 0;

	for (size_t i = 0; i < FILES_MAX; i++) {
		const struct bytes *seen = &power->files[i].seen;
		const uint8_t *at = seen->at;

		while (power->files[i].exists && at &&
		       (at = memmem(at, seen->size - (size_t)(at - seen->at), bytes,
				    size))) {
			count++;
			at++;
		}
	}
	return count;
}

static struct file *file_ending(struct vfs_power *power, const char *ending)
{
	for (size_t i = 0; i < FILES_MAX; i++) {
		struct file *file = &power->files[i];

		if (file->exists && str_ends(file->path, ending))
			return file;
	}
	return NULL;
}

uint8_t *vfs_power_file(struct vfs_power *power, const char *ending, size_t *out_size)
{
	struct file *file = file_ending(power, ending);

	must(power->open_count == 0);
	if (!file)
		return NULL;
	*out_size = file->seen.size;
	return file->seen.at;
}

void vfs_power_shorten(struct vfs_power *power, const char *ending, size_t size)
{
	struct file *file = file_ending(power, ending);

	must(file && power->open_count == 0 && size <= file->seen.size);
	set_size(&file->seen, size, NULL);
	copy_bytes(&file->durable, &file->seen);
}
