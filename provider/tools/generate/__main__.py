"""Generate constructors, pages and parts of pages, and the messages of catalogues.

    .venv/bin/python -m provider.tools.generate [--check]

writes them. `--check` writes nothing, and fails if a file is not current. The diagram of a stack needs the engine and
the SDKs of Azure resources: without them it is not changed, and `--check` does not read it.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

from provider.tools import translations
from provider.tools.generate import (
    blocking,
    commands,
    constructors,
    diagram,
    emulated_services,
    errors,
    events,
    pages,
    readme,
)

SCRIPT = pages.EXAMPLES / "saas" / "subscription.py"
"""Program of a back end in the guide `saas.md`."""


def generate_pages() -> dict[Path, str]:
    """Return the text of each page with a generated part. Imports the classes of resources, which must be current."""
    marked = {
        readme.README: {"resources": readme.table()},
        pages.DOCS / "command-line.md": {"commands": commands.sections()},
        pages.DOCS / "errors.md": errors.sections(),
        pages.DOCS / "emulator.md": emulated_services.sections(),
        pages.DOCS / "saas-service.md": events.sections(),
        pages.DOCS / "saas.md": {"script": f"```python\n{SCRIPT.read_text(encoding='utf-8')}```"},
    }
    return pages.generated() | {path: fill_page(path, parts) for path, parts in marked.items()}


def fill_page(path: Path, parts: Mapping[str, str]) -> str:
    """Return the page with new content between each `<!-- name -->` and `<!-- /name -->`."""
    text = path.read_text(encoding="utf-8")
    for name, content in parts.items():
        begin, end = f"<!-- {name} -->\n", f"\n<!-- /{name} -->"
        before, _, rest = text.partition(begin)
        if text.count(begin) != 1 or rest.count(end) != 1:
            sys.exit(f"{path.name}: has no place for {name}")
        text = f"{before}{begin}{content}{end}{rest.partition(end)[2]}"
    return text


def write_files(generated: Mapping[Path, str], existing: Collection[Path]) -> bool:
    """Write files that are not current, and delete other files. Return whether any file changed.

    With `--check`, write nothing, and end the program if a file would change.
    """
    surplus = set(existing) - set(generated)
    stale = [path for path, text in generated.items() if not path.exists() or path.read_text("utf-8") != text]
    if "--check" in sys.argv and (stale or surplus):
        names = ", ".join(sorted(path.relative_to(pages.ROOT).as_posix() for path in [*stale, *surplus]))
        sys.exit(f"not current: {names}; run `make generate`")
    for path in surplus:
        path.unlink()
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(generated[path], encoding="utf-8")
    return bool(stale or surplus)


def draw_diagram() -> None:
    try:
        steps = diagram.read_steps()
    except diagram.CannotPreview as error:
        print(f"the diagrams were left as they are: {error}")
    else:
        for path, drawing in (
            (diagram.PAGE, diagram.draw(steps)),
            (readme.README, diagram.draw_summary(steps)),
        ):
            path.write_text(fill_page(path, {diagram.MARK: drawing}), encoding="utf-8")


def main() -> None:
    write_files(blocking.generated(), [])
    if write_files(constructors.generated(), [*constructors.RESOURCES_FOLDER.rglob("[!_]*.py")]):
        # This process has imported the former classes.
        sys.exit(subprocess.run([sys.executable, "-m", "provider.tools.generate"], check=False).returncode)
    write_files(generate_pages(), [*pages.PAGES.glob("*.md")])
    write_files(translations.generated(), [])
    if "--check" not in sys.argv:
        draw_diagram()


if __name__ == "__main__":
    main()
