/* test_buffers.c - lifetimes of buffers and views, and how wrong sizes and null pointers are refused. */
#include "check.h"
#include "check_run.h"

#include <stdint.h>
#include <string.h>

static void check_views_outlive_their_parent(void)
{
    cnn_buffer *parent = NULL, *view = NULL, *inner = NULL;
    check_case("views outlive their parent");
    CHECK_OK(cnn_buffer_create(400, &parent, &check_error));
    CHECK((uintptr_t)cnn_buffer_data(parent) % 64 == 0, "data at %p", cnn_buffer_data(parent));
    CHECK(cnn_buffer_bytes(parent) == 400, "%lld bytes", (long long)cnn_buffer_bytes(parent));
    CHECK_OK(cnn_buffer_fill(parent, 3.5f, &check_error));
    CHECK_OK(cnn_buffer_view(parent, 40, 80, &view, &check_error));
    CHECK_OK(cnn_buffer_view(view, 8, 8, &inner, &check_error));
    cnn_buffer_destroy(parent);
    CHECK_OK(cnn_buffer_fill(view, -1.0f, &check_error));
    cnn_buffer_destroy(view);
    CHECK(check_data(inner)[0] == -1 && check_data(inner)[1] == -1, "found %g", (double)check_data(inner)[0]);
    CHECK(cnn_buffer_bytes(inner) == 8, "%lld bytes", (long long)cnn_buffer_bytes(inner));
    cnn_buffer_destroy(inner);
    cnn_buffer_destroy(NULL);
}

static void check_fill_keeps_the_rest(void)
{
    check_case("fill writes whole elements only");
    for (int64_t bytes = 1; bytes < 80; bytes++) {
        cnn_buffer *buffer = NULL;
        CHECK_OK(cnn_buffer_create(bytes, &buffer, &check_error));
        memset(cnn_buffer_data(buffer), 0x55, (size_t)bytes);
        CHECK_OK(cnn_buffer_fill(buffer, 1.0f, &check_error));
        const unsigned char *data = cnn_buffer_data(buffer);
        for (int64_t i = 0; i < bytes; i++) {
            const unsigned char one[] = {0, 0, 0x80, 0x3f};
            const unsigned char expected = i < bytes / 4 * 4 ? one[i % 4] : 0x55;
            CHECK(data[i] == expected, "byte %lld of %lld is %d", (long long)i, (long long)bytes, data[i]);
        }
        cnn_buffer_destroy(buffer);
    }
}

static void check_wrong_buffers(void)
{
    static const struct {
        int64_t offset, bytes;
        cnn_status status;
    } views[] = {{-4, 8, CNN_INVALID_ARGUMENT}, {2, 4, CNN_INVALID_ARGUMENT},        {0, 0, CNN_INVALID_ARGUMENT},
                 {0, -1, CNN_INVALID_ARGUMENT}, {0, 68, CNN_BUFFER_TOO_SMALL},       {64, 4, CNN_BUFFER_TOO_SMALL},
                 {60, 8, CNN_BUFFER_TOO_SMALL}, {4, INT64_MAX, CNN_BUFFER_TOO_SMALL}};
    float memory[4] = {0};
    cnn_buffer *buffer = NULL, *view = NULL;
    check_case("wrong buffers");
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_buffer_create(0, &buffer, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_buffer_create(-5, &buffer, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_buffer_create(8, NULL, &check_error));
    CHECK_STATUS(CNN_OUT_OF_MEMORY, cnn_buffer_create(INT64_MAX, &buffer, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_buffer_wrap(NULL, 8, &buffer, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_buffer_wrap((char *)memory + 1, 8, &buffer, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_buffer_wrap(memory, 0, &buffer, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_buffer_view(NULL, 0, 4, &view, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_buffer_fill(NULL, 1, &check_error));
    CHECK(buffer == NULL, "a failing call wrote its result");
    CHECK_OK(cnn_buffer_create(64, &buffer, &check_error));
    for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
        check_case("view of %lld bytes at %lld", (long long)views[i].bytes, (long long)views[i].offset);
        CHECK_STATUS(views[i].status, cnn_buffer_view(buffer, views[i].offset, views[i].bytes, &view, &check_error));
        CHECK(view == NULL, "a failing call wrote its result");
    }
    CHECK(cnn_buffer_create(-5, &view, NULL) == CNN_INVALID_ARGUMENT, "the error record may be null");
    cnn_buffer_destroy(buffer);
}

void test_buffers(void)
{
    check_views_outlive_their_parent();
    check_fill_keeps_the_rest();
    check_wrong_buffers();
}
