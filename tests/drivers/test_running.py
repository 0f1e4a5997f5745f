"""Workloads really run over SSH on this machine, started, watched, stopped and read as on a host under test."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.addresses import parse
from drivers.errors import NotInstalled, UsageError
from drivers.options import Options
from drivers.ssh import SshTransport
from drivers.workloads import running
from drivers.workloads.commands import WORKLOADS
from tests.servers import Sshd, free_port, need, sshd, wait_until

HPCC_INPUT = """\
HPLinpack benchmark input file
here
HPL.out      output file name (if any)
8            device out (6=stdout,7=stderr,file)
1            # of problems sizes (N)
{n}          Ns
1            # of NBs
{nb}         NBs
0            PMAP process mapping (0=Row-,1=Column-major)
1            # of process grids (P x Q)
1            Ps
{ranks}      Qs
16.0         threshold
1            # of panel fact
2            PFACTs (0=left, 1=Crout, 2=Right)
1            # of recursive stopping criterium
4            NBMINs (>= 1)
1            # of panels in recursion
2            NDIVs
1            # of recursive panel fact.
1            RFACTs (0=left, 1=Crout, 2=Right)
1            # of broadcast
1            BCASTs (0=1rg,1=1rM,2=2rg,3=2rM,4=Lng,5=LnM)
1            # of lookahead depth
1            DEPTHs (>=0)
2            SWAP (0=bin-exch,1=long,2=mix)
64           swapping threshold
0            L1 in (0=transposed,1=no-transposed) form
0            U  in (0=transposed,1=no-transposed) form
1            Equilibration (0=no,1=yes)
8            memory alignment in double (> 0)
##### This line (no. 32) is ignored (it serves as a separator). ######
0            Number of additional problem sizes for PTRANS
1200         values of N
0            number of additional blocking sizes for PTRANS
40           values of NB
"""

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with sshd(tmp_path_factory.mktemp("sshd")) as started:
        yield started


@pytest.fixture
def host(daemon: Sshd) -> Iterator[SshTransport]:
    opened = SshTransport.open(parse(daemon.address), Options(daemon.folder, Path("host_key.pub"), 20))
    yield opened
    opened.close()


def test_stress_ng(host: SshTransport) -> None:
    need("stress-ng")
    outcome = running.start("stress_ng", host, 1, workers="1").outcome(60)
    assert outcome.verified, outcome.reason
    assert outcome.values["stressor[cpu]"] > 0
    assert "successful run completed" in outcome.output


def test_fio(host: SshTransport, tmp_path: Path) -> None:
    need("fio")
    options = {"directory": str(tmp_path), "size": "4m", "direct": "0", "ioengine": "psync", "iodepth": "1"}
    outcome = running.start("fio", host, 1, **options).outcome(60)
    assert outcome.verified, outcome.reason
    assert set(outcome.values) == {"job[rackproof].read", "job[rackproof].write"}
    assert list(tmp_path.iterdir()) == []


def test_fio_where_it_cannot_write(host: SshTransport, tmp_path: Path) -> None:
    need("fio")
    outcome = running.start("fio", host, 1, directory=str(tmp_path / "none"), size="4m").outcome(60)
    assert not outcome.verified
    assert outcome.reason
    assert outcome.output


def test_iperf3_between_two_hosts(host: SshTransport) -> None:
    need("iperf3")
    port = str(free_port())
    server = running.start("iperf3_server", host, 30, port=port)
    listening = f"ss -Hltn sport = :{port} | grep -q ."
    wait_until(lambda: host.run(listening).status == 0, "iperf3's server")
    client = running.start("iperf3", host, 1, server="127.0.0.1", port=port).outcome(30)
    assert client.verified, client.reason
    assert client.values["received"] > 1e6
    both = server.outcome(30)
    assert both.verified, both.reason
    assert both.values["received"] == pytest.approx(client.values["received"], rel=0.2)


def test_iperf3_without_a_server_is_not_good_with_status_0(host: SshTransport) -> None:
    need("iperf3")
    outcome = running.start("iperf3", host, 1, server="127.0.0.1", port=str(free_port())).outcome(30)
    assert not outcome.verified
    assert "Connection refused" in (outcome.reason or "")
    assert outcome.parsed is not None
    assert outcome.parsed.verdict == "bad"


def hpcc(host: SshTransport, folder: Path, ranks: int) -> running.Outcome:
    need("hpcc")
    need("mpirun")
    (folder / "in.txt").write_text(HPCC_INPUT.format(n=200, nb=40, ranks=ranks))
    options = {"input": str(folder / "in.txt"), "mpirun": "--allow-run-as-root --oversubscribe"}
    return running.start("hpcc", host, 120, ranks=str(ranks), **options).outcome(30)


def test_hpcc(host: SshTransport, tmp_path: Path) -> None:
    outcome = hpcc(host, tmp_path, 2)
    assert outcome.verified, outcome.reason
    assert outcome.values["HPL"] > 1e6
    assert outcome.parsed is not None
    assert {f.name for f in outcome.parsed.figures} >= {"StarSTREAM_Triad.bandwidth", "MPIRandomAccess.update_rate"}


def test_hpcc_with_one_rank_leaves_tests_out(host: SshTransport, tmp_path: Path) -> None:
    outcome = hpcc(host, tmp_path, 1)
    assert not outcome.verified
    assert "unverified: MaxPingPongLatency was not run" in (outcome.reason or "")
    assert outcome.values["HPL"] > 1e6


def test_gemm_refuses_by_name_without_pytorch(host: SshTransport) -> None:
    python = sys.executable
    before = set(Path("/tmp").glob("tmp.*"))
    outcome = running.start("gemm", host, 5, python=python).outcome(30)
    assert not outcome.verified
    assert re.search("refused: PyTorch cannot be imported|refused: there is no GPU", outcome.reason or "")
    assert "status 3" in (outcome.reason or "")
    assert set(Path("/tmp").glob("tmp.*")) <= before


def test_a_workload_is_watched_and_stopped(host: SshTransport) -> None:
    need("stress-ng")
    work = running.start("stress_ng", host, 600, workers="1")
    wait_until(lambda: "dispatching" in work.said(), "the first words of stress-ng")
    assert work.status() is None
    work.stop()
    assert work.status() not in {None, 0}
    wait_until(lambda: host.run(f"kill -0 {work.job.pid}").status != 0, "the end of the process")


def test_the_limit_ends_a_workload_that_takes_longer(host: SshTransport) -> None:
    outcome = running.start("hpl_mxp", host, 1, command="echo HPL-MxP 1.0; sleep 3600").outcome(30)
    assert not outcome.verified
    assert "its time limit ended it" in (outcome.reason or "")


def test_an_old_summary_is_no_result(host: SshTransport, tmp_path: Path) -> None:
    summary = tmp_path / "mlperf_log_summary.txt"
    summary.write_text("MLPerf Results Summary\nResult is : VALID\n")
    outcome = running.start("loadgen", host, 10, command="false", summary=str(summary)).outcome(30)
    assert not outcome.verified
    assert "VALID" not in outcome.output


@pytest.mark.parametrize("name", ["nvbandwidth", "ib_read_lat", "dcgmi_diag"])
def test_a_program_that_is_not_there_is_named(name: str, daemon: Sshd) -> None:
    with_nothing = SshTransport.open(parse(daemon.address), Options(daemon.folder, Path("host_key.pub"), 20))
    program = WORKLOADS[name].programs[0]
    try:
        if with_nothing.run(f"command -v {program}").status == 0:
            pytest.skip(f"{program} is installed here")
        with pytest.raises(NotInstalled, match=f"no program '{program}'") as caught:
            running.start(name, with_nothing, 1)
    finally:
        with_nothing.close()
    assert "install it" in caught.value.fix


def test_what_cannot_be_asked_for(host: SshTransport) -> None:
    with pytest.raises(UsageError, match="unknown workload 'linpack'; known: gpu_burn"):
        running.start("linpack", host, 1)
    with pytest.raises(UsageError, match="'fio' has no option 'sise'"):
        running.start("fio", host, 1, sise="1")
    with pytest.raises(UsageError, match="'fio' needs the option 'directory'"):
        running.start("fio", host, 1)
    with pytest.raises(UsageError, match="way is"):
        running.start("iperf3", host, 1, server="localhost", way="sideways")
