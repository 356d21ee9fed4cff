-- Index Scan using ix_cards_due on cards
SELECT answer.* FROM (SELECT cards.id, cards.vocabulary_id, cards.state, cards.due_at 
FROM cards 
WHERE cards.user_id = $1::UUID AND cards.deleted_at IS NULL AND NOT cards.suspended AND cards.due_at <= $2::TIMESTAMP WITH TIME ZONE ORDER BY cards.due_at ASC, cards.id ASC 
 LIMIT $3::INTEGER OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $4, true) || set_config('app.role', $5, true)) IS NOT NULL;

-- Index Scan using pk_vocabulary on vocabulary
SELECT vocabulary.id, vocabulary.word, vocabulary.reading, vocabulary.romaji, vocabulary.meanings, vocabulary.jlpt_level, vocabulary.is_common, vocabulary.popularity 
FROM vocabulary 
WHERE vocabulary.id = ANY ($1::UUID[]);
