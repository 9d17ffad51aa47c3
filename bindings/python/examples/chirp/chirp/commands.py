"""The commands of whoever runs chirp: `flask --app chirp init-db`, `add-person`, `set-password`."""

from __future__ import annotations

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from chirp import auth, people
from chirp import db as database


def init_app(app: Flask) -> None:
    """Add the commands."""
    for command in (init_db, add_person, set_password):
        app.cli.add_command(command)


@click.command("init-db")
@with_appcontext
def init_db() -> None:
    """Create the database. Safe to run again."""
    database.prepare(current_app.config["CHIRP_DATABASE"])
    click.echo(f"The database is ready: {current_app.config['CHIRP_DATABASE']}")


@click.command("add-person")
@with_appcontext
@click.argument("name")
@click.password_option()
@click.option("--display-name", default="")
@click.option("--federated", is_flag=True, help="They agree to be reachable from other sites.")
def add_person(name: str, password: str, display_name: str, federated: bool) -> None:
    """Sign somebody up."""
    try:
        with database.transaction() as db:
            person = people.sign_up(db, name, password, display_name=display_name, federated=federated)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{person.handle} can log in now.")


@click.command("set-password")
@with_appcontext
@click.argument("name")
@click.password_option()
def set_password(name: str, password: str) -> None:
    """Give somebody a new password and end their sessions."""
    with database.transaction() as db:
        person = people.by_handle(db, name)
        if person is None or not person.local:
            raise click.ClickException(f"There is nobody called {name} here.")
        try:
            auth.set_password(db, person, password)
        except ValueError as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"{person.handle} has a new password.")
