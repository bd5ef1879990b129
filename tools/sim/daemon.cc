// SPDX-License-Identifier: GPL-2.0
/* The page daemon in virtual time, as src/daemon/daemon.c runs it. */
#include "host.hh"

#include <algorithm>

namespace pagedaemon::sim
{
namespace
{

/* Passes in a row that bring nothing and ask for no pause, until it gets one. */
constexpr u32 kRestlessPasses = 1000;
constexpr u64 kRestlessPauseMs = 1000;
constexpr u64 kNever = ~u64{0};

} // namespace

u64 Host::refs_of_ms(u64 ms) const
{
	u64 refs = 0;

	if (__builtin_mul_overflow(ms, options_.refs_per_second, &refs))
		return kNever;
	return std::max<u64>(refs / 1000, 1);
}

void Host::daemon_begin()
{
	daemon_.due = kNever;
	if (options_.daemon)
		daemon_tick();
}

/* Is so little free that a page that comes in wakes the daemon? */
bool Host::daemon_wanted()
{
	if (daemon_.needed)
		return false;
	if (free_pages() < static_cast<s64>(marks_.wakeup_thresh))
		return true;
	if ((policy_.flags & PD_POLICY_WAKES) == 0)
		return false;

	const pd_memory m = memory();

	return policy_.needs_scan(state_.get(), &m) != 0;
}

/* A daemon that pauses as its policy told it to does not listen. */
void Host::daemon_wake()
{
	if (daemon_.needed)
		return;
	daemon_.needed = true;
	daemon_.pass = 1;
	daemon_work();
}

/* The end of a pause or the next tick; a sum too large is never. */
void Host::daemon_sleep(u64 ms)
{
	if (ms == PD_FOREVER_MS ||
	    __builtin_add_overflow(now_, refs_of_ms(ms), &daemon_.due))
		daemon_.due = kNever;
}

/* Pass after pass until the policy has enough, or wants a pause. */
void Host::daemon_work()
{
	while (true) {
		Pass pass = {};
		pd_next next = {};

		pass.by = By::kDaemon;
		pass.scan.pass = std::max(daemon_.pass, 1u);
		pass.scan.deficit = static_cast<pd_s64>(daemon_.deficit);
		daemon_.deficit = 0;
		result_.daemon_passes++;
		make_pass(pass, 0);

		const pd_memory m = memory();
		const bool brought = pass.scan.freed != 0 || pass.scan.laundered != 0;

		policy_.after_pass(state_.get(), &m, &pass.scan, 1, &next);
		daemon_.last = now_;
		daemon_.pass = next.pass;
		daemon_.needed = (next.flags & PD_NEXT_NEEDED) != 0;
		daemon_.vain = brought || next.delay_ms != 0 ? 0 : daemon_.vain + 1;
		if (daemon_.needed && daemon_.vain >= kRestlessPasses) {
			daemon_.vain = 0;
			next.delay_ms = kRestlessPauseMs;
		}
		if (daemon_.needed && next.delay_ms == 0)
			continue;
		result_.pauses += daemon_.needed ? 1 : 0;
		daemon_sleep(next.delay_ms);
		return;
	}
}

/* A pause is over, or nobody needed memory for a while: then pages age. */
void Host::daemon_tick()
{
	const u64 elapsed = (now_ - daemon_.last) * 1000 / options_.refs_per_second;
	pd_memory m = memory();

	if (!daemon_.needed && (policy_.flags & PD_POLICY_TICKS) != 0 && now_ != 0 &&
	    policy_.needs_scan(state_.get(), &m) != 0) {
		daemon_.needed = true;
		daemon_.pass = 1;
	}
	if (daemon_.needed) {
		daemon_work();
		return;
	}

	Pass pass = {};

	pass.by = By::kDaemon;
	finish_writes_until(now_);
	m = memory();

	const pd_u32 ms = policy_.idle(state_.get(), &m, elapsed, &pass.scan);

	if (pass.scan.active_max_scan > 0) {
		result_.idle_passes++;
		scan_active(pass);
	}
	daemon_.last = now_;
	daemon_sleep(ms);
}

} // namespace pagedaemon::sim
