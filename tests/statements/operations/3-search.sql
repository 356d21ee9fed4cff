-- Index Scan using pk_vocabulary on vocabulary
WITH matches AS 
(
with candidates as (
    select id from vocabulary where search_terms @@ cast($1::VARCHAR as tsquery)
    union select vocabulary_like($2::VARCHAR)
    union select vocabulary_like($3::VARCHAR)
    union select vocabulary_like($4::VARCHAR)
    union select vocabulary_like($5::VARCHAR)
),
scored as (
    select vocabulary.id, word, reading, vocabulary.romaji, meanings, jlpt_level, is_common, popularity,
        case
            when $6::VARCHAR = any(search_words) then 1.0
            when exists (select 1 from unnest(search_words) as form where starts_with(form, $6::VARCHAR)) then 0.75
            when search_terms @@ cast($7::VARCHAR as tsquery) then 0.55
            else 0
        end as word_score,
        case
            when $6::VARCHAR = any(search_readings) then 0.95
            when exists (select 1 from unnest(search_readings) as form where starts_with(form, $6::VARCHAR)) then 0.7
            when search_terms @@ cast($8::VARCHAR as tsquery) then 0.5
            else 0
        end as reading_score,
        case
            when $9::VARCHAR = replace(vocabulary.romaji, '''', '') then 0.92
            when $2::VARCHAR = any(search_romaji) then 0.9
            when exists (select 1 from unnest(search_romaji) as form where starts_with(form, $2::VARCHAR)) then 0.65
            when exists (
                select 1 from unnest(search_romaji) as form where translate(form, 'aeiou', '') = $4::VARCHAR
            ) then 0.45
            else 0.42 * coalesce((
                select max(similarity(form, $2::VARCHAR)) from unnest(search_romaji) as form
                where similarity(form, $2::VARCHAR) >= 0.4
            ), 0)
        end as romaji_score,
        case
            when array_position(search_meanings, $3::VARCHAR) is not null
                then 0.85 - 0.01 * least(array_position(search_meanings, $3::VARCHAR) - 1, 5)
            when exists (
                select 1 from unnest(search_meanings) as form
                where position(' ' || $3::VARCHAR || ' ' in ' ' || form || ' ') > 0
            ) then 0.6
            else coalesce((
                select 0.44 - 0.005 * case when min(n) > 6 then 5 else min(n) - 1 end
                from unnest(search_meanings) with ordinality as meanings (form, n)
                where translate(form, 'aeiou', '') = $5::VARCHAR
            ), 0.42 * (
                select max(word_similarity($3::VARCHAR, form)) from unnest(search_meanings) as form
                where word_similarity($3::VARCHAR, form) >= 0.55
            ), 0)
        end as meaning_score
    from vocabulary join candidates using (id)
)
select id, word, reading, romaji, meanings, jlpt_level, is_common, popularity,
    round((
        0.95 * greatest(word_score, reading_score, romaji_score, meaning_score)
        + 0.004 * coalesce(right(jlpt_level, 1)::int, 0) + 0.02 / char_length(word)
    )::numeric, 6)::float8 as score,
    array_remove(array[
        case when word_score > 0 then 'WORD' end, case when reading_score > 0 then 'READING' end,
        case when romaji_score > 0 then 'ROMAJI' end, case when meaning_score > 0 then 'MEANING' end
    ], null) as matched_on
from scored
where greatest(word_score, reading_score, romaji_score, meaning_score) > 0
)
 SELECT matches.id, matches.word, matches.reading, matches.romaji, matches.meanings, matches.jlpt_level, matches.is_common, matches.popularity, matches.score, matches.matched_on 
FROM matches ORDER BY matches.score DESC, matches.id DESC 
 LIMIT $10::INTEGER;

-- Index Scan using pk_example_sentences on example_sentences
SELECT example_sentences.vocabulary_id, example_sentences.japanese, example_sentences.english 
FROM example_sentences 
WHERE example_sentences.vocabulary_id = ANY ($1::UUID[]) ORDER BY example_sentences.vocabulary_id, example_sentences.position;

-- Index Scan using pk_kanji on kanji
-- Index Scan using pk_vocabulary_kanji on vocabulary_kanji
SELECT kanji.id, kanji.character, kanji.meanings, kanji.onyomi, kanji.kunyomi, kanji.stroke_count, kanji.jlpt_level, vocabulary_kanji.vocabulary_id 
FROM vocabulary_kanji JOIN kanji ON kanji.id = vocabulary_kanji.kanji_id 
WHERE vocabulary_kanji.vocabulary_id = ANY ($1::UUID[]) ORDER BY vocabulary_kanji.vocabulary_id, vocabulary_kanji.position;

-- Index Scan using uq_cards_user_id_vocabulary_id on cards
SELECT answer.* FROM (SELECT cards.id, cards.vocabulary_id, cards.state, cards.due_at, cards.interval_days, cards.ease_factor, cards.stability, cards.difficulty, cards.learning_step, cards.repetitions, cards.lapses, cards.suspended, cards.last_reviewed_at, cards.version 
FROM cards 
WHERE cards.user_id = $1::UUID AND cards.vocabulary_id = ANY ($2::UUID[]) OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $3, true) || set_config('app.role', $4, true)) IS NOT NULL;
