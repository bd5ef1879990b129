// SPDX-License-Identifier: GPL-2.0
/*
 * A clean page of a file that nobody maps goes by a short way: out of the page cache,
 * and free. The kernel's shrink_folio_list() would ask once more all that was asked
 * when the page was judged; what it does with such a page in the end is the same.
 */
#include "queue.h"
#include "../hooks/symbols.h"

bool pd_folio_drop(struct folio *folio, struct mem_cgroup *target)
{
	struct address_space *mapping = folio->mapping;

	if (!pd_have(__remove_mapping) || !pd_folio_is_plain(folio) ||
	    pd_folio_needs_release(folio, mapping))
		return false;
	/* Dirty, or held by somebody else: that is found out with the count frozen. */
	if (!static_call(pd_fn___remove_mapping)(mapping, folio, true, target))
		return false;
	/* Victims are inactive by definition. */
	folio_clear_active(folio);
	folio_ref_unfreeze(folio, 1);
	folio_unlock(folio);
	return true;
}
