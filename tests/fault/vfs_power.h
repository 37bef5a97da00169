/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vfs_power - a disk in memory for SQLite, which is as bad as a disk may be.
 *
 * What is written is kept apart until its file is synced. When the power goes, each piece
 * of it (a sector) is there, is not there, or is torn, in any order; a truncation the same;
 * a file that was made or deleted may be back or gone until its folder was synced, which
 * happens where SQLite does so on Unix: at the first sync of a new log, and at a delete that
 * asks for it. Where a file grew and the bytes did not arrive, rubbish stands. A sync that
 * fails has made none of it durable, and no later one does: what the kernel forgot is gone.
 *
 * And any call can be made to fail. While it exists it is SQLite's default, for databases of
 * one process. All dice come from the seed. One thread; a bug of the test ends by must().
 */
#ifndef FAULT_VFS_POWER_H
#define FAULT_VFS_POWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vfs_power;
struct vfs_power_image;

/* What SQLite asks of a disk. */
enum vfs_power_call {
	VFS_POWER_OPEN,
	VFS_POWER_READ,
	VFS_POWER_WRITE,
	VFS_POWER_SYNC,
	VFS_POWER_TRUNCATE,
	VFS_POWER_SIZE,
	VFS_POWER_LOCK,
	VFS_POWER_DELETE,
	VFS_POWER_ACCESS,
	VFS_POWER_CALL_COUNT
};

/* Sets of calls. */
#define VFS_POWER_ONLY(call) (1u << (call))
enum {
	VFS_POWER_ALL = (1 << VFS_POWER_CALL_COUNT) - 1,
	VFS_POWER_SYNCS = 1 << VFS_POWER_SYNC,
	VFS_POWER_CHANGES = 1 << VFS_POWER_WRITE | 1 << VFS_POWER_TRUNCATE |
			    1 << VFS_POWER_SYNC | 1 << VFS_POWER_DELETE,
};

enum vfs_power_fault { VFS_POWER_EIO, VFS_POWER_ENOSPC };

struct vfs_power *vfs_power_create(uint64_t seed);
/* Nothing may be open on it. */
void vfs_power_destroy(struct vfs_power *power);
void vfs_power_seed(struct vfs_power *power, uint64_t seed);

/* A copy of the whole disk, and back to it; nothing may be open. What was written by then
 * counts as durable. */
struct vfs_power_image *vfs_power_keep(const struct vfs_power *power);
void vfs_power_put_back(struct vfs_power *power, const struct vfs_power_image *image);
void vfs_power_image_destroy(struct vfs_power_image *image);

/* In the middle of the n-th of these calls from now on (the first is 0) the power goes;
 * every later call fails. */
void vfs_power_cut_at(struct vfs_power *power, unsigned calls, uint64_t n);
/* It goes now. */
void vfs_power_cut(struct vfs_power *power);
bool vfs_power_is_cut(const struct vfs_power *power);
/* It is back: the dice fall on what was not synced. Nothing may be open. */
void vfs_power_restore(struct vfs_power *power);

/* The n-th of these calls from now on fails, and, for_ever, all of these after it. A write
 * that fails for want of space has written the half of it. */
void vfs_power_fail_at(struct vfs_power *power, unsigned calls, uint64_t n,
		       enum vfs_power_fault fault, bool for_ever);
/* Whether it has come to that. */
bool vfs_power_has_failed(const struct vfs_power *power);
void vfs_power_heal(struct vfs_power *power); /* nothing fails any more */

/* How many of these calls since the last of cut_at, fail_at, heal. */
uint64_t vfs_power_count(const struct vfs_power *power, unsigned calls);
/* How often the bytes stand in the files, as a reader finds them. */
size_t vfs_power_find(const struct vfs_power *power, const void *bytes, size_t size);
/* The bytes of the file whose name ends so, to look at or to spoil; NULL: there is none. */
uint8_t *vfs_power_file(struct vfs_power *power, const char *ending, size_t *out_size);
/* Cuts that file short. */
void vfs_power_shorten(struct vfs_power *power, const char *ending, size_t size);

#endif
