import { parseIpvs } from '../support/parseTexts.ts';
import { describe, expect, test } from 'vitest';
import { parseCgroupPrograms } from '../../src/parse/parseCgroupPrograms.ts';
import { parseInterfaces } from '../../src/parse/parseInterfaces.ts';
import { parseIpsets } from '../../src/parse/parseIpsets.ts';
import { parseKernel } from '../../src/parse/parseKernel.ts';
import { defaultRoutesIn, parseDefaultRoutes } from '../../src/parse/parseDefaultRoutes.ts';
import { parseKernelOptions } from '../../src/parse/parseKernelOptions.ts';
import { parseListeners } from '../../src/parse/parseListeners.ts';
import { parseNftRuleset } from '../../src/parse/nft/parseNftRuleset.ts';
import { kubeProxyTablesOf } from '../../src/parse/nft/tablesOfRuleset.ts';
import { type Parsed, parsed } from '../../src/parse/Parsed.ts';
import type { NftTable } from '../../src/model/NodeFacts.ts';
import { parseStartedConfig } from '../../src/parse/parseStartedConfig.ts';
import { parseSysctls } from '../../src/parse/parseSysctls.ts';
import { recorded, valueOf, versions, whyOf } from './recorded.ts';

const parseNft = (text: string): Parsed<readonly NftTable[]> => {
  const ruleset = parseNftRuleset(text);
  return ruleset.ok ? parsed(kubeProxyTablesOf(ruleset.value)) : ruleset;
};

describe('cgroup programs', () => {
  test.each(versions)('recorded with %s', (version) => {
    const programs = valueOf(parseCgroupPrograms(recorded(version, 'cgroup-show.json')));
    expect(programs).toHaveLength(11);
    expect(programs).toContainEqual({ name: 'cil_sock4_connect', attachType: 'cgroup_inet4_connect' });
    expect(programs).toContainEqual({ name: 'cil_sock6_recvmsg', attachType: 'cgroup_udp6_recvmsg' });
  });

  const tree = `CgroupPath
ID       AttachType      AttachFlags     Name           
/run/cilium/cgroupv2
3796     cgroup_inet4_connect multi           cil_sock4_connect
5943     connect6        
/run/cilium/cgroupv2/system.slice/systemd-udevd.service
    7        cgroup_inet_ingress multi           sd_fw_ingress  
`;
  const ofRoot = [
    { name: 'cil_sock4_connect', attachType: 'cgroup_inet4_connect' },
    { name: '', attachType: 'connect6' },
  ];

  test('of a tree, the root alone', () => {
    expect(valueOf(parseCgroupPrograms(tree))).toEqual(ofRoot);
    expect(valueOf(parseCgroupPrograms(tree.replaceAll('\n', '\r\n'), '/run/cilium/cgroupv2/'))).toEqual(ofRoot);
  });

  test('a tree without its root: nothing is attached there, whatever is below', () => {
    const below = `CgroupPath
ID       AttachType      AttachFlags     Name
/run/cilium/cgroupv2/kubepods.slice
    7        cgroup_inet4_connect multi           cil_sock4_connect
`;
    expect(valueOf(parseCgroupPrograms(below))).toEqual([]);
    expect(valueOf(parseCgroupPrograms(below, '/run/cilium/cgroupv2'))).toEqual([]);
    expect(valueOf(parseCgroupPrograms(below, '/run/cilium/cgroupv2/kubepods.slice'))).toHaveLength(1);
  });

  test('text of cgroup show; nothing attached', () => {
    expect(valueOf(parseCgroupPrograms('ID  AttachType  AttachFlags  Name\n12  sock_ops  override  tool\n'))).toEqual([
      { name: 'tool', attachType: 'sock_ops' },
    ]);
    expect(valueOf(parseCgroupPrograms('[]'))).toEqual([]);
    expect(valueOf(parseCgroupPrograms('\n'))).toEqual([]);
  });

  test.each([
    ['{"error":"can\'t open cgroup /run/cilium/cgroupv2: No such file or directory"}', "bpftool: can't open cgroup"],
    ['[{"id":1', 'no JSON'],
    ['', 'nothing was printed'],
    ['[{"id":1}]', 'a program without attach_type'],
    ['Error: no such thing', 'a line of the program list: Error'],
  ])('%j is no list of programs', (text, why) => {
    expect(whyOf(parseCgroupPrograms(text))).toContain(why);
  });
});

