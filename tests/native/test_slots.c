/* test_slots.c - the kernel table itself: nothing in it is missing, and each kernel that takes plain arrays gives what the
 * portable one gives for every length up to more than four vectors, against guard pages on both sides. */
#include "slots.h"

#include "check_run.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define MOST_LENGTH 70 /* more than the 64 elements of four of the widest vectors, which is the longest step of a loop */

/* The table again, from the list: a member that the list lacks, or has in another place, makes them differ. */
typedef struct listed_kernels {
#define DATA(type, name) type name;
#define NAMED(name) const char *name;
#define KERNEL(name) void (*name)(void);
    SLOTS(DATA, NAMED, KERNEL, KERNEL)
#undef DATA
#undef NAMED
#undef KERNEL
} listed_kernels;

#define IN_PLACE(name) _Static_assert(offsetof(listed_kernels, name) == offsetof(cnn_kernels, name), "list " #name);
#define DATA(type, name) IN_PLACE(name)
SLOTS(DATA, IN_PLACE, IN_PLACE, IN_PLACE)
#undef DATA
_Static_assert(sizeof(listed_kernels) == sizeof(cnn_kernels), "a member of the table is not in slots.h");

static void check_present(const cnn_kernels *table)
{
    check_case("%s: the table is full", cnn_isa_name(table->isa));
#define DATA(type, name)                                                                                                    \
    CHECK(offsetof(cnn_kernels, name) == offsetof(cnn_kernels, isa) || (int32_t)table->name > 0, "there is no %s", #name);
#define NAMED(name) CHECK(table->name && table->name[0], "there is no %s", #name);
#define KERNEL(name) CHECK(table->name != NULL, "there is no %s", #name);
    SLOTS(DATA, NAMED, KERNEL, KERNEL)
#undef DATA
#undef NAMED
#undef KERNEL
}

typedef struct slot_case {
    const char *name;
    void (*run)(slot_room *room);
    size_t place;
} slot_case;

static const slot_case slot_cases[] = {
#define COMPARED(name) {#name, slot_##name, offsetof(cnn_kernels, name)},
    SLOTS(SLOT_NOTHING_2, SLOT_NOTHING, COMPARED, SLOT_NOTHING)
#undef COMPARED
};

/* Whether the kernel is never called for no elements: these begin with the first one. */
static int needs_elements(const slot_case *slot)
{
    return slot->place == offsetof(cnn_kernels, softmax_rows) || slot->place == offsetof(cnn_kernels, sum_of_exponentials) ||
           slot->place == offsetof(cnn_kernels, convolve_tile) || slot->place == offsetof(cnn_kernels, multiply_plain);
}

double slot_sum_bound(int64_t terms)
{
    return (double)(terms + 2) * (double)(terms > 0 ? terms : 1) * SLOT_UNIT;
}

float *slot_empty(const slot_room *room, int64_t count)
{
    /* What is empty still has an element, which is stepped over. */
    return check_floats(count, room->side) + (count <= 0 && room->side == CHECK_END);
}

float *slot_given(slot_room *room, int64_t count)
{
    float *made = slot_empty(room, count);
    for (int64_t i = 0; i < count; i++)
        made[i] = check_uniform(&room->random, -1, 1);
    return made;
}

float *slot_copy(const slot_room *room, const float *of, int64_t count)
{
    float *made = slot_empty(room, count);
    for (int64_t i = 0; i < count; i++)
        made[i] = of[i];
    return made;
}

float *slot_matrix(slot_room *room, int64_t rows, int64_t columns, int64_t stride)
{
    float *made = slot_empty(room, rows > 0 && columns > 0 ? (rows - 1) * stride + columns : 0);
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < columns; c++)
            made[r * stride + c] = check_uniform(&room->random, -1, 1);
    return made;
}

void slot_near(const float *found, const float *expected, int64_t count, double bound, const char *what)
{
    for (int64_t i = 0; i < count; i++)
        if (!check_near(found[i], expected[i], bound, what, i)) return;
}

static void compare(const cnn_kernels *tested, const slot_case *slot, int64_t count)
{
    if (count == 0 && needs_elements(slot)) return;
    for (check_side side = CHECK_END; side <= CHECK_START; side++) {
        slot_room room = {tested, cnn_kernels_for(CNN_ISA_SCALAR), count, side, {(uint64_t)count * 2 + (uint64_t)side}};
        check_case("%s: %s of %lld elements, %s", cnn_isa_name(tested->isa), slot->name, (long long)count,
                   side == CHECK_END ? "up to a page's end" : "from a page's start");
        slot->run(&room);
        check_release();
    }
}

void test_slots(void)
{
    static const int64_t longer[] = {97, 127, 128, 129, 257, 515, 1100}; /* losses are added up 512 at a time */
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t isa_count = check_isas(isas);
    for (int32_t i = 0; i < isa_count; i++) {
        const cnn_kernels *tested = cnn_kernels_for(isas[i]);
        check_present(tested);
        if (isas[i] == CNN_ISA_SCALAR) continue; /* against itself */
        for (size_t s = 0; s < sizeof slot_cases / sizeof *slot_cases; s++) {
            for (int64_t count = 0; count <= MOST_LENGTH; count++)
                compare(tested, &slot_cases[s], count);
            for (size_t n = 0; n < sizeof longer / sizeof *longer; n++)
                compare(tested, &slot_cases[s], longer[n]);
        }
    }
}
