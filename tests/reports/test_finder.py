"""The block of rows that the page unfolds: all there, small, and no way for text to end it."""

import base64
import json
import re
import zlib
from typing import Any

from harness.figures import number
from harness.run import Run
from reports import finder, html
from tests.reports.conftest import Rack


def unpacked(markup: str) -> dict[str, Any]:
    (block,) = re.findall(r"id=rows>([A-Za-z0-9+/=]*)</script>", markup)
    found: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(block)))
    return found


def column(block: dict[str, Any], head: str) -> list[Any]:
    (found,) = [c for c in block["columns"] if c["head"] == head]
    return [found["words"][n] for n in found["cells"]] if "words" in found else found["cells"]


def test_every_measurement_is_a_row(rack: Rack) -> None:
    block, run = unpacked(finder.finder(rack[0])), rack[0]
    assert block["count"] == len(run.measurements)
    assert column(block, "Value") == [m.value if number(m.value) is None else number(m.value) for m in run.measurements]
    assert column(block, "Judged") == [m.judged.replace("_", " ") for m in run.measurements]
    assert column(block, "Limit from") == [m.limit_source for m in run.measurements]


def test_what_devices_say_cannot_end_the_block(hostile: Run) -> None:
    markup = finder.finder(hostile)
    assert markup.count("</script>") == 1
    assert unpacked(markup)["count"] == len(hostile.measurements)


def test_the_policy_allows_this_script_and_no_other(accepted: Run) -> None:
    page = html.render(accepted, lambda _: [])
    assert f"script-src {finder.script_digest()};" in page
    assert "unsafe" not in page


def test_of_very_many_the_closest_of_each_quantity_stands_without_a_script(rack: Rack) -> None:
    page = html.render(*rack, most_static=10)
    assert "Of each quantity the one closest to its limit" in page
    assert len(page) < len(html.render(*rack))
    targets = set(re.findall(r"href=#([\w-]+)", page))
    assert targets <= set(re.findall(r"id=([\w-]+)", page))
