/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints, group "pagedaemon". A cgroup is named as in sysfs; a name longer
 * than the field is cut.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM pagedaemon

#if !defined(PD_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define PD_TRACE_H

#include <linux/string.h>
#include <linux/tracepoint.h>
#include <pagedaemon/types.h>

#ifndef PD_TRACE_NAME
#define PD_TRACE_NAME 64
#endif

/* Let user space resolve the enums in the formats. */
#undef PD_TRACE_VERDICT
#undef PD_TRACE_REASON
#define PD_TRACE_VERDICT(id, text) TRACE_DEFINE_ENUM(PD_VERDICT_##id);
#define PD_TRACE_REASON(id, text) TRACE_DEFINE_ENUM(PD_REASON_##id);

PD_VERDICTS(PD_TRACE_VERDICT)
PD_REASONS(PD_TRACE_REASON)
TRACE_DEFINE_ENUM(PD_NR_VERDICTS);
TRACE_DEFINE_ENUM(PD_NR_REASONS);
TRACE_DEFINE_ENUM(PD_TYPE_ANON);
TRACE_DEFINE_ENUM(PD_TYPE_SHMEM);
TRACE_DEFINE_ENUM(PD_TYPE_FILE);
TRACE_DEFINE_ENUM(PD_TYPE_EXEC);
TRACE_DEFINE_ENUM(PD_QUEUE_INACTIVE);
TRACE_DEFINE_ENUM(PD_QUEUE_ACTIVE);

#undef PD_TRACE_VERDICT
#undef PD_TRACE_REASON
#define PD_TRACE_VERDICT(id, text) { PD_VERDICT_##id, text },
#define PD_TRACE_REASON(id, text) { PD_REASON_##id, text },

#undef pd_show_verdict
#define pd_show_verdict(verdict)                                               \
	__print_symbolic(verdict, PD_VERDICTS(PD_TRACE_VERDICT)                \
			 { PD_NR_VERDICTS, "?" })
#undef pd_show_reason
#define pd_show_reason(reason)                                                 \
	__print_symbolic(reason, PD_REASONS(PD_TRACE_REASON)                   \
			 { PD_NR_REASONS, "?" })
#undef pd_show_type
#define pd_show_type(type)                                                     \
	__print_symbolic(type, { PD_TYPE_ANON, "anon" },                       \
			 { PD_TYPE_SHMEM, "shmem" }, { PD_TYPE_FILE, "file" }, \
			 { PD_TYPE_EXEC, "exec" })
#undef pd_show_queue
#define pd_show_queue(queue)                                                   \
	__print_symbolic(queue, { PD_QUEUE_INACTIVE, "inactive" },             \
			 { PD_QUEUE_ACTIVE, "active" })

TRACE_EVENT(pd_wake,
	TP_PROTO(const char *cgroup, int nid, s64 free, u64 wakeup_thresh),
	TP_ARGS(cgroup, nid, free, wakeup_thresh),

	TP_STRUCT__entry(
		__array(char, cgroup, PD_TRACE_NAME)
		__field(int, nid)
		__field(s64, free)
		__field(u64, wakeup_thresh)
	),

	TP_fast_assign(
		strscpy(__entry->cgroup, cgroup, PD_TRACE_NAME);
		__entry->nid = nid;
		__entry->free = free;
		__entry->wakeup_thresh = wakeup_thresh;
	),

	TP_printk("cgroup=%s nid=%d free=%lld wakeup_thresh=%llu",
		  __entry->cgroup, __entry->nid, __entry->free,
		  __entry->wakeup_thresh)
);

TRACE_EVENT(pd_pass_begin,
	TP_PROTO(const char *cgroup, int nid, u32 pass, bool direct, s64 free,
		 s64 shortage),
	TP_ARGS(cgroup, nid, pass, direct, free, shortage),

	TP_STRUCT__entry(
		__array(char, cgroup, PD_TRACE_NAME)
		__field(int, nid)
		__field(u32, pass)
		__field(bool, direct)
		__field(s64, free)
		__field(s64, shortage)
	),

	TP_fast_assign(
		strscpy(__entry->cgroup, cgroup, PD_TRACE_NAME);
		__entry->nid = nid;
		__entry->pass = pass;
		__entry->direct = direct;
		__entry->free = free;
		__entry->shortage = shortage;
	),

	TP_printk("cgroup=%s nid=%d pass=%u direct=%d free=%lld shortage=%lld",
		  __entry->cgroup, __entry->nid, __entry->pass,
		  __entry->direct, __entry->free, __entry->shortage)
);

