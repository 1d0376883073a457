"""What people save: theirs alone, in their own words, found again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.store import made_up
from viralbots.errors import StoreError
from viralbots.store import Store, shelf

DOCUMENT = "\ufeffformat: 1\r\n# 注释 \t trailing  \nname: 'it''s'\x00\u2028\n\n"
HOSTILE = ['"', "'", "\x00", "%", "_", "a\x00b", "); DROP TABLE runs; --", '"" OR', "\ud800", "*"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "saved.sqlite3") as store:
        yield store


@pytest.fixture
def ann(store: Store) -> str:
    return store.new_workspace()


def save(store: Store, workspace: str, name: str, **more: object) -> int:
    options: dict[str, object] = {"document": DOCUMENT, "identity": "1f", **more}
    return store.save_scenario(workspace, name=name, **options)  # type: ignore[arg-type]


def change(store: Store, sql: str, *values: object) -> None:
    with store._connection.writing() as database:
        assert database.execute(sql, values).rowcount > 0


# Workspaces ------------------------------------------------------------------------------


def test_ids_of_workspaces_cannot_be_guessed_and_fit_into_an_address(store: Store) -> None:
    ids = {store.new_workspace() for _ in range(50)}
    assert len(ids) == 50 and all(re.fullmatch("[0-9a-f]{32}", one) for one in ids)
    assert all(store.has_workspace(one) and store.workspace(one) == one for one in ids)


def test_the_own_workspace_is_made_once_for_each_database(store: Store, tmp_path: Path) -> None:
    own = store.own_workspace()
    with Store(store.path) as again, Store(tmp_path / "another.sqlite3") as other:
        assert again.own_workspace() == own == store.own_workspace()
        assert other.own_workspace() != own


@pytest.mark.parametrize("wrong", ["", "nobody", "' OR 1=1 --", "\ud800"])
def test_an_unknown_workspace_is_refused(store: Store, wrong: str) -> None:
    with pytest.raises(StoreError):
        store.workspace(wrong)
    with pytest.raises(StoreError):
        save(store, wrong, "mine")
    with pytest.raises(StoreError):
        store.save_result(wrong, made_up.recipe(1, range(2)))
    assert store.size().scenarios == store.size().results == 0


def test_what_is_saved_is_invisible_to_other_workspaces(store: Store, ann: str) -> None:
    bob = store.new_workspace()
    scenario = save(store, ann, "secret", tags=["private"])
    result = store.save_result(ann, made_up.recipe(1, range(2)), tags=["private"])
    assert store.scenarios(bob) == [] and store.results(bob) == [] and store.tags(bob) == {}
    refused: list[Callable[[], object]] = [
        lambda: store.scenario(bob, scenario),
        lambda: store.lineage(bob, scenario),
        lambda: store.annotate_scenario(bob, scenario, name="mine now"),
        lambda: store.delete_scenario(bob, scenario),
        lambda: save(store, bob, "child", parent=scenario),
        lambda: store.result(bob, result),
        lambda: store.annotate_result(bob, result, name="mine now"),
        lambda: store.delete_result(bob, result),
    ]
    for attempt in refused:
        with pytest.raises(StoreError) as caught:
            attempt()
        # The same as for a number that nobody has.
        assert caught.value.code in ("unknown_saved_scenario", "unknown_saved_result")
    assert store.scenario(ann, scenario).name == "secret"
    assert store.result(ann, result).tags == ("private",)


def test_the_same_result_in_two_workspaces_is_two_results(store: Store, ann: str) -> None:
    bob, recipe = store.new_workspace(), made_up.recipe(1, range(2))
    assert store.save_result(ann, recipe) != store.save_result(bob, recipe)


# Scenarios -------------------------------------------------------------------------------


def test_the_text_of_a_scenario_is_kept_as_it_is(store: Store, ann: str) -> None:
    number = save(store, ann, "mine", notes="with a\nnote", tags=[" a ", "b", "a", ""])
    saved = store.scenario(ann, number)
    assert saved.document == DOCUMENT
    assert (saved.id, saved.name, saved.notes) == (number, "mine", "with a\nnote")
    assert (saved.tags, saved.identity, saved.parent) == (("a", "b"), "1f", None)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", saved.created)
    assert store.scenarios(ann) == [saved]


def test_labels_change_one_by_one(store: Store, ann: str) -> None:
    number = save(store, ann, "first", notes="note", tags=["a"])
    store.annotate_scenario(ann, number, name="second")
    store.annotate_scenario(ann, number, tags=["b", "c"])
    saved = store.scenario(ann, number)
    assert (saved.name, saved.notes, saved.tags) == ("second", "note", ("b", "c"))
    store.annotate_scenario(ann, number, notes="")
    assert store.scenario(ann, number).notes == "" and saved.document == DOCUMENT


def test_lineage_leads_to_the_first_and_survives_a_deletion(store: Store, ann: str) -> None:
    first = save(store, ann, "first")
    second = save(store, ann, "second", parent=first)
    third = save(store, ann, "third", parent=second)
    assert [s.name for s in store.lineage(ann, third)] == ["third", "second", "first"]
    store.delete_scenario(ann, second)
    assert [s.name for s in store.lineage(ann, third)] == ["third", "first"]
    store.delete_scenario(ann, first)
    assert [s.name for s in store.lineage(ann, third)] == ["third"]
    assert store.check() == []


def test_the_number_of_a_deleted_thing_is_not_given_again(store: Store, ann: str) -> None:
    number = save(store, ann, "first")
    store.delete_scenario(ann, number)
    assert save(store, ann, "second") > number
    with pytest.raises(StoreError, match=f"no saved scenario {number} in this workspace"):
        store.scenario(ann, number)


@pytest.mark.parametrize("number", [0, -1, 2**63, 2**80])
def test_numbers_that_no_thing_can_have_are_unknown(store: Store, ann: str, number: int) -> None:
    for read in (store.scenario, store.result, store.delete_scenario, store.delete_result):
        with pytest.raises(StoreError, match="there is no saved"):
            read(ann, number)


def test_texts_have_bounds_that_the_error_names(store: Store, ann: str) -> None:
    for field, options in (
        ("name", {"name": "x" * 201}),
        ("notes", {"notes": "x" * 20_001}),
        ("tag", {"tags": ["x" * 51]}),
        ("document", {"document": "x" * 1_000_001}),
    ):
        with pytest.raises(StoreError, match=f"the {field} may have at most") as caught:
            save(store, ann, **{"name": "mine", **options})  # type: ignore[arg-type]
        assert caught.value.values["limit"] == shelf.LONGEST[field]
    with pytest.raises(StoreError, match="at most 20 tags"):
        save(store, ann, "mine", tags=[str(k) for k in range(21)])
    for options in ({"name": "\ud800"}, {"document": "\udfff"}, {"tags": ["\ud800"]}):
        with pytest.raises(StoreError, match="half of a surrogate pair"):
            save(store, ann, **{"name": "mine", **options})  # type: ignore[arg-type]
    assert store.scenarios(ann) == []


# Results ---------------------------------------------------------------------------------


def test_a_recipe_comes_back_with_all_its_fields(store: Store, ann: str) -> None:
    recipe = made_up.recipe(4, range(3), n_wanted=20, seed=2**70, name="mine", tags=("a",))
    number = store.save_result(ann, recipe, notes="note")
    saved = store.result(ann, number)
    for name, value in vars(recipe).items():
        if name != "notes":
            assert getattr(saved, name) == value, name
    assert (saved.id, saved.notes) == (number, "note") and store.results(ann) == [saved]


def test_the_same_recipe_again_is_the_same_result_and_keeps_its_labels(
    store: Store, ann: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = store.save_result(ann, made_up.recipe(4, range(3)), name="first")
    store.annotate_result(ann, number, notes="mine")
    monkeypatch.setattr("viralbots.store.results.now", lambda: "9999-01-01T00:00:00Z")
    assert store.save_result(ann, made_up.recipe(4, range(3)), name="second") == number
    saved = store.result(ann, number)
    assert (saved.name, saved.notes) == ("first", "mine")
    assert saved.used == "9999-01-01T00:00:00Z" > saved.created
    assert store.save_result(ann, made_up.recipe(4, range(4))) != number
    assert store.save_result(ann, made_up.recipe(4, range(3), digest="other")) != number


def test_a_result_needs_a_run_for_each_replicate(store: Store, ann: str) -> None:
    with pytest.raises(StoreError, match="got 3 runs for 2 replicates"):
        store.save_result(ann, made_up.recipe(4, range(3), replicates=(0, 1)))


def test_a_deleted_result_is_gone_and_its_runs_stay(store: Store, ann: str) -> None:
    store.keep(made_up.run(4, 0))
    number = store.save_result(ann, made_up.recipe(4, range(1)))
    store.delete_result(ann, number)
    assert store.results(ann) == [] and store.size().runs == 1 and store.check() == []


# Search, order, tags ---------------------------------------------------------------------


def test_words_are_found_in_name_notes_and_tags_in_any_case(store: Store, ann: str) -> None:
    save(store, ann, "Über ALLES", notes="first note", tags=["红包"])
    save(store, ann, "other", notes="über und alles")
    save(store, ann, "third", tags=["Alles"])

    def found(text: str, **more: str) -> list[str]:
        return [saved.name for saved in store.scenarios(ann, search=text, **more)]

    assert found("ÜBER alles") == ["other", "Über ALLES"]
    assert found("alles") == ["third", "other", "Über ALLES"]
    assert found("红包") == ["Über ALLES"] and found("红 first") == ["Über ALLES"]
    assert found("nowhere") == []
    assert found("", tag="Alles") == ["third"] and found("", tag="alles") == []
    assert store.tags(ann) == {"Alles": 1, "红包": 1}


def test_results_are_found_by_the_titles_of_their_scenarios(store: Store, ann: str) -> None:
    store.save_result(ann, made_up.recipe(4, range(3)), name="a")
    store.save_result(ann, made_up.recipe(5, range(3)), name="b")
    assert [saved.name for saved in store.results(ann, search="案例5")] == ["b"]
    assert [saved.name for saved in store.results(ann, search="case_4")] == ["a"]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_breaks_a_search(store: Store, ann: str, text: str) -> None:
    save(store, ann, "plain")
    if "\ud800" not in text:
        number = save(store, ann, text, notes=text, tags=[text])
        assert [s.id for s in store.scenarios(ann, search=text)] == [number]
        assert store.scenario(ann, number).name == text
    assert [s.name for s in store.scenarios(ann, tag=text)] in ([], [text])
    assert len(store.scenarios(ann)) in (1, 2) and store.results(ann, search=text) == []


def test_lists_are_ordered_by_known_orders_only(store: Store, ann: str) -> None:
    for name in ("b", "A", "c"):
        save(store, ann, name)
        store.save_result(ann, made_up.recipe(ord(name), range(1)), name=name)

    def names(order: str) -> str:
        return "".join(saved.name for saved in store.scenarios(ann, order_by=order))

    assert (names("newest"), names("oldest"), names("name")) == ("cAb", "bAc", "Abc")
    assert "".join(s.name for s in store.results(ann, order_by="last_used")) == "cAb"
    for wrong in ("last_used", "id; DROP TABLE runs", "", "created"):
        with pytest.raises(StoreError, match="must be one of newest, oldest, name, got"):
            store.scenarios(ann, order_by=wrong)


# Damage ----------------------------------------------------------------------------------

COLUMNS = ["name", "notes", "tags", "created", "identity", "document", "seal"]


@pytest.mark.parametrize("column", COLUMNS)
def test_a_damaged_scenario_is_not_shown_and_can_be_deleted(
    store: Store, ann: str, column: str
) -> None:
    whole, damaged = save(store, ann, "whole"), save(store, ann, "damaged")
    child = save(store, ann, "child", parent=damaged)
    change(store, f"UPDATE scenarios SET {column} = ? WHERE id = ?", b"\xff", damaged)
    with pytest.raises(StoreError, match="is damaged and cannot be shown; delete it"):
        store.scenario(ann, damaged)
    assert [s.id for s in store.scenarios(ann)] == [child, whole]
    assert [p.path for p in store.damaged] == [f"scenario {damaged}"]
    assert [p.path for p in store.check()] == [f"scenario {damaged}"]
    store.delete_scenario(ann, damaged)
    assert store.check() == [] and store.damaged == []
    assert store.scenario(ann, child).parent is None


def test_a_scenario_does_not_slip_into_another_workspace_or_number(store: Store, ann: str) -> None:
    bob = store.new_workspace()
    number = save(store, ann, "secret")
    change(store, "UPDATE scenarios SET workspace = ?", bob)
    assert store.scenarios(bob) == []
    with pytest.raises(StoreError):
        store.scenario(bob, number)
    change(store, "UPDATE scenarios SET workspace = ?, id = 99", ann)
    with pytest.raises(StoreError):
        store.scenario(ann, 99)


def test_a_damaged_index_does_not_list_what_is_another_s(store: Store, ann: str) -> None:
    bob, path = store.new_workspace(), store.path
    save(store, ann, "secret")
    with store._connection.reading() as database:
        sql = "SELECT rootpage FROM sqlite_master WHERE name = 'scenarios_of'"
        page = int(database.execute(sql).fetchone()[0])
    store.close()
    data, size = path.read_bytes(), 4096
    index = data[(page - 1) * size : page * size].replace(ann.encode(), bob.encode())
    path.write_bytes(data[: (page - 1) * size] + index + data[page * size :])
    with Store(path) as damaged:
        assert damaged.scenarios(bob) == [] and len(damaged.damaged) == 1
        assert damaged.check() != []


@pytest.mark.parametrize("column", ["name", "content", "size", "used", "seal"])
def test_a_damaged_result_is_not_shown_and_is_replaced(
    store: Store, ann: str, column: str
) -> None:
    recipe = made_up.recipe(4, range(2))
    number = store.save_result(ann, recipe)
    change(store, f"UPDATE results SET {column} = 7")
    assert store.results(ann) == []
    with pytest.raises(StoreError, match="damaged"):
        store.result(ann, number)
    again = store.save_result(ann, recipe)
    assert [saved.id for saved in store.results(ann)] == [again] and store.check() == []


def test_a_damaged_own_workspace_is_an_error(store: Store) -> None:
    store.own_workspace()
    change(store, "UPDATE workspaces SET id = 'x' || id")
    with pytest.raises(StoreError, match="own workspace is damaged"):
        store.own_workspace()
    assert [p.code for p in store.check()] == ["seal_broken"]
