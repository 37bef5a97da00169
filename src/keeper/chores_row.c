/* SPDX-License-Identifier: Apache-2.0 */
/* chores_row - see the header and docs/FORMATS.md. */
#include "keeper/chores_row.h"

#include <string.h>

#include "base/must.h"
#include "base/pack.h"

enum { LAYOUT = 1 };

void chores_row_write(const struct desk_chores *chores, uint8_t to[CHORES_ROW_BYTES])
{
	struct pack pack;

	pack_init(&pack, to, CHORES_ROW_BYTES);
	pack_u8(&pack, LAYOUT);
	pack_u64(&pack, chores->kept_from);
	pack_u64(&pack, (uint64_t)chores->kept_ms);
	pack_u8(&pack, chores->must_sweep);
	pack_u64(&pack, chores->sweep_from);
	pack_u64(&pack, chores->sweep_size);
	pack_u64(&pack, chores->swept);
	must(pack.size == CHORES_ROW_BYTES);
}

enum err chores_row_read(const uint8_t *row, size_t row_size, uint64_t size,
			 struct desk_chores *out_chores)
{
	struct desk_chores read = {.kept_from = 0};
	struct unpack unpack;
	uint8_t must_sweep;

	unpack_init(&unpack, row, row_size);
	if (row_size > 0 && unpack_u8(&unpack) != LAYOUT)
		return ERR_VERSION;
	read.kept_from = unpack_u64(&unpack);
	read.kept_ms = (int64_t)unpack_u64(&unpack);
	must_sweep = unpack_u8(&unpack);
	read.must_sweep = must_sweep == 1;
	read.sweep_from = unpack_u64(&unpack);
	read.sweep_size = unpack_u64(&unpack);
	read.swept = unpack_u64(&unpack);
	if (!unpack_is_whole(&unpack) || must_sweep > 1 || read.kept_ms < 0 ||
	    read.kept_from > size + 1 || read.sweep_from > size + 1 ||
	    read.sweep_size > size || read.swept > size)
		return ERR_FORMAT;
	*out_chores = read;
	return OK;
}

void chores_row_write_clock(const struct desk_clock *watch,
			    uint8_t to[CHORES_CLOCK_ROW_BYTES])
{
	struct pack pack;

	pack_init(&pack, to, CHORES_CLOCK_ROW_BYTES);
	pack_u8(&pack, LAYOUT);
	pack_u64(&pack, (uint64_t)watch->even_ms);
	pack_u64(&pack, (uint64_t)watch->wall_ms);
	must(pack.size == CHORES_CLOCK_ROW_BYTES);
}

enum err chores_row_read_clock(const uint8_t *row, size_t row_size,
			       struct desk_clock *out_watch)
{
	struct desk_clock read = {.even_ms = 0};
	struct unpack unpack;

	unpack_init(&unpack, row, row_size);
	if (row_size > 0 && unpack_u8(&unpack) != LAYOUT)
		return ERR_VERSION;
	read.even_ms = (int64_t)unpack_u64(&unpack);
	read.wall_ms = (int64_t)unpack_u64(&unpack);
	if (!unpack_is_whole(&unpack) || read.even_ms < 0 || read.wall_ms <= 0)
		return ERR_FORMAT;
	out_watch->even_ms = read.even_ms;
	out_watch->wall_ms = read.wall_ms;
	return OK;
}