TRACE_EVENT(pd_pass_end,
	TP_PROTO(const char *cgroup, int nid, u32 pass, bool direct, u64 scanned,
		 u64 freed, u64 laundered, s64 free),
	TP_ARGS(cgroup, nid, pass, direct, scanned, freed, laundered, free),

	TP_STRUCT__entry(
		__array(char, cgroup, PD_TRACE_NAME)
		__field(int, nid)
		__field(u32, pass)
		__field(bool, direct)
		__field(u64, scanned)
		__field(u64, freed)
		__field(u64, laundered)
		__field(s64, free)
	),

	TP_fast_assign(
		strscpy(__entry->cgroup, cgroup, PD_TRACE_NAME);
		__entry->nid = nid;
		__entry->pass = pass;
		__entry->direct = direct;
		__entry->scanned = scanned;
		__entry->freed = freed;
		__entry->laundered = laundered;
		__entry->free = free;
	),

	TP_printk("cgroup=%s nid=%d pass=%u direct=%d scanned=%llu freed=%llu laundered=%llu free=%lld",
		  __entry->cgroup, __entry->nid, __entry->pass,
		  __entry->direct, __entry->scanned, __entry->freed,
		  __entry->laundered, __entry->free)
);

/* A page came. Under lru_lock, interrupts off. */
TRACE_EVENT(pd_insert,
	TP_PROTO(const char *cgroup, u64 id, u64 pfn, u32 nr_pages, u8 type,
		 bool refault),
	TP_ARGS(cgroup, id, pfn, nr_pages, type, refault),

	TP_STRUCT__entry(
		__array(char, cgroup, PD_TRACE_NAME)
		__field(u64, id)
		__field(u64, pfn)
		__field(u32, nr_pages)
		__field(u8, type)
		__field(bool, refault)
	),

	TP_fast_assign(
		strscpy(__entry->cgroup, cgroup, PD_TRACE_NAME);
		__entry->id = id;
		__entry->pfn = pfn;
		__entry->nr_pages = nr_pages;
		__entry->type = type;
		__entry->refault = refault;
	),

	TP_printk("cgroup=%s id=0x%llx pfn=0x%llx nr_pages=%u type=%s refault=%d",
		  __entry->cgroup, __entry->id, __entry->pfn, __entry->nr_pages,
		  pd_show_type(__entry->type), __entry->refault)
);

TRACE_EVENT(pd_verdict,
	TP_PROTO(const char *cgroup, u64 id, const struct pd_view *view, u8 queue,
		 u8 act_before, u8 act_after, struct pd_decision decision),
	TP_ARGS(cgroup, id, view, queue, act_before, act_after, decision),

	TP_STRUCT__entry(
		__array(char, cgroup, PD_TRACE_NAME)
		__field(u64, id)
		__field(u64, pfn)
		__field(u32, nr_pages)
		__field(u32, flags)
		__field(u8, type)
		__field(u8, queue)
		__field(u8, refs)
		__field(u8, soft_refs)
		__field(u8, act_before)
		__field(u8, act_after)
		__field(u8, verdict)
		__field(u8, reason)
	),

	TP_fast_assign(
		strscpy(__entry->cgroup, cgroup, PD_TRACE_NAME);
		__entry->id = id;
		__entry->pfn = view->pfn;
		__entry->nr_pages = view->nr_pages;
		__entry->flags = view->flags;
		__entry->type = view->type;
		__entry->queue = queue;
		__entry->refs = view->refs;
		__entry->soft_refs = view->soft_refs;
		__entry->act_before = act_before;
		__entry->act_after = act_after;
		__entry->verdict = decision.verdict;
		__entry->reason = decision.reason;
	),

	TP_printk("cgroup=%s id=0x%llx pfn=0x%llx nr_pages=%u type=%s queue=%s references=%u refs=%u soft_refs=%u flags=%s act=%u->%u verdict=%s reason=%s",
		  __entry->cgroup, __entry->id, __entry->pfn, __entry->nr_pages,
		  pd_show_type(__entry->type), pd_show_queue(__entry->queue),
		  __entry->refs + __entry->soft_refs, __entry->refs,
		  __entry->soft_refs,
		  __print_flags(__entry->flags, "|",
				{ PD_PAGE_DIRTY, "dirty" },
				{ PD_PAGE_WRITEBACK, "writeback" },
				{ PD_PAGE_MAPPED, "mapped" },
				{ PD_PAGE_HELD, "held" },
				{ PD_PAGE_BUSY, "busy" },
				{ PD_PAGE_INVALID, "invalid" },
				{ PD_PAGE_DEAD, "dead" },
				{ PD_PAGE_UNEVICTABLE, "unevictable" },
				{ PD_PAGE_ACTIVE, "active" },
				{ PD_PAGE_REFAULT, "refault" },
				{ PD_PAGE_LOCK_MISS, "lock_miss" },
				{ PD_PAGE_SWAPCACHE, "swapcache" },
				{ PD_PAGE_FIRST_LOOK, "first_look" }),
		  __entry->act_before, __entry->act_after,
		  pd_show_verdict(__entry->verdict),
		  pd_show_reason(__entry->reason))
);

