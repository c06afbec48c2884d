/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Not a test: the program that make-pdb.sh compiles for Windows, so that tests read its PDB.
 *
 * It carries the truth about itself: the section .truth says what the compiler's offsetof and
 * sizeof gave, and .bits has, for each bit field, its structure with nothing but that field's bits
 * set. With -DSAMPLE_CXX, as C++, it has classes instead.
 */
#define NAME_SIZE 32

struct truth {
	char structure[NAME_SIZE];
	char member[NAME_SIZE];
	unsigned int offset;
	unsigned int size;
};

#define BITS_SIZE 64

#define IN_TRUTH __attribute__((section(".truth"), used))
#define IN_BITS	 __attribute__((section(".bits"), used))

#define JOIN_(a, b) a##b
#define JOIN(a, b)  JOIN_(a, b)
#define MEMBER(s, path)                                                                            \
	{                                                                                          \
#s, #path, __builtin_offsetof(struct s, path), sizeof(((struct s *)0)->path)       \
	}
#define UNION_MEMBER(s, path)                                                                      \
	{                                                                                          \
#s, #path, __builtin_offsetof(union s, path), sizeof(((union s *)0)->path)         \
	}
/* The bits are those of the value -1 in the field. */
#define BIT_FIELD(s, path)                                                                         \
	IN_BITS const struct {                                                                     \
		char structure[NAME_SIZE];                                                         \
		char member[NAME_SIZE];                                                            \
		union {                                                                            \
			struct s value;                                                            \
			unsigned char bytes[BITS_SIZE];                                            \
		};                                                                                 \
	} JOIN(bits_, __COUNTER__) = { #s, #path, { .value = { .path = -1 } } };

#define REPEAT_8(m, p) m(p##0) m(p##1) m(p##2) m(p##3) m(p##4) m(p##5) m(p##6) m(p##7)
#define REPEAT_64(m, p)                                                                            \
	REPEAT_8(m, p##0)                                                                          \
	REPEAT_8(m, p##1)                                                                          \
	REPEAT_8(m, p##2)                                                                          \
	REPEAT_8(m, p##3)                                                                          \
	REPEAT_8(m, p##4)                                                                          \
	REPEAT_8(m, p##5)                                                                          \
	REPEAT_8(m, p##6)                                                                          \
	REPEAT_8(m, p##7)
#define REPEAT_512(m, p)                                                                           \
	REPEAT_64(m, p##0)                                                                         \
	REPEAT_64(m, p##1)                                                                         \
	REPEAT_64(m, p##2)                                                                         \
	REPEAT_64(m, p##3)                                                                         \
	REPEAT_64(m, p##4)                                                                         \
	REPEAT_64(m, p##5)                                                                         \
	REPEAT_64(m, p##6)                                                                         \
	REPEAT_64(m, p##7)
#define REPEAT_4096(m, p)                                                                          \
	REPEAT_512(m, p##0)                                                                        \
	REPEAT_512(m, p##1)                                                                        \
	REPEAT_512(m, p##2)                                                                        \
	REPEAT_512(m, p##3)                                                                        \
	REPEAT_512(m, p##4)                                                                        \
	REPEAT_512(m, p##5)                                                                        \
	REPEAT_512(m, p##6)                                                                        \
	REPEAT_512(m, p##7)

#ifndef SAMPLE_CXX

/* ---- types ---- */

struct list_entry {
	struct list_entry *flink;
	struct list_entry *blink;
};

struct opaque; /* never defined */

enum mode {
	MODE_KERNEL,
	MODE_USER,
	MODE_NEGATIVE = -1,
	MODE_LOW = -70000,
	MODE_HIGH = 0x7fffffff,
};

typedef struct {
	int inner_a;
	long long inner_b;
} typedefed;

union large_integer {
	struct {
		unsigned long low;
		long high;
	};
	struct {
		unsigned long low;
		long high;
	} u;
	long long quad;
};

struct process {
	char state;
	volatile const unsigned short *where;
	struct list_entry links;
	struct process *parent;
	struct opaque *secret;
	char name[15];
	unsigned char grid[3][5][7];
	struct list_entry heads[4];
	enum mode mode;
	enum mode modes[3];
	const volatile long long times[2];
	typedefed defined;
	union large_integer created;
	void (*callback)(struct process *self, int n);
	double ratio;
	float ratios[2];
	__INTPTR_TYPE__ word;
	_Bool flag;
	__WCHAR_TYPE__ wide[8];
	struct {
		int x;
		struct {
			short y;
			short z[2];
		} deep;
	} unnamed;
	union {
		void *pointer;
		struct {
			unsigned int first;
			unsigned int second;
			union {
				unsigned char bytes[4];
				unsigned int whole;
			};
		};
	};
	int last;
	long flexible[];
};

#pragma pack(push, 1)
struct packed {
	char a;
	int b;
	char c;
	long long d;
	short e;
};
#pragma pack(pop)

struct flags {
	unsigned int one : 1;
	unsigned int five : 5;
	int negative : 10;
	unsigned int : 0;
	unsigned int next : 31;
	unsigned int over : 2;
	unsigned long long wide : 37;
	unsigned long long wider : 27;
	enum mode mode : 4;
	unsigned char small : 3;
	unsigned char smaller : 5;
	_Bool truth : 1;
	union {
		struct {
			unsigned short in_union : 9;
			unsigned short above : 7;
		};
		unsigned short all;
	};
};

struct bits_in_struct {
	long long front;
	struct flags inner;
};

struct empty_end {
	int count;
	struct empty_end *others[];
};

/* Larger than one record can be: its field list is in pieces. */
#define LARGE_MEMBER(name)                                                                         \
	short name;                                                                                \
	char *JOIN(name, _pointer);
#define LARGE_ENUMERATOR(name) name,

struct large {
	REPEAT_4096(LARGE_MEMBER, large_member_)
	int end;
};

enum large_enum { REPEAT_4096(LARGE_ENUMERATOR, ENUMERATOR_OF_LARGE_) LAST_OF_LARGE };

/* ---- the truth ---- */

IN_TRUTH const struct truth truth[] = {
	MEMBER(list_entry, flink),
	MEMBER(list_entry, blink),
	MEMBER(process, state),
	MEMBER(process, where),
	MEMBER(process, links),
	MEMBER(process, links.blink),
	MEMBER(process, parent),
	MEMBER(process, secret),
	MEMBER(process, name),
	MEMBER(process, grid),
	MEMBER(process, heads),
	MEMBER(process, mode),
	MEMBER(process, modes),
	MEMBER(process, times),
	MEMBER(process, defined),
	MEMBER(process, defined.inner_b),
	MEMBER(process, created),
	MEMBER(process, created.low),
	MEMBER(process, created.high),
	MEMBER(process, created.u),
	MEMBER(process, created.u.high),
	MEMBER(process, created.quad),
	MEMBER(process, callback),
	MEMBER(process, ratio),
	MEMBER(process, ratios),
	MEMBER(process, word),
	MEMBER(process, flag),
	MEMBER(process, wide),
	MEMBER(process, unnamed),
	MEMBER(process, unnamed.x),
	MEMBER(process, unnamed.deep),
	MEMBER(process, unnamed.deep.z),
	MEMBER(process, pointer),
	MEMBER(process, first),
	MEMBER(process, second),
	MEMBER(process, bytes),
	MEMBER(process, whole),
	MEMBER(process, last),
	MEMBER(packed, a),
	MEMBER(packed, b),
	MEMBER(packed, c),
	MEMBER(packed, d),
	MEMBER(packed, e),
	MEMBER(flags, all),
	MEMBER(bits_in_struct, inner),
	MEMBER(empty_end, count),
	MEMBER(large, large_member_0000),
	MEMBER(large, large_member_3777),
	MEMBER(large, large_member_7777_pointer),
	MEMBER(large, end),
	UNION_MEMBER(large_integer, high),
	UNION_MEMBER(large_integer, u.high),
	/* Whole structures have no member's name. */
	{ "process", "", 0, sizeof(struct process) },
	{ "packed", "", 0, sizeof(struct packed) },
	{ "flags", "", 0, sizeof(struct flags) },
	{ "large", "", 0, sizeof(struct large) },
	{ "large_integer", "", 0, sizeof(union large_integer) },
	{ "typedefed", "", 0, sizeof(typedefed) },
};

BIT_FIELD(flags, one)
BIT_FIELD(flags, five)
BIT_FIELD(flags, negative)
BIT_FIELD(flags, next)
BIT_FIELD(flags, over)
BIT_FIELD(flags, wide)
BIT_FIELD(flags, wider)
BIT_FIELD(flags, mode)
BIT_FIELD(flags, small)
BIT_FIELD(flags, smaller)
BIT_FIELD(flags, truth)
BIT_FIELD(flags, in_union)
BIT_FIELD(flags, above)
BIT_FIELD(bits_in_struct, inner.negative)
BIT_FIELD(bits_in_struct, inner.wider)
BIT_FIELD(bits_in_struct, inner.above)

/* ---- symbols ---- */

#define EXPORTED __declspec(dllexport)

struct process initial_process;
struct large the_large_one;
struct flags some_flags;
struct bits_in_struct more_flags;
struct empty_end the_end;
struct packed a_packed_one;
enum large_enum large_value;
static int hidden_counter;
EXPORTED int exported_data = 3;
int _underscored;
int _fltused; /* compilers want it where there are floating-point numbers */

EXPORTED void *__stdcall ExAllocatePoolWithTag(int type, __SIZE_TYPE__ bytes, unsigned long tag)
{
	return (char *)&initial_process + type + bytes + tag;
}

EXPORTED int __fastcall KfFast(int a, int b)
{
	return a + b + hidden_counter++;
}

int __cdecl plain_function(int a)
{
	return a + _underscored + (int)large_value;
}

int __vectorcall vectored(int a)
{
	return (int)a;
}

__attribute__((section("PAGE"))) int paged_function(struct process *process)
{
	return process->last + some_flags.one + (int)more_flags.front;
}

int start(void)
{
	return KfFast(1, 2) + plain_function(3) + vectored(1) + paged_function(&initial_process) +
	       (ExAllocatePoolWithTag(0, 16, 0x20776f57) != 0) + the_large_one.end + the_end.count +
	       a_packed_one.b;
}

#else

/* ---- classes ---- */

class base
{
      public:
	int base_member;
	virtual int answer();
	virtual ~base();
	static int counted;
	enum inside { INSIDE_ONE = 1, INSIDE_BIG = 1 << 20 };
	inside in;
	struct nested {
		char letter;
		long long number;
	} nested_member;
};

class second
{
      public:
	short second_member;
	void overloaded(int);
	void overloaded(char);
};

class derived : public base, public second
{
	friend class second;

      public:
	char own;
	int answer() override;
	virtual int pure_like() const;
	int second::*to_member;
	int &reference;
	derived(int &r) : reference(r)
	{
	}
};

class by_virtual : public virtual second
{
      public:
	int v;
};

template <typename T> struct pair_of {
	T left, right;
};

enum class scoped : unsigned char { SCOPED_A, SCOPED_B = 200 };
enum wide : long long { WIDE_LOW = -0x123456789all, WIDE_HIGH = 0x123456789all };

int base::counted = 1;
int base::answer()
{
	return base_member + in + (int)nested_member.number;
}
base::~base()
{
}
void second::overloaded(int)
{
}
void second::overloaded(char)
{
}
int derived::answer()
{
	return own;
}
int derived::pure_like() const
{
	return 1;
}
void operator delete(void *) noexcept
{
}
void operator delete(void *, __SIZE_TYPE__) noexcept
{
}

pair_of<int> ints;
pair_of<pair_of<char>> pairs;
scoped a_scoped;
wide a_wide;
by_virtual *virtually;

extern "C" int start()
{
	derived d(base::counted);

	d.overloaded(1);
	return d.answer() + d.pure_like() + ints.left + pairs.left.right + (int)a_scoped +
	       (int)a_wide + (virtually ? virtually->v : 0);
}

/* What the C++ runtime would have. */
extern "C" int _purecall()
{
	return 0;
}
extern "C" void *type_info_table[2] = {};
extern "C" int _fltused = 0;

#endif
