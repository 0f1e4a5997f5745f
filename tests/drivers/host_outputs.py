"""Outputs of host tools, made up for the tests after the grammar of each tool; no capture of a real machine."""

NVIDIA_SMI = b"""<?xml version="1.0" ?>
<!DOCTYPE nvidia_smi_log SYSTEM "nvsmi_device_v13.dtd">
<nvidia_smi_log>
\t<timestamp>Mon Nov 23 12:00:00 2026</timestamp>
\t<driver_version>580.95.05</driver_version>
\t<cuda_version>13.0</cuda_version>
\t<attached_gpus>2</attached_gpus>
\t<gpu id="00000008:01:00.0">
\t\t<product_name>NVIDIA GB200</product_name>
\t\t<product_architecture>Blackwell</product_architecture>
\t\t<display_mode>Requested functionality has been deprecated</display_mode>
\t\t<persistence_mode>Enabled</persistence_mode>
\t\t<mig_mode>
\t\t\t<current_mig>Disabled</current_mig>
\t\t\t<pending_mig>Disabled</pending_mig>
\t\t</mig_mode>
\t\t<mig_devices>
\t\t\tNone
\t\t</mig_devices>
\t\t<serial>1650123456789</serial>
\t\t<uuid>GPU-00000000-1111-2222-3333-444444444444</uuid>
\t\t<vbios_version>97.00.88.00.18</vbios_version>
\t\t<platformInfo>
\t\t\t<chassis_serial_number>1820000000001</chassis_serial_number>
\t\t\t<slot_number>7</slot_number>
\t\t\t<tray_index>3</tray_index>
\t\t\t<module_id>2</module_id>
\t\t\t<peer_type>Switch Connected</peer_type>
\t\t</platformInfo>
\t\t<gpu_recovery_action>None</gpu_recovery_action>
\t\t<pci>
\t\t\t<pci_bus_id>00000008:01:00.0</pci_bus_id>
\t\t\t<pci_gpu_link_info>
\t\t\t\t<pcie_gen>
\t\t\t\t\t<max_link_gen>6</max_link_gen>
\t\t\t\t\t<current_link_gen>6</current_link_gen>
\t\t\t\t</pcie_gen>
\t\t\t\t<link_widths>
\t\t\t\t\t<max_link_width>16x</max_link_width>
\t\t\t\t\t<current_link_width>16x</current_link_width>
\t\t\t\t</link_widths>
\t\t\t</pci_gpu_link_info>
\t\t\t<replay_counter>0</replay_counter>
\t\t</pci>
\t\t<fan_speed>N/A</fan_speed>
\t\t<clocks_event_reasons>
\t\t\t<clocks_event_reason_gpu_idle>Active</clocks_event_reason_gpu_idle>
\t\t\t<clocks_event_reason_hw_slowdown>Not Active</clocks_event_reason_hw_slowdown>
\t\t\t<clocks_event_reason_hw_thermal_slowdown>Not Active</clocks_event_reason_hw_thermal_slowdown>
\t\t\t<clocks_event_reason_sw_thermal_slowdown>Not Active</clocks_event_reason_sw_thermal_slowdown>
\t\t</clocks_event_reasons>
\t\t<clocks_event_reasons_counters>
\t\t\t<clocks_event_reasons_counters_sw_power_cap>2500000 us</clocks_event_reasons_counters_sw_power_cap>
\t\t</clocks_event_reasons_counters>
\t\t<fb_memory_usage>
\t\t\t<total>189471 MiB</total>
\t\t\t<reserved>664 MiB</reserved>
\t\t\t<used>4 MiB</used>
\t\t</fb_memory_usage>
\t\t<utilization>
\t\t\t<gpu_util>0 %</gpu_util>
\t\t</utilization>
\t\t<ecc_mode>
\t\t\t<current_ecc>Enabled</current_ecc>
\t\t</ecc_mode>
\t\t<ecc_errors>
\t\t\t<volatile>
\t\t\t\t<sram_correctable>1</sram_correctable>
\t\t\t\t<sram_uncorrectable_parity>0</sram_uncorrectable_parity>
\t\t\t\t<sram_uncorrectable_secded>2</sram_uncorrectable_secded>
\t\t\t\t<dram_correctable>3</dram_correctable>
\t\t\t\t<dram_uncorrectable>0</dram_uncorrectable>
\t\t\t</volatile>
\t\t\t<aggregate>
\t\t\t\t<sram_correctable>N/A</sram_correctable>
\t\t\t\t<dram_correctable>7</dram_correctable>
\t\t\t\t<sram_threshold_exceeded>No</sram_threshold_exceeded>
\t\t\t</aggregate>
\t\t</ecc_errors>
\t\t<remapped_rows>
\t\t\t<remapped_row_corr>0</remapped_row_corr>
\t\t\t<remapped_row_unc>1</remapped_row_unc>
\t\t\t<remapped_row_pending>No</remapped_row_pending>
\t\t\t<remapped_row_failure>No</remapped_row_failure>
\t\t</remapped_rows>
\t\t<temperature>
\t\t\t<gpu_temp>34 C</gpu_temp>
\t\t\t<gpu_temp_tlimit>51 C</gpu_temp_tlimit>
\t\t\t<memory_temp>35 C</memory_temp>
\t\t</temperature>
\t\t<gpu_power_readings>
\t\t\t<power_state>Requested functionality has been deprecated</power_state>
\t\t\t<average_power_draw>171.25 W</average_power_draw>
\t\t\t<instant_power_draw>170.00 W</instant_power_draw>
\t\t\t<current_power_limit>1200.00 W</current_power_limit>
\t\t</gpu_power_readings>
\t\t<module_power_readings>
\t\t\t<power_draw>N/A</power_draw>
\t\t\t<average_power_draw>300.50 W</average_power_draw>
\t\t</module_power_readings>
\t\t<clocks>
\t\t\t<sm_clock>120 MHz</sm_clock>
\t\t</clocks>
\t\t<fabric>
\t\t\t<state>Completed</state>
\t\t\t<status>Success</status>
\t\t\t<cliqueId>32766</cliqueId>
\t\t\t<clusterUuid>aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee</clusterUuid>
\t\t\t<health>
\t\t\t\t<summary>Healthy</summary>
\t\t\t\t<bandwidth>Full</bandwidth>
\t\t\t</health>
\t\t</fabric>
\t\t<supported_clocks>
\t\t\t<supported_mem_clock>
\t\t\t\t<value>3996 MHz</value>
\t\t\t\t<supported_graphics_clock>2062 MHz</supported_graphics_clock>
\t\t\t</supported_mem_clock>
\t\t</supported_clocks>
\t\t<processes>
\t\t</processes>
\t</gpu>
\t<gpu id="00000009:01:00.0">
\t\t<product_name>NVIDIA A100</product_name>
\t\t<serial>0</serial>
\t\t<mig_mode>
\t\t\t<current_mig>Enabled</current_mig>
\t\t</mig_mode>
\t\t<mig_devices>
\t\t\t<mig_device>
\t\t\t\t<index>0</index>
\t\t\t</mig_device>
\t\t\t<mig_device>
\t\t\t\t<index>1</index>
\t\t\t</mig_device>
\t\t</mig_devices>
\t\t<clocks_throttle_reasons>
\t\t\t<clocks_throttle_reason_gpu_idle>Not Active</clocks_throttle_reason_gpu_idle>
\t\t\t<clocks_throttle_reason_hw_slowdown>Active</clocks_throttle_reason_hw_slowdown>
\t\t\t<clocks_throttle_reason_sw_power_cap>Active</clocks_throttle_reason_sw_power_cap>
\t\t</clocks_throttle_reasons>
\t\t<ecc_errors>
\t\t\t<volatile>
\t\t\t\t<single_bit><device_memory>1</device_memory><total>4</total></single_bit>
\t\t\t\t<double_bit><total>N/A</total></double_bit>
\t\t\t</volatile>
\t\t</ecc_errors>
\t\t<remapped_rows>N/A</remapped_rows>
\t\t<power_readings>
\t\t\t<power_draw>400.25 W</power_draw>
\t\t\t<power_limit>400.00 W</power_limit>
\t\t</power_readings>
\t\t<temperature>
\t\t\t<gpu_temp>ERR!</gpu_temp>
\t\t</temperature>
\t</gpu>
</nvidia_smi_log>
"""

