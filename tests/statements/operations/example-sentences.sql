-- Bitmap Heap Scan on example_sentence_words
-- Bitmap Index Scan using ix_example_sentence_words_words
-- Index Scan using pk_example_sentences on example_sentences
-- Index Scan using uq_cards_user_id_vocabulary_id_kind on cards
SELECT answer.* FROM (WITH known_words AS NOT MATERIALIZED 
(SELECT cards.vocabulary_id AS vocabulary_id 
FROM cards 
WHERE cards.user_id = $2::UUID AND cards.deleted_at IS NULL AND cards.kind = 'RECOGNITION' AND cards.interval_days >= 21)
 SELECT sentences.japanese, sentences.english, sentences.unknown, sentences.word_count, sentences.vocabulary_id, sentences.position 
FROM (SELECT example_sentences.japanese AS japanese, example_sentences.english AS english, (SELECT CAST(count(*) AS INTEGER) AS count_1 
FROM unnest(example_sentence_words.words) AS anon_1(id) 
WHERE anon_1.id != $1::UUID AND NOT (EXISTS (SELECT * 
FROM known_words 
WHERE known_words.vocabulary_id = anon_1.id))) + example_sentence_words.unknown_word_count AS unknown, cardinality(example_sentence_words.words) AS word_count, example_sentences.vocabulary_id AS vocabulary_id, example_sentences.position AS position 
FROM example_sentence_words JOIN example_sentences ON example_sentences.vocabulary_id = example_sentence_words.vocabulary_id AND example_sentences.position = example_sentence_words.position 
WHERE example_sentence_words.words @> CAST(ARRAY[$1::UUID] AS UUID[])) AS sentences ORDER BY sentences.unknown ASC, sentences.word_count ASC, sentences.vocabulary_id ASC, sentences.position ASC 
 LIMIT $3::INTEGER OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $4, true) || set_config('app.role', $5, true)) IS NOT NULL;
