"""`shinjp books`: adds texts to the catalogue."""

from pathlib import Path

import click

from domain.enums import BookTextFormat, JlptLevel
from server.cli.databases import database_servers, echo, migrate_database, owner_url
from server.settings import Settings


@click.group()
def books() -> None:
    """Add texts to the catalogue."""


@books.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--title", help="Title in Japanese; the default is that of the file's header.")
@click.option("--author", help="Author; the default is that of the file's header.")
@click.option("--level", type=click.Choice([level.value for level in JlptLevel]), help="JLPT level of a new book.")
@click.option("--description", help="Description in English of a new book.")
@click.option(
    "--format",
    "format_",
    type=click.Choice([format.value.lower() for format in BookTextFormat]),
    default=BookTextFormat.AOZORA.value.lower(),
    show_default=True,
    help="Whether 《》, ［＃］ and a header have their meaning in Aozora Bunko's format.",
)
@click.option("--publish", is_flag=True, help="Publish the book, unless it is.")
def import_(
    file: Path,
    title: str | None,
    author: str | None,
    level: str | None,
    description: str | None,
    format_: str,
    publish: bool,
) -> None:
    """Add the text in FILE to the book with this title and author, or create one.

    FILE is text in UTF-8 or Shift-JIS, or a ZIP archive that contains it.
    """
    from content.book_import import BookDetails, MissingDetails, import_book
    from domain.annotated_text import TextError

    details = BookDetails(
        title=title,
        author=author,
        level=JlptLevel(level) if level else None,
        description=description,
        publish=publish,
    )
    with database_servers(Settings.load()) as settings:
        migrate_database(settings)
        try:
            book = import_book(owner_url(settings), file, BookTextFormat(format_.upper()), details)
        except TextError as error:
            raise click.ClickException("\n".join(f"{file}: {problem}" for problem in error.problems)) from None
        except (MissingDetails, OSError) as error:
            raise click.ClickException(str(error)) from None
    verb = "Created" if book.created else "Updated"
    echo(f"{verb} {book.title} by {book.author}: {book.page_count} pages.")
