"""Outputs of the tools of GPUs and their networks, made up after the grammar of each; no capture of a real machine."""

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
    "connections": {"0": {"host": "192.0.2.1", "status": "CONNECTED"},
                    "1": {"host": "192.0.2.2", "status": "CONNECTED"}}},
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