DCGM_4 = b"""\
{
  "DCGM Diagnostic": {
    "test_categories": [
      {
        "category": "Deployment",
        "tests": [
          {
            "name": "software",
            "results": [
              {"entity_group": "GPU", "entity_group_id": 1, "entity_id": 0, "status": "Pass"},
              {"entity_group": "GPU", "entity_group_id": 1, "entity_id": 1, "status": "Pass"}
            ],
            "test_summary": {"status": "Pass"}
          }
        ]
      },
      {
        "category": "Hardware",
        "tests": [
          {
            "name": "memory",
            "results": [
              {"entity_group": "GPU", "entity_group_id": 1, "entity_id": 0, "status": "Pass",
               "info": "Allocated 180000000000 bytes (95.1%)"}
            ],
            "test_summary": {"status": "Pass"}
          }
        ]
      }
    ]
  },
  "entity_groups": [
    {"entity_group": "GPU", "entity_group_id": 1,
     "entities": [{"device_id": "2941", "entity_id": 0, "serial_num": "1650000000001"}]}
  ],
  "metadata": {"Driver Version Detected": "580.95.05", "version": "4.4.1"}
}
"""

DCGM_3 = b"""\
{"DCGM GPU Diagnostic": {"test_categories": [
  {"category": "Deployment", "tests": [{"name": "Denylist", "results": [{"status": "Pass"}]}]},
  {"category": "Stress", "tests": [{"name": "Targeted Power", "results": [
    {"gpu_ids": "0", "status": "Fail", "warnings": "Power too low"}, {"gpu_ids": "1", "status": "Pass"}]}]}
]}, "version": "3.3.5"}
"""

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

