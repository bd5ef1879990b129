# SPDX-License-Identifier: GPL-2.0
# What the kernel's headers offer, found out by looking and not by version.
# Included by Kbuild; sets pd-compat-flags, to be put into ccflags-y.

# $(call pd-probe,HEADER,REGULAR EXPRESSION without parentheses,NAME)
pd-probe = $(if $(shell grep -sE '$(2)' $(srctree)/include/linux/$(1)),-DPD_HAVE_$(3))

pd-compat-flags := -DPD_COMPAT_PROBED \
	$(call pd-probe,shrinker.h,\bshrinker_alloc\b,SHRINKER_ALLOC) \
	$(call pd-probe,pagemap.h,\bmapping_release_always\b,RELEASE_ALWAYS) \
	$(call pd-probe,memcontrol.h,\bmem_cgroup_below_low.struct mem_cgroup .target\b,PROTECTION_TARGET)
