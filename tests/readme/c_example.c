/* Around the README's lines of C: what they take for granted. Signs with the key in the file that is named. */
#include <fedigraft.h>
#include <stdio.h>
#include <time.h>

static void send_it(const uint8_t *data, size_t len)
{
    printf("%.*s\n", (int)len, (const char *)data);
}

int main(int count, char **arguments)
{
    static uint8_t pem[8192];
    FILE *file = count == 2 ? fopen(arguments[1], "rb") : NULL;
    size_t pem_len = file ? fread(pem, 1, sizeof pem, file) : 0;
    const uint8_t head[] =
        "{\"method\":\"POST\",\"target\":\"/inbox\",\"headers\":[[\"Host\",\"you.example\"],"
        "[\"Content-Type\",\"application/activity+json\"]]}";
    const uint8_t body[] = "{}";
    const size_t head_len = sizeof head - 1, body_len = sizeof body - 1;
    if (file) fclose(file);
#include "example.h"
    return 0;
}
