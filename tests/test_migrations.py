"""Migrations stand alone, whatever becomes of today's code, and go on from where a database is."""

import ast
import sys
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.exceptions import NodeNotFoundError
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

ROOT = Path(__file__).resolve().parents[1]
MIGRATIONS = sorted(ROOT.glob("*/migrations/0*.py"))


@pytest.mark.parametrize("path", MIGRATIONS, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_migration_imports_no_live_code(path: Path):
    nodes = list(ast.walk(ast.parse(path.read_text())))
    modules = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module or "." for node in nodes if isinstance(node, ast.ImportFrom)}

    packages = {module.partition(".")[0] for module in modules}
    assert packages <= {"django", "pgvector"} | sys.stdlib_module_names


@pytest.mark.django_db
def test_a_database_that_has_all_replaced_migrations_has_nothing_to_do():
    for app, name in MigrationLoader(connection).replacements:
        MigrationRecorder(connection).record_unapplied(app, name)

    executor = MigrationExecutor(connection)

    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []


@pytest.mark.django_db
def test_a_database_that_has_only_some_of_them_is_refused():
    MigrationRecorder(connection).record_unapplied("papers", "0028_empty_searches")

    with pytest.raises(NodeNotFoundError, match="0028_empty_searches"):
        MigrationLoader(connection)
