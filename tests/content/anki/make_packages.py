"""Makes the packages of the folder `packages`, and JSON files with what Anki itself reads from them.

It runs in an environment of its own that has the package `anki`; see packages/README.md.
"""

import json
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from anki.collection import Collection, ExportAnkiPackageOptions
from anki.deck_config_pb2 import UpdateDeckConfigsRequest
from anki.scheduler.v3 import CardAnswer

DAY = 86_400
FIELDS = ("Expression", "Reading", "Meaning", "Sentence")


def add_notes(col: Collection) -> dict[str, int]:
    """Returns the id of the first card of each note by a name."""
    japanese = col.models.new("Japanese")
    for name in FIELDS:
        col.models.add_field(japanese, col.models.new_field(name))
    for name, front, back in (("Recognition", "Expression", "Meaning"), ("Recall", "Meaning", "Expression")):
        template = col.models.new_template(name)
        template["qfmt"] = "{{" + front + "}}"
        template["afmt"] = "{{FrontSide}}<hr id=answer>{{Reading}} {{" + back + "}}"
        col.models.add_template(japanese, template)
    col.models.add(japanese)
    deck, kanji = col.decks.id("Japanese"), col.decks.id("Japanese::Kanji")
    first: dict[str, int] = {}

    def add(name: str, note_type: str, values: list[str], deck_id: int, tags: str = "") -> None:
        note = col.new_note(col.models.by_name(note_type))
        note.fields = values
        note.tags = tags.split()
        col.add_note(note, deck_id)
        first[name] = note.cards()[0].id

    add(
        "review",
        "Japanese",
        ["<b>食べる</b>", "食[た]べる", "to eat", "毎日[まいにち]ご飯[はん]を食[た]べる。"],
        deck,
        "verb jlpt::n5",
    )
    add("new", "Japanese", ["水", "みず", "water", ""], deck)
    add("learning", "Japanese", ["<ruby>学校<rt>がっこう</rt></ruby>", "", "school", ""], deck, "noun")
    add("relearning", "Japanese", ["忘れる[sound:wasureru.mp3]", "わすれる", "to forget", ""], deck)
    add("suspended", "Basic", ["猫", "cat<br>a small animal"], deck)
    add("buried", "Basic", ["犬", "dog &amp; hound"], deck)
    add("manually buried", "Basic", ["鳥", "bird"], deck)
    add("leech", "Basic (and reversed card)", ["薔薇", "rose"], deck, "rare")
    add("filtered", "Basic", ["月", "moon"], kanji, "kanji")
    add("flagged", "Basic", ["日", "sun"], kanji, "kanji")
    add("cloze", "Cloze", ["{{c1::東京}}は{{c2::日本}}の首都です。", "Tokyo"], deck)
    add("rescheduled", "Basic", ["山", "mountain"], kanji)
    add("overdue", "Basic", ["川", "river"], kanji)
    add("unusual", "Basic", ["海", "sea\u3000ocean"], kanji, "日本語::海")
    return first


def answer(col: Collection, card_id: int, rating: int) -> None:
    card = col.get_card(card_id)
    card.start_timer()
    states = col._backend.get_scheduling_states(card_id)
    ratings = (CardAnswer.AGAIN, CardAnswer.HARD, CardAnswer.GOOD, CardAnswer.EASY)
    col.sched.answer_card(col.sched.build_answer(card=card, states=states, rating=ratings[rating - 1]))


def add_history(col: Collection, card_id: int, now: int, entries: list[tuple[int, int, int, int, int, int]]) -> None:
    """Entries of the log: days ago, button, interval, last interval, factor, kind."""
    for number, (days_ago, button, interval, last, factor, kind) in enumerate(entries):
        # An entry's id is its time in milliseconds.
        col.db.execute(
            "insert into revlog values (?,?,-1,?,?,?,?,?,?)",
            (now - days_ago * DAY + 60 * number) * 1000 + col.db.scalar("select count() from revlog"),
            card_id,
            button,
            interval,
            last,
            factor,
            4_321 + days_ago,
            kind,
        )


