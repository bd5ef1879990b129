/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pdwork: the workloads of the self-tests and of the demo. Each prints what it
 * did as "name value" lines and exits with 0 only if its data was right.
 */
#ifndef PD_WORK_H
#define PD_WORK_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PAGE 4096UL
/* Data was not what was written: none of the usual exit statuses. */
#define EXIT_CORRUPT 3

__attribute__((noreturn, format(printf, 1, 2)))
void die(const char *fmt, ...);

/* 4096, 64K, 32M, 1G; at least @least. */
size_t parse_bytes(const char *s, size_t least);
uint64_t parse_number(const char *s);

uint64_t now_us(void);
uint64_t cpu_us(void);

void *map_or_die(size_t bytes, int flags, int fd);
int open_or_die(const char *path, int flags);

/* xorshift64: the same sequence for the same seed, everywhere. */
uint64_t next_random(uint64_t *state);

/* A page's contents follow from who wrote it and for the how manieth time. */
void page_fill(void *page, uint64_t seed, uint64_t index, uint64_t generation);
bool page_right(const void *page, uint64_t seed, uint64_t index,
		uint64_t generation);

/*
 * Have the processor forget its translations. QEMU keeps one although its
 * accessed bit was cleared meanwhile, so that the next access leaves no trace;
 * real processors do for a short time only.
 */
void flush_tlb(void);
/* Accesses between two calls of the above. */
#define FLUSH_EVERY 256

/* QEMU's emulated CPU, as opposed to a real one under KVM. */
bool emulated(void);

/* SIGTERM and SIGINT set it. */
extern volatile sig_atomic_t stop_requested;
void stop_on_signal(void);

int cmd_stream(int argc, char **argv);
int cmd_hot(int argc, char **argv);
int cmd_churn(int argc, char **argv);
int cmd_write(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_fault(int argc, char **argv);
int cmd_pin(int argc, char **argv);
int cmd_text(int argc, char **argv);
int cmd_walk(int argc, char **argv);
int cmd_keep(int argc, char **argv);
int cmd_pipes(int argc, char **argv);
int cmd_part(int argc, char **argv);
int cmd_resident(int argc, char **argv);
int cmd_fuzz(int argc, char **argv);
int cmd_bench(int argc, char **argv);

#endif
