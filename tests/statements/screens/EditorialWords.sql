-- Seq Scan on corrections
SELECT corrections.id, corrections.kind, corrections.vocabulary_id, corrections.kanji_id, corrections.position, corrections.sentence, corrections.corrected, corrections.original, corrections.state, corrections.source, corrections.note, corrections.author_id, corrections.version, corrections.created_at, corrections.updated_at 
FROM corrections ORDER BY corrections.id DESC 
 LIMIT $1::INTEGER;

-- Bitmap Heap Scan on kanji
-- Bitmap Index Scan using ix_kanji_search_meaning_words
-- Bitmap Index Scan using ix_kanji_search_partial_readings
-- Bitmap Index Scan using ix_kanji_search_readings
-- Index Scan using pk_kanji on kanji
-- Index Scan using uq_kanji_character on kanji
WITH matches AS 
(
with candidates as (
    select id from kanji where character = any($1::TEXT[])
    union select form.id from kanji join kanji as form on form.character = any(kanji.variants)
        where kanji.character = any($1::TEXT[])
    union select id from kanji where components @> $1::TEXT[] and cardinality($1::TEXT[]) > 0
    union select id from kanji where search_readings && $2::TEXT[]
    union select id from kanji where search_partial_readings && $2::TEXT[]
    union select id from kanji where search_meaning_words @> $3::TEXT[] and cardinality($3::TEXT[]) > 0
    union select id from kanji where stroke_count = $4::SMALLINT
),
scored as (
    select id, popularity, greatest(
        case when character = any($1::TEXT[]) then 1 - 0.01 * array_position($1::TEXT[], character) end,
        case when $1::TEXT[] && variants then 0.85 end,
        case when $5::VARCHAR = any(search_readings)
            then 0.75 - 0.002 * least(array_position(search_readings, $5::VARCHAR), 20) end,
        case when $2::TEXT[] && search_readings then 0.65 end,
        case when $2::TEXT[] && search_partial_readings then 0.5 end,
        case when $6::VARCHAR = any(search_meanings)
            then 0.76 - 0.02 * least(array_position(search_meanings, $6::VARCHAR), 10) end,
        case when cardinality($3::TEXT[]) > 0 and search_meaning_words @> $3::TEXT[] then 0.45 end,
        case when cardinality($1::TEXT[]) > 0 and components @> $1::TEXT[] then 0.4 end,
        0.3
    ) as score
    from kanji join candidates using (id)
    where $7::SMALLINT is null or stroke_count = $7::SMALLINT
)
select id, round(cast(0.9 * score + 0.001 * popularity as numeric), 6)::float8 as score from scored
)
 SELECT kanji.id, kanji.character, kanji.meanings, kanji.onyomi, kanji.kunyomi, kanji.nanori, kanji.stroke_count, kanji.grade, kanji.frequency, kanji.jlpt_level, kanji.radical, kanji.variants, kanji.components, kanji.popularity, matches.score 
FROM matches JOIN kanji ON kanji.id = matches.id ORDER BY matches.score DESC, kanji.id DESC 
 LIMIT $8::INTEGER;