describe('interfaces', () => {
  test('recorded', () => {
    const interfaces = valueOf(parseInterfaces(recorded('1.20.1', 'addr.json')));
    expect(interfaces.map(({ name }) => name)).toEqual(expect.arrayContaining(['lo', 'eth0', 'cilium_host']));
    expect(interfaces[0]).toEqual({ name: 'lo', up: true, mtu: 65_536, addresses: ['127.0.0.1', '::1'] });
  });

  test('text of sysdumps; links that are down or have a peer', () => {
    const text = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
    inet6 ::1/128 scope host 
29: eth0@if30: <BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue state UP group default
    inet 172.30.0.11/24 brd 172.30.0.255 scope global eth0
31: kube-ipvs0: <BROADCAST,NOARP> mtu 1500 qdisc noop state DOWN group default
    inet 10.96.0.1/32 scope global kube-ipvs0
`;
    expect(valueOf(parseInterfaces(text))).toEqual([
      { name: 'lo', up: true, mtu: 65_536, addresses: ['127.0.0.1', '::1'] },
      { name: 'eth0', up: true, mtu: 1500, addresses: ['172.30.0.11'] },
      { name: 'kube-ipvs0', up: false, mtu: 1500, addresses: ['10.96.0.1'] },
    ]);
  });

  test('ip prints an empty object for what a filter left out', () => {
    expect(valueOf(parseInterfaces('[{},{"ifname":"a","flags":[],"addr_info":[]}]'))).toEqual([
      { name: 'a', up: false, addresses: [] },
    ]);
  });

  test('something else', () => {
    expect(whyOf(parseInterfaces('Object "address" is unknown'))).toContain('no interface');
    expect(whyOf(parseInterfaces('[{"ifname"'))).toContain('no JSON');
  });
});

describe('ipsets', () => {
  test.each([
    ['', []],
    ['KUBE-CLUSTER-IP\ncilium_node_set_v4\n', ['KUBE-CLUSTER-IP', 'cilium_node_set_v4']],
    [
      'Name: KUBE-A\nType: hash:ip,port\nMembers:\n10.0.0.1,tcp:80\n\nName: KUBE-B\nType: bitmap:port\n',
      ['KUBE-A', 'KUBE-B'],
    ],
  ])('%j', (text, names) => {
    expect(valueOf(parseIpsets(text))).toEqual(names);
  });

  test('an error is no name', () => {
    expect(whyOf(parseIpsets('ipset v7.17: Cannot open session to kernel.'))).toContain('no name of a set');
  });
});

describe('IPVS', () => {
  test('addresses and ports in hexadecimal, of both families', () => {
    const text = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
TCP  0A600001:01BB rr
  -> AC1E0001:192B      Masq    1      0          0
UDP  0A60000A:0035 rr
  -> 0AF400C6:0035      Masq    1      0          0
  -> 0AF401C6:0035      Masq    1      0          0
FWM  00000001 wlc
  -> 0AF401C6:0035      Masq    1      0          0
TCP  [fd00:0000:0000:0000:0000:0000:0000:000a]:1F90 rr persistent 10800
`;
    expect(valueOf(parseIpvs(text))).toEqual([
      { protocol: 'TCP', address: '10.96.0.1', port: 443, destinations: 1 },
      { protocol: 'UDP', address: '10.96.0.10', port: 53, destinations: 2 },
      { protocol: 'TCP', address: 'fd00::a', port: 8080, destinations: 0 },
    ]);
  });

  test('no such file, or nothing in it', () => {
    expect(valueOf(parseIpvs('\n'))).toEqual([]);
    expect(valueOf(parseIpvs('IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port\n'))).toEqual([]);
    expect(whyOf(parseIpvs('cat: permission denied'))).toContain('cat: permission denied');
  });
});

