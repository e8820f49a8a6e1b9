"""The table of languages against the protocol's list, and the search for their models."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from whaleline.recognition.languages import (
    Language,
    find,
    folders,
    how_to_add,
    installed,
    languages,
    locate,
    locate_further,
    locate_quick,
    missing,
    missing_further,
    package,
    unknown,
)
from whaleline.recognition.traineddata import characters

FAST = "7d4322bd2a7749724879683fc3912cb542f19906c83bcc1a52132556427170b2"
"""The checksum of the file of tessdata_fast; docs/recognition.md has it, too."""

WIRE = """
English German French Italian Spanish Portuguese Polish Slovene Slovak Netherlands
Lithuanian Latvian Danish Norwegian Finnish Serbian Croatian Czech Swedish Estonian
Romanian Chinese Russian Arabic Hindi Ukrainan Bengali Tibetan Thai Urdu
Turkish Korean Indonesian Hebrew Javanese Greek Japanese Persian Albanian Latin
Vietnamese Uzbek Georgian Bulgarian Azerbaijani Kazah Macedonian Belorussian Malay Hausa
Sundanese Swahili Tagalog Yoruba Oromo Cebuano Dutch Kurdish Serbo_Croatian Malagasy
Zhuang Turkmen Somali Hungarian Chichewa Rwanda Min_Bei Zulu Ilocano Min_Dong
Quechua Hiligaynon Hmong Shona Xhosa Betawi Catalan Afrikaans Minangkabau Sotho_Southern
Bikol Makua Kanuri Tswana Kikongo Luo Sukuma Tsonga Bosnian Bemba
Nandi Palembang Umbundu Sotho_Northern Waray_Waray Lamani Low_German Gilaki Musi HWT_ENG
Pu_Xian Kapampangan Bouyei Galician Ndebele Yao Sasak Swati Gusii Meru
Wolaytta Dong Pangasinan Dimli Makassar Tumbuka Serer_Sine Occitan Tonga Muong
Kiche Luguru Wu Cantonese Min_Nan Xiang Hakka Gan Chechen Kabardian
Marathi Bhojpuri Maithili Awadhi Nepali Marwari Magahi Haryanvi Chattisgarhi Dhundari
Konkani Kanauji Mewati Rajbanshi Garhwali Kumauni Wagdi Malvi Mewari Uyghur
Telugu Kannada Tamil Devanagari
""".split()  # noqa: SIM905

# What Debian 12 packs, of what the table names.
DEBIAN = """
afr ara aze aze-cyrl bel ben bod bos bul cat ceb ces chi-sim chi-tra dan deu ell eng est fas fil fin fra frk glg grc
heb hin hrv hun ind ita jav jpn kan kat kaz kmr kor lat lav lit mar mkd msa nep nld nor oci pol por que ron rus slk
slv spa sqi srp srp-latn sun swa swe tam tel tha ton tur uig ukr urd uzb uzb-cyrl vie yor
script-arab script-beng script-cyrl script-deva script-knda script-latn script-taml script-telu script-viet
""".split()  # noqa: SIM905


def test_the_table_holds_the_protocols_list_in_its_order() -> None:
    assert len(WIRE) == 154
    assert [language.wire for language in languages()] == WIRE


@pytest.mark.parametrize("language", languages(), ids=lambda language: language.wire)
def test_every_row_is_whole(language: Language) -> None:
    assert re.fullmatch(r"[a-z]{2,3}(-[A-Z][a-z]{3})?", language.tag)
    assert re.fullmatch(r"[A-Z][a-z]{3}", language.script)
    assert language.models
    assert language.right_to_left == (language.script in {"Arab", "Hebr"})
    # The second engine's alphabet is Latin, Han and kana.
    assert language.script in {"Latn", "Hani", "Jpan"} or not language.ppocr
    for model in (*language.models, *language.further):
        assert package(model).removeprefix("tesseract-ocr-") in DEBIAN


@pytest.mark.parametrize(
    "wire",
    # Tone letters; dotted letters with tones; letters beside Latin ones; two scripts in one language.
    ["Vietnamese", "Muong", "Yoruba", "Tonga", "Serbian", "Serbo_Croatian", "Azerbaijani", "Uzbek", "Greek", "Russian"],
)
def test_what_the_second_engine_cannot_write_never_reaches_it(wire: str) -> None:
    found = find(wire)
    assert found is not None
    assert not found.ppocr


@pytest.mark.parametrize(
    ("name", "wire"),
    [
        ("English", "English"),
        ("eNGLISH", "English"),
        (" ukrainan ", "Ukrainan"),
        ("HWT_eng", "HWT_ENG"),
        (1, "English"),
        (154, "Devanagari"),
        ("Ukrainian", "Ukrainan"),  # as English has it
        ("Low German", "Low_German"),
        ("low-german", "Low_German"),
        ("Farsi", "Persian"),
        ("Filipino", "Tagalog"),
        ("DE", "German"),  # ISO 639, by any of its parts
        ("deu", "German"),
        ("ger", "German"),
        ("eng", "English"),  # not its handwriting
        ("nob", "Norwegian"),
        ("fil", "Tagalog"),
        ("iw", "Hebrew"),  # a code that is out of use
        ("ceb", "Cebuano"),
        ("min", "Minangkabau"),
        ("de-AT", "German"),  # with a region or a script behind it
        ("sr_Latn", "Serbian"),
        ("zh-Hant-TW", "Chinese"),
        ("chi_sim", "Chinese"),  # Tesseract's name for a model
        ("und-Deva", "Devanagari"),
    ],
)
def test_find(name: str | int, wire: str) -> None:
    language = find(name)
    assert language is not None
    assert language.wire == wire


@pytest.mark.parametrize("name", ["", "Klingon", "xx", "de AT", "d", "german-german", 0, 155, -1])
def test_find_knows_no_others(name: str | int) -> None:
    assert find(name) is None


@pytest.mark.parametrize("each", languages(), ids=lambda language: language.wire)
def test_every_tag_is_a_name_of_the_language_or_of_one_that_is_read_alike(each: Language) -> None:
    found = find(each.tag)
    assert found is not None
    assert found.models == each.models


@pytest.mark.parametrize(
    ("name", "meant"), [("Germn", "German"), ("ENGLISCH", "English"), ("Ukranian", "Ukrainan"), ("Kazahk", "Kazah")]
)
def test_what_was_meant_by_an_unknown_name(name: str, meant: str) -> None:
    assert unknown(name) == f"{name!r} is not a language; did you mean {meant}?"


@pytest.mark.parametrize("name", ["Klingon", "xx", "", "x" * 10_000, 155, None, []])
def test_of_other_names_nothing_is_guessed(name: object) -> None:
    assert unknown(name).endswith("is not a supported language; `whaleline languages` and GET /api/service list them")


def language(*models: str, further: tuple[str, ...] = ()) -> Language:
    return Language("Test", "en", models, further, "Latn", right_to_left=False, ppocr=False, note="")


def put(folder: Path, *names: str) -> Path:
    for name in names:
        file = folder / f"{name}.traineddata"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    return folder


def test_english_is_bundled() -> None:
    english = find("English")
    assert english is not None
    assert installed(english, folders())
    assert how_to_add(english, folders()) == ""


def test_the_operators_folder_comes_first(tmp_path: Path) -> None:
    put(tmp_path, "eng")
    assert locate(language("eng"), folders(tmp_path)) == (tmp_path / "eng.traineddata",)


def test_whole_pages_have_a_quick_model_for_the_bundled_english_alone(tmp_path: Path) -> None:
    bundled = locate(language("eng"), folders())
    assert bundled is not None
    (quick,) = locate_quick(bundled) or ()
    assert hashlib.sha256(quick.read_bytes()).hexdigest() == FAST
    assert characters(quick) == characters(bundled[0])
    own = locate(language("eng"), folders(put(tmp_path, "eng")))
    assert own is not None
    assert locate_quick(own) is None
    assert locate_quick([*bundled, *own]) is None


@pytest.mark.parametrize("place", ["Latin", "script/Latin"])
def test_script_models_lie_flat_or_apart(tmp_path: Path, place: str) -> None:
    put(tmp_path, place)
    assert locate(language("Latin"), [tmp_path]) == (tmp_path / f"{place}.traineddata",)


def test_each_model_is_that_of_the_first_folder_that_has_it(tmp_path: Path) -> None:
    put(tmp_path / "a", "eng")
    put(tmp_path / "b", "rus", "eng")
    both = locate(language("rus", "eng"), [tmp_path / "a", tmp_path / "b"])
    assert both == (tmp_path / "b/rus.traineddata", tmp_path / "a/eng.traineddata")


def test_models_are_gathered_from_several_folders(tmp_path: Path) -> None:
    put(tmp_path / "a", "kmr")
    put(tmp_path / "b", "tur")
    places = [tmp_path / "a", tmp_path / "b"]
    assert locate(language("kmr", "tur"), places) == (
        tmp_path / "a/kmr.traineddata",
        tmp_path / "b/tur.traineddata",
    )


def test_what_is_missing_is_named_with_its_package(tmp_path: Path) -> None:
    put(tmp_path, "srp")
    wanted = language("srp", "srp_latn", "Latin")
    assert not installed(wanted, [tmp_path])
    assert missing(wanted, [tmp_path]) == ("srp_latn", "Latin")
    assert how_to_add(wanted, [tmp_path]) == (
        "language Test is not installed; add it with: apt-get install tesseract-ocr-srp-latn tesseract-ocr-script-latn"
    )
    assert missing(wanted, []) == ("srp", "srp_latn", "Latin")


def test_a_language_is_installed_without_its_further_models(tmp_path: Path) -> None:
    put(tmp_path, "deu", "lat")
    german = language("deu", further=("frk", "lat"))
    assert installed(german, [tmp_path])
    assert how_to_add(german, [tmp_path]) == ""
    assert missing_further(german, [tmp_path]) == ("frk",)
    assert locate_further(german, [tmp_path]) is None
    put(tmp_path, "frk")
    assert locate_further(german, [tmp_path]) == (tmp_path / "frk.traineddata", tmp_path / "lat.traineddata")
    assert locate_further(language("deu"), [tmp_path]) is None
