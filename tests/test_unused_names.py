"""A public name is used by production code: what only tests use belongs to the tests."""

import ast
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["root_packages"]

# Names that libraries look up, by the library. Alembic's are those of the migrations.
HOOKS = {
    "aiodataloader": {
        "engine.loading.batch_loader.BatchLoader.batch_load_fn",
        "engine.loading.batch_loader.BatchLoader.do_resolve_reject",
        "engine.loading.batch_loader.BatchLoader.get_cache_key",
    },
    "asyncio": {"server.transport.counting_transport.CountingTransport.writelines"},
    "asyncpg": {"db.core.pooled_connection.PooledConnection.get_reset_query"},
    "click": {
        "server.cli._Commands.get_command",
        "server.cli._Commands.list_commands",
        "server.cli.books.import_",
        *(f"server.cli.documents.{name}" for name in ("documents", "list_", "push", "state")),
        *(f"server.cli.user.{name}" for name in ("list_", "promote", "show")),
        *(
            f"server.cli.{name}.{name}"
            for name in ("distribute", "env", "migrate", "prepare", "seed", "serve", "statistics", "worker")
        ),
    },
    "generated code": {"engine.run.context.ExecutionContext.values_known_to"},
    "graphql-core": {
        "engine.plan.arguments._Variables.enter_variable",
        "engine.request.document_lints._LintVisitor.enter_field",
        "engine.request.document_lints._LintVisitor.enter_fragment_definition",
        "engine.request.document_lints._LintVisitor.enter_operation_definition",
        "engine.request.document_lints._LintVisitor.leave_field",
        "engine.plan.cached_fields._VariableRenumbering.enter_variable",
        "engine.request.used_parts.PartsVisitor.enter_argument",
        "engine.request.used_parts.PartsVisitor.enter_directive",
        "engine.request.used_parts.PartsVisitor.enter_enum_value",
        "engine.request.used_parts.PartsVisitor.enter_field",
        "engine.request.used_parts.PartsVisitor.enter_named_type",
        "engine.request.used_parts.PartsVisitor.enter_object_field",
        "engine.request.used_parts.PartsVisitor.enter_operation_definition",
        "engine.request.literal_checks._LiteralVisitor.enter_float_value",
        "engine.request.literal_checks._LiteralVisitor.enter_int_value",
        "engine.request.literal_checks._LiteralVisitor.enter_string_value",
        "engine.request.validation.BoundedOverlappingFieldsRule.leave_document",
        "engine.run.resolve_info.ResolveInfo.field_nodes",
        "engine.run.resolve_info.ResolveInfo.return_type",
    },
    "http.server": {"server.observability.metrics_server._Handler.log_message"},
    "httptools": {
        "server.transport.protocol.HttpProtocol.on_chunk_header",
        "server.transport.protocol.HttpProtocol.on_headers_complete",
        "server.transport.protocol.HttpProtocol.on_response_complete",
    },
    "io": {
        *(f"common.object_storage._ObjectReader.{name}" for name in ("readable", "readall", "readinto", "seekable")),
        "content.shinjp_export._Pieces.readinto",
    },
    "logging": {"server.observability.logging._LibraryHandler.emit"},
    "pydantic-settings": {
        "server.rate_limit_table.RateLimitTable.get_field_value",
        "server.setting_fields.SettingFields.settings_customise_sources",
    },
    "redis-py": {
        "cache.redis.client._FirstArgumentIsKey.get_keys",
        "cache.redis.client._FirstArgumentIsKey.initialize",
        "cache.redis.client._Pool.get_connection",
    },
    "SQLAlchemy": {"db.tables.base.TransactionId.get_col_spec"},
    "Starlette": {
        "server.app._Application.build_middleware_stack",
        "server.http.cors._OriginCORSMiddleware.is_allowed_origin",
    },
    "Strawberry": {"schema.permissions._Permission.has_permission"},
    "uvicorn": {
        "server.supervisor.Supervisor.handle_ttin",
        "server.supervisor.Supervisor.restart_all",
        "server.transport.websocket_protocol.WebSocketProtocol",
    },
}
ALLOWED = {name for names in HOOKS.values() for name in names}


class Module:
    """The names that a module defines, and those that it refers to."""

    def __init__(self, name: str, tree: ast.Module) -> None:
        self.name = name
        self.tree = tree
        # Including words in string literals: annotations in quotes, arguments of getattr.
        nodes = list(ast.walk(tree))
        self.words = {word for node in nodes for word in _words(node)}
        if name.startswith("schema."):
            # Strawberry reads a field without a resolver from the attribute of its name.
            self.words |= {target.id for node in nodes if isinstance(target := _annotated(node), ast.Name)}
        self.attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        self.imports = [node for node in nodes if isinstance(node, ast.ImportFrom)]

    def functions_and_values(self) -> Iterator[str]:
        for node in self.tree.body:
            match node:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    yield name
                case ast.AnnAssign(target=ast.Name(id=name)):
                    yield name
                case ast.Assign(targets=targets):
                    yield from (target.id for target in targets if isinstance(target, ast.Name))

    def methods(self) -> Iterator[tuple[str, str]]:
        for class_ in self.tree.body:
            if isinstance(class_, ast.ClassDef):
                for node in class_.body:
                    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                        yield class_.name, node.name


def _annotated(node: ast.AST) -> ast.expr | None:
    return node.target if isinstance(node, ast.AnnAssign) else None


def _words(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name) | ast.keyword(arg=str(name)):
            yield name
        case ast.Constant(value=str(text)) if len(text) < 200:
            yield from text.replace("[", " ").replace("]", " ").replace(".", " ").replace(",", " ").split()


def unused(modules: list[Module]) -> Iterator[str]:
    """The public names that no module refers to: methods by their name, all others by imports of their module."""
    words = {word for module in modules for word in module.words}
    imported: defaultdict[str, set[str]] = defaultdict(set)
    for module in modules:
        for node in module.imports:
            # `from schema import books` makes the attributes of `books` names of `schema.books`.
            for alias in node.names:
                imported[node.module or ""].add(alias.name)
                imported[f"{node.module}.{alias.name}"] |= module.attributes
    for module in modules:
        for name in module.functions_and_values():
            if not name.startswith("_") and name not in module.words and name not in imported[module.name]:
                yield f"{module.name}.{name}"
        for class_, name in module.methods():
            if not name.startswith("_") and name not in words:
                yield f"{module.name}.{class_}.{name}"


@cache
def read_modules() -> list[Module]:
    modules = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "node_modules" not in path.parts:
                name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
                modules.append(Module(name, ast.parse(path.read_text())))
    return modules


def test_public_names_are_used() -> None:
    found = {name for name in unused(read_modules()) if not name.startswith("db.migrations.versions.")}
    assert sorted(found - ALLOWED) == []


def test_allowed_names_exist() -> None:
    names = {f"{module.name}.{name}" for module in read_modules() for name in module.functions_and_values()}
    names |= {f"{module.name}.{'.'.join(method)}" for module in read_modules() for method in module.methods()}
    assert sorted(ALLOWED - names) == []


def test_unused_names_are_found() -> None:
    books = Module(
        "books", ast.parse("class Book:\n def read(self): ...\n def take(self): ...\nLIMIT = 1\ndef find(): ...")
    )
    shelf = Module("shelf", ast.parse("from books import Book\nBook().read()\nfind = lambda: 1\nfind()"))
    assert list(unused([books, shelf])) == ["books.LIMIT", "books.find", "books.Book.take"]
