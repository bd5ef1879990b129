// SPDX-License-Identifier: GPL-2.0
#include "bytes.hh"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "sim.hh"

namespace pagedaemon::sim
{
namespace
{

constexpr std::size_t kChunk = std::size_t{256} << 10;

/* The file itself; keeps its first bytes for who has to know what it is. */
class Raw
{
public:
	explicit Raw(const std::string &path)
		: path_(path), file_(std::fopen(path.c_str(), "rb"))
	{
		if (!file_)
			fail(std::generic_category().message(errno));
		refill();
	}

	std::string_view head() const
	{
		return {buffer_.data(), filled_};
	}

	/* What is at hand, after reading on if it was all taken; empty at the end. */
	std::string_view peek()
	{
		if (taken_ == filled_)
			refill();
		return {buffer_.data() + taken_, filled_ - taken_};
	}

	void take(std::size_t size)
	{
		taken_ += size;
	}

	[[noreturn]] void fail(std::string_view why) const
	{
		throw Error(fmt::format("{}: {}", path_, why));
	}

private:
	struct Close {
		void operator()(std::FILE *file) const
		{
			std::fclose(file);
		}
	};

	void refill()
	{
		taken_ = 0;
		filled_ = std::fread(buffer_.data(), 1, buffer_.size(), file_.get());
		if (std::ferror(file_.get()) != 0)
			fail(std::generic_category().message(errno));
	}

	std::string path_;
	std::unique_ptr<std::FILE, Close> file_;
	std::vector<char> buffer_ = std::vector<char>(kChunk);
	std::size_t filled_ = 0;
	std::size_t taken_ = 0;
};

class Plain final : public Bytes
{
public:
	explicit Plain(Raw &&raw) : raw_(std::move(raw))
	{
	}

	std::size_t read(char *to, std::size_t size) override
	{
		std::size_t got = 0;

		while (got < size) {
			const std::string_view in = raw_.peek();
			const std::size_t n = std::min(in.size(), size - got);

			if (n == 0)
				break;
			std::memcpy(to + got, in.data(), n);
			raw_.take(n);
			got += n;
		}
		return got;
	}

private:
	Raw raw_;
};

/*
 * The loop that the three libraries have in common: feed what is at hand until the
 * output is full or the file ends. @Codec has step(), which moves both ends on and
 * says whether a stream has just ended, and restart().
 */
template <typename Codec>
class Packed final : public Bytes
{
public:
	explicit Packed(Raw &&raw) : raw_(std::move(raw))
	{
	}

	std::size_t read(char *to, std::size_t size) override
	{
		std::size_t got = 0;

		while (got < size) {
			const std::string_view in = raw_.peek();

			if (ended_) {
				if (in.empty())
					break;
				codec_.restart(raw_);
				ended_ = false;
			}

			std::size_t used = 0;
			std::size_t made = 0;

			ended_ = codec_.step(raw_, in, used, to + got, size - got, made);
			raw_.take(used);
			got += made;
			if (!ended_ && in.empty() && made == 0)
				raw_.fail("the compressed data ends in the middle");
		}
		return got;
	}

private:
	Raw raw_;
	Codec codec_;
	bool ended_ = false;
};

class Zstd
{
public:
	void restart(const Raw & /* raw */)
	{
	}

	bool step(const Raw &raw, std::string_view in, std::size_t &used, char *out,
		  std::size_t room, std::size_t &made)
	{
		ZSTD_inBuffer from = {in.data(), in.size(), 0};
		ZSTD_outBuffer to = {out, room, 0};
		const std::size_t left =
			ZSTD_decompressStream(context_.get(), &to, &from);

		if (ZSTD_isError(left) != 0)
			raw.fail(fmt::format("damaged zstd data: {}",
					     ZSTD_getErrorName(left)));
		used = from.pos;
		made = to.pos;
		return left == 0;
	}

private:
	struct Free {
		void operator()(ZSTD_DCtx *context) const
		{
			ZSTD_freeDCtx(context);
		}
	};

	std::unique_ptr<ZSTD_DCtx, Free> context_{ZSTD_createDCtx()};
};

class Xz
{
public:
	Xz()
	{
		begin();
	}

	Xz(const Xz &) = delete;
	Xz &operator=(const Xz &) = delete;

	~Xz()
	{
		lzma_end(&stream_);
	}

	void restart(const Raw & /* raw */)
	{
		begin();
	}

	bool step(const Raw &raw, std::string_view in, std::size_t &used, char *out,
		  std::size_t room, std::size_t &made)
	{
		stream_.next_in = reinterpret_cast<const uint8_t *>(in.data());
		stream_.avail_in = in.size();
		stream_.next_out = reinterpret_cast<uint8_t *>(out);
		stream_.avail_out = room;

		const lzma_ret ret = lzma_code(&stream_, LZMA_RUN);

		if (ret != LZMA_OK && ret != LZMA_STREAM_END && ret != LZMA_BUF_ERROR)
			raw.fail(fmt::format("damaged xz data (liblzma error {})",
					     static_cast<int>(ret)));
		used = in.size() - stream_.avail_in;
		made = room - stream_.avail_out;
		return ret == LZMA_STREAM_END;
	}

private:
	void begin()
	{
		if (lzma_stream_decoder(&stream_, std::numeric_limits<u64>::max(), 0) !=
		    LZMA_OK)
			throw std::bad_alloc();
	}

	lzma_stream stream_ = LZMA_STREAM_INIT;
};

class Gzip
{
public:
	Gzip()
	{
		/* 16: with the header and check sum of gzip. */
		if (inflateInit2(&stream_, 15 + 16) != Z_OK)
			throw std::bad_alloc();
	}

	Gzip(const Gzip &) = delete;
	Gzip &operator=(const Gzip &) = delete;

	~Gzip()
	{
		inflateEnd(&stream_);
	}

	void restart(const Raw & /* raw */)
	{
		inflateReset(&stream_);
	}

	bool step(const Raw &raw, std::string_view in, std::size_t &used, char *out,
		  std::size_t room, std::size_t &made)
	{
		const std::size_t fits =
			std::min<std::size_t>(room, std::numeric_limits<uInt>::max());

		/* zlib does not write to its input; it lacks the const. */
		stream_.next_in =
			reinterpret_cast<Bytef *>(const_cast<char *>(in.data()));
		stream_.avail_in = static_cast<uInt>(in.size());
		stream_.next_out = reinterpret_cast<Bytef *>(out);
		stream_.avail_out = static_cast<uInt>(fits);

		const int ret = inflate(&stream_, Z_NO_FLUSH);

		if (ret != Z_OK && ret != Z_STREAM_END && ret != Z_BUF_ERROR)
			raw.fail(fmt::format("damaged gzip data: {}",
					     stream_.msg ? stream_.msg
							 : "no reason given"));
		used = in.size() - stream_.avail_in;
		made = fits - stream_.avail_out;
		return ret == Z_STREAM_END;
	}

private:
	z_stream stream_ = {};
};

} // namespace

std::unique_ptr<Bytes> open_bytes(const std::string &path)
{
	using namespace std::literals;
	Raw raw(path);

	if (raw.head().starts_with("\x28\xb5\x2f\xfd"sv))
		return std::make_unique<Packed<Zstd>>(std::move(raw));
	if (raw.head().starts_with("\xfd"
				   "7zXZ\0"sv))
		return std::make_unique<Packed<Xz>>(std::move(raw));
	if (raw.head().starts_with("\x1f\x8b"sv))
		return std::make_unique<Packed<Gzip>>(std::move(raw));
	return std::make_unique<Plain>(std::move(raw));
}

} // namespace pagedaemon::sim
