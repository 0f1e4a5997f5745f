"""Outputs of host tools, made up for the tests after the grammar of each tool; no capture of a real machine."""

LSPCI = b"""\
pcilib: sysfs_read_vpd: read failed: No such device
0008:01:00.0 3D controller: NVIDIA Corporation Device 2941 (rev a1)
\tSubsystem: NVIDIA Corporation Device 2046
\tNUMA node: 1
\tCapabilities: [60] Express (v2) Endpoint, IntMsgNum 0
\t\tLnkCap:\tPort #0, Speed 64GT/s, Width x16, ASPM not supported
\t\t\tClockPM+ Surprise- LLActRep- BwNot- ASPMOptComp+
\t\tLnkCtl:\tASPM Disabled; RCB 64 bytes, LnkDisable- CommClk+
\t\tLnkSta:\tSpeed 32GT/s (downgraded), Width x16
\t\tLnkCap2: Supported Link Speeds: 2.5-64GT/s, Crosslink- Retimer+ 2Retimers+ DRS-
\t\tLnkSta2: Current De-emphasis Level: -6dB
\tKernel driver in use: nvidia

0001:00:00.0 PCI bridge: NVIDIA Corporation Device 22b2
\tCapabilities: <access denied>

0002:01:00.0 Infiniband controller: Mellanox Technologies MT2910 Family [ConnectX-7]
\t\tLnkCap:\tPort #0, Speed 32GT/s, Width x16, ASPM not supported
\t\tLnkSta:\tSpeed 32GT/s (ok), Width x8 (downgraded)
0003:01:00.0 Non-Volatile memory controller: Samsung Electronics Co Ltd NVMe SSD
\t\tLnkCap:\tPort #0, Speed unknown, Width x4, ASPM L1
\t\tLnkSta:\tSpeed unknown, Width x0
"""

LSPCI_MM = (
    b'00:00.0 "Host bridge" "Intel Corporation" "Device 0d57" -r01 -p00 "" ""\n'
    b'01:00.0 "3D controller" "NVIDIA \\"x\\"" "Device 2941" "" ""\n'
)
LSPCI_VMM = (
    b"Slot:\t0008:01:00.0\nClass:\t3D controller\nVendor:\tNVIDIA Corporation\nDevice:\tDevice 2941\nNUMANode:\t1\n\n"
    b"Slot:\t0009:01:00.0\nClass:\t3D controller\n"
)

DMIDECODE = b"""\
# dmidecode 3.4
Getting SMBIOS data from sysfs.
SMBIOS 3.6.0 present.

Handle 0x0001, DMI type 1, 27 bytes
System Information
\tManufacturer: Example
\tProduct Name: CT-4
\tSerial Number: S123
\tUUID: 00000000-1111-2222-3333-444444444444
\tSKU Number: To be filled by O.E.M.

Handle 0x0002, DMI type 2, 15 bytes
Base Board Information
\tProduct Name: Board
\tSerial Number: Not Specified
\tFeatures:
\t\tBoard is a hosting board

Handle 0x0004, DMI type 4, 48 bytes
Processor Information
\tSocket Designation: CPU0
\tVersion: Grace
\tStatus: Populated, Enabled
\tMax Speed: 3375 MHz
\tVoltage: 1.0 V
\tCore Count: 72

Handle 0x0005, DMI type 4, 48 bytes
Processor Information
\tSocket Designation: CPU1
\tStatus: Unpopulated

Handle 0x0010, DMI type 16, 23 bytes
Physical Memory Array
\tMaximum Capacity: 1 TB
\tNumber Of Devices: 2

Handle 0x0011, DMI type 17, 92 bytes
Memory Device
\tSize: 480 GB
\tLocator: DIMM_A0
\tType: LPDDR5
\tSpeed: 6400 MT/s
\tSerial Number: 0x01
\tConfigured Memory Speed: 6400 MT/s

Handle 0x0012, DMI type 17, 92 bytes
Memory Device
\tSize: 16384 MB
\tLocator: DIMM_A1
\tSpeed: Unknown

Handle 0x0013, DMI type 17, 92 bytes
Memory Device
\tSize: No Module Installed
\tLocator: DIMM_A2
"""

