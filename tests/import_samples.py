"""An import that waits for its confirmation, with an item in each list."""

# With a complete upload and a job. `{number}` rows of a `{subject}`.
ANALYZED_IMPORT = """
    insert into uploads (id, user_id, file_name, size, received, expires_at)
        select gen_random_uuid(), id, 'words.csv', 1, 1, now() + interval '1 day'
        from users where subject = '{subject}';
    insert into imports (id, user_id, source, file_name, upload_id, job_id, status, analysis, mapping)
        select gen_random_uuid(), users.id, 'CSV', 'words.csv', uploads.id,
            (select jobs.id from jobs where jobs.user_id = users.id order by id limit 1), 'ANALYZED',
            jsonb_build_object(
                'format', 'CSV', 'note_count', 1, 'card_count', 0, 'review_count', 0, 'first_reviewed_at', null,
                'last_reviewed_at', null, 'exact_count', 0, 'form_count', 0, 'ambiguous_count', 1, 'unknown_count', 1,
                'warnings', '["Warning."]'::jsonb, 'decks', '[{{"name": "Deck", "card_count": 1}}]'::jsonb,
                'note_types', '[{{
                    "note_type": {{"name": "Rows", "note_count": 1, "templates": [
                        {{"ordinal": 0, "name": "Card 1", "kind": "RECOGNITION"}}
                    ], "fields": [{{"name": "Word", "samples": ["今日"]}}]}},
                    "guess": {{"expression": "Word", "reading": null, "meaning": null, "kinds": ["RECOGNITION"]}}
                }}]'::jsonb,
                'unknown_words', '[["ぶぶぶ", null]]'::jsonb
            ),
            '{{}}'
        from users join uploads on uploads.user_id = users.id cross join generate_series(1, {number})
        where subject = '{subject}';
    insert into import_words (import_id, form, reading, user_id, number, note_count, candidates)
        select imports.id, '今日', '', user_id, 1, 1, jsonb_build_array((select id from vocabulary limit 1))
        from imports join users on users.id = user_id where subject = '{subject}'
"""
