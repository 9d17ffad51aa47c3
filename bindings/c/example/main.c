/* board: a bulletin board for a few people, and its federation.
 *
 *     board init
 *     board add NAME [DISPLAY NAME]      the password is the first line of standard input
 *     board serve HOST:PORT [PEM]        with TLS when a file with key and certificates is given
 *     board work                         the delivery worker alone, beside `serve` with BOARD_WORKERS=0
 *
 * Settings: BOARD_DATABASE, BOARD_NAME; with federation also BOARD_ORIGIN, BOARD_POLICY, BOARD_WORKERS and
 * SSL_CERT_FILE. Built with -DALONE it is the board as it was before. */

#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "guests.h"
#include "pages.h"
#include "server.h"
#include "sql.h"
#ifndef ALONE
#include "federate.h"
#include "inbound.h"
#include "worker.h"
#endif

static const char *setting(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : otherwise;
}

static int add(sqlite3 *db, const char *name, const char *display_name)
{
    char password[256] = "";
    if (fgets(password, sizeof password, stdin) == NULL)
        return -1;
    password[strcspn(password, "\r\n")] = '\0';
    return board_add_person(db, name, display_name, password);
}

/* Waits for SIGTERM or SIGINT, which every thread has blocked. */
static void wait_for_the_end(const sigset_t *ends)
{
    int which;
    sigwait(ends, &which);
}

#ifdef ALONE

static int serve(const char *listen, const char *pem, const sigset_t *ends)
{
    struct MHD_Daemon *daemon = server_start(listen, pem, pages, NULL);
    if (daemon == NULL)
        return 1;
    wait_for_the_end(ends);
    MHD_stop_daemon(daemon);
    return 0;
}

#else

/* The server, the worker, or both. `listen` is NULL for the worker alone. */
static int serve(const char *listen, const char *pem, const sigset_t *ends)
{
    struct settings settings = {
        setting("BOARD_ORIGIN", "http://localhost:8080"),
        setting("BOARD_NAME", "Board"),
        setting("BOARD_DATABASE", "board.sqlite"),
        setting("BOARD_POLICY", "strict"),
        setting("SSL_CERT_FILE", NULL),
    };
    struct federation *federation = federate(&settings);
    struct MHD_Daemon *daemon = NULL;
    int workers = atoi(setting("BOARD_WORKERS", "2"));
    int well = federation != NULL
               && (listen == NULL || (daemon = server_start(listen, pem, pages, inbound(federation))) != NULL)
               && worker_start(federation, listen == NULL && workers == 0 ? 2 : workers) == 0;
    if (well)
        wait_for_the_end(ends);
    if (federation != NULL)
        atomic_store(&federation->network.stopping, 1);
    if (daemon != NULL)
        MHD_stop_daemon(daemon);
    worker_stop();
    if (federation != NULL)
        federate_no_more();
    return well ? 0 : 1;
}

#endif

int main(int count, char **words)
{
    const char *command = count > 1 ? words[1] : "";
    sqlite3 *db = sql_open(setting("BOARD_DATABASE", "board.sqlite"));
    sigset_t ends;
    int ready = db != NULL && board_create(db) == 0 && guests_create(db) == 0, status = 2;

    /* Before the first thread, so that all of them inherit it. */
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    signal(SIGPIPE, SIG_IGN);
    pages_open(setting("BOARD_DATABASE", "board.sqlite"), setting("BOARD_NAME", "Board"));

    if (!ready)
        status = 1;
    else if (strcmp(command, "init") == 0)
        status = 0;
    else if (strcmp(command, "add") == 0 && count > 2)
        status = add(db, words[2], count > 3 ? words[3] : words[2]) == 0 ? 0 : 1;
    sqlite3_close(db);
    if (ready && strcmp(command, "serve") == 0 && count > 2)
        status = serve(words[2], count > 3 ? words[3] : NULL, &ends);
#ifndef ALONE
    else if (ready && strcmp(command, "work") == 0)
        status = serve(NULL, NULL, &ends);
#endif
    if (status == 2)
        fprintf(stderr, "usage: board init | add NAME [DISPLAY NAME] | serve HOST:PORT [PEM] | work\n");
    return status;
}
