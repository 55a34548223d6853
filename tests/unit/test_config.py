"""The configuration: what it takes, in which order, and what it says when it is wrong."""

import os
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import bridges
from bot import config
from bot.config import ConfigError, example_text, load, write_example

ROOT = Path(__file__).resolve().parents[2]

SETTINGS = '''
from pathlib import Path
from typing import ClassVar, Literal
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from bot.text.duration import Duration

class Office(BaseModel):
    """The post office."""
    model_config = ConfigDict(extra="forbid", frozen=True)
    host: str = Field(description="Its name.", examples=["post.example.org"])
    port: int = Field(default=25, ge=1, le=65535, description="Its door.")

class Postcard(BaseModel):
    """Postcards, carried on foot."""
    model_config = ConfigDict(extra="forbid", frozen=True)
    someone: ClassVar[tuple[str, str]] = ("[0-9]+ .+", "write postcard:street number")
    token: SecretStr = Field(description="The stamp's secret. It is long.", examples=["stamp-0123456789"])
    weight: float = Field(default=0.5, gt=0, description="In grams.")
    colour: Literal["red", "blue"] = Field(default="red", description="Of the ink.")
    streets: tuple[str, ...] = Field(default=(), description="Where it goes.", examples=[["rue des Lilas"]])
    box: Path = Field(default=Path("box"), description="Where cards fall.")
    patience: Duration = Field(default=86_400.0, description="How long a card may take.")
    office: Office

    @field_validator("token")
    @classmethod
    def _long(cls, token: SecretStr) -> SecretStr:
        if len(token.get_secret_value()) < 10:
            raise ValueError(f"{token.get_secret_value()} is too short for a stamp")
        return token
'''
BRIDGE = """
from bot.core.bridge import Capabilities, Channel
from bridges.postcard.settings import Postcard

CHANNEL = Channel(
    name="postcard",
    settings=Postcard,
    can=Capabilities(words=("postcard",), label={"en": "postcard", "fr": "carte postale"}),
    make=lambda settings: None,
    sandbox=lambda: None,
)
"""
GOOD = """
[community]
name = "Cercle de lecture"

[postcard]
token = "a-long-secret-stamp"

[postcard.office]
host = "post.example.org"
"""


