"""Keysight InfiniiVision oscilloscopes (2000, 3000, 4000, 6000 X-Series) over VISA: trigger, capture, scaling.

Commands as in the InfiniiVision X-Series programmer's guides by way of public drivers; the bits of the operation
status register are recalled. For inrush, hold-up and transients: what lasts less than a meter's update interval.
"""

from collections.abc import Sequence
from typing import ClassVar, Literal, Self

from drivers import scpi
from drivers.addresses import Address
from drivers.errors import BadAddress, Garbled, NoReading
from drivers.options import Options
from drivers.points import Clock, Item, Point
from drivers.protocols import Kind
from drivers.scopes.waveform import Trace, preamble, scaled
from drivers.scpi_device import ScpiDevice
from drivers.visa_block import BlockTransport

RUNNING = 1 << 3
"""Bit of `:OPERegister:CONDition?` that is set while an acquisition is under way."""

POLL_S = 0.05
_UNITS = {"VOLT": "V", "AMP": "A", "V": "V", "A": "A", "AMPERE": "A"}
_FORMAT = (":WAV:FORM WORD", ":WAV:BYT MSBF", ":WAV:UNS ON", ":WAV:POIN:MODE RAW")

Slope = Literal["POS", "NEG", "EITH"]


def _positive(reply: str) -> Item:
    value = scpi.number(reply)
    if value <= 0:
        raise Garbled("not above 0", received=reply)
    return Item(value, reply)


def _state(reply: str) -> Item:
    return Item("running" if scpi.register(reply) & RUNNING else "stopped", reply)


def _text(reply: str) -> Item:
    word = scpi.without_header(reply)
    if not word.isascii() or not word.isprintable() or not word or " " in word:
        raise Garbled("not a word", received=reply)
    return Item(word, reply)


class InfiniiVision(ScpiDevice):
    """Keysight InfiniiVision oscilloscope, 2 or 4 analogue channels (InfiniiVision X-Series programmer's guide)."""

    model: ClassVar[str] = "infiniivision"
    kind: ClassVar[Kind] = "oscilloscope"
    source: ClassVar[str] = "Keysight InfiniiVision X-Series programmer's guide, by way of public drivers"
    identity: ClassVar[str] = r"(KEYSIGHT|AGILENT)[^,]*,\s*(DSO|MSO|EDU)[ -]?X"

    sample_rate = Point(":ACQ:SRAT?", "Hz", "Sample rate of the present time base.", _positive)
    time_range = Point(":TIM:RANG?", "s", "Time across the screen.", _positive)
    trigger_state = Point(":OPER:COND?", None, "Whether an acquisition is running or stopped.", _state, confirmed=False)
    trigger_source = Point(":TRIG:EDGE:SOUR?", None, "Source of the edge trigger.", _text)
    range_1 = Point(":CHAN1:RANG?", "V", "Full scale of channel 1; in A for a current probe.", _positive)
    range_2 = Point(":CHAN2:RANG?", "V", "Full scale of channel 2; in A for a current probe.", _positive)

    transport: BlockTransport

    @classmethod
    def connect(cls, address: Address, options: Options, clock: Clock) -> Self:
        """Open the oscilloscope. Raises BadAddress for another protocol, and as `VisaTransport.open` does."""
        if address.scheme != "visa":
            raise BadAddress(f"{cls.model} is reached by visa://, not {address.scheme}://", address=address.public)
        return cls(BlockTransport.open(address, options), clock)

    def set_time(self, seconds: float, before_trigger: float = 0.1) -> None:
        """Show `seconds` s, the share `before_trigger` of them before the trigger. Raises DeviceRefused."""
        self.do(":TIM:REF LEFT", f":TIM:RANG {seconds:g}", f":TIM:POS {(0.1 - before_trigger) * seconds:g}")

    def set_channel(self, channel: int, full_scale: float, offset: float = 0.0) -> None:
        """Switch a channel on with a full scale and an offset in its unit. Raises DeviceRefused."""
        node = f":CHAN{channel}"
        self.do(f"{node}:DISP ON", f"{node}:RANG {full_scale:g}", f"{node}:OFFS {offset:g}")

    def set_trigger(self, channel: int, level: float, slope: Slope = "POS") -> None:
        """Trigger on an edge of a channel at `level`, in the channel's unit. Raises DeviceRefused."""
        edge = ":TRIG:EDGE"
        self.do(
            ":TRIG:MODE EDGE", f"{edge}:SOUR CHAN{channel}", f"{edge}:LEV {level:g}", f"{edge}:SLOP {slope}",
            ":TRIG:SWE NORM",
        )  # fmt: skip

    def arm(self) -> None:
        """Wait for one trigger, in the background. Raises DeviceRefused."""
        self.do(":SING")

    def captured(self, within_s: float) -> None:
        """Wait until the armed acquisition is complete. Raises NoReading where no trigger comes within `within_s` s."""
        deadline = self.clock.monotonic() + within_s
        while scpi.register(self.transport.query(":OPER:COND?")) & RUNNING:
            if self.clock.monotonic() >= deadline:
                self.do(":STOP")
                raise NoReading(f"no trigger within {within_s:g} s", address=self.address, sent=":OPER:COND?")
            self.clock.sleep(POLL_S)

    def traces(self, channels: Sequence[int]) -> list[Trace]:
        """Fetch the record of channels, all its samples, scaled. Raises DeviceRefused, Garbled."""
        return [self._trace(channel) for channel in channels]

    def _trace(self, channel: int) -> Trace:
        self.do(f":WAV:SOUR CHAN{channel}", *_FORMAT)
        unit = self._located(_unit, self.transport.query(f":CHAN{channel}:UNIT?"), f":CHAN{channel}:UNIT?")
        by = self._located(preamble, self.transport.query(":WAV:PRE?"), ":WAV:PRE?")
        data = self.transport.query_block(":WAV:DATA?")
        values, clipped = self._located(lambda raw: scaled(raw, by), data, ":WAV:DATA?")
        start = by.x_origin - by.x_reference * by.x_increment
        source = f"{self.address} :WAV:SOUR CHAN{channel};:WAV:DATA?"
        return Trace(str(channel), unit, start, by.x_increment, values, clipped, source, by.raw, self.clock.now())


def _unit(text: str) -> str:
    return scpi.choice(text, _UNITS)
