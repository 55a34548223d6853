"""config.example.toml and the page of settings: complete, valid, and as the program says."""

import dataclasses
import re
import tomllib
from pathlib import Path

import pytest

from bot import reference
from bot.config import all_models, channels, example_text, load, shape
from bot.config.sections import CORE
from bot.core.bridge import Capabilities

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "config.example.toml"
#: For settings that must be given and have no example, because they are secrets: something of the right form.
SECRET = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"


def _uncommented(text):
    """Every setting and section, as if an operator had taken all the marks away."""
    return re.sub(r"^#(?=[a-z_\[])", "", text, flags=re.MULTILINE)


def _filled(text):
    """With a secret where one must be given."""
    needed = [key for key, field in shape.keys(all_models()) if field.is_required() and shape.is_secret(field)]
    for key in needed:
        text = re.sub(rf'^{key[-1]} = ""$', f'{key[-1]} = "{SECRET}"', text, flags=re.MULTILINE)
    return text


@pytest.mark.parametrize("page", reference.PAGES)
def test_a_page_made_from_the_program_is_as_the_program_says(page):
    assert (ROOT / page).read_text(encoding="utf-8") == reference.PAGES[page](), "type: make docs"


def test_every_capability_is_explained():
    assert set(reference.CAPABILITIES) == {field.name for field in dataclasses.fields(Capabilities)}


def test_every_setting_of_every_channel_is_in_the_example():
    tree = tomllib.loads(_uncommented(EXAMPLE.read_text(encoding="utf-8")))
    for key, _ in shape.keys(all_models()):
        found = tree
        for name in key:
            assert name in found, key
            found = found[name]
    assert set(tree) <= {*CORE, *channels.names()}


def test_every_setting_explains_itself():
    silent = [".".join(map(str, key)) for key, field in shape.keys(all_models()) if not field.description]
    assert silent == []


def test_every_section_explains_itself():
    assert [name for name, model in all_models().items() if not model.__doc__] == []


def test_the_example_is_valid_with_everything_uncommented(tmp_path):
    file = tmp_path / "config.toml"
    file.write_text(_filled(_uncommented(EXAMPLE.read_text(encoding="utf-8"))), encoding="utf-8")
    settings = load(file, {})
    assert set(settings.channels) == {
        name for name in all_models() if name in tomllib.loads(file.read_text()) and name not in CORE
    }


def test_the_example_is_valid_as_it_stands_but_for_the_secret(tmp_path):
    file = tmp_path / "config.toml"
    file.write_text(_filled(EXAMPLE.read_text(encoding="utf-8")), encoding="utf-8")
    settings = load(file, {})
    assert len(settings.channels) == 1


def test_defaults_in_the_example_are_the_defaults(tmp_path):
    """Taking the mark away from a line changes nothing."""
    short, long = tmp_path / "short.toml", tmp_path / "long.toml"
    text = _filled(EXAMPLE.read_text(encoding="utf-8"))
    short.write_text(text, encoding="utf-8")
    # Settings that are empty by default show how they are written instead.
    shown = [key for key, field in shape.keys(all_models()) if field.examples and not field.is_required()]
    for key in shown:
        text = re.sub(rf"^#{key[-1]} = .*\n", "", text, flags=re.MULTILINE)
    channel = next(iter(load(short, {}).channels))
    sections = "|".join([*CORE, channel])
    parts = re.split(r"(?=^#?\[)", text, flags=re.MULTILINE)
    used = [_uncommented(part) for part in parts if re.match(rf"#?\[({sections})\]", part)]
    long.write_text("".join(used), encoding="utf-8")
    assert load(long, {}).model_dump() == load(short, {}).model_dump()


def test_six_lines_are_enough():
    lines = [line for line in example_text().splitlines() if line and not line.startswith("#")]
    assert len(lines) == 6, lines


@pytest.mark.parametrize("name", channels.names())
def test_any_channel_can_be_the_first(name, tmp_path):
    if not any(field.is_required() for _, field in shape.keys({name: all_models()[name]})):
        pytest.skip(f"{name} needs no setting")
    text = example_text([name])
    live = [line for line in text.splitlines() if line.startswith("[")]
    assert f"[{name}]" in live
    file = tmp_path / "config.toml"
    file.write_text(_filled(text), encoding="utf-8")
    assert list(load(file, {}).channels) == [name]