PERFQUERY = b"""\
# Port counters: Lid 12 port 1 (CapMask: 0x5A00)
PortSelect:......................1
SymbolErrorCounter:..............65535
LinkDownedCounter:...............2
PortRcvErrors:...................0
PortXmitData:....................4294967295
PortRcvData:.....................100
"""
PERFQUERY_X = b"""\
# Port extended counters: Lid 12 port 1 (CapMask: 0x5A00)
PortSelect:......................1
CounterSelect:...................0x0000
PortXmitData:....................123456789012
PortRcvData:.....................4294967295
PortXmitPkts:....................77
SymbolErrorCounter:..............65535
"""
SYSFS_IB = b"""\
/sys/class/infiniband/mlx5_0/ports/1/counters/symbol_error:0
/sys/class/infiniband/mlx5_0/ports/1/counters/port_xmit_data:25
/sys/class/infiniband/mlx5_0/ports/1/hw_counters/out_of_sequence:3
/sys/class/infiniband/mlx5_0/ports/1/state:4: ACTIVE
/sys/class/infiniband/mlx5_0/ports/1/rate:400 Gb/sec (4X NDR)
"""
IBSTAT = b"""\
CA 'mlx5_0'
\tCA type: MT4129
\tNumber of ports: 1
\tFirmware version: 28.39.1002
\tNode GUID: 0x0000000000000001
\tPort 1:
\t\tState: Active
\t\tPhysical state: LinkUp
\t\tRate: 400
\t\tBase lid: 12
\t\tLink layer: InfiniBand
CA 'mlx5_1'
\tCA type: MT4115
\tPort 1:
\t\tState: Down
\t\tPhysical state: Disabled
\t\tRate: 40 (FDR10)
\t\tBase lid: 65535
"""