ETHTOOL = b"""\
Settings for eth0:
\tSupported ports: [ FIBRE ]
\tSpeed: 400000Mb/s
\tLanes: 4
\tDuplex: Full
\tAuto-negotiation: on
\tPort: Direct Attach Copper
\tLink detected: yes
Settings for eth1:
\tSpeed: Unknown!
\tDuplex: Unknown! (255)
\tLink detected: no (No cable)
Settings for eth2:
\tSpeed: 4294967295Mb/s
FEC parameters for eth0:
Supported/Configured FEC encodings: Auto
Active FEC encoding: RS
eth0:
driver: mlx5_core
version: 6.8.0
firmware-version: 28.39.1002 (MT_0000000834)
bus-info: 0000:61:00.0
"""

ETHTOOL_STATS = b"""\
NIC statistics:
     rx_packets: 123456
     tx_bytes: 987654321
     rx_crc_errors_phy: 0
     [0]: rx_ucast_packets: 7
     rx_prio_discards_truncated_nam: 1
     rx_prio_discards_truncated_nam: 2
"""
ETHTOOL_STATS_LOOP = b"eth0:\nNIC statistics:\n     rx_packets: 1\neth1:\nNIC statistics:\n     rx_packets: 2\n"

MODULE_8636 = b"""\
\tIdentifier                                : 0x11 (QSFP28)
\tVendor name                               : Example
\tVendor PN                                 : QS-1
\tVendor SN                                 : SN1
\tModule temperature                        : 40.50 degrees C / 104.90 degrees F
\tModule voltage                            : 3.2531 V
\tAlarm/warning flags implemented           : Yes
\tLaser tx bias current (Channel 1)         : 6.500 mA
\tLaser tx bias current (Channel 2)         : 0.000 mA
\tTransmit avg optical power (Channel 1)    : 1.0000 mW / 0.00 dBm
\tTransmit avg optical power (Channel 2)    : 0.0000 mW / -inf dBm
\tRcvr signal avg optical power(Channel 1)  : 0.5000 mW / -3.01 dBm
\tLaser bias current high alarm   (Chan 1)  : Off
\tLaser tx power low alarm        (Channel 2) : On
\tModule temperature high warning           : On
\tModule temperature high alarm threshold   : 75.00 degrees C / 167.00 degrees F
\tLaser rx power low alarm threshold        : 0.0501 mW / -13.00 dBm
"""
MODULE_8472 = b"""\
\tIdentifier                                : 0x03 (SFP)
\tVendor name                               : Example
\tLaser bias current                        : 6.000 mA
\tLaser output power                        : 0.5000 mW / -3.01 dBm
\tReceiver signal average optical power     : 0.4000 mW / -3.98 dBm
\tModule temperature                        : 31.00 degrees C / 87.80 degrees F
\tModule voltage                            : 3.3000 V
\tAlarm/warning flags implemented           : Yes
\tLaser bias current high alarm             : Off
\tLaser output power high alarm threshold   : 1.0000 mW / 0.00 dBm
"""
MODULE_CMIS = b"""\
\tIdentifier                                : 0x19 (OSFP 8X Pluggable Transceiver)
\tVendor name                               : Example
\tModule State                              : 0x03 (ModuleReady)
\tModule temperature                        : 52.00 degrees C / 125.60 degrees F
\tTransmit avg optical power (Channel 8)    : 1.1000 mW / 0.41 dBm
\tRcvr signal avg optical power (Channel 8) : 0.0001 mW / -40.00 dBm
"""
MODULE_JSON = b"""\
[{"identifier": 25, "identifier_description": "OSFP 8X", "vendor_name": "Example", "vendor_sn": "S1",
  "module_temperature": 56.98, "module_voltage": 3.259, "laser_tx_bias_current": [6.5, 0],
  "transmit_avg_optical_power": [1.0, 0], "rx_power": {"values": [0.5, 0.5], "type": "Rcvr signal avg optical power"},
  "laser_tx_power_low_alarm": [false, true]}]
"""

