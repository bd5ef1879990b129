/* SPDX-License-Identifier: GPL-2.0 */
/* What an ftrace callback does to its caller's registers, on any kernel. */
#ifndef PD_COMPAT_FTRACE_H
#define PD_COMPAT_FTRACE_H

#include <linux/ftrace.h>

/*
 * Callbacks here want the first argument and to change where the call goes to.
 * Both are to be had without saving all registers where ftrace passes arguments.
 */
#ifdef CONFIG_HAVE_DYNAMIC_FTRACE_WITH_ARGS
#define PD_HAVE_FTRACE
#endif

#ifdef ftrace_regs_set_instruction_pointer
/* 6.2 on */
#define pd_ftrace_arg0(fregs) ftrace_regs_get_argument(fregs, 0)
#define pd_ftrace_redirect(fregs, to) \
	ftrace_regs_set_instruction_pointer(fregs, to)
#elif defined(CONFIG_X86_64)
#define pd_ftrace_arg0(fregs) ((fregs)->regs.di)
#define pd_ftrace_redirect(fregs, to) ftrace_instruction_pointer_set(fregs, to)
#else
#undef PD_HAVE_FTRACE
#endif

#endif