TRACE_EVENT(pd_launder,
	TP_PROTO(const char *cgroup, int nid, u64 pfn, u64 index, u32 pages,
		 u32 failed),
	TP_ARGS(cgroup, nid, pfn, index, pages, failed),

	TP_STRUCT__entry(
		__array(char, cgroup, PD_TRACE_NAME)
		__field(int, nid)
		__field(u64, pfn)
		__field(u64, index)
		__field(u32, pages)
		__field(u32, failed)
	),

	TP_fast_assign(
		strscpy(__entry->cgroup, cgroup, PD_TRACE_NAME);
		__entry->nid = nid;
		__entry->pfn = pfn;
		__entry->index = index;
		__entry->pages = pages;
		__entry->failed = failed;
	),

	TP_printk("cgroup=%s nid=%d pfn=0x%llx index=%llu pages=%u failed=%u",
		  __entry->cgroup, __entry->nid, __entry->pfn, __entry->index,
		  __entry->pages, __entry->failed)
);

TRACE_EVENT(pd_attach,
	TP_PROTO(const char *cgroup, const char *policy),
	TP_ARGS(cgroup, policy),

	TP_STRUCT__entry(
		__array(char, cgroup, PD_TRACE_NAME)
		__array(char, policy, 16)
	),

	TP_fast_assign(
		strscpy(__entry->cgroup, cgroup, PD_TRACE_NAME);
		strscpy(__entry->policy, policy, 16);
	),

	TP_printk("cgroup=%s policy=%s", __entry->cgroup, __entry->policy)
);

TRACE_EVENT(pd_detach,
	TP_PROTO(const char *cgroup, const char *why),
	TP_ARGS(cgroup, why),

	TP_STRUCT__entry(
		__array(char, cgroup, PD_TRACE_NAME)
		__array(char, why, 32)
	),

	TP_fast_assign(
		strscpy(__entry->cgroup, cgroup, PD_TRACE_NAME);
		strscpy(__entry->why, why, 32);
	),

	TP_printk("cgroup=%s why=%s", __entry->cgroup, __entry->why)
);

TRACE_EVENT(pd_eject,
	TP_PROTO(const char *cgroup, const char *policy, const char *why),
	TP_ARGS(cgroup, policy, why),

	TP_STRUCT__entry(
		__array(char, cgroup, PD_TRACE_NAME)
		__array(char, policy, 16)
		__array(char, why, 32)
	),

	TP_fast_assign(
		strscpy(__entry->cgroup, cgroup, PD_TRACE_NAME);
		strscpy(__entry->policy, policy, 16);
		strscpy(__entry->why, why, 32);
	),

	TP_printk("cgroup=%s policy=%s why=%s", __entry->cgroup, __entry->policy,
		  __entry->why)
);

#endif

/* Found with the -I that Kbuild gives, wherever the build runs. */
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
