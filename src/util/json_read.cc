// SPDX-License-Identifier: GPL-2.0-only
// The one file in C++: Boost.JSON's event parser behind json_read.h.
#include "util/json_read.h"

#include <cerrno>
#include <boost/json/basic_parser_impl.hpp>
#include <cstdlib>
#include <cstring>
#include <new>

namespace json = boost::json;

namespace
{

// Strings with escapes arrive in parts, which are joined here.
struct arena {
	char *buf = nullptr;
	size_t cap = 0, len = 0;

	~arena()
	{
		free(buf);
	}
	// Unescaped strings are never longer than escaped ones: the length of the text suffices.
	bool reset(size_t text_len)
	{
		len = 0;
		if (cap > text_len)
			return true;
		free(buf);
		buf = static_cast<char *>(malloc(text_len + 1));
		cap = buf ? text_len + 1 : 0;
		return buf;
	}
	void add(json::string_view s)
	{
		if (s.size() > cap - len)
			return;
		memcpy(buf + len, s.data(), s.size());
		len += s.size();
	}
	// The string of size n that ends with the part that was added last.
	char *end(size_t n)
	{
		char *p = buf + len - n;

		// room for the byte that the caller may write after the string
		len += len < cap;
		return p;
	}
};

struct handler {
	static constexpr size_t max_object_size = -1, max_array_size = -1;
	static constexpr size_t max_key_size = -1, max_string_size = -1;
	const json_read_ops *ops;
	void *ctx;
	const char *text = nullptr, *text_end = nullptr;
	arena strings;
	const char *key = nullptr;
	size_t klen = 0;

	handler(const json_read_ops *o, void *c) : ops(o), ctx(c)
	{
	}
	bool verdict(bool ok, json::error_code &ec)
	{
		klen = 0;
		if (!ok)
			ec = json::error::extra_data;
		return ok;
	}
	bool emit(json_type type, uint64_t u, json::error_code &ec)
	{
		json_value v = { type, u, nullptr, 0 };

		return verdict(ops->value(ctx, key, klen, &v), ec);
	}
	// Most strings have no escapes, and can stay in the text.
	char *join(json::string_view s, size_t n)
	{
		if (s.size() == n && s.data() >= text && s.data() <= text_end)
			return const_cast<char *>(s.data());
		strings.add(s);
		return strings.end(n);
	}

	bool on_document_begin(json::error_code &)
	{
		return true;
	}
	bool on_document_end(json::error_code &)
	{
		return true;
	}
	bool on_object_begin(json::error_code &ec)
	{
		return verdict(ops->open(ctx, key, klen, false), ec);
	}
	bool on_object_end(size_t, json::error_code &)
	{
		ops->close(ctx);
		return true;
	}
	bool on_array_begin(json::error_code &ec)
	{
		return verdict(ops->open(ctx, key, klen, true), ec);
	}
	bool on_array_end(size_t, json::error_code &)
	{
		ops->close(ctx);
		return true;
	}
	bool on_key_part(json::string_view s, size_t, json::error_code &)
	{
		strings.add(s);
		return true;
	}
	bool on_key(json::string_view s, size_t n, json::error_code &)
	{
		key = join(s, n);
		klen = n;
		return true;
	}
	bool on_string_part(json::string_view s, size_t, json::error_code &)
	{
		strings.add(s);
		return true;
	}
	bool on_string(json::string_view s, size_t n, json::error_code &ec)
	{
		json_value v = { JSON_STRING, 0, join(s, n), n };

		return verdict(ops->value(ctx, key, klen, &v), ec);
	}
	bool on_number_part(json::string_view, json::error_code &)
	{
		return true;
	}
	bool on_int64(int64_t i, json::string_view, json::error_code &ec)
	{
		return emit(i < 0 ? JSON_NEGATIVE : JSON_UNSIGNED, static_cast<uint64_t>(i), ec);
	}
	bool on_uint64(uint64_t u, json::string_view, json::error_code &ec)
	{
		return emit(JSON_UNSIGNED, u, ec);
	}
	bool on_double(double, json::string_view, json::error_code &ec)
	{
		return emit(JSON_REAL, 0, ec);
	}
	bool on_bool(bool b, json::error_code &ec)
	{
		return emit(b ? JSON_TRUE : JSON_FALSE, 0, ec);
	}
	bool on_null(json::error_code &ec)
	{
		return emit(JSON_NULL, 0, ec);
	}
	bool on_comment_part(json::string_view, json::error_code &)
	{
		return true;
	}
	bool on_comment(json::string_view, json::error_code &)
	{
		return true;
	}
};

} // namespace

struct json_read {
	json::basic_parser<handler> parser;

	json_read(const json_read_ops *ops, void *ctx) : parser(json::parse_options(), ops, ctx)
	{
	}
};

extern "C" json_read *json_read__new(const json_read_ops *ops, void *ctx)
{
	try {
		return new json_read(ops, ctx);
	} catch (const std::bad_alloc &) {
		return nullptr;
	}
}

extern "C" void json_read__free(json_read *r)
{
	delete r;
}

extern "C" int json_read__parse(json_read *r, char *text, size_t len)
{
	handler &h = r->parser.handler();
	json::error_code ec;
	size_t n;

	h.text = text;
	h.text_end = text + len;
	h.klen = 0;
	if (!h.strings.reset(len))
		return -ENOMEM;
	/* no exception may cross into C: the parser's stack of nested values allocates */
	try {
		r->parser.reset();
		n = r->parser.write_some(false, text, len, ec);
	} catch (const std::bad_alloc &) {
		return -ENOMEM;
	}
	while (n < len && (text[n] == '\r' || text[n] == ' ' || text[n] == '\t'))
		n++;
	return !ec && n == len ? 0 : -EINVAL;
}
