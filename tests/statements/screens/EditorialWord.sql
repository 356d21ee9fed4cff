-- Index Scan using pk_vocabulary on vocabulary
SELECT vocabulary.id, vocabulary.word, vocabulary.reading, vocabulary.romaji, vocabulary.meanings, vocabulary.jlpt_level, vocabulary.is_common, vocabulary.popularity 
FROM vocabulary 
WHERE vocabulary.id = ANY ($1::UUID[]);

-- Seq Scan on corrections
SELECT ranked.id, ranked.kind, ranked.vocabulary_id, ranked.kanji_id, ranked.position, ranked.sentence, ranked.corrected, ranked.original, ranked.state, ranked.source, ranked.note, ranked.author_id, ranked.version, ranked.created_at, ranked.updated_at, ranked.parent_id 
FROM (SELECT corrections.id AS id, corrections.kind AS kind, corrections.vocabulary_id AS vocabulary_id, corrections.kanji_id AS kanji_id, corrections.position AS position, corrections.sentence AS sentence, corrections.corrected AS corrected, corrections.original AS original, corrections.state AS state, corrections.source AS source, corrections.note AS note, corrections.author_id AS author_id, corrections.version AS version, corrections.created_at AS created_at, corrections.updated_at AS updated_at, corrections.vocabulary_id AS parent_id, row_number() OVER (PARTITION BY corrections.vocabulary_id ORDER BY corrections.state = 'ACTIVE' DESC, corrections.id DESC) AS rank 
FROM corrections 
WHERE corrections.vocabulary_id = ANY ($1::UUID[])) AS ranked 
WHERE ranked.rank <= $2::INTEGER ORDER BY ranked.parent_id, ranked.rank;

-- Index Scan using pk_example_sentences on example_sentences
SELECT example_sentences.vocabulary_id, example_sentences.position, example_sentences.japanese, example_sentences.english 
FROM example_sentences 
WHERE example_sentences.vocabulary_id = ANY ($1::UUID[]) ORDER BY example_sentences.vocabulary_id, example_sentences.position;

-- Index Scan using pk_kanji on kanji
-- Index Scan using pk_vocabulary_kanji on vocabulary_kanji
SELECT kanji.id, kanji.character, kanji.meanings, kanji.onyomi, kanji.kunyomi, kanji.nanori, kanji.stroke_count, kanji.grade, kanji.frequency, kanji.jlpt_level, kanji.radical, kanji.variants, kanji.components, kanji.popularity, vocabulary_kanji.vocabulary_id 
FROM vocabulary_kanji JOIN kanji ON kanji.id = vocabulary_kanji.kanji_id 
WHERE vocabulary_kanji.vocabulary_id = ANY ($1::UUID[]) ORDER BY vocabulary_kanji.vocabulary_id, vocabulary_kanji.position;

-- Index Scan using pk_vocabulary_forms on vocabulary_forms
SELECT vocabulary_forms.vocabulary_id, vocabulary_forms.text, vocabulary_forms.kind, vocabulary_forms.is_common, vocabulary_forms.tags 
FROM vocabulary_forms 
WHERE vocabulary_forms.vocabulary_id = ANY ($1::UUID[]) ORDER BY vocabulary_forms.vocabulary_id, vocabulary_forms.position;

-- Index Scan using pk_vocabulary_senses on vocabulary_senses
SELECT vocabulary_senses.vocabulary_id, vocabulary_senses.parts_of_speech, vocabulary_senses.fields, vocabulary_senses.misc, vocabulary_senses.dialects, vocabulary_senses.glosses, vocabulary_senses.note, vocabulary_senses.forms 
FROM vocabulary_senses 
WHERE vocabulary_senses.vocabulary_id = ANY ($1::UUID[]) ORDER BY vocabulary_senses.vocabulary_id, vocabulary_senses.position;
