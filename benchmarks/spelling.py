"""What the spell check undoes of damage, and what it does to readings that are not damaged.

usage: python benchmarks/spelling.py --data DIR [--half odd|even] [--readings FILE] [--show]
       python benchmarks/spelling.py --paragraphs FILE

DIR holds score.py, and pages/ with images, texts and published.tsv. Every page is read as a whole by the service's
settings; its reading is scored by DIR's score.py as it is and after the spell check. Then, three times, one letter in a
hundred is exchanged by what engines confuse (recognition/confusions.tsv; every confusion of the letter is as likely),
and the check is run again: the damage undone is the share of the growth of the mean error that it takes away. What is
calibrated is calibrated on the odd pages. --readings keeps the readings in a file, for they take minutes.

FILE has a paragraph for each language (tests/unit/recognition/paragraphs.tsv); what has a dictionary here is damaged in
the same way, without any reading.
"""

from __future__ import annotations

import argparse
import csv
import pickle
import random
import statistics
import sys
from collections import defaultdict
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from rapidfuzz.distance import Levenshtein

from whaleline import recognition
from whaleline.documents import Document, Limits
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.region import prepare
from whaleline.recognition import languages, spelling
from whaleline.recognition.page import Block, Line, Page, Word
from whaleline.recognition.speller import confusions

ENGLISH = languages.languages()[0]
SHARE = 0.01
ROUNDS = 3
DRAWS = 24  # of a paragraph, which is short


def main() -> None:
    """Read the command line and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--data", type=Path, help="folder of the measuring data")
    source.add_argument("--paragraphs", type=Path, help="table of paragraphs in many languages")
    parser.add_argument("--half", choices=["odd", "even"], help="only pages with such a number in their name")
    parser.add_argument("--readings", type=Path, help="file that keeps the readings from one run to the next")
    parser.add_argument("--show", action="store_true", help="every word that the check changed wrongly or rightly")
    arguments = parser.parse_args()
    if arguments.paragraphs:
        check_paragraphs(arguments.paragraphs)
        return
    scorer = script(arguments.data / "score.py")
    pages = readings(arguments.data / "pages", arguments.readings)
    if arguments.half:
        pages = {name: page for name, page in pages.items() if odd(name) == (arguments.half == "odd")}
    truths = {name: (arguments.data / "pages" / name).with_suffix(".txt").read_text(encoding="utf-8") for name in pages}

    def mean(found: dict[str, Page]) -> float:
        return statistics.mean(
            100 * Levenshtein.distance(scorer.clean(truths[name]), scorer.clean(page.text)) / len(truths[name])
            for name, page in found.items()
        )

    checked = {name: spelling.corrected(page, ENGLISH) for name, page in pages.items()}
    before, after = mean(pages), mean(checked)
    print(f"{len(pages)} pages as read: error {before:.3f} %, after the check {after:.3f} %")
    if arguments.show:
        for name in pages:
            for word, other in zip(pages[name].words, checked[name].words, strict=True):
                if word.text != other.text:
                    print(f"  {name} {word.text} -> {other.text}")
    for number in range(ROUNDS):
        chance = random.Random(number)
        damaged = {name: damage(page, chance) for name, page in pages.items()}
        repaired = {name: spelling.corrected(page, ENGLISH) for name, page in damaged.items()}
        worse, better = mean(damaged), mean(repaired)
        undone = (worse - better) / (worse - before)
        print(f"damage {number + 1}: error {worse:.3f} %, after the check {better:.3f} %, undone {100 * undone:.0f} %")
        if arguments.show and not number:
            for name in pages:
                rows = zip(pages[name].words, damaged[name].words, repaired[name].words, strict=True)
                for whole, bad, good in rows:
                    if whole.text not in {bad.text, good.text}:
                        print(f"  left {whole.text} | {bad.text} -> {good.text}")


def check_paragraphs(file: Path) -> None:
    """Print, for each language, the signs that the check changes wrongly, and the share of damage that it undoes."""
    nowhere = Rectangle(0, 0, 1, 1)
    table = csv.DictReader(file.read_text(encoding="utf-8").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    for row in table:
        language = languages.find(row["wire"])
        if language is None or spelling.how_to_add(language):
            continue
        line = Line(tuple(Word(text, nowhere, 90.0) for text in row["text"].split()))
        page = Page(1, 1, (Block((line,)),), language.tag)
        changed = Levenshtein.distance(page.text, spelling.corrected(page, language).text)
        worse = better = 0
        for number in range(DRAWS):
            damaged = damage(page, random.Random(number))
            worse += Levenshtein.distance(page.text, damaged.text)
            better += Levenshtein.distance(page.text, spelling.corrected(damaged, language).text)
        print(f"{language.wire}: changed {changed}, damage {worse}, undone {100 * (worse - better) / worse:.0f} %")


def damage(page: Page, chance: random.Random) -> Page:
    """The page with one letter in a hundred exchanged."""
    likely = defaultdict(list)
    for meant, read in confusions():
        likely[meant].append(read)
    longest = max(map(len, likely))

    def exchanged(text: str) -> str:
        result, place = "", 0
        while place < len(text):
            piece = text[place]
            if piece.isalpha() and chance.random() < SHARE:
                ways = [
                    (length, read)
                    for length in range(1, longest + 1)
                    for read in likely.get(text[place : place + length], ())
                ]
                if ways:
                    length, read = chance.choice(ways)
                    result, place = result + read, place + length
                    continue
            result, place = result + piece, place + 1
        return result

    blocks = tuple(
        Block(
            tuple(Line(tuple(replace(word, text=exchanged(word.text)) for word in line.words)) for line in block.lines)
        )
        for block in page.blocks
    )
    return replace(page, blocks=blocks)


def readings(folder: Path, kept: Path | None) -> dict[str, Page]:
    """Every page's reading, by its name."""
    if kept is not None and kept.exists():
        found: dict[str, Page] = pickle.loads(kept.read_bytes())
        return found
    pages = {}
    for row in (folder / "published.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        name = row.split("\t")[0]
        image = Document((folder / name).read_bytes(), Limits(max_pixels=sys.maxsize)).page(1).picture
        whole = Rectangle(0, 0, image.shape[1], image.shape[0])
        pages[name] = recognition.read(prepare(image, whole, contrast=True, deskew=True).plain, ENGLISH)
    if kept is not None:
        kept.write_bytes(pickle.dumps(pages))
    return pages


def odd(name: str) -> bool:
    """Whether the number in a page's name is odd."""
    return bool(int("".join(filter(str.isdigit, Path(name).stem))) % 2)


def script(file: Path) -> ModuleType:
    """A program of the measuring data, as a module."""
    spec = spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
