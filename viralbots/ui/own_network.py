"""The visitor's own network: brought once, kept for the session, shown as a chip above Run."""

from __future__ import annotations

import streamlit as st

from viralbots.errors import InputError
from viralbots.ui.choose import show_problems
from viralbots.ui.i18n import Texts, number, plain
from viralbots.ui.uploads import MAX_BYTES, SUFFIXES, Upload, is_there, keep

KEPT = "lab.own_network"
_ROUND = "lab.network_round"
EXAMPLE = {
    "en": ("source", "target", "Ann Ben Cem Dia Eva Finn Gia Hugo Ida Jon Kim Leo"),
    "zh": ("来源", "目标", "小安 小白 小陈 小丁 小方 小高 小韩 小江 小李 小马 小宁 小王"),
}


def current() -> Upload | None:
    """The network in use."""
    found: Upload | None = st.session_state.get(KEPT)
    return found


def ask(t: Texts) -> Upload | None:
    """Let the visitor bring a network; what is wrong with a file is said in place."""
    with st.expander(t("network.title"), key="lab.network", on_change="rerun"):
        st.caption(t("network.how"))
        st.download_button(
            t("network.example"), example(t.lang), t("network.example_file"), "text/csv",
            key="network_example", type="tertiary", icon=":material/download:",
            on_click="ignore",
        )  # fmt: skip
        key = f"network_file.{st.session_state.setdefault(_ROUND, 0)}"
        file = st.file_uploader(
            t("network.label"), type=list(SUFFIXES), key=key,
            max_upload_size=MAX_BYTES >> 20, on_change=_note_removal, args=(key,),
        )  # fmt: skip
        if file is not None:
            st.session_state[KEPT] = _read(t, file.file_id, file.name, file.getvalue())
        upload = current()
        if upload is not None and not is_there(upload):
            st.warning(t("network.gone", name=plain(upload.name)))
            st.session_state[KEPT] = upload = None
        if upload is not None:
            _describe(t, upload)
        return upload


def example(lang: str) -> bytes:
    """A small network as a file: a ring of people with a few ties across."""
    source, target, names = EXAMPLE["zh" if lang == "zh" else "en"]
    people = names.split()
    pairs = [(one, people[(k + step) % len(people)])
             for k, one in enumerate(people) for step in (1, 3)]  # fmt: skip
    lines = [f"{source},{target}", *(f"{one},{other}" for one, other in pairs)]
    return ("\n".join(lines) + "\n").encode()


def _describe(t: Texts, upload: Upload) -> None:
    st.success(
        t("network.read", name=plain(upload.name), users=number(upload.n_users),
          ties=number(upload.n_ties))
    )  # fmt: skip
    if upload.encoding != "utf-8":
        st.warning(t("network.gb18030"))
    for key, n in (("loops", upload.loops), ("repeats", upload.repeats)):
        if n:
            st.caption(t(f"network.{key}", n=number(n)))


def _note_removal(key: str) -> None:
    """The file was taken out by hand; a page that is left says nothing."""
    if st.session_state.get(key) is None:
        st.session_state[KEPT] = None


def show_chip(t: Texts) -> None:
    """Which network is in use, and the way back to the invented one."""
    upload = current()
    if upload is not None:
        st.button(
            t("network.chip", name=plain(upload.name), users=number(upload.n_users)),
            key="network_chip", help=t("network.chip_help"), on_click=_forget,
        )  # fmt: skip


def _forget() -> None:
    st.session_state[KEPT] = None
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1  # an empty box for files


def _read(t: Texts, file_id: str, name: str, data: bytes) -> Upload | None:
    """Read a file once per upload; the answer, good or bad, is kept in the session."""
    memory = st.session_state
    if memory.get("upload_id") != file_id:
        memory["upload_id"], memory["upload"] = file_id, None
        try:
            memory["upload"] = keep(name, data)
        except InputError as error:
            memory["upload"] = error
    answer = memory["upload"]
    if isinstance(answer, InputError):
        show_problems(t, t("network.refused", name=plain(name)), answer)
        return None
    return answer if isinstance(answer, Upload) else None