LLDP = b"""\
{"lldp": {"interface": [
  {"eth0": {"via": "LLDP", "rid": "1", "age": "0 day, 00:05:11",
    "chassis": {"leaf1": {"id": {"type": "mac", "value": "00:11:22:33:44:55"}, "descr": "switch\\nOS 1",
      "mgmt-ip": ["192.0.2.1", "2001:db8::1"], "capability": [{"type": "Bridge", "enabled": true}]}},
    "port": {"id": {"type": "ifname", "value": "Ethernet1"}, "descr": "to tray07", "ttl": "120"}}},
  {"eth0": {"via": "LLDP", "rid": "2", "age": "0 day, 00:01:00",
    "chassis": {"id": {"type": "mac", "value": "00:11:22:33:44:66"}},
    "port": {"id": {"type": "mac", "value": "00:11:22:33:44:67"}}}}
]}}
"""
LLDP_ALONE = b"""\
{"lldp": {"interface": {"eth1": {"via": "LLDP",
  "chassis": {"leaf2": {"id": {"type": "mac", "value": "00:11:22:33:44:77"}}},
  "port": {"id": {"type": "local", "value": "swp3"}}}}}}
"""
LLDP_0 = b"""\
{"lldp": [{"interface": [{"name": "eth0", "via": "LLDP",
  "chassis": [{"id": [{"type": "mac", "value": "00:11:22:33:44:55"}], "name": [{"value": "leaf1"}],
               "descr": [{"value": "switch"}]}],
  "port": [{"id": [{"type": "ifname", "value": "Ethernet1"}], "descr": [{"value": "up"}]}]}]}]}
"""

NVME_LIST_1 = b"""\
{"Devices": [{"NameSpace": 1, "DevicePath": "/dev/nvme0n1", "Firmware": "F1", "ModelNumber": "M1", "SerialNumber": "S1",
  "UsedBytes": 1000, "MaximumLBA": 7501476528, "PhysicalSize": 3840755982336, "SectorSize": 512}]}
"""
NVME_LIST_2 = b"""\
{"Devices": [{"HostNQN": "nqn", "Subsystems": [{"Subsystem": "nvme-subsys0", "Controllers": [
  {"Controller": "nvme0", "SerialNumber": "S1", "ModelNumber": "M1", "Firmware": "F1", "Transport": "pcie",
   "Address": "0000:01:00.0", "Namespaces": [
     {"NameSpace": "nvme0n1", "NSID": 1, "UsedBytes": 1000, "PhysicalSize": 3840755982336, "SectorSize": 512}],
   "Paths": []}], "Namespaces": []}]}]}
"""
NVME_SMART = b"""\
{"critical_warning": 0, "temperature": 311, "avail_spare": 100, "spare_thresh": 10, "percent_used": 1,
 "data_units_read": 1000, "data_units_written": 2000.0, "host_read_commands": 5, "media_errors": 0,
 "num_err_log_entries": 3, "power_on_hours": 100, "controller_busy_time": 2, "warning_temp_time": 0,
 "temperature_sensor_1": 320, "temperature_sensor_2": 0}
"""
NVME_SMART_TEXT = """\
Smart Log for NVME device:nvme0 namespace-id:ffffffff
critical_warning\t\t\t: 0
temperature\t\t\t\t: 38 °C (311 K)
available_spare\t\t\t\t: 100%
available_spare_threshold\t\t: 10%
percentage_used\t\t\t\t: 1%
Data Units Read\t\t\t\t: 1,000 (512.00 MB)
data_units_written\t\t\t: 2,000 (1.02 GB)
media_errors\t\t\t\t: 0
power_on_hours\t\t\t\t: 1,100
""".encode()
NVME_ID = b'{"vid": 5197, "sn": "S1 ", "mn": "M1", "fr": "F1", "tnvmcap": 3840755982336, "wctemp": 343, "nn": 32}\n'