MLXLINK = b"""\
{"result": {"output": {
  "Operational Info": {"State": "Active", "Physical state": "LinkUp", "Speed": "IB-NDR", "Width": "4x",
    "FEC": "Standard_RS-FEC - (544,514)", "Loopback Mode": "No Loopback", "Auto Negotiation": "ON"},
  "Troubleshooting Info": {"Status Opcode": "0", "Group Opcode": "N/A", "Recommendation": "No issue was observed"},
  "Tool Information": {"Firmware Version": "28.39.1002", "MFT Version": "mft 4.30.1"},
  "Physical Counters and BER Info": {"Time Since Last Clear [Min]": "10.5", "Effective Physical Errors": "0",
    "Effective Physical BER": "15E-255", "Raw Physical BER": "3E-10",
    "Raw Physical Errors Per Lane": {"values": ["5", "0", "N/A", "2"]}, "Link Down Counter": "1"},
  "Module Info": {"Identifier": "OSFP", "Vendor Serial Number": "MT1", "Temperature [C]": "45 [-10..80]",
    "Voltage [mV]": "3260.0 [3000..3600]", "Bias Current [mA]": "8.1,8.2 [2..15]",
    "Rx Power Current [dBm]": "1.2,-40 [-10..5]"},
  "EYE Opening Info": {"Physical Grade": {"values": ["1000", "1010"]}}
}}, "status": {"code": 0, "message": "success"}}
"""

NVOS_INTERFACE = b"""\
{"sw1p1s1": {"link": {"physical-state": "LinkUp", "logical-state": "Active", "speed": "400G", "lanes": "2X",
    "state": {"up": {}}, "mtu": 256, "plr": {"mode": null},
    "counters": {"in-bytes": 10, "out-bytes": 20, "in-errors": 0, "in-drops": 1, "link": {"carrier-down-count": 3}}}},
 "acp1": {"link": {"physical-state": "Disabled", "logical-state": "Down", "state": {"down": {}}}}}
"""
NVOS_ENVIRONMENT = b"""\
{"fan": {"FAN1/1": {"current-speed": "18000", "direction": "F2B", "max-speed": "33000", "state": "ok"}},
 "psu": {"PSU1": {"capacity": "2000.00", "power": "450.0", "voltage": "54.1", "current": "8.3", "state": "ok"},
         "PSU2": {"capacity": "N/A", "power": "N/A", "state": "absent"}},
 "temperature": {"ASIC1": {"current": "45.00", "max": "105", "crit": "120.0", "state": "ok"}},
 "voltage": {"PMIC-1-VDD": {"actual": 0.75, "expected": 0.75, "state": "ok"}},
 "led": {"STATUS": {"color": "green"}}}
"""
NVOS_FIRMWARE = b"""\
{"ASIC1": {"actual-firmware": "35.2014.1676", "part-number": "692-9", "type": "asic"},
 "EROT": {"actual-firmware": "N/A"}}
"""
NVOS_CLUSTER = b"""\
{"nmx-controller": {"status": "ok", "reason": "", "addition-info": "CONTROL_PLANE_STATE_CONFIGURED", "app-id": "nmx-c"}}
"""

IMEX = b"""\
{"nodes": {"0": {"status": "READY", "host": "192.0.2.1", "hostName": "tray01", "version": "580.95.05",
    "connections": {"0": {"host": "192.0.2.1", "status": "CONNECTED"}, "1": {"host": "192.0.2.2", "status": "CONNECTED"}}},
  "1": {"status": "READY", "host": "192.0.2.2",
    "connections": {"0": {"status": "CONNECTED"}, "1": {"status": "CONNECTED"}}}},
 "timestamp": "11/23/2026 12:00:00", "status": "UP"}
"""
IMEX_TEXT = b"""\
Connectivity Table Legend:
I - Invalid - Node wasn't reachable, no connection status available
C - Connected - Ready for operation

11/23/2026 12:00:00.000
Nodes:
Node #0   - 192.0.2.1       - READY                - Version: 580.95.05
Node #1 * - 192.0.2.2 *     - WAITING_FOR_PEERS    - Version: 580.95.05

 Nodes From\\To  0   1
       0       C   C
       1       C   C
Domain State: DEGRADED
"""

