"""Where the shipped cases, plans and profiles are."""

from importlib import util
from pathlib import Path

from drivers import catalogue
from harness import planfile
from harness.datafile import DataError, suggestion
from harness.execution import Files
from harness.inventory import load as load_inventory
from harness.runfolder import Inputs


def cases() -> Path:
    """Return the folder of the shipped cases. Raises DataError where they are not installed."""
    spec = util.find_spec("test_plans")
    if spec is None or not spec.submodule_search_locations:
        raise DataError("the package test_plans is not installed; install rackproof whole")
    return Path(next(iter(spec.submodule_search_locations)))


def inputs(plan: str, rack: Path, profile: Path | None) -> Inputs:
    """Return the files of a run; the profile is the shipped one of its generation unless named. Raises DataError."""
    found = planfile.find(cases() / "plans", plan)
    if profile is None:
        generation = load_inventory(rack).generation
        profile = cases() / "profiles" / f"{generation}.toml"
        if not profile.is_file():
            raise DataError(f"{rack}: no profile is shipped for generation {generation!r}; use --profile FILE")
    return Inputs(rack, found, profile)


def load(inputs: Inputs) -> Files:
    """Read the files of a run and look every device's model up. Raises DataError."""
    files = Files.load(inputs)
    for index, device in enumerate(files.inventory.device):
        if device.model not in catalogue.MODELS:
            hint = suggestion(device.model, list(catalogue.MODELS))
            place = f"{inputs.rack}: device[{index}].model"
            raise DataError(f"{place}: device {device.name!r} has unknown model {device.model!r}; {hint}")
    return files
