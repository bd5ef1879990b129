// SPDX-License-Identifier: GPL-2.0
#include <algorithm>
#include <cmath>

#include "generate.hh"

namespace pagedaemon::sim
{
namespace
{

/* Near 0 both are 1, where the quotients have no value. */
constexpr double kTiny = 1e-8;

double log1p_over(double x)
{
	return std::abs(x) > kTiny ? std::log1p(x) / x : 1 - x / 2;
}

double expm1_over(double x)
{
	return std::abs(x) > kTiny ? std::expm1(x) / x : 1 + x / 2;
}

} // namespace

Zipf::Zipf(u64 n, double alpha)
	: n_(static_cast<double>(n)), alpha_(alpha), from_(integral(1.5) - 1),
	  to_(integral(n_ + 0.5)), surely_(2 - inverse(integral(2.5) - density(2)))
{
}

double Zipf::density(double x) const
{
	return std::exp(-alpha_ * std::log(x));
}

/* Of x^-alpha from 1 on; log(x) for an alpha of 1. */
double Zipf::integral(double x) const
{
	const double log_x = std::log(x);

	return expm1_over((1 - alpha_) * log_x) * log_x;
}

double Zipf::inverse(double y) const
{
	/* Rounding may leave the domain of the logarithm. */
	const double t = std::max(y * (1 - alpha_), -1.0);

	return std::exp(log1p_over(t) * y);
}

u64 Zipf::operator()(Random &random) const
{
	std::uniform_real_distribution<double> uniform(from_, to_);

	while (true) {
		const double y = uniform(random);
		const double x = inverse(y);
		const double k = std::clamp(std::floor(x + 0.5), 1.0, n_);

		if (k - x <= surely_ || y >= integral(k + 0.5) - density(k))
			return static_cast<u64>(k) - 1;
	}
}

} // namespace pagedaemon::sim