AMD_METRIC = b"""\
WARNING: User is missing the following required groups: render
[{"gpu": 0,
  "usage": {"gfx_activity": {"value": 73, "unit": "%"}, "umc_activity": "N/A"},
  "power": {"socket_power": {"value": 542, "unit": "W"}, "gfx_voltage": {"value": "N/A", "unit": "mV"},
            "throttle_status": "UNTHROTTLED"},
  "clock": {"gfx_0": {"clk": {"value": 2100, "unit": "MHz"}}, "mem_0": {"clk": {"value": 1300, "unit": "MHz"}}},
  "temperature": {"edge": "N/A", "hotspot": {"value": 61, "unit": "C"}, "mem": {"value": 48, "unit": "C"}},
  "pcie": {"width": 16, "speed": {"value": 32, "unit": "GT/s"}, "replay_count": 0},
  "ecc": {"total_correctable_count": 2, "total_uncorrectable_count": 0, "total_deferred_count": "N/A"},
  "throttle": {"prochot_violation_status": "NOT ACTIVE", "socket_thermal_violation_status": "ACTIVE",
               "vr_thermal_violation_status": "NOT ACTIVE", "hbm_thermal_violation_status": "NOT ACTIVE"},
  "mem_usage": {"total_vram": {"value": 196592, "unit": "MB"}, "used_vram": {"value": 10, "unit": "MB"}}}]
"""
AMD_STATIC = b"""\
{"gpu_data": [{"gpu": 0, "asic": {"market_name": "MI300X", "asic_serial": "0x1"}, "bus": {"bdf": "0000:01:00.0",
  "max_pcie_width": 16, "max_pcie_speed": {"value": 32, "unit": "GT/s"}}, "vbios": {"version": "022.040"},
  "board": {"product_serial": "N/A"}, "vram": {"size": {"value": 196592, "unit": "MB"}},
  "limit": {"max_power": {"value": 750, "unit": "W"}}, "driver": {"version": "6.10.5"}}]}
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

SAMPLES: tuple[tuple[str, bytes], ...] = (
    ("nvidia-smi", NVIDIA_SMI),
    ("dcgm-diag", DCGM_4),
    ("dcgm-diag", DCGM_3),
    ("lspci", LSPCI),
    ("lspci", LSPCI_MM),
    ("lspci", LSPCI_VMM),
    ("dmidecode", DMIDECODE),
    ("ethtool", ETHTOOL),
    ("ethtool-stats", ETHTOOL_STATS),
    ("ethtool-stats", ETHTOOL_STATS_LOOP),
    ("ethtool-module", MODULE_8636),
    ("ethtool-module", MODULE_8472),
    ("ethtool-module", MODULE_CMIS),
    ("ethtool-module", MODULE_JSON),
    ("lldpctl", LLDP),
    ("lldpctl", LLDP_ALONE),
    ("lldpctl", LLDP_0),
    ("nvme-list", NVME_LIST_1),
    ("nvme-list", NVME_LIST_2),
    ("nvme-smart", NVME_SMART),
    ("nvme-id", NVME_ID),
    ("smartctl", SMARTCTL_NVME),
    ("smartctl", SMARTCTL_ATA),
    ("smartctl", SMARTCTL_SCSI),
    ("sensors", SENSORS),
    ("perfquery", PERFQUERY),
    ("perfquery", PERFQUERY_X),
    ("perfquery", SYSFS_IB),
    ("ibstat", IBSTAT),
    ("mlxlink", MLXLINK),
    ("nvos", NVOS_INTERFACE),
    ("nvos", NVOS_ENVIRONMENT),
    ("nvos", NVOS_FIRMWARE),
    ("nvos", NVOS_CLUSTER),
    ("imex", IMEX),
    ("imex", IMEX_TEXT),
    ("amd-smi", AMD_METRIC),
    ("amd-smi", AMD_STATIC),
    ("kernel-log", KERNEL_LOG),
    ("kernel-log", JOURNAL),
    ("chrony", CHRONY),
    ("chrony", CHRONY_CSV),
    ("chrony", TIMEDATECTL),
    ("chrony", NTPQ),
)
