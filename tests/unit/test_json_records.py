from pathlib import Path

from tests.support.reading import blocks, read, refusal


def test_records_are_lines_of_keys_and_values(tmp_path: Path) -> None:
    written = (
        '[{"office": "Lyon", "staff_count": 37, "open": true, "fax": null}, {"office": "Bergen"}]'
    )
    article = read(tmp_path, "offices.json", written.encode())
    assert article.text == "office: Lyon | staff count: 37 | open: true\noffice: Bergen"
    assert len(article.blocks) == 2


def test_what_holds_records_is_their_heading(tmp_path: Path) -> None:
    written = (
        '{"title": "Prices", "year": 2026, "fruit": [{"name": "pear", "in": ["May", "June"]}]}'
    )
    article = read(tmp_path, "a.json", written.encode())
    assert blocks(article) == ["title: Prices | year: 2026", "fruit", "name: pear | in: May, June"]
    assert blocks(article, heading=True) == ["fruit"]
    assert article.title == "Prices"


def test_numbers_stand_as_they_are_written(tmp_path: Path) -> None:
    written = '{"share": 1.50, "grains": 10000000000000000000001, "tiny": 1e-9}'
    text = read(tmp_path, "a.json", written.encode()).text
    assert text == "share: 1.50 | grains: 10000000000000000000001 | tiny: 1e-9"


def test_long_values_are_paragraphs_of_their_own(tmp_path: Path) -> None:
    note = "The keepers left the tower. " * 20
    article = read(tmp_path, "a.jsonl", f'{{"id": 1, "note": "{note}"}}\n{{"id": 2}}\n'.encode())
    assert blocks(article) == ["id: 1", f"note: {note.strip()}", "id: 2"]


def test_what_is_no_json_is_refused_with_its_place(tmp_path: Path) -> None:
    assert "line 1" in refusal(tmp_path, "a.json", b'{"a": 1,,}')
    assert "nested" in refusal(tmp_path, "b.json", b"[" * 200_000)
