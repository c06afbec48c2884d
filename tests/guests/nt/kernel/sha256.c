// SPDX-License-Identifier: GPL-2.0-or-later
/* SHA-256 (FIPS 180-4). Its constants are computed: they are the roots of the first primes. */
#include "sha256.h"

#define ROUNDS 64u

static u32 constants[ROUNDS], initial[8];

static u32 rotate(u32 value, unsigned by)
{
	return value >> by | value << (32 - by);
}

static unsigned next_prime(unsigned after)
{
	for (unsigned divisor = 2; divisor <= after; divisor++)
		if ((after + 1) % divisor == 0)
			return next_prime(after + 1);
	return after + 1;
}

/* Numbers of four digits to the base of 2^32, the lowest one first. */
struct wide {
	u32 digits[4];
};

static struct wide multiply(const struct wide *a, u64 b)
{
	struct wide product = { { 0 } };
	u32 parts[2] = { (u32)b, (u32)(b >> 32) };

	for (unsigned j = 0; j < 2; j++) {
		u64 carry = 0;

		for (unsigned i = 0; i + j < 4; i++) {
			carry += (u64)a->digits[i] * parts[j] + product.digits[i + j];
			product.digits[i + j] = (u32)carry;
			carry >>= 32;
		}
	}
	return product;
}

/* Whether root^power, of a root that counts in 2^-32, is at most the number. */
static bool is_below(u64 root, unsigned power, unsigned number)
{
	struct wide value = { { (u32)root, (u32)(root >> 32) } };
	u32 whole[4] = { 0 };

	for (unsigned i = 1; i < power; i++)
		value = multiply(&value, root);
	whole[power] = number;
	for (unsigned i = 4; i-- > 0;)
		if (value.digits[i] != whole[i])
			return value.digits[i] < whole[i];
	return true;
}

/* The first 32 bits behind the point of a prime's square root, or cube root. */
static u32 root_of(unsigned prime, unsigned power)
{
	u64 root = 0;

	for (u64 bit = 1ull << 36; bit; bit >>= 1)
		if (is_below(root | bit, power, prime))
			root |= bit;
	return (u32)root;
}

static void compute_constants(void)
{
	unsigned prime = 1;

	for (unsigned i = 0; i < ROUNDS; i++) {
		prime = next_prime(prime);
		constants[i] = root_of(prime, 3);
		if (i < 8)
			initial[i] = root_of(prime, 2);
	}
}

static void add_block(struct wv_sha256 *hash)
{
	u32 words[ROUNDS], v[8];

	for (unsigned i = 0; i < 16; i++)
		words[i] = (u32)hash->block[4 * i] << 24 | (u32)hash->block[4 * i + 1] << 16 |
			   (u32)hash->block[4 * i + 2] << 8 | hash->block[4 * i + 3];
	for (unsigned i = 16; i < ROUNDS; i++) {
		u32 a = words[i - 15], b = words[i - 2];

		words[i] = words[i - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + words[i - 7] +
			   (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
	}
	memcpy(v, hash->state, sizeof(v));
	for (unsigned i = 0; i < ROUNDS; i++) {
		u32 chosen = (v[4] & v[5]) ^ (~v[4] & v[6]);
		u32 major = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
		u32 first = v[7] + (rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25)) +
			    chosen + constants[i] + words[i];
		u32 second = (rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22)) + major;

		for (unsigned j = 7; j; j--)
			v[j] = v[j - 1];
		v[4] += first;
		v[0] = first + second;
	}
	for (unsigned i = 0; i < 8; i++)
		hash->state[i] += v[i];
}

void wv_sha256_init(struct wv_sha256 *hash)
{
	static struct wv_lock lock;

	wv_take(&lock);
	if (!constants[0])
		compute_constants();
	wv_release(&lock);
	memcpy(hash->state, initial, sizeof(initial));
	hash->size = 0;
}

void wv_sha256_add(struct wv_sha256 *hash, const void *bytes, size_t size)
{
	const u8 *from = bytes;

	while (size) {
		size_t used = hash->size % sizeof(hash->block), part = sizeof(hash->block) - used;

		if (part > size)
			part = size;
		memcpy(hash->block + used, from, part);
		from += part;
		size -= part;
		hash->size += part;
		if (used + part == sizeof(hash->block))
			add_block(hash);
	}
}

void wv_sha256_text(struct wv_sha256 *hash, char text[WV_SHA256_TEXT])
{
	u64 bits = hash->size * 8;
	u8 last[8];

	wv_sha256_add(hash, "\x80", 1);
	while (hash->size % sizeof(hash->block) != sizeof(hash->block) - sizeof(last))
		wv_sha256_add(hash, "", 1);
	for (unsigned i = 0; i < sizeof(last); i++)
		last[i] = (u8)(bits >> (56 - 8 * i));
	wv_sha256_add(hash, last, sizeof(last));
	for (unsigned i = 0; i < WV_SHA256_TEXT - 1; i++)
		text[i] = "0123456789abcdef"[hash->state[i / 8] >> (28 - i % 8 * 4) & 15];
	text[WV_SHA256_TEXT - 1] = 0;
}
