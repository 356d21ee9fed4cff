"""Every mutation, most of which change the dashboard."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.ids import global_id, parse_global_id
from tests.databases import column, execute
from tests.images import png
from tests.import_samples import ANALYZED_IMPORT
from tests.review_assertions import NEW, answer, card_ids
from tests.schema.root_types import MUTATION
from tests.schema.test_permissions import OF_ADMINISTRATORS
from tests.streams import StreamServer


class Walk:
    """Runs each mutation as a learner, who is also an editor, or as an administrator."""

    def __init__(self, server: StreamServer, url: str) -> None:
        self._server = server
        self._url = url
        self.ran: set[str] = set()

    async def run(self, name: str, input_: dict[str, Any], selection: str = "errors { code }") -> Any:
        input = MUTATION.fields[name].args.get("input")
        query = f"mutation {{ {name} {{ {selection} }} }}"
        if input is not None:
            query = f"mutation($input: {input.type}) {{ {name}(input: $input) {{ {selection} }} }}"
        # The streams of a deleted account end.
        user = "admin" if name in OF_ADMINISTRATORS else "editor" if name == "deleteAccount" else "demo"
        payload = (await self._server.client.run(query, {"input": input_}, user=user)).data[name]
        assert not payload.get("errors"), payload
        self.ran.add(name)
        return payload

    async def steps(self) -> AsyncIterator[None]:
        """Pauses after each mutation."""
        new, reviewed = await card_ids(self._url, "demo", 1, NEW), await card_ids(self._url, "demo", 2, "not suspended")
        [word] = await column(
            self._url,
            "select id from vocabulary"
            " where not exists (select from cards where vocabulary_id = vocabulary.id) limit 1",
        )
        for _ in range(2):
            await self.run("createCards", {"vocabularyIds": [global_id("Vocabulary", word)]})
            yield
        for suspended in (True, True, False):
            await self.run("setCardsSuspended", {"cardIds": reviewed[:1], "suspended": suspended})
            yield
        for key in ("first", "first", "second"):
            reviews = [answer(new[0], key, 3, durationMs=4_000)]
            found = await self.run("reviewCards", {"reviews": reviews}, "results { review { id } error { code } }")
            yield
        crammed = [answer(new[0], "cram", 2, durationMs=4_000, reschedule=False)]
        await self.run("reviewCards", {"reviews": crammed}, "results { error { code } }")
        yield
        await self.run("undoReviews", {"reviewIds": [found["results"][0]["review"]["id"]]})
        yield
        for changed in (
            {"newCardsPerDay": 3},
            {"reviewsPerDay": 77},
            {"timeZone": "Pacific/Kiritimati"},
            {"timeZone": "Pacific/Pago_Pago"},
            {"scheduler": "SM2"},
            {"scheduler": "FSRS"},
            {"desiredRetention": 0.8},
        ):
            await self.run("updateStudySettings", changed)
            yield
        for key, added in (("first", {"newCards": 5}), ("first", {"newCards": 5}), ("second", {"reviews": 6})):
            await self.run("extendTodayLimits", {"idempotencyKey": key, **added})
            yield
        await self.run("undoLimitExtension", {"idempotencyKey": "second"})
        yield
        book = {"author": "作者", "description": "New.", "jlptLevel": "N3", "pageCount": 10, "publish": True}
        made = await self.run("createBook", {"title": "新しい本", **book}, "book { id version } errors { code }")
        yield
        id = made["book"]["id"]
        for page in (3, 5, 5):
            await self.run("updateReadingProgress", {"bookId": id, "currentPage": page})
            yield
        await self.run("updateBook", {"id": id, "expectedVersion": 1, "title": "別の題"})
        yield
        # The book gets one page, so that the progress is complete.
        await self.run("importBookText", {"bookId": id, "expectedVersion": 2, "text": "一頁だけの本。"})
        yield
        await self.run("deleteBook", {"id": id})
        yield
        given = {"title": "Mine", "jlptLevel": "N4", "topics": ["食べ物"], "numberOfChapters": 3}
        made = await self.run("generateTextbook", given, "textbook { id version } job { id } errors { code }")
        yield
        await self.run("cancelJob", {"id": made["job"]["id"]})
        yield
        await self.run("retryJob", {"id": made["job"]["id"]})
        yield
        textbook, version = made["textbook"]["id"], made["textbook"]["version"]
        await self.run("updateTextbook", {"id": textbook, "expectedVersion": version, "title": "Yours"})
        yield
        await self.run("deleteTextbook", {"id": textbook})
        yield
        await self.run("restoreTextbook", {"id": textbook})
        yield
        [exercise] = await column(self._url, "select id from exercises where book_id is not null limit 1")
        attempt = {"exerciseId": global_id("Exercise", exercise), "answers": [{"option": 0}], "idempotencyKey": "e"}
        await self.run("answerExercises", {"attempts": [attempt]})
        yield
        [chapter] = await column(self._url, "select id from chapters where position = 1 limit 1")
        await self.run("updateChapterProgress", {"chapterId": global_id("Chapter", chapter), "isRead": True})
        yield
        await self.run("requestExport", {"kind": "CARDS"})
        yield
        await self.run("optimizeScheduling", {})
        yield
        await self.run("requestTextAnalysis", {"text": "猫が寝る。"})
        yield
        async for _ in self._cards(reviewed):
            yield
        ends_on = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
        await self.run("startVacation", {"endsOn": ends_on})
        yield
        await self.run("endVacation", {"undo": True})
        yield
        async for _ in self._accounts():
            yield
        async for _ in self._notifications():
            yield
        async for _ in self._editors():
            yield
        async for _ in self._groups():
            yield
        async for _ in self._webhooks():
            yield
        async for _ in self._imports():
            yield
        await self.run("purgeCache", {"everything": True}, "purgedTags")
        yield
        await execute(self._url, "insert into periodic_work values ('analytics', now(), 600) on conflict do nothing")
        for name, changed in (
            ("retryFailedJobs", {"kind": "EXPORT"}),
            ("runSchedule", {"name": "analytics"}),
            ("refreshAnalytics", {}),
        ):
            await self.run(name, changed)
            yield
        # The last mutation changes the dashboard, so that all earlier events have been received.
        await self.run("updateStudySettings", {"timeZone": "Pacific/Kiritimati"})
        yield

    async def _cards(self, cards: list[str]) -> AsyncIterator[None]:
        given = {"cardIds": cards}
        kanji = await column(self._url, "select id from kanji limit 1")
        await self.run("createKanjiCards", {"kanjiIds": [global_id("Kanji", id) for id in kanji]})
        yield
        for name, changed in (
            ("flagCards", {"flag": 1}),
            ("tagCards", {"tags": ["verbs"]}),
            ("untagCards", {"tags": ["verbs"]}),
            ("rescheduleCards", {"days": 3, "idempotencyKey": "spread"}),
            ("buryCards", {"idempotencyKey": "bury"}),
            ("unburyCards", {"idempotencyKey": "unbury"}),
            ("resetCards", {"idempotencyKey": "reset"}),
            ("deleteCards", {}),
            ("restoreCards", {}),
        ):
            await self.run(name, given | changed)
            yield
        await self.run("undoScheduleChange", {"idempotencyKey": "reset"})
        yield

    async def _notifications(self) -> AsyncIterator[None]:
        preference = {"kind": "WELCOME", "channel": "IN_APP", "enabled": True}
        await self.run("updateNotificationPreferences", {"preferences": [preference]})
        yield
        [id] = await column(
            self._url,
            "insert into notifications (id, user_id, kind, cause, in_app)"
            " select gen_random_uuid(), id, 'WELCOME', 'sign-up', true from users where subject = 'demo' returning id",
        )
        await self.run("markNotificationsRead", {"ids": [global_id("Notification", id)]})
        yield

    async def _editors(self) -> AsyncIterator[None]:
        async for _ in self._corrections():
            yield
        async for _ in self._edited_textbook():
            yield
        book = {
            "title": "版",
            "author": "作者",
            "description": "New.",
            "jlptLevel": "N3",
            "pageCount": 10,
            "publish": True,
        }
        id = (await self.run("createBook", book, "book { id } errors { code }"))["book"]["id"]
        yield
        [word] = await column(self._url, "select id from vocabulary limit 1")
        words = {"bookId": id, "vocabularyIds": [global_id("Vocabulary", word)]}
        await self._edit("setBookVocabulary", "book", words, 1)
        yield
        await self._edit("importBookText", "book", {"bookId": id, "text": "一頁だけの本。"}, 2)
        yield
        page = {"bookId": id, "number": 1, "text": "別の頁。"}
        await self._edit("updateBookPage", "book", page, 3)
        yield
        version: int | None = 4
        for name, numbers in (
            ("insertBookPage", {"number": 2, "text": "二頁。"}),
            ("moveBookPage", {"number": 2, "toNumber": 1}),
            ("deleteBookPage", {"number": 1}),
        ):
            version = await self._edit(name, "book", {"bookId": id, **numbers}, version)
            yield
        cover = {"bookId": id, "image": {"uploadId": await self._uploaded(png())}}
        version = await self._edit("setBookCover", "book", cover, version)
        yield
        version = await self._edit("updateBook", "book", {"id": id, "title": "二版"}, version)
        yield
        version = await self._edit("revertBookRevision", "book", await self._revision(id, "Book"), version)
        yield
        await self._edit("deleteBook", "book", {"id": id}, version)
        yield
        await self._edit("restoreBook", "book", {"id": id}, version and version + 1)
        yield

    async def _uploaded(self, content: bytes) -> str:
        """The location of a complete upload."""
        client = self._server.client
        headers = {"Tus-Resumable": "1.0.0", "Authorization": f"Bearer {client.token('demo')}"}
        created = await client.http.post("/uploads", headers={**headers, "Upload-Length": str(len(content))})
        location: str = created.headers["Location"]
        chunk = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
        await client.http.patch(location, headers=headers | chunk, content=content)
        return location

    async def _edit(self, name: str, object: str, input_: dict[str, Any], version: int | None) -> int | None:
        """Returns the version of the object after the mutation, as clients send it with the next one."""
        selection = f"{object} {{ version }} errors {{ code path message }}"
        if object not in MUTATION.fields[name].type.fields:
            selection = "errors { code path message }"
        found = (await self.run(name, {**input_, "expectedVersion": version}, selection)).get(object)
        return found["version"] if found else version

    async def _revision(self, id: str, type_: str) -> dict[str, str]:
        """The input that reverts the newest revision."""
        newest = "revisions(first: 1) { nodes { revisionId } }"
        query = f"query($id: ID!) {{ node(id: $id) {{ ... on {type_} {{ {newest} }} }} }}"
        answered = await self._server.client.run(query, {"id": id}, user="demo")
        return {"revisionId": answered.data["node"]["revisions"]["nodes"][0]["revisionId"]}

    async def _corrections(self) -> AsyncIterator[None]:
        [word] = await column(self._url, "select vocabulary_id from example_sentences where position = 0 limit 1")
        [kanji] = await column(self._url, "select id from kanji limit 1")
        id = global_id("Vocabulary", word)
        senses = {"id": id, "senses": [{"glosses": ["new meaning"], "partsOfSpeech": ["NOUN"]}]}
        sentence = {"vocabularyId": id, "position": 0, "english": "Another translation."}
        correction = "correction { id version } errors { code path message }"
        for name, input_ in (
            ("correctVocabulary", senses),
            ("correctSentence", sentence),
            ("correctKanji", {"id": global_id("Kanji", kanji), "meanings": ["new"]}),
        ):
            made = await self.run(name, {**input_, "source": "A dictionary.", "expectedVersion": 0}, correction)
            yield
        corrected = made["correction"]
        await self.run("revertCorrection", {"id": corrected["id"], "expectedVersion": corrected["version"]})
        yield
        reported = {"objectId": id, "reason": "SPELLING", "comment": "Wrong."}
        report = (await self.run("reportContent", reported, "report { id version } errors { code }"))["report"]
        yield
        version = await self._edit("assignReport", "report", {"id": report["id"]}, report["version"])
        yield
        await self._edit("resolveReport", "report", {"id": report["id"], "resolution": "REJECTED"}, version)
        yield

    async def _edited_textbook(self) -> AsyncIterator[None]:
        given = {"title": "猫の本", "jlptLevel": "N5", "topics": ["Animals"], "isPublic": True}
        id = (await self.run("createTextbook", given, "textbook { id } errors { code }"))["textbook"]["id"]
        yield
        chapter = {"textbookId": id, "expectedVersion": 1, "title": "一", "summary": "Cats.", "content": "# 猫"}
        created = await self.run("createChapter", chapter, "chapter { id } textbook { version } errors { code path }")
        yield
        one, version = {"id": created["chapter"]["id"]}, created["textbook"]["version"]
        exercises = {"chapterId": one["id"], "exercises": []}
        for name, input_ in (
            ("updateChapter", {**one, "title": "二"}),
            ("setChapterExercises", exercises),
            ("reorderChapters", {"textbookId": id, "chapterIds": [one["id"]]}),
            ("deleteChapter", one),
            ("restoreChapter", one),
        ):
            version = await self._edit(name, "textbook", input_, version)
            yield
        copied = await self.run(
            "copyTextbookToLibrary", {"id": id, "expectedVersion": version}, "textbook { id version } errors { code }"
        )
        yield
        id, version = copied["textbook"]["id"], copied["textbook"]["version"]
        version = await self._edit("updateTextbook", "textbook", {"id": id, "title": "犬の本"}, version)
        yield
        await self._edit("revertTextbookRevision", "textbook", await self._revision(id, "Textbook"), version)
        yield

    async def _groups(self) -> AsyncIterator[None]:
        created = await self.run("createGroup", {"name": "Class"}, "group { id } errors { code }")
        id = created["group"]["id"]
        yield
        await self.run("updateGroup", {"id": id, "expectedVersion": 1, "name": "Class 1"})
        yield
        invited = await self.run(
            "createGroupInvitation", {"groupId": id}, "code invitation { id } errors { code message }"
        )
        yield
        await self.run("joinGroup", {"code": invited["code"]})
        yield
        await self.run("revokeGroupInvitation", {"id": invited["invitation"]["id"]})
        yield
        await self.run("setGroupConsent", {"groupId": id, "sharesProgress": True})
        yield
        [book] = await column(self._url, "select id from books where published_at is not null limit 1")
        due_at = (datetime.now(UTC) + timedelta(days=9)).isoformat()
        given = {"groupId": id, "bookId": global_id("Book", book), "dueAt": due_at}
        assigned = await self.run("assignToGroup", given, "assignment { id } errors { code }")
        yield
        await self.run("deleteAssignment", {"id": assigned["assignment"]["id"]})
        yield
        # Another teacher, who is removed, and then another one, because the last teacher cannot leave.
        teacher = (
            "insert into group_members (id, group_id, user_id, role)"
            f" select gen_random_uuid(), '{parse_global_id(id)[1]}', id, 'TEACHER' from users where subject = '{{}}'"
            " returning id"
        )
        [member] = await column(self._url, teacher.format("admin"))
        await self.run("removeGroupMember", {"id": global_id("GroupMember", member)})
        yield
        await column(self._url, teacher.format("admin"))
        await self.run("leaveGroup", {"groupId": id})
        yield
        await column(self._url, teacher.format("demo"))
        await self.run("deleteGroup", {"id": id})
        yield

    async def _imports(self) -> AsyncIterator[None]:
        await self.run("createCustomCards", {"words": [{"word": "推し活"}]})
        yield
        await execute(self._url, ANALYZED_IMPORT.format(number=1, subject="demo"))
        [upload] = await column(self._url, "select id from uploads limit 1")
        await self.run("startImport", {"csv": {"uploadId": str(upload)}})
        yield
        [id] = await column(self._url, "select id from imports where status = 'ANALYZED' limit 1")
        await self.run("chooseImportWords", {"id": global_id("Import", id), "choices": [{"form": "今日"}]})
        yield
        note_types = [{"name": "Rows", "expression": "Word"}]
        await self.run("confirmImport", {"id": global_id("Import", id), "noteTypes": note_types})
        yield

    async def _webhooks(self) -> AsyncIterator[None]:
        given = {"url": "https://hooks.example.com", "eventKinds": ["BOOK_FIRST_PUBLISHED"]}
        created = await self.run("createWebhook", given, "webhook { id } errors { code }")
        yield
        id = created["webhook"]["id"]
        [delivery] = await column(
            self._url,
            "insert into webhook_deliveries (id, webhook_id, event_id, event_kind, payload) values"
            f" (gen_random_uuid(), '{parse_global_id(id)[1]}', gen_random_uuid(), 'BOOK_FIRST_PUBLISHED', '')"
            " returning id",
        )
        for name, input_ in (
            ("replayWebhookDelivery", {"id": global_id("WebhookDelivery", delivery)}),
            ("setWebhookEnabled", {"id": id, "enabled": False}),
            ("deleteWebhook", {"id": id}),
        ):
            await self.run(name, input_)
            yield

    async def _accounts(self) -> AsyncIterator[None]:
        await self.run("updateProfile", {"displayName": "別名"})
        yield
        await self.run("requestDataExport", {})
        yield
        await self.run("cancelAccountDeletion", {})
        yield
        [managed] = await column(self._url, "select id from users where subject not in ('demo', 'admin') limit 1")
        user = {"userId": global_id("User", managed), "reason": "Test."}
        for name, changed in (("setUserRole", {"role": "EDITOR"}), ("blockUser", {}), ("unblockUser", {})):
            await self.run(name, user | changed)
            yield
        await self.run("deleteAccount", {"confirmation": "editor@shinjp.example"})
        yield
