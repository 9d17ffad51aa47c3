/* The forms: what the board's people do. Every form asks for name and password: there is no session to steal, and a form
 * on another site can do nothing. */
#ifndef FORMS_H
#define FORMS_H

#include <sqlite3.h>

#include "server.h"

/* Does what a form says. Gives the status; with 303 also the place to go to. */
unsigned do_form(struct request *request, sqlite3 *db, char place[64]);

#endif
