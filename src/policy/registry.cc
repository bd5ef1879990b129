/* SPDX-License-Identifier: GPL-2.0 */
/* The policies built in, in the order users see them. */
#include "policy.hh"
#ifdef PD_DEBUG
#include "faulty.hh"
#endif

namespace pagedaemon
{
namespace
{

/* clang-format off */
constexpr const pd_policy *kPolicies[] = {
	&clockpro_policy,
	&freebsd_policy,
	&dragonfly_policy,
	&netbsd_policy,
	&mach_policy,
#ifdef PD_DEBUG
#define PD_FAULTY_ADDRESS(id, name, text) &faulty##id##_policy,
	PD_FAULTY_POLICIES(PD_FAULTY_ADDRESS)
#undef PD_FAULTY_ADDRESS
#endif
};
/* clang-format on */

constexpr pd_u32 kNrPolicies = sizeof(kPolicies) / sizeof(kPolicies[0]);

/* @name is not terminated; @known is. */
[[nodiscard]] bool is_name(const char *known, const char *name, pd_u64 len)
{
	for (pd_u64 i = 0; i < len; i++) {
		if (known[i] == '\0' || known[i] != name[i])
			return false;
	}
	return known[len] == '\0';
}

} // namespace
} // namespace pagedaemon

extern "C" const pd_policy *pd_policy_at(pd_u32 index)
{
	using namespace pagedaemon;

	return index < kNrPolicies ? kPolicies[index] : nullptr;
}

extern "C" const pd_policy *pd_policy_find(const char *name, pd_u64 len)
{
	using namespace pagedaemon;

	if (name == nullptr)
		return nullptr;
	for (const pd_policy *policy : kPolicies) {
		if (is_name(policy->name, name, len))
			return policy;
	}
	return nullptr;
}
