"""docs/reference/configuration.md, made from what every setting says of itself."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bot.config import faults, shape
from bot.config.example import first_paragraph, sentence
from bot.config.lines import Key
from bot.config.sections import all_models
from bot.config.sources import variable

_HEAD = """\
# Settings

`filcommun init` writes a `config.toml` to begin with; `filcommun check` says what is wrong with it, and where. The file is
the one named by `--config`, else by `FILCOMMUN_CONFIG`, else `./config.toml`.

- A **channel** whose section is missing is off.
- Every setting may come from the **environment** instead, which then comes first: the last column. Several values stand
  between commas. An empty variable counts as none. Without any file, the environment must say everything.
- A **secret** may also come from a file: the same variable with `_FILE` behind it, as container platforms provide them.
- **Paths** are relative to the folder of the file (without a file: to the working directory).
- **Lengths of time** are words: `"30 seconds"`, `"5 minutes"`, `"24 hours"`, `"3 days"`, `"2 years"`.
- An **unknown** key or variable is an error that names the one you may have meant; nothing is ever ignored silently.

A configuration that is wrong ends the program with exit status 3 and one sentence for each thing to change.

This page is made by `make docs` from what every setting says of itself; so is `config.example.toml`.
"""


def settings_page() -> str:
    """Every section, a table each."""
    return "\n".join([_HEAD, *(part for name, model in all_models().items() for part in _section((name,), model))])


def _section(path: Key, model: type[BaseModel]) -> Iterator[str]:
    rows: list[str] = []
    inner: list[tuple[Key, type[BaseModel]]] = []
    for name, field in model.model_fields.items():
        if (below := shape.inner_model(field)) is not None:
            inner.append(((*path, name), below))
        else:
            rows.append(_row((*path, name), field))
    if rows or inner:
        yield f"## [{'.'.join(map(str, path))}]\n\n{first_paragraph(model)}\n"
        yield "\n".join(["| setting | what it says | without it | variable |", "|---|---|---|---|", *rows]) + "\n"
    for key, below in inner:
        yield from _section(key, below)


def _row(key: Key, field: FieldInfo) -> str:
    if field.is_required():
        default = "must be given"
    else:
        value = faults.default(field)
        default = (
            f"`{value}`" if value not in {None, '""', "[]"} else "made from the others" if value is None else "nothing"
        )
    secret = " (or `…_FILE`)" if shape.is_secret(field) else ""
    text = sentence(field).replace("|", "\\|")
    return f"| `{key[-1]}` | {text} | {default} | `{variable(key)}`{secret} |"
