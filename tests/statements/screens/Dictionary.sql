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

-- Index Scan using uq_cards_user_id_vocabulary_id_kind on cards
SELECT answer.* FROM (SELECT cards.id, cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id, cards.kind, cards.state, cards.due_at, cards.due_day, cards.interval_days, cards.ease_factor, cards.stability, cards.difficulty, cards.learning_step, cards.repetitions, cards.lapses, cards.suspended, cards.flag, cards.last_reviewed_at, cards.last_reviewed_day, cards.created_at, cards.version 
FROM cards 
WHERE cards.user_id = $1::UUID AND cards.deleted_at IS NULL AND cards.vocabulary_id = ANY ($2::UUID[]) AND cards.kind = 'RECOGNITION' OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $3, true) || set_config('app.role', $4, true)) IS NOT NULL;