describe('listeners', () => {
  test('recorded, with headings and UDP', () => {
    const listeners = valueOf(parseListeners(recorded('1.20.1', 'listen.txt')));
    expect(listeners).toHaveLength(11);
    expect(listeners).toContainEqual({ address: '*', port: 10_256 });
    expect(listeners.map(({ port }) => port)).not.toContain(8472);
  });

  test('of the agent, and of processes that its container does not show', () => {
    const text =
      'LISTEN 0 4096 127.0.0.1:9879 0.0.0.0:* users:(("cilium-agent",pid=1,fd=53))\nLISTEN 0 4096 *:10250 *:*\nLISTEN 0 4096 127.0.0.1:80 0.0.0.0:* users:(("my-cilium-agent",pid=9,fd=3))\n';
    expect(valueOf(parseListeners(text))).toEqual([
      { address: '127.0.0.1', port: 9879, isAgent: true },
      { address: '*', port: 10_250 },
      { address: '127.0.0.1', port: 80 },
    ]);
  });

  test('ss -Hltnp: IPv6, zones', () => {
    const text =
      'LISTEN 0      4096       127.0.0.53%lo:53        0.0.0.0:*\nLISTEN 0 128 [::]:22 [::]:*\nLISTEN 0 128 [fe80::1%eth0]:80 [::]:*\r\n';
    expect(valueOf(parseListeners(text))).toEqual([
      { address: '127.0.0.53', port: 53 },
      { address: '::', port: 22 },
      { address: 'fe80::1', port: 80 },
    ]);
  });

  test('none, and something else', () => {
    expect(whyOf(parseListeners(''))).toBe('nothing was printed');
    expect(whyOf(parseListeners('Cannot open netlink socket: Permission denied'))).toContain('a line of ss');
  });
});

describe('kernel', () => {
  test.each([
    ['6.18.44-fc-v657\n', '6.18.44-fc-v657'],
    [recorded('1.20.1', 'uname.txt'), '6.18.44-fc-v657'],
    ['5.10.0-8-cloud-amd64\r\n', '5.10.0-8-cloud-amd64'],
  ])('%j', (text, release) => {
    expect(valueOf(parseKernel(text))).toBe(release);
  });

  test('something else', () => {
    expect(whyOf(parseKernel(''))).toBe('nothing was printed');
    expect(whyOf(parseKernel('command not found'))).toContain('no kernel release');
  });
});

describe('the configuration that an agent started with', () => {
  test('several lines, colons, what looks like a key within a value', () => {
    const text = `bpf-lb-map-max:65536
nodeport-addresses:fd00::/8
cni-config:{
cni-config:  "name": "cilium"
cni-config:}
enable-ipv4:true
`;
    expect(Object.fromEntries(valueOf(parseStartedConfig(text)).byKey)).toEqual({
      'bpf-lb-map-max': '65536',
      'nodeport-addresses': 'fd00::/8',
      'cni-config': '{\n  "name": "cilium"\n}',
      'enable-ipv4': 'true',
    });
  });

  test('something else', () => {
    expect(whyOf(parseStartedConfig(''))).toBe('nothing was printed');
    expect(whyOf(parseStartedConfig('a:b\nno such thing\n'))).toContain('no such thing');
  });
});

describe('nft', () => {
  test('recorded: the chains of kube-proxy in each family, and of nobody else', () => {
    expect(valueOf(parseNft(recorded('1.19.6', 'kube-proxy-nft.json')))).toEqual([
      { family: 'ip', chains: 28 },
      { family: 'ip6', chains: 15 },
    ]);
  });

  test('an empty table is one; none is known, too', () => {
    const table = { table: { family: 'ip', name: 'kube-proxy', handle: 1 } };
    expect(valueOf(parseNft(JSON.stringify({ nftables: [{ metainfo: {} }, table] })))).toEqual([
      { family: 'ip', chains: 0 },
    ]);
    expect(valueOf(parseNft('{"nftables": []}'))).toEqual([]);
  });

  test('something else', () => {
    expect(whyOf(parseNft('{}'))).toBe('no list "nftables"');
    expect(whyOf(parseNft('{"nftables": [{"table"'))).toContain('no JSON');
  });
});

