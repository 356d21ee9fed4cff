"""The number of statements does not depend on the number of parents."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from domain.ids import global_id
from schema import schema
from tests.clients import Client, client_of
from tests.databases import column, created, execute
from tests.import_samples import ANALYZED_IMPORT
from tests.schema.selections import (
    ListField,
    composite_fields,
    element_type,
    field_selection,
    leaves,
    lists_from_root,
)

PARENTS = 50
LISTS = list(lists_from_root(schema._schema))

# Every list gets more than fifty rows, and every row related rows of all kinds: a null would hide a statement. All rows
# belong to the administrator, who may see all fields.
FILL = """
    create temporary table me as select id from users where subject = 'admin';
    insert into cards (id, user_id, vocabulary_id, state, due_at, interval_days, ease_factor, repetitions, lapses)
        select gen_random_uuid(), me.id, vocabulary.id, 'REVIEW', now() - interval '1 day', 30, 2.5, 1, 0
        from me, vocabulary on conflict do nothing;
    insert into cards (id, user_id, vocabulary_id, kind, state, due_at, interval_days, ease_factor, repetitions, lapses,
            deleted_at)
        select gen_random_uuid(), me.id, words.id, 'RECALL', 'NEW', now(), 0, 2.5, 0, 0, now() - interval '1 hour'
        from me, (select id from vocabulary limit 60) as words on conflict do nothing;
    insert into card_contexts (card_id, user_id, text, book_id, page)
        select cards.id, me.id, '文', (select id from books limit 1), 1 from me, cards where user_id = me.id;
    insert into card_tags (card_id, tag, user_id) select id, id::text, user_id from cards;
    insert into book_texts (book_id, text_hash, analysis, token_count, word_count, unknown_token_count,
            unknown_word_count)
        select id, '', '', 9, 9, 1, 1 from books on conflict do nothing;
    insert into vocabulary_kanji (vocabulary_id, position, kanji_id)
        select id, 0, (select id from kanji limit 1) from vocabulary
        where not exists (select 1 from vocabulary_kanji where vocabulary_id = vocabulary.id);
    insert into example_sentences (vocabulary_id, position, japanese, english)
        select id, 0, '例', 'Example.' from vocabulary
        where not exists (select 1 from example_sentences where vocabulary_id = vocabulary.id);
    insert into corrections (id, kind, vocabulary_id, corrected, original, state, source, author_id)
        select overlay(gen_random_uuid()::text placing 'f' from 1)::uuid, 'VOCABULARY', vocabulary.id, '{"word": "a"}',
            '{"word": "b"}', 'OBSOLETE', 'a page', me.id from me, vocabulary;
    insert into corrections (id, kind, kanji_id, corrected, original, state, source, author_id)
        select overlay(gen_random_uuid()::text placing '0' from 1)::uuid, 'KANJI', kanji.id, '{"onyomi": []}',
            '{"onyomi": ["b"]}', 'OBSOLETE', 'a page', me.id from me, kanji;
    insert into books (id, title, author, description, jlpt_level, page_count, search_terms, deleted_at)
        select gen_random_uuid(), 'Deleted', 'Author', 'Text.', 'N5', 9, '', now() from generate_series(1, 60);
    insert into audit_log (id, at, actor_id, action, entity, entity_id, changes)
        select gen_random_uuid(), now(), me.id, 'update', 'Book', books.id, '{"title": {"before": "a", "after": "b"}}'
        from me, books, generate_series(1, 60);
    insert into audit_log (id, at, actor_id, action, entity, entity_id, changes)
        select gen_random_uuid(), now(), me.id, 'update', 'Textbook', textbooks.id, '{}'
        from me, textbooks, generate_series(1, 60);
    insert into reports (id, user_id, type, object_id, reason, state, assignee_id)
        select gen_random_uuid(), me.id, 'VOCABULARY', vocabulary.id, 'SPELLING', 'ASSIGNED', me.id from me, vocabulary;
    delete from book_pages;
    insert into book_pages (book_id, number, text, ruby)
        select books.id, number, '猫', '[[0, 1, "ねこ"]]' from books, generate_series(1, 60) as number;
    insert into reading_progress (id, user_id, book_id, current_page, started_at, last_read_at)
        select gen_random_uuid(), me.id, books.id, 1, now(), now() from me, books;
    insert into textbooks (id, owner_id, title, description, jlpt_level, topics, status, is_public, search_terms)
        select gen_random_uuid(), me.id, 'Textbook', 'Text.', 'N5', '{topic}', 'READY', true, ''
        from me, generate_series(1, 60);
    insert into chapters (id, textbook_id, position, title, summary, content)
        select gen_random_uuid(), textbooks.id, 1, 'Chapter', 'Summary.', 'Content.' from textbooks
        where not exists (select 1 from chapters where textbook_id = textbooks.id);
    insert into chapter_vocabulary (chapter_id, position, vocabulary_id)
        select id, 0, (select id from vocabulary limit 1) from chapters
        where not exists (select 1 from chapter_vocabulary where chapter_id = chapters.id);
    update textbooks set owner_id = me.id from me;
    insert into exercises (id, chapter_id, book_id, position, kind, title, task, answer_language, prompts, options)
        select gen_random_uuid(), parents.chapter_id, parents.book_id, 0, 'CHOICE', 'Title', 'Task', 'JAPANESE',
            '[["人", null]]', '["ひと"]'
        from (
            select id as chapter_id, null::uuid as book_id from chapters union all select null, id from books
        ) as parents
        where not exists (
            select 1 from exercises
            where exercises.chapter_id = parents.chapter_id or exercises.book_id = parents.book_id
        );
    insert into exercise_solutions (exercise_id, solutions)
        select id, '[["ひと", ["ひと"], 0, null]]' from exercises on conflict do nothing;
    insert into exercise_attempts (id, user_id, exercise_id, idempotency_key, answers, results, correct_count,
            answered_at, created_at)
        select gen_random_uuid(), me.id, exercise_id, exercise_id::text, '[[0, null]]', '{true}', 1, now(), now()
        from me, exercise_solutions where jsonb_array_length(solutions) = 1;
    insert into chapter_progress (user_id, chapter_id, is_read, last_read_at)
        select me.id, chapters.id, true, now() from me, chapters on conflict do nothing;
    insert into jobs (id, user_id, textbook_id, kind, status, progress, completed_steps, total_steps, attempts,
            max_attempts, input, scheduled_for, error)
        select gen_random_uuid(), me.id, textbooks.id, 'GENERATE_TEXTBOOK', 'SUCCEEDED', 1, 1, 1, 1, 3, '{}', now(),
            '{"code": "X", "message": "Failed once.", "retryable": true}'
        from me, textbooks;
    insert into notifications (id, user_id, kind, cause, job_id, textbook_id, in_app)
        select gen_random_uuid(), me.id, 'TEXTBOOK_READY', jobs.id, jobs.id, jobs.textbook_id, true from me, jobs;
    -- Groups that the administrator teaches, then groups in which the administrator is a learner.
    insert into groups (id, name, description)
        select gen_random_uuid(), role || n, ''
        from generate_series(1, 60) as n, unnest(array['TEACHER', 'LEARNER']) as role;
    insert into group_members (id, group_id, user_id, role, shares_progress)
        select gen_random_uuid(), groups.id, me.id, case when name like 'T%' then 'TEACHER' else 'LEARNER' end, true
        from me, groups;
    insert into group_members (id, group_id, user_id, role, shares_progress)
        select gen_random_uuid(), groups.id, users.id, 'LEARNER', true from groups, users where subject = 'demo';
    insert into group_invitations (id, group_id, role, code_hash, max_uses, expires_at)
        select gen_random_uuid(), id, 'LEARNER', id::text, 1, now() from groups;
    insert into assignments (id, group_id, chapter_id, note, due_at)
        select gen_random_uuid(), groups.id, (select id from chapters limit 1), '', now() + n * interval '1 day'
        from groups, generate_series(1, 2) as n;
    update notifications set assignment_id = (select id from assignments order by id limit 1);
    insert into webhooks (id, url, event_kinds, secret)
        select gen_random_uuid(), 'https://example.com', '{BOOK_FIRST_PUBLISHED}', '' from generate_series(1, 3);
    insert into webhook_deliveries (id, webhook_id, event_id, event_kind, payload)
        select gen_random_uuid(), id, gen_random_uuid(), 'BOOK_FIRST_PUBLISHED', '{}'
        from webhooks, generate_series(1, 60);
    insert into analyzed_texts (id, user_id, job_id, length, part_count, completed_at)
        select gen_random_uuid(), me.id, jobs.id, 60, 60, now() from me, jobs;
    insert into analyzed_text_parts (text_id, number, text)
        select id, number, '猫' from analyzed_texts, generate_series(1, 60) as number;
    insert into reviews (id, reviewed_at, user_id, card_id, idempotency_key, quality, interval_days_before,
            interval_days_after, day)
        select gen_random_uuid(), now() - interval '1 day', me.id, cards.id, cards.id::text, 1, 1, 1, now()::date - 1
        from me join cards on user_id = me.id cross join generate_series(1, 6) limit 6000;
    -- Of each card, so that the first of every list has one.
    insert into reviews (id, reviewed_at, user_id, card_id, idempotency_key, quality, interval_days_before,
            interval_days_after, day)
        select gen_random_uuid(), now() - interval '2 days', me.id, cards.id, 'first ' || cards.id, 4, 0, 1,
            now()::date - 2
        from me join cards on user_id = me.id;
    insert into users (id, subject, email, display_name, role)
        select gen_random_uuid(), 'learner-' || n, '', 'Learner', 'learner' from generate_series(1, 60) as n;
    insert into audit_log (id, at, actor_id, action, entity, entity_id, changes)
        select gen_random_uuid(), now(), me.id, 'update', 'Book', gen_random_uuid(), '{}'
        from me, generate_series(1, 60);
    insert into audit_log (id, at, actor_id, action, entity, entity_id, changes)
        select gen_random_uuid(), now(), me.id, 'update', 'User', me.id, '{}' from me, generate_series(1, 60);
    insert into usage_counts (kind, name, day, client, version, count, last_used_at)
        select 'COORDINATE', 'Book.title', now()::date, 'client-' || n, '1', 1, now() from generate_series(1, 60) as n;
    -- Before those that the server records during the tests.
    insert into slow_operations (id, at, kind, client, duration_ms, statements, trace_id, parse_ms, validate_ms,
            plan_ms, execute_ms, encode_ms, sql_ms, pool_wait_ms, redis_ms)
        select gen_random_uuid(), now() + interval '1 day', 'query', 'web', 600, statements, '', 0, 0, 0, 0, 0, 0, 0, 0
        from generate_series(1, 60), jsonb_build_array(
            jsonb_build_object('name', 'queries.books.books_by_id', 'count', 1, 'duration_ms', 1, 'rows', 1)
        ) as statements;
    insert into analytics_word_days (day, vocabulary_id, reviews, lapses)
        select day, id, 10, 1 from (select id from vocabulary order by id limit 120) as words,
            generate_series(date_trunc('month', now())::date, now()::date, '1 day') as day
        on conflict do nothing;
    insert into analytics_word_months (month, vocabulary_id, reviews, lapses)
        select date_trunc('month', month)::date, id, 10, 1
        from (select id from vocabulary order by id limit 120) as words,
            generate_series('2026-01-01'::date, '2026-12-31', '1 month') as month
        on conflict do nothing;
    insert into analytics_days (day, reviews, active_learners, new_learners)
        select day, 1, 1, 1 from generate_series('2026-01-01'::date, '2026-12-31', '1 day') as day
        on conflict (day) do update set reviews = 1, new_learners = 1;
    analyze;
