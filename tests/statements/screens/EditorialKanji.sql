-- Index Scan using pk_kanji on kanji
SELECT kanji.id, kanji.character, kanji.meanings, kanji.onyomi, kanji.kunyomi, kanji.nanori, kanji.stroke_count, kanji.grade, kanji.frequency, kanji.jlpt_level, kanji.radical, kanji.variants, kanji.components, kanji.popularity 
FROM kanji 
WHERE kanji.id = ANY ($1::UUID[]);

-- Seq Scan on corrections
SELECT ranked.id, ranked.kind, ranked.vocabulary_id, ranked.kanji_id, ranked.position, ranked.sentence, ranked.corrected, ranked.original, ranked.state, ranked.source, ranked.note, ranked.author_id, ranked.version, ranked.created_at, ranked.updated_at, ranked.parent_id 
FROM (SELECT corrections.id AS id, corrections.kind AS kind, corrections.vocabulary_id AS vocabulary_id, corrections.kanji_id AS kanji_id, corrections.position AS position, corrections.sentence AS sentence, corrections.corrected AS corrected, corrections.original AS original, corrections.state AS state, corrections.source AS source, corrections.note AS note, corrections.author_id AS author_id, corrections.version AS version, corrections.created_at AS created_at, corrections.updated_at AS updated_at, corrections.kanji_id AS parent_id, row_number() OVER (PARTITION BY corrections.kanji_id ORDER BY corrections.state = 'ACTIVE' DESC, corrections.id DESC) AS rank 
FROM corrections 
WHERE corrections.kanji_id = ANY ($1::UUID[])) AS ranked 
WHERE ranked.rank <= $2::INTEGER ORDER BY ranked.parent_id, ranked.rank;
