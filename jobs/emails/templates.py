"""The words of e-mails, in Japanese and English."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.notifications import NotificationKind


class Language(StrEnum):
    """The languages of e-mails."""

    JAPANESE = "ja"
    ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Template:
    """`{subject}`: the title of a textbook or the name of a group; `{days}`: the length of a streak."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The words around each text."""

    open_app: str
    unsubscribe: str


FRAMES: Mapping[Language, Frame] = {
    Language.JAPANESE: Frame("ShinJPを開く", "このお知らせのメールを停止する"),
    Language.ENGLISH: Frame("Open ShinJP", "Stop e-mails of this kind"),
}

TEMPLATES: Mapping[Language, Mapping[NotificationKind, Template]] = {
    Language.JAPANESE: {
        NotificationKind.WELCOME: Template(
            "ShinJPへようこそ",
            "ご登録ありがとうございます。まずレベルを選んでカードを作り、毎日少しずつ復習しましょう。",
        ),
        NotificationKind.EXPORT_READY: Template(
            "エクスポートが完了しました", "エクスポートしたファイルをダウンロードできます。リンクは24時間有効です。"
        ),
        NotificationKind.IMPORT_READY: Template(
            "インポートが完了しました", "インポートしたカードを復習できるようになりました。"
        ),
        NotificationKind.TEXTBOOK_READY: Template(
            "教科書ができました", "教科書「{subject}」のすべての章ができました。"
        ),
        NotificationKind.ASSIGNMENT: Template("新しい課題があります", "グループ「{subject}」に新しい課題が出ました。"),
        NotificationKind.STREAK_AT_RISK: Template(
            "連続記録が途切れそうです", "今日はまだ復習していません。{days}日間の連続記録を続けましょう。"
        ),
        NotificationKind.REPORT_RESOLVED: Template(
            "ご報告への返答があります", "お送りいただいたご報告に編集者が対応しました。"
        ),
    },
    Language.ENGLISH: {
        NotificationKind.WELCOME: Template(
            "Welcome to ShinJP",
            "Thank you for signing up. Choose a level, create cards, and review a few of them every day.",
        ),
        NotificationKind.EXPORT_READY: Template(
            "Your export is ready", "You can download the exported file. Its link expires after 24 hours."
        ),
        NotificationKind.IMPORT_READY: Template("Your import is complete", "You can review the imported cards now."),
        NotificationKind.TEXTBOOK_READY: Template(
            "Your textbook is ready", "All chapters of the textbook “{subject}” are written."
        ),
        NotificationKind.ASSIGNMENT: Template(
            "You have a new assignment", "There is a new assignment for the group “{subject}”."
        ),
        NotificationKind.STREAK_AT_RISK: Template(
            "Your streak is about to end",
            "You have not studied today. Review a card to keep your streak of {days} days.",
        ),
        NotificationKind.REPORT_RESOLVED: Template(
            "Your report was answered", "An editor has dealt with the report that you sent."
        ),
    },
}


def language_of(locale: str | None) -> Language:
    """Return the language for a language tag such as `ja-JP`: English unless it is Japanese."""
    return Language.JAPANESE if (locale or "").partition("-")[0].lower() == "ja" else Language.ENGLISH
