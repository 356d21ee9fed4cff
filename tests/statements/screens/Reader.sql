-- Index Scan using pk_books on books
SELECT books.id, books.title, books.title_reading, books.author, books.jlpt_level, books.cover_url, books.page_count, books.has_text, books.original_year, books.published_at, books.publish_at, books.created_at, books.updated_at, books.version 
FROM books 
WHERE books.id = ANY ($1::UUID[]) AND books.deleted_at IS NULL AND books.published_at IS NOT NULL;

-- Index Scan using ix_exercises_book_id_position on exercises
-- Index Scan using ix_textbooks_owner_id_id on textbooks
-- Index Scan using pk_books on books
-- Index Scan using pk_chapters on chapters
SELECT answer.* FROM (SELECT exercises.id, exercises.chapter_id, exercises.book_id, exercises.kind, exercises.title, exercises.task, exercises.answer_language, exercises.prompts, exercises.options 
FROM exercises 
WHERE exercises.book_id = ANY ($1::UUID[]) ORDER BY exercises.book_id, exercises.position OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $2, true) || set_config('app.role', $3, true)) IS NOT NULL;

-- Index Scan using pk_book_pages on book_pages
SELECT book_pages.book_id, book_pages.number, book_pages.text, book_pages.ruby 
FROM book_pages JOIN unnest($1::UUID[], $2::INTEGER[]) AS anon_1(book_id, number) ON book_pages.book_id = anon_1.book_id AND book_pages.number = anon_1.number;

-- Index Only Scan using uq_search_keys_key_score_vocabulary_id on search_keys
-- Index Scan using pk_vocabulary on vocabulary
select coalesce('[' || string_agg(
            '[' || wanted.number || ',"' || vocabulary.id || '",' || hits.score || ',' || vocabulary.inflection || ','
                || to_json(vocabulary.reading) || ']', ','
        ) || ']', '[]') as entries
        from unnest($1::TEXT[]) with ordinality as wanted (key, number) cross join lateral (
            select vocabulary_id, score from search_keys where search_keys.key = wanted.key
            order by search_keys.key, score desc limit 6
        ) as hits join vocabulary on vocabulary.id = hits.vocabulary_id;

-- Bitmap Heap Scan on kanji
-- Bitmap Index Scan using uq_kanji_character
SELECT kanji.character, kanji.onyomi, kanji.kunyomi 
FROM kanji 
WHERE kanji.character = ANY ($1::TEXT[]);

-- Index Scan using pk_vocabulary on vocabulary
SELECT vocabulary.id, vocabulary.word, vocabulary.reading, vocabulary.romaji, vocabulary.meanings, vocabulary.jlpt_level, vocabulary.is_common, vocabulary.popularity 
FROM vocabulary 
WHERE vocabulary.id = ANY ($1::UUID[]);

-- Index Scan using ix_cards_user_id_id on cards
SELECT answer.* FROM (SELECT cards.id, cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id, cards.kind, cards.state, cards.due_at, cards.due_day, cards.interval_days, cards.ease_factor, cards.stability, cards.difficulty, cards.learning_step, cards.repetitions, cards.lapses, cards.suspended, cards.flag, cards.last_reviewed_at, cards.last_reviewed_day, cards.created_at, cards.version 
FROM cards 
WHERE cards.user_id = $1::UUID AND cards.deleted_at IS NULL AND cards.vocabulary_id = ANY ($2::UUID[]) AND cards.kind = 'RECOGNITION' OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $3, true) || set_config('app.role', $4, true)) IS NOT NULL;