def make_reviewed(col: Collection, card_id: int, due: int, interval: int, factor: int, reps: int, lapses: int) -> None:
    card = col.get_card(card_id)
    card.type = card.queue = 2
    card.due, card.ivl, card.factor, card.reps, card.lapses = due, interval, factor, reps, lapses
    col.update_card(card)


LONG = [
    (90, 3, -600, -60, 0, 0),
    (90, 3, 1, -600, 2500, 0),
    (89, 3, 3, 1, 2500, 1),
    (86, 3, 8, 3, 2500, 1),
    (78, 1, -600, 8, 2300, 1),
    (78, 3, 1, -600, 2300, 2),
    (77, 3, 4, 1, 2300, 1),
    (73, 2, 6, 4, 2150, 1),
    (67, 3, 13, 6, 2150, 1),
    (54, 4, 36, 13, 2300, 1),
    (18, 3, 80, 36, 2300, 1),
]


def make_collection(path: Path, *, fsrs: bool) -> tuple[Collection, dict[str, int]]:
    col = Collection(str(path))
    now = int(time.time())
    # Created half a year ago at 04:00.
    col.db.execute("update col set crt = crt - ?", 180 * DAY)
    col.close()
    col = Collection(str(path))
    today = col.sched.today
    first = add_notes(col)
    add_history(col, first["review"], now, LONG)
    make_reviewed(col, first["review"], today + 62, 80, 2300, 11, 1)
    add_history(col, first["overdue"], now, LONG[:4])
    make_reviewed(col, first["overdue"], today - 70, 8, 2500, 4, 0)
    add_history(col, first["relearning"], now, LONG[:4])
    make_reviewed(col, first["relearning"], today - 70, 8, 2500, 4, 0)
    add_history(col, first["leech"], now, [(60 - i, 1, -600, 1, 1300, 1) for i in range(7)])
    make_reviewed(col, first["leech"], today - 3, 1, 1300, 30, 7)
    for name in ("filtered", "flagged", "suspended"):
        add_history(col, first[name], now, LONG[:3])
        make_reviewed(col, first[name], today - 20 + len(name), 3, 2500, 3, 0)
    # Odd rows: no button, milliseconds beyond the limit, an interval in seconds of a review, an unknown kind of entry.
    add_history(
        col, first["unusual"], now, [*LONG[:3], (40, 0, 5, 3, 0, 1), (39, 3, -300, 3, 2500, 1), (30, 3, 9, 3, 2500, 3)]
    )
    make_reviewed(col, first["unusual"], today + 1, 9, 2500, 5, 0)
    col.db.execute("update revlog set time = 3600000 where cid = ? and ease = 0", first["unusual"])
    if fsrs:
        turn_fsrs_on(col)
    answer(col, first["learning"], 1)
    answer(col, first["learning"], 3)
    answer(col, first["relearning"], 1)
    answer(col, first["leech"], 1)
    filtered = col.sched.get_or_create_filtered_deck(0)
    filtered.name = "Cram"
    del filtered.config.search_terms[1:]
    filtered.config.search_terms[0].search = "deck:Japanese::Kanji front:月"
    filtered.config.search_terms[0].limit = 10
    col.sched.add_or_update_filtered_deck(filtered)
    col.sched.suspend_cards([first["suspended"]])
    col.sched.bury_cards([first["buried"]], manual=False)
    col.sched.bury_cards([first["manually buried"]], manual=True)
    col.set_user_flag_for_cards(4, [first["flagged"]])
    col.sched.set_due_date([first["rescheduled"]], "10!")
    col.sched.set_due_date([first["cloze"]], "3")
    col.sched.schedule_cards_as_new([first["flagged"]])
    assert "leech" in col.get_card(first["leech"]).note().tags
    assert col.get_card(first["filtered"]).odid
    return col, first


