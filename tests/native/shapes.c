/* shapes.c - reading convolutions from a CSV file, by the names in its first line, and making them smaller: lists from
 * elsewhere have shapes that no test has the time for. */
#include "shapes.h"

#include "reference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_LINE 1024
#define MOST_FIELDS 64

enum { SET, NAME, N, G, IC, OC, ID, IH, IW, KD, KH, KW, OH, OW, SH, SW, PT, PB, PL, PR, DH, DW, COLUMNS };
static const char *const column_names[COLUMNS] = {"set", "name", "n",  "g",  "ic", "oc", "id", "ih", "iw", "kd", "kh",
                                                  "kw",  "oh",   "ow", "sh", "sw", "pt", "pb", "pl", "pr", "dh", "dw"};

/* Cuts the line at its commas. There are no quotes in these files. */
static int split(char *line, char **fields)
{
    int count = 0;
    line[strcspn(line, "\r\n")] = 0;
    for (char *field = line; field && count < MOST_FIELDS;) {
        char *comma = strchr(field, ',');
        fields[count++] = field;
        if (comma) *comma = 0;
        field = comma ? comma + 1 : NULL;
    }
    return count;
}

static int find_columns(char *line, int *places)
{
    char *fields[MOST_FIELDS];
    const int count = split(line, fields);
    for (int column = 0; column < COLUMNS; column++) {
        places[column] = -1;
        for (int i = 0; i < count; i++)
            if (strcmp(fields[i], column_names[column]) == 0) places[column] = i;
        if (places[column] < 0) {
            fprintf(stderr, "checkcnn: the shapes have no column '%s'\n", column_names[column]);
            return 0;
        }
    }
    return 1;
}

static cnn_conv2d_desc describe(const int32_t *value)
{
    cnn_conv2d_desc desc;
    cnn_conv2d_desc_init(&desc);
    desc.batch = value[N];
    desc.groups = value[G];
    desc.input_channels = value[IC];
    desc.output_channels = value[OC];
    desc.input_height = value[IH];
    desc.input_width = value[IW];
    desc.kernel_height = value[KH];
    desc.kernel_width = value[KW];
    desc.stride_height = value[SH];
    desc.stride_width = value[SW];
    desc.dilation_height = value[DH];
    desc.dilation_width = value[DW];
    desc.padding_top = value[PT];
    desc.padding_bottom = value[PB];
    desc.padding_left = value[PL];
    desc.padding_right = value[PR];
    return desc;
}

static int is_known(const shape_list *list, const cnn_conv2d_desc *desc)
{
    for (int32_t i = 0; i < list->count; i++)
        if (memcmp(&list->rows[i].desc, desc, sizeof *desc) == 0) return 1;
    return 0;
}

/* Adds a line. Returns 0 where it is not a convolution, or not the one whose output size it states. */
static int add_line(shape_list *list, char *line, const int *places)
{
    char *fields[MOST_FIELDS];
    int32_t value[COLUMNS] = {0};
    const int count = split(line, fields);
    for (int column = 0; column < COLUMNS; column++) {
        char *end = NULL;
        if (places[column] >= count) return 0;
        if (column <= NAME) continue;
        value[column] = (int32_t)strtol(fields[places[column]], &end, 10);
        if (end == fields[places[column]] || *end) return 0;
    }
    const cnn_conv2d_desc desc = describe(value);
    if (value[ID] != 1 || value[KD] != 1 || is_known(list, &desc)) {
        list->left_out++;
        return 1;
    }
    if (shape_output_height(&desc) != value[OH] || shape_output_width(&desc) != value[OW]) return 0;
    shape_row *grown = realloc(list->rows, (size_t)(list->count + 1) * sizeof *grown);
    if (!grown) return 0;
    list->rows = grown;
    snprintf(grown[list->count].name, sizeof grown->name, "%.30s %.40s", fields[places[SET]], fields[places[NAME]]);
    grown[list->count++].desc = desc;
    return 1;
}

int shape_list_read(shape_list *list, const char *path)
{
    char line[MOST_LINE];
    int places[COLUMNS], number = 1;
    *list = (shape_list){NULL, 0, 0};
    FILE *file = fopen(path, "r");
    if (!file) {
        fprintf(stderr, "checkcnn: '%s' cannot be read\n", path);
        return 0;
    }
    int good = fgets(line, sizeof line, file) && find_columns(line, places);
    while (good && fgets(line, sizeof line, file)) {
        number++;
        good = add_line(list, line, places);
        if (!good) fprintf(stderr, "checkcnn: line %d of '%s' is not a convolution\n", number, path);
    }
    fclose(file);
    if (!good) shape_list_free(list);
    return good;
}

void shape_list_free(shape_list *list)
{
    free(list->rows);
    *list = (shape_list){NULL, 0, 0};
}

int shape_list_shared(char *path, size_t size)
{
    const char *folder = getenv("CNN_SHARED_DATA");
    if (!folder || !*folder) return 0;
    snprintf(path, size, "%s/conv-shapes/onednn.csv", folder);
    FILE *file = fopen(path, "r");
    if (!file) return 0;
    fclose(file);
    return 1;
}

int64_t shape_output_height(const cnn_conv2d_desc *d)
{
    return reference_place(d->padding_mode, d->input_height, d->kernel_height, d->stride_height, d->dilation_height,
                           d->padding_top, d->padding_bottom, 0)
        .output;
}

int64_t shape_output_width(const cnn_conv2d_desc *d)
{
    return reference_place(d->padding_mode, d->input_width, d->kernel_width, d->stride_width, d->dilation_width,
                           d->padding_left, d->padding_right, 0)
        .output;
}

static double filter(const cnn_conv2d_desc *d)
{
    return (double)d->kernel_height * d->kernel_width * ((double)d->input_channels / d->groups) * d->output_channels;
}

double shape_work(const cnn_conv2d_desc *d)
{
    return (double)d->batch * (double)shape_output_height(d) * (double)shape_output_width(d) * filter(d);
}

double shape_largest_tensor(const cnn_conv2d_desc *d)
{
    const double input = (double)d->batch * d->input_height * d->input_width * d->input_channels;
    const double output =
        (double)d->batch * (double)shape_output_height(d) * (double)shape_output_width(d) * d->output_channels;
    const double larger = input > output ? input : output;
    return larger > filter(d) ? larger : filter(d);
}

int shape_shrink(cnn_conv2d_desc *desc, double most)
{
    int shrunk = 0;
    while (shape_work(desc) > most) {
        cnn_conv2d_desc next = *desc;
        int32_t *const longer = next.input_height > next.input_width ? &next.input_height : &next.input_width;
        if (next.batch > 1)
            next.batch = next.batch > 3 ? 3 : next.batch - 1;
        else
            *longer -= (*longer + 7) / 8;
        if (next.input_height < 1 || next.input_width < 1) break;
        if (shape_output_height(&next) < 1 || shape_output_width(&next) < 1) break;
        *desc = next;
        shrunk = 1;
    }
    return shrunk;
}