"""


@pytest.fixture(scope="module")
async def populated_database(servers: tuple[str, str], template: str) -> AsyncIterator[tuple[Client, dict[str, Any]]]:
    async with created(servers[0], f"{template}_populated", template) as url:
        await execute(url, FILL)
        await execute(url, ANALYZED_IMPORT.format(number=60, subject="admin"))
        # Ids of one type: each type of node takes a separate statement.
        ids = [global_id("Book", id) for id in await column(url, "select id from books limit 50")]
        [textbook] = await column(url, "select id from textbooks limit 1")
        [text] = await column(url, "select id from analyzed_texts limit 1")
        [group] = await column(url, "select id from groups where name = 'TEACHER1'")
        [webhook] = await column(url, "select id from webhooks order by id limit 1")
        [user] = await column(url, "select id from users where subject = 'demo'")
        async with client_of(url, servers[1], max_query_cost=100_000_000, cache="off") as client:
            yield (
                client,
                {
                    "ids": ids,
                    "book": ids[0],
                    "textbook": global_id("Textbook", textbook),
                    "analyzedText": global_id("AnalyzedText", text),
                    "user": global_id("User", user),
                    "group": global_id("Group", group),
                    "webhook": global_id("Webhook", webhook),
                },
            )


@pytest.mark.parametrize("field", LISTS, ids=lambda field: field.name)
async def test_statements_do_not_grow_with_parents(
    populated_database: tuple[Client, dict[str, Any]], field: ListField
) -> None:
    client, variables = populated_database
    for selection in _selections(field):
        few = await _statements(client, field, selection, variables, 1)
        many = await _statements(client, field, selection, variables, PARENTS)
        assert many == few, f"{field.name} {{ {selection} }}: {few} statements for one parent, {many} for {PARENTS}"


def _selections(field: ListField) -> list[str]:
    """The leaves; then each field below, and each field below these."""
    own = leaves(field.type)
    selections = [own]
    for coordinate, child in composite_fields(field.type):
        child_type = element_type(child)
        selections.append(f"{own} {field_selection(coordinate, child, leaves(child_type))}")
        for grandchild_coordinate, grandchild in composite_fields(child_type):
            below = field_selection(grandchild_coordinate, grandchild, leaves(element_type(grandchild)))
            selections.append(f"{own} {field_selection(coordinate, child, below)}")
    return selections


async def _statements(client: Client, field: ListField, selection: str, variables: dict[str, Any], parents: int) -> int:
    query = field.query(selection, parents)
    used = {name: value for name, value in variables.items() if f"${name}" in query}
    if "ids" in used:
        used["ids"] = used["ids"][:parents]
    answer = await client.run(query, used, user="admin")
    assert "errors" not in answer.body, (query, answer.body["errors"])
    return answer.statements