def turn_fsrs_on(col: Collection) -> None:
    update = col.decks.get_deck_configs_for_update(1)
    request = UpdateDeckConfigsRequest(
        target_deck_id=1,
        configs=[entry.config for entry in update.all_config],
        mode=0,
        fsrs=True,
        limits=update.current_deck.limits,
    )
    col.decks.update_deck_configs(request)


def describe(col: Collection, names: dict[str, int]) -> dict[str, object]:
    """What Anki itself says about the collection."""
    notes = []
    for note_id in sorted(col.find_notes("")):
        note = col.get_note(note_id)
        cards = []
        for card in sorted(note.cards(), key=lambda card: card.ord):
            stats = col.card_stats_data(card.id)
            cards.append(
                {
                    "id": card.id,
                    "template": card.template()["name"],
                    "ord": card.ord,
                    "deck": col.decks.name(card.odid or card.did),
                    "type": int(card.type),
                    "queue": int(card.queue),
                    "interval": card.ivl,
                    "ease": card.factor,
                    "reps": card.reps,
                    "lapses": card.lapses,
                    "flag": card.user_flag(),
                    "filtered": bool(card.odid),
                    "left": card.left,
                    "dueDate": stats.due_date if stats.HasField("due_date") else None,
                    "duePosition": stats.due_position if stats.HasField("due_position") else None,
                    "stability": stats.memory_state.stability if stats.HasField("memory_state") else None,
                    "difficulty": stats.memory_state.difficulty if stats.HasField("memory_state") else None,
                    "desiredRetention": stats.desired_retention if stats.HasField("desired_retention") else None,
                    "reviews": [
                        dict(
                            zip(
                                ("id", "button", "interval", "lastInterval", "factor", "milliseconds", "kind"),
                                row,
                                strict=True,
                            )
                        )
                        for row in col.db.all(
                            "select id, ease, ivl, lastIvl, factor, time, type from revlog where cid = ? order by id",
                            card.id,
                        )
                    ],
                }
            )
        notes.append(
            {
                "id": note.id,
                "guid": note.guid,
                "noteType": note.note_type()["name"],
                "kind": note.note_type()["type"],
                "fields": dict(note.items()),
                "tags": note.tags,
                "cards": cards,
            }
        )
    return {
        "createdAt": col.crt,
        "rollover": col.get_config("rollover", 4),
        "today": col.sched.today,
        "dayCutoff": col.sched.day_cutoff,
        "creationOffset": col.get_config("creationOffset"),
        "decks": sorted(deck.name for deck in col.decks.all_names_and_ids()),
        "names": {card_id: name for name, card_id in names.items()},
        "notes": notes,
    }


def main(out: Path) -> None:
    with tempfile.TemporaryDirectory() as directory:
        work = Path(directory)
        for name, fsrs in (("sm2", False), ("fsrs", True)):
            col, names = make_collection(work / f"{name}.anki2", fsrs=fsrs)
            (out / f"{name}.json").write_text(json.dumps(describe(col, names), ensure_ascii=False, indent=1) + "\n")
            for ending, legacy in (("anki21b", False), ("anki21", True)):
                options = ExportAnkiPackageOptions(
                    with_scheduling=True, with_deck_configs=True, with_media=False, legacy=legacy
                )
                col.export_anki_package(out_path=str(out / f"{name}.{ending}.apkg"), options=options, limit=None)
            if fsrs:
                col.export_collection_package(str(out / f"{name}.anki21b.colpkg"), include_media=False, legacy=False)
            else:
                col.export_collection_package(str(out / f"{name}.anki21.colpkg"), include_media=False, legacy=True)
            # Today's Anki writes no package with a real collection.anki2; its database is that of collection.anki21.
            with zipfile.ZipFile(out / f"{name}.anki21.apkg") as legacy_package:
                database = legacy_package.read("collection.anki21")
            with zipfile.ZipFile(out / f"{name}.anki2.apkg", "w", zipfile.ZIP_DEFLATED) as oldest:
                oldest.writestr("collection.anki2", database)
                oldest.writestr("media", "{}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