-- Bitmap Heap Scan on search_keys
-- Bitmap Index Scan using ix_search_keys_similar
-- Index Only Scan using uq_search_keys_key_score_vocabulary_id on search_keys
-- Index Scan using ix_search_keys_reversed on search_keys
-- Index Scan using pk_vocabulary on vocabulary
WITH matches AS 
(
with wanted as (
    select * from unnest($1::TEXT[], $2::REAL[], $3::TEXT[], $4::INTEGER[], $5::TEXT[]) as wanted (key, weight, field, classes, chain)
),
ranges as (select * from unnest($6::TEXT[], $7::REAL[], $8::TEXT[]) as ranges (prefix, weight, field)),
patterns as (
    select * from unnest($9::TEXT[], $10::TEXT[], $11::TEXT[], $12::REAL[], $13::TEXT[])
        as patterns (pattern, literal, ending, weight, field)
),
exact as (
    select vocabulary_id, score * weight as score, field, classes, chain
    from wanted cross join lateral (
        select vocabulary_id, score from search_keys where search_keys.key = wanted.key
        order by search_keys.key, score desc limit 300
    ) as hits
),
whole as (
    select vocabulary_id, exact.score, field, chain
    from exact join vocabulary on vocabulary.id = vocabulary_id
    where classes = 0 or inflection & classes <> 0
),
prefixed as (
    select vocabulary_id, score * weight as score, field, '' as chain
    from ranges cross join lateral (
        select vocabulary_id, score from search_keys
        where search_keys.key >= prefix and search_keys.key < prefix || U&'\FFFF'
        order by score desc limit 200
    ) as hits
),
matching as (
    select vocabulary_id, score * weight as score, field, '' as chain
    from patterns cross join lateral (
        (
            select vocabulary_id, score from search_keys
            where literal <> '' and search_keys.key >= literal and search_keys.key < literal || U&'\FFFF'
                and search_keys.key like pattern
            order by score desc limit 300
        )
        union all
        (
            select vocabulary_id, score from search_keys
            where ending <> '' and left(search_keys.key, 1) in ('g', 'k', 'r', 'w')
                and reverse(search_keys.key) >= ending and reverse(search_keys.key) < ending || U&'\FFFF'
                and search_keys.key like pattern
            order by score desc limit 300
        )
        union all
        (
            select vocabulary_id, score from search_keys
            where literal = '' and ending = '' and search_keys.key >= 'y' and search_keys.key like pattern
            order by score desc limit 300
        )
    ) as hits
),
stemmed as (
    select vocabulary_id, 0.95 * min(score) as score, 'MEANING' as field, '' as chain
    from unnest($14::TEXT[]) as stem cross join lateral (
        select vocabulary_id, score from search_keys where search_keys.key = stem
        order by search_keys.key, score desc limit case when cardinality($14::TEXT[]) = 1 then 300 else 4000 end
    ) as hits
    group by vocabulary_id having count(*) = cardinality($14::TEXT[])
    order by score desc limit 300
),
resembling as (
    select vocabulary_id, hits.score * weight as score, field, '' as chain
    from unnest($15::TEXT[], $16::REAL[], $17::TEXT[]) as typed (text, weight, field) cross join lateral (
        select vocabulary_id, score * similarity(search_keys.key, typed.text) as score from search_keys
        where search_keys.key >= 'y' and search_keys.key % typed.text
        order by 2 desc limit 50
    ) as hits
    where not exists (select from whole where score > 0.8)
),
found as (
    select *, score > 0.5 as is_whole from whole
    union all select *, false from prefixed
    union all select *, false from matching
    union all select *, false from stemmed
    union all select *, false from resembling
),
best as (
    select vocabulary_id as id, max(score) as score, array_agg(distinct field) as fields,
        (array_agg(chain order by score desc))[1] as chain,
        max(score) filter (where is_whole and field <> 'MEANING') as japanese,
        max(score) filter (where is_whole and field = 'MEANING') as english
    from found group by vocabulary_id
),
japanese as (
    select id, score, row_number() over () as rank from (
        select id, score from best where japanese > coalesce(english, 0) order by score desc, id desc limit 8
    ) as hits
),
english as (
    select id, score, row_number() over () as rank from (
        select id, score from best where english >= coalesce(japanese, 0) order by score desc, id desc limit 8
    ) as hits
),
places as (
    select score, row_number() over () as place from (select score from best order by score desc limit 12) as hits
),
reserved as (
    select hits.id, places.score
    from (
        select * from japanese where exists (select from english)
        union all select * from english where exists (select from japanese)
    ) as hits join places on place = 4 + rank and places.score > hits.score
),
lifted as (
    select best.id, coalesce(reserved.score, best.score) as score, fields, chain
    from best left join reserved on reserved.id = best.id
)
select id, word, reading, romaji, meanings, jlpt_level, is_common, popularity,
    round(lifted.score::numeric, 6)::float8 as score, fields as matched_on, string_to_array(chain, ' ') as deinflection
from lifted join vocabulary using (id)
)
 SELECT matches.id, matches.word, matches.reading, matches.romaji, matches.meanings, matches.jlpt_level, matches.is_common, matches.popularity, matches.score, matches.matched_on, matches.deinflection 
FROM matches ORDER BY matches.score DESC, matches.id DESC 
 LIMIT $18::INTEGER;
