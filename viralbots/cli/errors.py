"""Mistakes in the use of the command line, in the reader's language.

argparse puts its sentences together in English, so each is recognised by its form. One that is
not in the table is shown as it is.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable
from typing import Any, NoReturn

_PLACE = re.compile(r"argument (.+?): (.*)", re.S)
_FORMS: tuple[tuple[str, str], ...] = (
    (r"the following arguments are required: (.*)", "缺少参数：{0}"),
    (r"one of the arguments (.*) is required", "必须给出其中之一：{0}"),
    (r"unrecognized arguments: (.*)", "不认识的参数：{0}"),
    (r"ambiguous option: (.*) could match (.*)", "{0}不明确，可能是：{1}"),
    (r"expected one argument", "后面要跟一个值"),
    (r"expected at most one argument", "后面最多跟一个值"),
    (r"expected at least one argument", "后面至少要跟一个值"),
    (r"expected (\d+) arguments?", "后面要跟{0}个值"),
    (r"invalid choice: (.*) \(choose from (.*)\)", "不能是{0}，可选的有：{1}"),
    (r"invalid int value: (.*)", "必须是整数，这里是{0}"),
    (r"invalid float value: (.*)", "必须是数字，这里是{0}"),
    (r"invalid .* value: (.*)", "不能是{0}"),
    (r"not allowed with argument (.*)", "不能与参数{0}同时使用"),
    (r"ignored explicit argument (.*)", "后面不能有值，这里是{0}"),
    (r"must be a whole number from (.*) to (.*), got (.*)", "必须是{0}到{1}之间的整数，这里是{2}"),
)
_HEADINGS = {"positional arguments": "参数", "options": "选项"}


def parser_class(lang: str) -> type[argparse.ArgumentParser]:
    """The class of parser, subparsers included, that tells mistakes in a language.

    >>> parser = parser_class("zh")(prog="viralbots")
    >>> parser.format_usage()
    '用法：viralbots [-h]\\n'
    """
    return _ChineseParser if lang == "zh" else argparse.ArgumentParser


def in_chinese(message: str) -> str:
    """A sentence of argparse in Chinese; what the table does not know stays as it is.

    >>> in_chinese("argument --seed: expected one argument")
    '参数--seed：后面要跟一个值'
    """
    placed = _PLACE.fullmatch(message)
    if placed is not None:
        return f"参数{placed[1]}：{in_chinese(placed[2])}"
    for form, told in _FORMS:
        found = re.fullmatch(form, message, re.S)
        if found is not None:
            return told.format(*found.groups())
    return message


class _ChineseFormatter(argparse.HelpFormatter):
    """Usage and headings in Chinese; the help of an option is what its author wrote."""

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None = None,
    ) -> None:
        super().add_usage(usage, actions, groups, "用法：" if prefix is None else prefix)

    def start_section(self, heading: str | None) -> None:
        super().start_section(_HEADINGS.get(heading or "", heading))


class _ChineseParser(argparse.ArgumentParser):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        own = {"formatter_class": _ChineseFormatter, "add_help": False}
        super().__init__(*arguments, **{**own, **options})
        self.add_argument("-h", "--help", action="help", help="显示这份说明")

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}：错误：{in_chinese(message)}\n")
