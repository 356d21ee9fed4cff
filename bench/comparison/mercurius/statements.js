// The statements, each of which a connection prepares once. They read as the owner of the tables, without row-level
// security, as those of by_hand.py.
import { readFileSync } from "node:fs";

const texts = {
  viewer: "select id from users where subject = $1 and deleted_at is null",
  book: `
    select id, title, author, page_count from books
    where id = $1 and deleted_at is null and published_at is not null`,
  books: `
    select id, title, author, description, jlpt_level, page_count from books
    where deleted_at is null and published_at is not null order by created_at desc, id desc limit $1`,
  countBooks: "select count(*)::int as number from books where deleted_at is null and published_at is not null",
  progress: `
    select book_id, least(current_page, page_count) as current_page,
      case when finished then 100 else current_page::float8 * 100 / page_count end as percent,
      case when finished then 'FINISHED' when current_page > 0 then 'READING' else 'NOT_STARTED' end as status
    from (
      select book_id, current_page, page_count, finished_at is not null or current_page >= page_count as finished
      from reading_progress join books on books.id = book_id
      where user_id = $1 and book_id = any($2::uuid[])) as own`,
  textbook: "select id, title, jlpt_level from textbooks where id = $1 and deleted_at is null and is_public",
  chapters: `
    select id, textbook_id, position, title from chapters
    where textbook_id = any($1::uuid[]) and deleted_at is null order by position`,
  chapterVocabulary: `
    select chapter_id, vocabulary.id, word, reading, meanings, jlpt_level
    from chapter_vocabulary join vocabulary on vocabulary.id = vocabulary_id
    where chapter_id = any($1::uuid[]) order by chapter_vocabulary.position`,
  dueCards: `
    select id, state, due_at, interval_days, vocabulary_id from cards
    where user_id = $1 and not suspended and deleted_at is null and due_at <= now() order by due_at, id limit $2`,
  vocabulary: "select id, word, reading, meanings, jlpt_level from vocabulary where id = any($1::uuid[])",
  reviews: readFileSync(new URL("../reviews.sql", import.meta.url), "utf8"),
};

export function statement(name, values) {
  return { name, text: texts[name], values };
}