describe('default routes', () => {
  test('of both families, with their gateways and metrics', () => {
    const v4 = 'default via 10.0.0.1 dev eth0 proto dhcp src 10.0.0.7 metric 100 \ndefault dev wg0 scope link \n';
    expect(valueOf(parseDefaultRoutes('ipv4')(v4))).toEqual([
      { family: 'ipv4', gateway: '10.0.0.1', device: 'eth0', metric: 100 },
      { family: 'ipv4', gateway: undefined, device: 'wg0', metric: 0 },
    ]);
    expect(valueOf(parseDefaultRoutes('ipv6')('default via fe80::1 dev eth0 proto ra pref medium\n'))).toEqual([
      { family: 'ipv6', gateway: 'fe80::1', device: 'eth0', metric: 1024 },
    ]);
    expect(valueOf(parseDefaultRoutes('ipv4')('default via inet6 fe80::1 dev eth0 \n'))).toMatchObject([
      { gateway: 'fe80::1' },
    ]);
  });

  test('over several ways, each way', () => {
    const text = `default proto bgp metric 20
\tnexthop via 10.0.0.1 dev eth0 weight 1
\tnexthop via 10.0.1.1 dev eth1 weight 1
`;
    expect(valueOf(parseDefaultRoutes('ipv4')(text))).toEqual([
      { family: 'ipv4', gateway: '10.0.0.1', device: 'eth0', metric: 20 },
      { family: 'ipv4', gateway: '10.0.1.1', device: 'eth1', metric: 20 },
    ]);
  });

  test('default routes come out of all routes, with the ways of each', () => {
    const text = `default proto bgp metric 20
\tnexthop via 10.0.0.1 dev eth0 weight 1
10.0.0.0/24 proto bgp
\tnexthop via 10.0.0.9 dev eth0 weight 1
172.30.0.0/24 dev eth0 proto kernel scope link src 172.30.0.11
`;
    expect(defaultRoutesIn(text)).toBe('default proto bgp metric 20\n\tnexthop via 10.0.0.1 dev eth0 weight 1\n');
  });

  test('none, one that leads nowhere, and what is none', () => {
    for (const text of ['', 'unreachable default dev lo metric 4294967295 error -101 pref medium\n'])
      expect(valueOf(parseDefaultRoutes('ipv6')(text))).toEqual([]);
    expect(whyOf(parseDefaultRoutes('ipv4')('RTNETLINK answers: x'))).toContain('a line of ip route');
  });
});

test('settings of the kernel by their names', () => {
  const text = '/proc/sys/net/ipv4/ip_local_port_range:32768\t60999\n/proc/sys/net/ipv4/ip_local_reserved_ports:\n';
  expect([...valueOf(parseSysctls(text))]).toEqual([
    ['net.ipv4.ip_local_port_range', '32768 60999'],
    ['net.ipv4.ip_local_reserved_ports', ''],
  ]);
  expect(whyOf(parseSysctls(''))).toBe('no setting was printed');
  expect(whyOf(parseSysctls('grep: not found'))).toBe('a line of /proc/sys: grep: not found');
});

test('options of the kernel: what is not there is not set', () => {
  expect([...valueOf(parseKernelOptions('CONFIG_INET_DIAG=m\n'))]).toEqual([['CONFIG_INET_DIAG', 'm']]);
  // The program asks for CONFIG_INET, too, which every kernel has under Cilium: nothing was cut away.
  expect(valueOf(parseKernelOptions('CONFIG_INET=y\n')).has('CONFIG_INET_DIAG')).toBe(false);
  expect(whyOf(parseKernelOptions(''))).toContain('network');
  expect(whyOf(parseKernelOptions('gzip: not found'))).toContain('configuration');
});
