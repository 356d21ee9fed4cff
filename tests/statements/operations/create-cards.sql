begin; select set_config('app.user_id', '<viewer>', true) || set_config('app.role', 'learner', true);

-- Index Scan using pk_vocabulary on vocabulary
SELECT vocabulary.id, vocabulary.word, vocabulary.reading, vocabulary.romaji, vocabulary.meanings, vocabulary.jlpt_level, vocabulary.is_common, vocabulary.popularity 
FROM vocabulary 
WHERE vocabulary.id = ANY ($1::UUID[]);

-- Index Scan using pk_kanji on kanji
-- Index Scan using pk_vocabulary on vocabulary
-- Insert on cards
INSERT INTO cards (id, vocabulary_id, kanji_id, custom_vocabulary_id, kind, created_at, state, due_at, due_day, interval_days, ease_factor, stability, difficulty, learning_step, repetitions, lapses, first_reviewed_at, last_reviewed_at, last_reviewed_day, last_entry_at, user_id, popularity) SELECT anon_1.id, anon_1.vocabulary_id, anon_1.kanji_id, anon_1.custom_vocabulary_id, anon_1.kind, anon_1.created_at, anon_1.state, anon_1.due_at, anon_1.due_day, anon_1.interval_days, anon_1.ease_factor, anon_1.stability, anon_1.difficulty, anon_1.learning_step, anon_1.repetitions, anon_1.lapses, anon_1.first_reviewed_at, anon_1.last_reviewed_at, anon_1.last_reviewed_day, anon_1.last_entry_at, $1::UUID AS anon_2, coalesce((SELECT vocabulary.popularity 
FROM vocabulary 
WHERE vocabulary.id = anon_1.vocabulary_id), (SELECT kanji.popularity 
FROM kanji 
WHERE kanji.id = anon_1.kanji_id), 0) AS coalesce_1 
FROM unnest($2::UUID[], $3::UUID[], $4::UUID[], $5::UUID[], $6::TEXT[], $7::TIMESTAMP WITH TIME ZONE[], $8::TEXT[], $9::TIMESTAMP WITH TIME ZONE[], $10::DATE[], $11::DOUBLE PRECISION[], $12::DOUBLE PRECISION[], $13::DOUBLE PRECISION[], $14::DOUBLE PRECISION[], $15::SMALLINT[], $16::INTEGER[], $17::INTEGER[], $18::TIMESTAMP WITH TIME ZONE[], $19::TIMESTAMP WITH TIME ZONE[], $20::DATE[], $21::TIMESTAMP WITH TIME ZONE[]) AS anon_1(id, vocabulary_id, kanji_id, custom_vocabulary_id, kind, created_at, state, due_at, due_day, interval_days, ease_factor, stability, difficulty, learning_step, repetitions, lapses, first_reviewed_at, last_reviewed_at, last_reviewed_day, last_entry_at) 
WHERE NOT (anon_1.kind = 'READING' AND (EXISTS (SELECT * 
FROM vocabulary 
WHERE vocabulary.id = anon_1.vocabulary_id AND vocabulary.word = vocabulary.reading))) ORDER BY anon_1.vocabulary_id, anon_1.kanji_id, anon_1.custom_vocabulary_id, anon_1.kind ON CONFLICT DO NOTHING RETURNING cards.id, cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id, cards.kind, cards.state, cards.due_at, cards.due_day, cards.interval_days, cards.ease_factor, cards.stability, cards.difficulty, cards.learning_step, cards.repetitions, cards.lapses, cards.suspended, cards.flag, cards.last_reviewed_at, cards.last_reviewed_day, cards.created_at, cards.version;

-- Index Scan using uq_cards_user_id_vocabulary_id_kind on cards
SELECT cards.id, cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id, cards.kind, cards.state, cards.due_at, cards.due_day, cards.interval_days, cards.ease_factor, cards.stability, cards.difficulty, cards.learning_step, cards.repetitions, cards.lapses, cards.suspended, cards.flag, cards.last_reviewed_at, cards.last_reviewed_day, cards.created_at, cards.version 
FROM cards 
WHERE cards.user_id = $1::UUID AND cards.deleted_at IS NULL AND cards.vocabulary_id = ANY ($2::UUID[]) ORDER BY cards.vocabulary_id, cards.id;

select current_setting('app.changes', true);

commit;