SMARTCTL_NVME = b"""\
{"json_format_version": [1, 0], "smartctl": {"version": [7, 4], "argv": ["smartctl", "-j", "-a", "/dev/nvme0"],
  "exit_status": 0}, "device": {"name": "/dev/nvme0", "type": "nvme", "protocol": "NVMe"},
 "model_name": "M1", "serial_number": "S1", "firmware_version": "F1", "user_capacity": {"bytes": 3840755982336},
 "smart_status": {"passed": true, "nvme": {"value": 0}},
 "nvme_smart_health_information_log": {"critical_warning": 0, "temperature": 38, "available_spare": 100,
   "available_spare_threshold": 10, "percentage_used": 1, "data_units_read": 1000, "data_units_written": 2000,
   "media_errors": 0, "num_err_log_entries": 0, "unsafe_shutdowns": 2},
 "temperature": {"current": 38}, "power_cycle_count": 12, "power_on_time": {"hours": 100}}
"""
SMARTCTL_ATA = b"""\
{"smartctl": {"version": [7, 3], "argv": ["smartctl", "-j", "-a", "/dev/sda"], "exit_status": 64},
 "device": {"name": "/dev/sda", "protocol": "ATA"}, "model_name": "A1", "smart_status": {"passed": true},
 "ata_smart_attributes": {"table": [
   {"id": 1, "name": "Raw_Read_Error_Rate", "when_failed": "", "raw": {"value": 123456789, "string": "1/2"}},
   {"id": 5, "name": "Reallocated_Sector_Ct", "when_failed": "past", "raw": {"value": 8, "string": "8"}}]},
 "ata_smart_error_log": {"summary": {"count": 4}}, "temperature": {"current": 30}}
"""
SMARTCTL_SCSI = b"""\
{"smartctl": {"version": [7, 4], "argv": ["smartctl", "-j", "-a", "/dev/sdb"], "exit_status": 0},
 "device": {"name": "/dev/sdb", "protocol": "SCSI"}, "scsi_product": "P1", "serial_number": "S2",
 "smart_status": {"passed": true}, "scsi_grown_defect_list": 0,
 "scsi_error_counter_log": {"read": {"total_uncorrected_errors": 0}, "write": {"total_uncorrected_errors": 1}}}
"""

SENSORS = b"""\
{
   "coretemp-isa-0000":{
      "Adapter": "ISA adapter",
      "Package id 0":{
         "temp1_input": 45.000,
         "temp1_max": 90.000,
         "temp1_crit": 100.000,
         "temp1_crit_alarm": 0.000
      }
   },
   "nct6775-isa-0290":{
      "Adapter": "ISA adapter",
      "in0":{
         "in0_input": 0.880
      },
      "fan1":{
         "fan1_input": 12000.000,
         "fan1_alarm": 1.000
      },
      "broken":{
         "temp7_fault": 1.000,
         "temp7_input": -128.000
      },
      "power1":{
         "power1_average": nan,
      }
   }
}
"""

KERNEL_LOG = b"""\
[    0.000000] Linux version 6.8.0
[   12.100000] NVRM: loading NVIDIA UNIX Open Kernel Module
[  912.400000] NVRM: Xid (PCI:0008:01:00): 79, pid=1234, name=python, GPU has fallen off the bus.
[  912.500000] NVRM: Xid (PCI:0008:01:00): 79, pid='<unknown>', name=<unknown>, GPU has fallen off the bus.
[  913.000000] NVRM: Xid (PCI:0009:01:00): 999, something new
[  920.000000] nvidia-nvswitch3: SXid (PCI:0000:c1:00.0): 20034, Fatal, Link 30 LTSSM Fault Up
[  930.000000] EDAC MC0: 1 CE memory read error on CPU_SrcID#0 (channel:0 slot:0)
[  931.000000] pcieport 0000:00:01.0: AER: Corrected error received: 0000:01:00.0
[  932.000000] pcieport 0000:00:01.0: PCIe Bus Error: severity=Uncorrected (Fatal), type=Transaction Layer
[  933.000000] I/O error, dev nvme0n1, sector 1234 op 0x0:(READ) flags 0x0
[  934.000000] Out of memory: Killed process 99 (hpl) total-vm:1kB
"""
JOURNAL = (
    b"Nov 23 12:00:00 tray01 kernel: Linux version 6.8.0\n"
    b"Nov 23 12:00:09 tray01 kernel: NVRM: Xid (PCI:0000:61:00): 94, pid=7, Contained: SM\n"
)

CHRONY = b"""\
Reference ID    : C0000201 (ntp1)
Stratum         : 3
System time     : 0.000250000 seconds slow of NTP time
Last offset     : -0.000012345 seconds
RMS offset      : 0.000098765 seconds
Root delay      : 0.012345678 seconds
Leap status     : Normal
"""
CHRONY_CSV = b"C0000201,192.0.2.1,3,1700000000.1,0.000250000,-0.00001,0.0001,1.2,0.0,0.1,0.01,0.001,64.5,Normal\n"
TIMEDATECTL = (
    b"               Local time: Mon 2026-11-23 12:00:00 UTC\nSystem clock synchronized: yes\nNTP service: active\n"
)
NTPQ = b"""\
     remote           refid      st t when poll reach   delay   offset  jitter
==============================================================================
*ntp1.example    192.0.2.9        2 u   10   64  377    0.250   -0.500   0.010
+ntp2.example    192.0.2.9        2 u   11   64  377    0.300    0.100   0.020
"""
