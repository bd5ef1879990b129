/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Traces made by rule. A specification is KIND:KEY=VALUE,KEY=VALUE...; the same one
 * makes the same trace. docs/simulator.md has the kinds and their keys.
 */
#ifndef PAGEDAEMON_SIM_GENERATE_HH
#define PAGEDAEMON_SIM_GENERATE_HH

#include <random>
#include <string>

#include "trace.hh"

namespace pagedaemon::sim
{

using Random = std::mt19937_64;

/*
 * Numbers 0..n-1, the k-th with a chance proportional to 1 / (k + 1)^alpha, in constant
 * time and space: rejection-inversion, W. Hörmann and G. Derflinger, "Rejection-inversion
 * to generate variates from monotone discrete distributions", ACM TOMACS 6 (1996).
 */
class Zipf
{
public:
	Zipf(u64 n, double alpha);
	u64 operator()(Random &random) const;

private:
	double density(double x) const;
	double integral(double x) const;
	double inverse(double y) const;

	double n_;
	double alpha_;
	double from_;
	double to_;
	double surely_; /* so near to its number is always accepted */
};

/* Is it the specification of a generator, and not the name of a file? */
bool is_generator(const std::string &spec);

/* Throws Error in words. */
Trace generate(const std::string &spec);

} // namespace pagedaemon::sim

#endif
