"""Rows of tables are read across, columns of prose one after the other."""

from __future__ import annotations

from whaleline.imaging.geometry import Rectangle
from whaleline.recognition.page import Block, Line, Word
from whaleline.recognition.rows import regroup


def line(text: str, left: int, top: int, confidence: float = 90) -> Line:
    """Words of 10 pixels a letter and 20 pixels of height, one letter apart."""
    words = []
    for word in text.split():
        words.append(Word(word, Rectangle(left, top, left + 10 * len(word), top + 20), confidence))
        left += 10 * len(word) + 10
    return Line(tuple(words))


def column(left: int, top: int, *texts: str) -> Block:
    return Block(tuple(line(text, left, top + 30 * index) for index, text in enumerate(texts)))


def texts(blocks: tuple[Block, ...]) -> list[str]:
    return [block.text for block in blocks]


LEDGER = (column(0, 0, "Tea", "Coffee", "Sugar"), column(300, 4, "1.20", "3.40", "0.99"))


def test_a_ledger_read_by_columns_becomes_rows() -> None:
    assert texts(regroup(LEDGER)) == ["Tea 1.20\nCoffee 3.40\nSugar 0.99"]


def test_rows_run_the_way_of_the_script() -> None:
    assert texts(regroup(LEDGER, right_to_left=True)) == ["1.20 Tea\n3.40 Coffee\n0.99 Sugar"]


def test_a_word_amid_a_line_stands_between_its_words() -> None:
    found, passed_over = Block((Line((*line("Total", 0, 0).words, *line("9.50", 200, 0).words)),)), column(80, 0, "EUR")
    assert texts(regroup((found, passed_over))) == ["Total EUR 9.50"]


def test_two_lines_beside_a_large_initial_are_not_mixed() -> None:
    initial = Word("T", Rectangle(0, 0, 40, 50), 90)
    first, second = Line((initial, *line("HE great ship", 50, 0).words)), line("was near", 50, 18)
    assert texts(regroup((Block((first, second)),))) == ["T HE great ship was near"]


def test_blocks_that_share_no_row_stay_apart() -> None:
    heading, rest = column(0, 0, "Heading"), column(0, 100, "One", "Two")
    assert texts(regroup((rest, heading))) == ["Heading", "One\nTwo"]


def test_lines_further_apart_than_half_a_height_stay_apart() -> None:
    assert texts(regroup((column(0, 0, "a"), column(100, 11, "b")))) == ["a", "b"]
    assert texts(regroup((column(0, 0, "a"), column(100, 10, "b")))) == ["a b"]


def test_columns_of_prose_are_read_one_after_the_other() -> None:
    left = column(0, 0, *["the quick brown fox jumps"] * 6)
    right = column(400, 0, *["over the lazy dog again"] * 6)
    assert regroup((left, right)) == (left, right)


def test_short_columns_are_rows() -> None:
    left = column(0, 0, *["the quick brown fox jumps"] * 4)
    right = column(400, 0, *["over the lazy dog again"] * 4)
    assert len(regroup((left, right))) == 1


def test_a_heading_over_columns_comes_first() -> None:
    heading = column(200, 0, "The heading")
    left = column(0, 60, *["the quick brown fox jumps"] * 6)
    right = column(400, 60, *["over the lazy dog again"] * 6)
    foot = column(0, 300, "a foot")
    assert regroup((left, right, heading, foot)) == (heading, left, right, foot)


def test_three_columns() -> None:
    blocks = tuple(column(300 * place, 0, *["the quick brown fox jumps"] * 6) for place in range(3))
    assert regroup(blocks) == blocks


def test_a_note_in_the_margin_stays_apart_from_prose() -> None:
    note = column(0, 60, "a note", "of two")
    prose = column(200, 0, *["the quick brown fox jumps over the lazy dog"] * 6)
    assert regroup((note, prose)) == (note, prose)


def test_a_label_before_a_paragraph_is_in_its_row() -> None:
    label = column(0, 0, "Name:")
    prose = column(200, 0, *["the quick brown fox jumps over the lazy dog"] * 6)
    (block,) = regroup((label, prose))
    assert block.lines[0].text == "Name: the quick brown fox jumps over the lazy dog"


def test_addresses_of_another_pitch_are_read_one_after_the_other_though_the_engine_joined_them() -> None:
    sender = [line(text, 500, 26 * place) for place, text in enumerate(("Peter Coffin", "Spouter Inn", "Sea Street"))]
    receiver = [line(text, 0, 38 * place) for place, text in enumerate(("Captain Ahab", "Pequod", "Nantucket"))]
    joined = Block((Line((*receiver[0].words, *sender[0].words)), *sender[1:], *receiver[1:]))
    body = column(0, 200, "Dear captain,")
    assert texts(regroup((body, joined))) == [
        "Captain Ahab\nPequod\nNantucket",
        "Peter Coffin\nSpouter Inn\nSea Street",
        "Dear captain,",
    ]


def test_a_slanting_ledger_is_read_by_rows() -> None:
    ledger = (column(0, 0, "Tea", "Coffee", "Sugar", "Salt"), column(500, 9, "1.20", "3.40", "0.99", "0.50"))
    assert texts(regroup(ledger)) == ["Tea 1.20\nCoffee 3.40\nSugar 0.99\nSalt 0.50"]


def test_no_blocks() -> None:
    assert regroup(()) == ()