@pytest.fixture(autouse=True)
def postcard(tmp_path, monkeypatch):
    """A channel nobody has heard of: one folder, and nothing else."""
    folder = tmp_path / "elsewhere" / "bridges" / "postcard"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "settings.py").write_text(SETTINGS)
    (folder / "bridge.py").write_text(BRIDGE)
    monkeypatch.setattr(bridges, "__path__", [*bridges.__path__, str(folder.parent)])
    yield folder
    for name in [name for name in sys.modules if name.startswith("bridges.postcard")]:
        del sys.modules[name]


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Write config.toml in the working directory and load it."""
    monkeypatch.chdir(tmp_path)

    def write_and_load(text=GOOD, **environ):
        Path("config.toml").write_text(text)
        return load(None, environ)

    return write_and_load


@pytest.fixture
def refused(written):
    """The sentences of a configuration that is refused."""

    def sentences(text=GOOD, **environ):
        with pytest.raises(ConfigError) as caught:
            written(text, **environ)
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__ or caught.value.__context__ is None
        return caught.value.sentences

    return sentences


def test_six_lines_are_enough(written):
    settings = written(GOOD)
    assert settings.community.name == "Cercle de lecture"
    assert settings.community.slug == "cercle-de-lecture"
    assert settings.community.language == "en"
    assert list(settings.channels) == ["postcard"]
    assert settings.channels["postcard"].token.get_secret_value() == "a-long-secret-stamp"


def test_a_channel_whose_section_is_missing_is_off(written):
    assert written('[community]\nname = "X"\n').channels == {}


def test_what_is_off_is_not_imported(written):
    written('[community]\nname = "X"\n')
    assert "bridges.postcard.bridge" not in sys.modules


def test_the_environment_comes_before_the_file(written):
    settings = written(FILCOMMUN_POSTCARD__OFFICE__PORT="2525", FILCOMMUN_COMMUNITY__NAME="Autre nom")
    assert settings.channels["postcard"].office.port == 2525
    assert settings.channels["postcard"].office.host == "post.example.org"
    assert settings.community.name == "Autre nom"


def test_an_empty_variable_counts_as_none(written):
    assert written(FILCOMMUN_COMMUNITY__NAME="").community.name == "Cercle de lecture"


def test_everything_may_come_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = load(
        None,
        {
            "FILCOMMUN_COMMUNITY__NAME": "Cercle",
            "FILCOMMUN_POSTCARD__TOKEN": "a-long-secret-stamp",
            "FILCOMMUN_POSTCARD__OFFICE__HOST": "post.example.org",
            "FILCOMMUN_POSTCARD__STREETS": "rue des Lilas, rue Haute",
        },
    )
    assert settings.file is None
    assert settings.channels["postcard"].streets == ("rue des Lilas", "rue Haute")
    assert settings.store.key == tmp_path / "data/secret.key"


def test_a_list_in_a_variable_may_be_json(written):
    settings = written(FILCOMMUN_POSTCARD__STREETS='["rue des Lilas, 3", "b"]')
    assert settings.channels["postcard"].streets == ("rue des Lilas, 3", "b")


def test_a_secret_may_come_from_a_file_without_its_line_end(written, tmp_path):
    (tmp_path / "stamp").write_text("from-a-secret-file\n")
    settings = written(FILCOMMUN_POSTCARD__TOKEN_FILE=str(tmp_path / "stamp"))
    assert settings.channels["postcard"].token.get_secret_value() == "from-a-secret-file"


def test_a_databases_address_may_come_from_a_file_too(written, tmp_path):
    (tmp_path / "url").write_text("postgresql://bot:secret@host/name\n")
    assert written(FILCOMMUN_STORE__URL_FILE=str(tmp_path / "url")).store.url == "postgresql://bot:secret@host/name"


def test_only_a_secret_comes_from_a_file(refused, tmp_path):
    (tmp_path / "x").write_text("x")
    assert refused(FILCOMMUN_COMMUNITY__NAME_FILE=str(tmp_path / "x")) == [
        "FILCOMMUN_COMMUNITY__NAME_FILE: there is no such setting. Did you mean FILCOMMUN_COMMUNITY__NAME?"
    ]


def test_a_secret_file_that_is_not_there_is_named(refused, tmp_path):
    missing = tmp_path / "nothing"
    (sentence,) = [one for one in refused(FILCOMMUN_POSTCARD__TOKEN_FILE=str(missing)) if "cannot be read" in one]
    assert sentence == f"FILCOMMUN_POSTCARD__TOKEN_FILE: {missing} cannot be read (No such file or directory)"


def test_the_file_is_the_one_named_else_the_variables_else_config_toml(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("config", "other", "third"):
        Path(f"{name}.toml").write_text(f'[community]\nname = "{name}"\n')
    assert load(None, {}).community.name == "config"
    assert load(None, {"FILCOMMUN_CONFIG": "other.toml"}).community.name == "other"
    assert load(Path("third.toml"), {"FILCOMMUN_CONFIG": "other.toml"}).community.name == "third"


def test_paths_are_relative_to_the_file_not_to_where_one_stands(tmp_path, monkeypatch):
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "config.toml").write_text(GOOD + '\n[backup]\ncopy_to = "/mnt/disk"\npassphrase_file = ""\n')
    monkeypatch.chdir(tmp_path / "elsewhere")
    settings = load(tmp_path / "etc" / "config.toml", {})
    assert settings.store.url == f"sqlite:///{tmp_path}/etc/data/filcommun.db"
    assert settings.store.path == tmp_path / "etc/data/filcommun.db"
    assert settings.store.files == tmp_path / "etc/data/files"
    assert settings.channels["postcard"].box == tmp_path / "etc/box"
    assert settings.backup.copy_to == Path("/mnt/disk")
    assert settings.backup.passphrase_file is None


def test_a_postgresql_address_stays_as_it_is(written):
    settings = written(GOOD + '[store]\nurl = "postgresql://bot@host/name"\n')
    assert settings.store.url == "postgresql://bot@host/name"
    assert settings.store.path is None


def test_lengths_of_time_are_words(written):
    keep = written(GOOD + '[keep]\nmessages = "1 year"\n').keep
    assert keep.messages == 365 * 86_400
    assert keep.raw_chat == 86_400
    assert keep.parcels == 90 * 86_400


def test_no_file_and_no_variable_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        load(None, {"PATH": "/bin"})
    assert caught.value.sentences == ["config.toml: there is no such file. Make one with: filcommun init"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[community]\nname = "X\n', "config.toml, line 2: "),
        ("[community]\nname = Cercle de lecture\n", "config.toml, line 2: "),
        ('[community]\nname = "X"\nname = "Y"\n', "config.toml, line 3: "),
        ('[community\nname = "X"\n', "config.toml, line 1: "),
        ('[community]\nname "X"\n', "config.toml, line 2: "),
        ('[community]\nname = "X"\norganizers = ["a"', "config.toml, line 3: "),
        ('[community]\nname = "X"\n[community]\nslug = "x"\n', "config.toml, line 3: "),
    ],
)
def test_broken_toml_is_told_with_its_line(refused, text, told):
    (sentence,) = refused(text)
    assert sentence.startswith(told), sentence


def test_a_text_without_quotation_marks_is_told_how_to_write_it(refused):
    assert refused("[community]\nname = Cercle\n")[0].endswith('Text stands between quotation marks: name = "…"')


def test_a_secret_in_broken_toml_is_not_repeated(refused):
    assert "123456" not in refused("[postcard]\ntoken = 123456:secret\n")[0]


def test_a_file_that_is_not_text_is_told_with_its_line(tmp_path):
    file = tmp_path / "config.toml"
    file.write_bytes(b'[community]\nname = "caf\xe9"\n')
    with pytest.raises(ConfigError) as caught:
        load(file, {})
    assert caught.value.sentences == [f"{file}, line 2: is not UTF-8 text. Save the file again as UTF-8"]


def test_a_folder_is_no_configuration(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path, {})


def test_an_unknown_key_suggests_the_right_one(refused):
    assert refused(GOOD.replace("token =", "tokn =")) == [
        'config.toml, line 5, [postcard] token: is missing (the stamp\'s secret). Write: token = "stamp-0123456789"',
        'config.toml, line 6, [postcard] tokn: there is no such setting. Did you mean "token"?',
    ]


def test_an_unknown_section_suggests_the_right_one(refused):
    assert refused(GOOD + "[postcrad]\nx = 1\n") == [
        'config.toml, line 10, [postcrad]: there is no such setting. Did you mean "postcard"?'
    ]


def test_a_key_in_the_wrong_section_is_told_where_it_belongs(refused):
    assert refused(GOOD.replace('"a-long-secret-stamp"', '"a-long-secret-stamp"\nhost = "x"')) == [
        "config.toml, line 7, [postcard] host: there is no such setting. It belongs below [postcard.office]"
    ]


def test_a_key_above_all_sections_is_told_where_it_belongs(refused):
    assert refused('timezone = "UTC"\n' + GOOD) == [
        "config.toml, line 1, timezone: there is no such setting. It belongs below [community]"
    ]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("FILCOMMUN_POSTCARD__TOKN", "Did you mean FILCOMMUN_POSTCARD__TOKEN?"),
        ("FILCOMMUN_POSTCRAD__TOKEN", "Did you mean FILCOMMUN_POSTCARD__TOKEN?"),
        ("FILCOMMUN_POSTCARD__OFFICE__PRT", "Did you mean FILCOMMUN_POSTCARD__OFFICE__PORT?"),
        ("FILCOMMUN_CONFG", "Did you mean FILCOMMUN_CONFIG?"),
        ("FILCOMMUN_COMUNITY__NAME", "Did you mean FILCOMMUN_COMMUNITY__NAME?"),
    ],
)
def test_an_unknown_variable_suggests_the_right_one(refused, name, told):
    assert refused(**{name: "12345678"}) == [f"{name}: there is no such setting. {told}"]


def test_all_missing_keys_are_listed_at_once(refused):
    sentences = refused("[community]\n[postcard]\n[postcard.office]\n")
    assert [one.partition(": is missing")[0] for one in sentences] == [
        "config.toml, line 1, [community] name",
        "config.toml, line 2, [postcard] token",
        "config.toml, line 3, [postcard.office] host",
    ]


def test_a_missing_section_says_what_stands_in_it(refused):
    assert refused('[postcard]\ntoken = "a-long-secret-stamp"\n') == [
        "config.toml, [postcard.office]: this section is missing. Write [postcard.office] and below it: host",
        "config.toml, [community]: this section is missing. Write [community] and below it: name",
    ]


def test_an_empty_text_is_as_good_as_missing_where_something_must_stand(refused):
    (sentence,) = refused(GOOD.replace('"a-long-secret-stamp"', '""'))
    assert sentence.startswith("config.toml, line 6, [postcard] token: is missing")


def test_what_is_missing_without_a_file_is_named_as_a_variable(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        load(None, {"FILCOMMUN_POSTCARD__OFFICE__HOST": "x", "FILCOMMUN_COMMUNITY__NAME": "X"})
    assert caught.value.sentences == [
        "FILCOMMUN_POSTCARD__TOKEN: is missing (the stamp's secret). Write: FILCOMMUN_POSTCARD__TOKEN=stamp-0123456789"
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('weight = "x"', "[postcard] weight: must be a number. Write, for example: weight = 0.5"),
        ("weight = 0", "[postcard] weight: must be greater than 0. Write, for example: weight = 0.5"),
        ('colour = "green"', '[postcard] colour: must be one of "red" or "blue". Write, for example: colour = "red"'),
        ("colour = 3", '[postcard] colour: must be one of "red" or "blue". Write, for example: colour = "red"'),
        (
            'streets = "x"',
            '[postcard] streets: must be a list: ["one", "two"]. Write, for example: streets = ["rue des Lilas"]',
        ),
        ("box = 3", '[postcard] box: must be a path, between quotation marks. Write, for example: box = "box"'),
    ],
)
def test_a_wrong_value_says_what_to_write(refused, line, told):
    assert refused(GOOD.replace("[postcard.office]", f"{line}\n[postcard.office]")) == [f"config.toml, line 8, {told}"]


def test_the_line_of_a_list_item_is_its_own(refused):
    (sentence,) = refused(GOOD.replace("[postcard.office]", 'streets = [\n  "a",\n  3,\n]\n[postcard.office]'))
    assert sentence.startswith("config.toml, line 10, [postcard] streets: must be text")


def test_a_value_where_a_section_belongs_is_told(refused):
    assert refused('community = "X"\n')[0] == (
        "config.toml, line 1, community: is a section. Write [community] on a line of its own, its settings below"
    )


def test_a_wrong_variable_is_told_by_its_name(refused):
    assert refused(FILCOMMUN_POSTCARD__OFFICE__PORT="smtp") == [
        "FILCOMMUN_POSTCARD__OFFICE__PORT: must be a whole number. Write, for example: FILCOMMUN_POSTCARD__OFFICE__PORT=25"
    ]


def test_one_underscore_where_two_belong_is_understood(refused):
    (sentence,) = [one for one in refused(FILCOMMUN_POSTCARD_TOKEN="x") if "FILCOMMUN_POSTCARD_TOKEN" in one]
    assert "Did you mean FILCOMMUN_POSTCARD__TOKEN?" in sentence


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('language = "de"', 'must be one of "en" or "fr"'),
        ('timezone = "Europe/Pari"', 'there is no time zone of that name; did you mean "Europe/Paris"?'),
        ('timezone = "../etc/passwd"', "there is no time zone of that name"),
        ('slug = "Le Cercle"', "has 1 to 40 of the letters a to z, digits and hyphens"),
        ('organizers = ["anne@example.org"]', 'has "channel:address" in it'),
        ('organizers = ["postcrad:anne"]', 'there is no channel "postcrad"; did you mean "postcard"?'),
        ('organizers = ["postcard:nowhere"]', '"postcard:nowhere" would reach nobody: write postcard:street number'),
    ],
)
def test_the_communitys_own_settings_are_checked(refused, line, told):
    (sentence,) = refused(f'[community]\nname = "X"\n{line}\n')
    assert sentence.startswith("config.toml, line 3, [community] ")
    assert told in sentence


def test_a_name_nothing_of_which_can_be_an_address_asks_for_a_slug(refused):
    (sentence,) = refused('[community]\nname = "読書会"\n')
    assert "slug: has 1 to 40" in sentence


@pytest.mark.parametrize("secret", ["tiny", "short-one"])
def test_the_value_of_a_secret_never_stands_in_a_sentence(refused, secret):
    for sentences in (refused(GOOD.replace("a-long-secret-stamp", secret)), refused(FILCOMMUN_POSTCARD__TOKEN=secret)):
        assert len(sentences) == 1
        assert secret not in sentences[0]
        assert "is too short for a stamp" in sentences[0]


def test_the_password_of_a_database_never_stands_in_a_sentence(refused):
    (sentence,) = refused(GOOD + '[store]\nurl = "mysql://bot:hunter22@host/name"\n')
    assert "hunter22" not in sentence
    assert 'begins with "sqlite:///"' in sentence


def test_showing_the_settings_shows_no_secret(written):
    settings = written(GOOD + '[store]\nurl = "postgresql://bot:hunter22@host/name"\n')
    assert "a-long-secret-stamp" not in repr(settings)
    assert "hunter22" not in repr(settings)


def test_a_file_with_secrets_that_others_may_read_is_warned_of(written):
    settings = written()
    Path("config.toml").chmod(0o644)
    assert settings.warnings() == [
        "config.toml: holds secrets, and other people of this machine may read it. Type: chmod 600 config.toml"
    ]
    Path("config.toml").chmod(0o600)
    assert settings.warnings() == []


def test_a_file_without_secrets_may_be_read_by_everybody(written):
    settings = written(
        GOOD.replace('token = "a-long-secret-stamp"', ""), FILCOMMUN_POSTCARD__TOKEN="a-long-secret-stamp"
    )
    Path("config.toml").chmod(0o644)
    assert settings.warnings() == []


def test_where_a_setting_stands_can_begin_a_sentence(written):
    settings = written(FILCOMMUN_POSTCARD__OFFICE__PORT="26")
    assert settings.where("postcard", "office", "host") == "config.toml, line 9, [postcard.office] host"
    assert settings.where("postcard", "office", "port") == "FILCOMMUN_POSTCARD__OFFICE__PORT"
    assert settings.where("postcard") == "config.toml, line 5, [postcard]"
    assert settings.where("store", "url") == "config.toml, [store] url"


def test_settings_do_not_change(written):
    with pytest.raises(ValueError, match="frozen"):
        written().community.name = "Y"


def test_a_channel_that_lacks_its_library_is_named(refused, postcard):
    (postcard / "bridge.py").write_text("import carrier_pigeon\n")
    assert refused() == ["[postcard]: this channel needs carrier_pigeon, which is not installed"]


def test_another_process_finds_a_channel_in_a_folder_on_its_path(postcard):
    program = "from bot.config import channels; print(channels.names())"
    environ = os.environ | {"PYTHONPATH": os.pathsep.join([str(postcard.parent.parent), str(ROOT)])}
    (postcard.parent / "__init__.py").touch()
    ran = subprocess.run(
        [sys.executable, "-c", program], env=environ, cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert "'postcard'" in ran.stdout, ran.stderr


def test_loading_does_not_import_a_channels_libraries(tmp_path):
    program = textwrap.dedent("""
        import sys
        from bot.config import all_models
        all_models()
        print([name for name in ("telegram", "signalbot", "aiosmtplib", "aioimaplib", "sqlalchemy") if name in sys.modules])
    """)
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.stdout.strip() == "[]", ran.stderr


def test_the_example_is_never_written_over_another(tmp_path):
    file = tmp_path / "config.toml"
    write_example(file, ["postcard"])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(ConfigError, match="is there already"):
        write_example(file)


def test_the_written_example_works_with_what_was_known(tmp_path):
    file = tmp_path / "config.toml"
    write_example(file, ["postcard"], {"community.name": 'Le "Cercle"', "postcard.office.host": "x.example.org"})
    settings = load(file, {})
    assert settings.community.name == 'Le "Cercle"'
    assert settings.channels["postcard"].office.host == "x.example.org"


def test_the_example_explains_a_new_channel_too():
    text = example_text()
    assert "# Postcards, carried on foot.\n" in text
    assert '# How long a card may take.\n#patience = "1 day"\n' in text


def test_the_package_exports_what_the_house_uses():
    assert set(config.__all__) >= {"load", "Settings", "ConfigError", "write_example"}


def test_advice_that_begins_like_the_value_is_not_taken_for_a_secret(refused):
    (sentence,) = refused(GOOD + '\n[store]\nurl = "sqlite://"\n')
    assert 'begins with "sqlite:///" and a path' in sentence
