/**
 * What a healthy node of 1.20 answers to what the recording's program did not ask yet; its own addresses as those of
 * the recorded node.
 */
export const recordedLater: ReadonlyMap<string, string> = new Map([
  [
    'routes4',
    [
      'default via 172.30.2.1 dev eth0 ',
      '10.244.1.1 dev cilium_host proto kernel scope link ',
      '172.30.0.0/16 dev eth0 proto kernel scope link src 172.30.2.11 ',
      '',
    ].join('\n'),
  ],
  ['routes6', ''],
  ['routeRules', '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n'],
  [
    'sysctls',
    [
      'ipv4/ip_local_port_range:32768\t60999',
      'ipv4/ip_local_reserved_ports:',
      'ipv4/ip_forward:1',
      'ipv6/conf/all/forwarding:1',
      ...['all', 'default', 'cilium_host', 'cilium_net', 'cilium_vxlan', 'eth0'].flatMap((link) => [
        `ipv4/conf/${link}/forwarding:1`,
        `ipv4/conf/${link}/rp_filter:0`,
      ]),
      '',
    ]
      .map((line) => (line === '' ? '' : `/proc/sys/net/${line}`))
      .join('\n'),
  ],
  ['kernelOptions', 'CONFIG_INET_DIAG=y\nCONFIG_INET_UDP_DIAG=y\nCONFIG_INET_DIAG_DESTROY=y\n'],
  ['nftFilters', ''],
  ['ipsetSave', ''],
  [
    'devicePrograms',
    [
      'lo',
      'eth0 ingress cil_from_netdev',
      'eth0 egress cil_to_netdev',
      'cilium_net ingress cil_to_host',
      'cilium_host ingress cil_to_host',
      'cilium_host egress cil_from_host',
      'cilium_vxlan ingress cil_from_overla',
      'cilium_vxlan egress cil_to_overlay',
      'devices 5',
      '',
    ].join('\n'),
  ],
  ['tables', 'Name   Object count   Zombie objects   Indexes   Initializers   Go type   Last WriteTxn\n'],
]);
